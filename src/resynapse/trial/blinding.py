"""Did people know their arm? Indices of James and of Bang from what they guessed.

Counts are a table of guesses by arms: rows guessed the active arm, the control arm, did not know;
columns were given the active arm, the control arm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.seen import GUESSES

JAMES_WEIGHTS: Final = np.array([[0.0, 0.5], [0.5, 0.0], [1.0, 1.0]])
"""James and others 1996: a right guess counts 0, a wrong one one half, `do not know` 1"""


@dataclass(frozen=True)
class Index:
    """A blinding index with its standard error and interval."""

    value: float
    standard_error: float
    low: float
    high: float


def james(counts: np.ndarray, confidence: float = 0.95) -> Index:
    """James and others 1996 (Stat Med 15:1421): 0 nobody blinded, 0.5 by chance, 1 all blinded.

    P_dk = share `do not know`; P_o and P_e weighted disagreement of guess and arm, observed and
    expected by chance, among those who guess; K = (P_o - P_e) / P_e

    BI = (1 + P_dk + (1 - P_dk) K) / 2
    """
    table = _checked(counts)
    n = table.sum()
    value = _james(table / n)
    variance = _by_delta(_james, table / n) / n
    return _index(value, variance, confidence)


def _james(p: np.ndarray) -> float:
    do_not_know = p[2].sum()
    guessed = p[:2]
    known = 1.0 - do_not_know
    if known <= 0.0:
        return 1.0
    w = JAMES_WEIGHTS[:2]
    observed = np.sum(w * guessed) / known
    chance = np.sum(w * np.outer(guessed.sum(axis=1), guessed.sum(axis=0))) / known**2
    if chance <= 0.0:
        raise InputError(
            "All who guessed named one arm and were in it, so the James index has no value."
        )
    return 0.5 * (1.0 + do_not_know + known * (observed - chance) / chance)


def bang(counts: np.ndarray, confidence: float = 0.95) -> tuple[Index, Index]:
    """Bang and others 2004 (Control Clin Trials 25:143), active arm, then control arm.

    BI = share that guesses right - share that guesses wrong, of everybody in the arm

    1 is complete unblinding, 0 chance, -1 the opposite arm guessed.
    """
    table = _checked(counts)
    found = []
    for arm, (right, wrong) in enumerate(((0, 1), (1, 0))):
        n = table[:, arm].sum()
        p, q = table[right, arm] / n, table[wrong, arm] / n
        found.append(_index(p - q, (p * (1 - p) + q * (1 - q) + 2 * p * q) / n, confidence))
    return found[0], found[1]


def guess_counts(people: pd.DataFrame, control: str) -> np.ndarray:
    """The table of guesses from a trial's people, columns ``arm`` and ``guess``.

    Every arm but ``control`` counts as active; people who were not asked are left out.
    """
    in_control = (people["arm"] == control).to_numpy()
    said = [(people["guess"] == one).to_numpy() for one in GUESSES]
    return np.array([[np.sum(one & ~in_control), np.sum(one & in_control)] for one in said])


def _checked(counts: np.ndarray) -> np.ndarray:
    table = np.asarray(counts, dtype=float)
    if table.shape != (3, 2) or not np.all(np.isfinite(table)) or table.min() < 0:
        raise InputError(
            "Guesses are a table of 3 rows (active, control, do not know) and 2 columns (in the "
            "active arm, in the control arm) of counts."
        )
    if np.any(table.sum(axis=0) == 0):
        raise InputError("Nobody of one arm was asked for a guess; both arms are needed.")
    return table


def _by_delta(function: Callable[[np.ndarray], float], p: np.ndarray) -> float:
    """n times the variance of a function of multinomial shares, by the delta method."""
    step, slope = 1e-6, np.zeros_like(p)
    for place in zip(*np.nonzero(p), strict=True):
        moved = np.zeros_like(p)
        moved[place] = step
        up, down = function((p + moved) / (1 + step)), function((p - moved) / (1 - step))
        slope[place] = (up - down) / (2 * step)
    return float(np.sum(p * slope**2) - np.sum(p * slope) ** 2)


def _index(value: float, variance: float, confidence: float) -> Index:
    error = float(np.sqrt(max(variance, 0.0)))
    reach = float(special.ndtri(0.5 + confidence / 2)) * error
    return Index(float(value), error, float(value - reach), float(value + reach))
