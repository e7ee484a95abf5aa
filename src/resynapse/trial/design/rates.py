"""How many people tell two rates, of response or of relapse, apart?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.sizes import Design, analyses, bounds_in_words, expected
from resynapse.trial.design.validity import even_enough, open_unit

METHOD = {False: "pooled variance", True: "against a margin, likeliest variance there"}
FORMULA = {
    False: "n_control = (z_(1-alpha) sqrt((1+r) p q / r) + z_power sqrt(p1 q1 / r + p2 q2))^2"
    " / (p1 - p2)^2, p = (r p1 + p2) / (1+r)",
    True: "n_control = (z_(1-alpha) sqrt(V_0) + z_power sqrt(V_1))^2 / (p1 - p2 + margin)^2,"
    " V_0 of the likeliest rates with p1 - p2 = -margin, V_1 of those assumed",
}
SOURCE = {False: "Fleiss, Levin and Paik 2003, 4.2", True: "Farrington and Manning 1990"}


def rates(looks: Looks, p1: float, p2: float, ratio: float = 1.0, margin: float = 0.0) -> Design:
    """The z test of H0: p1 - p2 = -margin, p1 treated and p2 control, with the variance of H0.

    With r treated for each control and q1 - q2 = -margin the likeliest rates under H0 (without a
    margin q1 = q2 = (r p1 + p2) / (1 + r)):

    V_0       = q1 (1 - q1) / r + q2 (1 - q2)                               1
    V_1       = p1 (1 - p1) / r + p2 (1 - p2)                               1
    delta     = p1 - p2 + margin                                            1
    n_control = (z_(1-alpha) sqrt(V_0) + z_power sqrt(V_1))^2 / delta^2     people
    n_max     = (1 + r) n_control inflation                                 people

    Fleiss, Levin and Paik 2003, 4.2, without a continuity correction; with a margin Farrington and
    Manning 1990. The estimate on a bound is at V_0 of the rates that were assumed.
    """
    delta = _shown(p1, p2, margin)
    even_enough(ratio)
    V_0 = null_variance(p1, p2, ratio, margin)
    V_1 = p1 * (1 - p1) / ratio + p2 * (1 - p2)
    z_alpha, z_power = special.ndtri(1 - looks.side), special.ndtri(looks.power)
    n_control = (z_alpha * np.sqrt(V_0) + z_power * np.sqrt(V_1)) ** 2 / delta**2
    n_fixed = (1 + ratio) * float(n_control)
    n = n_fixed * looks.inflation * looks.information
    error = np.sqrt(V_0 * (1 + ratio) / n)
    return Design(
        endpoint="rates",
        method=f"z test of two rates, {METHOD[margin != 0]}, {bounds_in_words(looks)}",
        formula=FORMULA[margin != 0],
        source=f"{SOURCE[margin != 0]}; inflation: Jennison and Turnbull 2000",
        looks=looks,
        ratio=ratio,
        assumptions={"p1": p1, "p2": p2} | ({"margin": margin} if margin else {}),
        effect_scale="difference of rates",
        n_fixed=n_fixed,
        n_max=float(n[-1]),
        analyses=analyses(looks, n, np.sign(delta) * looks.critical_values * error - margin),
        expected_n=expected(looks, n),
        notes=_notes(delta, margin),
    )


def _notes(delta: float, margin: float) -> tuple[str, ...]:
    """Which side of the margin is shown, since its sign is easily taken for the other."""
    side = "above" if delta > 0 else "below"
    return (f"Shown is a difference of rates {side} {-margin:g}.",) if margin else ()


def _shown(p1: float, p2: float, margin: float) -> float:
    """p1 - p2 + margin; refused where it is nothing, or where rates or margin cannot be."""
    open_unit("p1", p1)
    open_unit("p2", p2)
    if not -1 < margin < 1:
        raise InputError(f"margin was given as {margin:g}; it lies between -1 and 1.")
    if p1 == p2 and margin == 0:
        raise InputError(f"Both rates were given as {p1:g}; they must differ to be told apart.")
    delta = p1 - p2 + margin
    if abs(delta) < 1e-12:
        raise InputError(
            f"Rates of {p1:g} and {p2:g} with a margin of {margin:g} leave nothing to show; give a"
            " wider margin or other rates."
        )
    return delta


def null_variance(p1: Any, p2: float, r: float, margin: float) -> Any:
    """V_0 of ``rates``, at the likeliest shares."""
    q1, q2 = null_shares(p1, p2, r, margin)
    return q1 * (1 - q1) / r + q2 * (1 - q2)


def null_shares(p1: Any, p2: Any, r: Any, margin: float) -> tuple[Any, Any]:
    """The likeliest shares q1 and q2 = q1 + margin of shares p1 and p2 seen, r to 1 people.

    q1 solves a cubic (Farrington and Manning 1990, appendix).
    """
    if margin == 0:
        p = (r * p1 + p2) / (1 + r)
        return p, p
    d = -margin
    a = 1 + 1 / r
    b = -(1 + 1 / r + p1 + p2 / r + d * (1 / r + 2))
    c = d**2 + d * (2 * p1 + 1 / r + 1) + p1 + p2 / r
    e = -d * (1 + d) * p1
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a**2) + e / (2 * a)
    square = np.maximum(b**2 / (3 * a) ** 2 - c / (3 * a), 0.0)
    u = np.where(v < 0, -1.0, 1.0) * np.sqrt(square)
    w = (np.pi + np.arccos(np.clip(v / np.where(u == 0, 1.0, u**3), -1.0, 1.0))) / 3
    q1 = np.clip(2 * u * np.cos(w) - b / (3 * a), max(0.0, d), min(1.0, 1.0 + d))
    return q1, q1 - d
