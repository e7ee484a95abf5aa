"""How many people tell two rates, of response or of relapse, apart?"""

from __future__ import annotations

import numpy as np
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.sizes import Design, analyses, bounds_in_words, expected
from resynapse.trial.design.validity import even_enough, open_unit


def rates(looks: Looks, p1: float, p2: float, ratio: float = 1.0) -> Design:
    """The z test of two rates, p1 treated and p2 control, pooled under H0.

    With r treated for each control and p = (r p1 + p2) / (1 + r):

    V_0       = (1 + r) p (1 - p) / r                                       1
    V_1       = p1 (1 - p1) / r + p2 (1 - p2)                               1
    n_control = (z_(1-alpha) sqrt(V_0) + z_power sqrt(V_1))^2 / (p1 - p2)^2 people
    n_max     = (1 + r) n_control inflation                                 people

    Fleiss, Levin and Paik 2003, 4.2, without a continuity correction.
    """
    open_unit("p1", p1)
    open_unit("p2", p2)
    even_enough(ratio)
    if p1 == p2:
        raise InputError(f"Both rates were given as {p1:g}; they must differ to be told apart.")
    p = (ratio * p1 + p2) / (1 + ratio)
    V_0 = (1 + ratio) * p * (1 - p) / ratio
    V_1 = p1 * (1 - p1) / ratio + p2 * (1 - p2)
    z_alpha, z_power = special.ndtri(1 - looks.side), special.ndtri(looks.power)
    n_control = (z_alpha * np.sqrt(V_0) + z_power * np.sqrt(V_1)) ** 2 / (p1 - p2) ** 2
    n_fixed = (1 + ratio) * float(n_control)
    n = n_fixed * looks.inflation * looks.information
    error = np.sqrt(V_0 * (1 + ratio) / n)
    return Design(
        endpoint="rates",
        method=f"z test of two rates, pooled variance, {bounds_in_words(looks)}",
        formula="n_control = (z_(1-alpha) sqrt((1+r) p q / r) + z_power sqrt(p1 q1 / r + p2 q2))^2"
        " / (p1 - p2)^2, p = (r p1 + p2) / (1+r)",
        source="Fleiss, Levin and Paik 2003, 4.2; inflation: Jennison and Turnbull 2000",
        looks=looks,
        ratio=ratio,
        assumptions={"p1": p1, "p2": p2},
        effect_scale="difference of rates",
        n_fixed=n_fixed,
        n_max=float(n[-1]),
        analyses=analyses(looks, n, np.sign(p1 - p2) * looks.critical_values * error),
        expected_n=expected(looks, n),
    )
