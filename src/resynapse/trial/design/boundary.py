"""Which Z stops a trial at each look, so that the error rate holds over all of them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from resynapse.input_error import InputError
from resynapse.trial.design.joint_density import Continuing, crossing, finest_step, start
from resynapse.trial.design.spending import Spending

HIGHEST = 40.0
"""No bound that is solved for lies above this Z"""
EXACT = {"xtol": 1e-12, "rtol": 1e-14}
HAYBITTLE_PETO = 3.0
"""Critical value at every look but the last; Haybittle 1971, Peto and others 1976"""


def no_lower(information: np.ndarray) -> np.ndarray:
    """A lower bound that nothing crosses."""
    return np.full(len(information), -np.inf)


@dataclass(frozen=True)
class ErrorRate:
    """Of claiming an effect where there is none, over these looks.

    ``lower`` are futility bounds that bind, in Z: without them, those that do not bind are left
    out, so that alpha holds whether or not they are obeyed.
    """

    alpha: float
    """Of both sides where there are two"""
    sided: int
    information: np.ndarray
    lower: np.ndarray | None = None

    def of(self, upper: np.ndarray) -> float:
        """Probability under H0 of ever crossing these bounds, at either side."""
        lower = no_lower(self.information) if self.lower is None else self.lower
        lower = -upper if self.sided == 2 else np.minimum(lower, upper)
        found = crossing(self.information, np.zeros(len(upper)), lower, upper)
        return float(self.sided * found.upper.sum())

    def held_by(self, bounds: Callable[[float], np.ndarray]) -> np.ndarray:
        """bounds(c), with c such that alpha is reached and not passed."""
        return bounds(
            optimize.brentq(lambda c: self.of(bounds(c)) - self.alpha, 0.0, HIGHEST, **EXACT)
        )


def wang_tsiatis(error: ErrorRate, delta: float) -> np.ndarray:
    """c t^(delta - 1/2), with c such that alpha holds; Wang and Tsiatis 1987.

    delta = 0 is O'Brien and Fleming 1979, delta = 1/2 is Pocock 1977.
    """
    shape = error.information ** (delta - 0.5)
    return error.held_by(lambda c: c * shape)


def haybittle_peto(error: ErrorRate, interim: float = HAYBITTLE_PETO) -> np.ndarray:
    """A fixed high value at each look before the last, and there what keeps alpha."""
    early = np.full(len(error.information) - 1, interim)
    spent = error.of(np.append(early, np.inf))
    if spent >= error.alpha:
        raise InputError(
            f"Interim bounds at Z = {interim:g} already spend {spent:.4g} of alpha {error.alpha:g} "
            f"over {len(early)} looks; raise them or take fewer looks."
        )
    return error.held_by(lambda c: np.append(early, c))


def spent_to_bounds(error: ErrorRate, spending: Spending) -> np.ndarray:
    """Bounds that spend alpha as the function says, half of it at each side where there are two."""
    information, finest = error.information, finest_step(error.information)
    goal = np.diff(spending(error.alpha / error.sided, information), prepend=0.0)
    lower = no_lower(information) if error.lower is None else error.lower
    now, bounds = start(), []
    for t, share, low in zip(information, goal, lower, strict=True):
        bound = upper_bound(now, t, 0.0, share)
        now = now.go_on(-bound if error.sided == 2 else low, bound, t, 0.0, finest)
        bounds.append(bound)
    return np.array(bounds)


def upper_bound(now: Continuing, information: float, mean: float, share: float) -> float:
    """The Z above which ``share`` of all paths lies at the next look; infinite for none."""
    if share <= 0.0:
        return np.inf
    excess = lambda z: now.above(z, information, mean) - share  # noqa: E731
    if excess(-HIGHEST) <= 0.0:
        return -np.inf
    return optimize.brentq(excess, -HIGHEST, HIGHEST, **EXACT)


def lower_bound(now: Continuing, information: float, mean: float, share: float) -> float:
    """The Z below which ``share`` of all paths lies at the next look; minus infinite for none."""
    if share <= 0.0:
        return -np.inf
    excess = lambda z: now.below(z, information, mean) - share  # noqa: E731
    if excess(HIGHEST + mean) <= 0.0:
        return np.inf
    return optimize.brentq(excess, -HIGHEST, HIGHEST + mean, **EXACT)
