"""How many people tell two means apart?"""

from __future__ import annotations

import numpy as np
from scipy import optimize, special, stats

from resynapse.input_error import InputError
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.sizes import (
    Design,
    analyses,
    bounds_in_words,
    ensure_possible_size,
    expected,
)
from resynapse.trial.design.validity import even_enough, finite, positive

MOST_STANDARDISED = 1e6
"""Standard deviations of an effect beyond which nothing is computed"""
SMALLEST = 3.0
"""People of a t test, at least"""


def means(
    looks: Looks,
    effect: float,
    sd: float,
    ratio: float = 1.0,
    margin: float = 0.0,
    known_sd: bool = False,
) -> Design:
    """The two-sample t test of H0: difference = -margin, at a true difference ``effect``.

    With n people, r treated for each control, delta = |effect + margin|:

    ncp    = (delta / sd) sqrt(n r) / (1 + r)                         1
    power  = 1 - T(t_(1-alpha, n-2); n-2, ncp)                        1
    n_max  = n inflation                                              people

    T is the noncentral t distribution; with a known standard deviation both are normal. The
    inflation is that of the bounds for normal increments (Jennison and Turnbull 2000, 3.2). The
    difference on a bound is that of a t with the bound's p-value.
    """
    positive("sd", sd, "It is the standard deviation within an arm.")
    finite("effect", effect)
    finite("margin", margin)
    delta = effect + margin
    if delta == 0:
        raise InputError(
            f"An effect of {effect:g} with a margin of {margin:g} leaves nothing to show; "
            "give a difference other than zero."
        )
    n_fixed = _fixed(looks, abs(delta) / sd, ratio, known_sd)
    n = n_fixed * looks.inflation * looks.information
    per_z = sd * (1 + ratio) / np.sqrt(ratio * n)
    Z = looks.critical_values if known_sd else _t_of_bounds(looks.critical_values, n)
    return Design(
        endpoint="means",
        method=f"two-sample {'z' if known_sd else 't'} test, {bounds_in_words(looks)}",
        formula=FORMULA[known_sd],
        source="noncentral t; inflation: Jennison and Turnbull 2000, chapters 3 and 19",
        looks=looks,
        ratio=ratio,
        assumptions={"effect": effect, "sd": sd, "margin": margin, "known_sd": known_sd},
        effect_scale="difference of means",
        n_fixed=n_fixed,
        n_max=float(n[-1]),
        analyses=analyses(looks, n, np.sign(delta) * Z * per_z - margin),
        expected_n=expected(looks, n),
    )


FORMULA = {
    True: "n_fixed = (z_(1-alpha) + z_power)^2 (1+r)^2 sd^2 / (r delta^2)",
    False: "1 - T(t_(1-alpha, n-2); n-2, delta sqrt(n r) / (sd (1+r))) = power",
}


def _t_of_bounds(Z: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Student's t of n people that has the p-value of the bound Z; none below three people."""
    with np.errstate(invalid="ignore"):
        found = -special.stdtrit(n - 2, special.ndtr(-Z))
    return np.where(n > 2, found, np.inf)


def _fixed(looks: Looks, standardised: float, ratio: float, known_sd: bool) -> float:
    """People of a design with one look, both arms."""
    even_enough(ratio)
    if standardised > MOST_STANDARDISED:
        raise _too_few_needed(standardised)
    ensure_possible_size(1.0 / max(ratio * standardised**2, np.finfo(float).tiny))
    normal = looks.fixed_drift**2 * (1 + ratio) ** 2 / (ratio * standardised**2)
    ensure_possible_size(normal)
    if known_sd:
        return normal

    def short(n: float) -> float:
        ncp = standardised * np.sqrt(n * ratio) / (1 + ratio)
        return t_power(n - 2, looks.side, ncp) - looks.power

    if short(SMALLEST) > 0:
        raise _too_few_needed(standardised)
    return float(optimize.brentq(short, SMALLEST, 2 * normal + 100, xtol=1e-10))


def _too_few_needed(standardised: float) -> InputError:
    return InputError(
        f"The effect is {standardised:.3g} standard deviations: {SMALLEST:g} people show it, "
        "and a t test needs them. Check effect and sd."
    )


def t_power(df: float, side: float, ncp: float) -> float:
    """1 - T(t_(1-alpha, df); df, ncp)."""
    found = stats.nct.sf(special.stdtrit(df, 1 - side), df, ncp)
    return float(found) if np.isfinite(found) else 1.0
