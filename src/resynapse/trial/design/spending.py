"""How much of an error rate may be spent by a fraction of the information?

Each function takes the whole error rate (of one side), the fraction of information t, 0 to 1, and
returns what is spent by then; 0 at t = 0 and the whole rate at t = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from resynapse.trial.design.validity import between

Spending = Callable[[float, np.ndarray], np.ndarray]


def lan_demets_obrien_fleming(rate: float, t: np.ndarray) -> np.ndarray:
    """2 (1 - Phi(z_(1 - rate/2) / sqrt(t))); Lan and DeMets 1983."""
    return 2 * special.ndtr(special.ndtri(rate / 2) / np.sqrt(t))


def lan_demets_pocock(rate: float, t: np.ndarray) -> np.ndarray:
    """rate ln(1 + (e - 1) t); Lan and DeMets 1983."""
    return rate * np.log1p((np.e - 1) * t)


def kim_demets(power: float) -> Spending:
    """rate t^power; Kim and DeMets 1987."""
    between("the power of Kim and DeMets", power, 0.01, 100.0)
    return lambda rate, t: rate * t**power


def hwang_shih_decani(gamma: float) -> Spending:
    """rate (1 - exp(-gamma t)) / (1 - exp(-gamma)), rate t at gamma 0; Hwang, Shih, DeCani 1990."""
    between("gamma of Hwang, Shih and DeCani", gamma, -40.0, 40.0)
    if gamma == 0:
        return lambda rate, t: rate * t
    return lambda rate, t: rate * np.expm1(-gamma * t) / np.expm1(-gamma)


def user(spent: np.ndarray) -> Spending:
    """What the user gives: cumulative error spent at each look, the whole at the last."""
    return lambda rate, t: spent


PARAMETER = {"kim-demets": 1.0, "hwang-shih-decani": -4.0}
"""Spending functions with a parameter, and its value where none is given"""

FUNCTIONS = (
    "lan-demets-obrien-fleming",
    "lan-demets-pocock",
    "kim-demets",
    "hwang-shih-decani",
    "user",
)


def spending(
    name: str, parameter: float | None = None, spent: Sequence[float] | None = None
) -> Spending:
    """The spending function of that name; ``parameter`` is a power or gamma."""
    if name == "lan-demets-obrien-fleming":
        return lan_demets_obrien_fleming
    if name == "lan-demets-pocock":
        return lan_demets_pocock
    value = PARAMETER.get(name, 0.0) if parameter is None else parameter
    if name == "kim-demets":
        return kim_demets(value)
    if name == "hwang-shih-decani":
        return hwang_shih_decani(value)
    return user(np.asarray(spent, dtype=float))
