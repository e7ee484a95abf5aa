"""How many people tell two rates of counted events, such as days of use, apart?"""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.sizes import Design, analyses, bounds_in_words, expected
from resynapse.trial.design.validity import even_enough, finite, one_of, positive

NULL_VARIANCES = ("alternative", "reference", "maximum-likelihood")
"""Where the variance under H0 comes from: methods 3, 1 and 2 of Zhu and Lakkis 2014"""


FORMULA = (
    "n_control = (z_(1-alpha) sqrt(V_0) + z_power sqrt(V_1))^2 / ln(rate1/rate2)^2, "
    "V_1 = 1/(t rate2) + 1/(r t rate1) + (1+r) k / r"
)


def counts(
    looks: Looks,
    rate1: float,
    rate2: float,
    dispersion: float = 0.0,
    follow_up: float = 1.0,
    ratio: float = 1.0,
    null_variance: str = "alternative",
) -> Design:
    """The Wald test of the ratio of two negative binomial rates, rate1 treated, rate2 control.

    With exposure t, dispersion k (variance mu + k mu^2) and r treated for each control:

    V(a, b)   = 1 / (t b) + 1 / (r t a) + (1 + r) k / r                                  1
    V_1       = V(rate1, rate2)                                                          1
    V_0       = V_1, V(rate2, rate2) or V(rate, rate), rate = (r rate1 + rate2) / (1+r)  1
    n_control = (z_(1-alpha) sqrt(V_0) + z_power sqrt(V_1))^2 / ln(rate1 / rate2)^2      people

    Zhu and Lakkis 2014; k = 0 is the Poisson distribution.
    """
    assumptions = {
        "rate1": rate1, "rate2": rate2, "dispersion": dispersion,
        "follow_up": follow_up, "null_variance": null_variance,
    }  # fmt: skip
    _ensure_possible(rate1, rate2, dispersion, follow_up, ratio)
    one_of("null variance", null_variance, NULL_VARIANCES)

    V = partial(_variance, follow_up, dispersion, ratio)
    rate, log_ratio = (ratio * rate1 + rate2) / (1 + ratio), np.log(rate1 / rate2)
    V_1 = V(rate1, rate2)
    V_0 = {"alternative": V_1, "reference": V(rate2, rate2)}.get(null_variance, V(rate, rate))
    z_alpha, z_power = special.ndtri(1 - looks.side), special.ndtri(looks.power)
    n_control = (z_alpha * np.sqrt(V_0) + z_power * np.sqrt(V_1)) ** 2 / log_ratio**2
    n_fixed = (1 + ratio) * float(n_control)
    n = n_fixed * looks.inflation * looks.information
    error = np.sqrt(V_0 * (1 + ratio) / n)
    return Design(
        endpoint="counts",
        method=f"Wald test of a negative binomial rate ratio, {bounds_in_words(looks)}",
        formula=f"{FORMULA}, V_0 by the {null_variance}",
        source="Zhu and Lakkis 2014; inflation: Jennison and Turnbull 2000",
        looks=looks,
        ratio=ratio,
        assumptions=assumptions,
        effect_scale="rate ratio",
        n_fixed=n_fixed,
        n_max=float(n[-1]),
        analyses=analyses(looks, n, np.exp(np.sign(log_ratio) * looks.critical_values * error)),
        expected_n=expected(looks, n),
    )


def _variance(t: float, k: float, r: float, a: float, b: float) -> float:
    """V(a, b) for one control."""
    return 1 / (t * b) + 1 / (r * t * a) + (1 + r) * k / r


def _ensure_possible(
    rate1: float, rate2: float, dispersion: float, follow_up: float, ratio: float
) -> None:
    positive("rate1", rate1)
    positive("rate2", rate2)
    positive("follow-up", follow_up)
    even_enough(ratio)
    finite("dispersion", dispersion)
    if not dispersion >= 0:
        raise InputError(f"dispersion was given as {dispersion:g}; it must be 0 or above.")
    if rate1 == rate2:
        raise InputError(f"Both rates were given as {rate1:g}; they must differ to be told apart.")
