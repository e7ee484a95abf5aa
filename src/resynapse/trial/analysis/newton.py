"""Where is a concave likelihood largest?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit

Likelihood = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]
"""ln L, its gradient, and the information, less its second derivatives or their expectation"""

MOST_STEPS: Final = 100
MOST_HALVINGS: Final = 30
CLOSE_ENOUGH: Final = 1e-12
"""Newton's decrement, twice what is still to be gained"""
LARGEST: Final = 15.0
"""Change of a linear predictor between the two ends of a covariate that means separation"""
SEPARATION: Final = (
    "an effect grows without limit: at one end of a covariate no one, or everyone, "
    "had the event (separation)"
)


def maximise(
    likelihood: Likelihood, start: np.ndarray, reach: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Place, information and ln L at the maximum, by Newton's steps halved until they climb.

    ``reach`` is how far each covariate spans; a coefficient times its reach beyond 15 is taken for
    separation. Raises FailedFit where there is no finite maximum.
    """
    b = np.asarray(start, dtype=float)
    value, score, information = likelihood(b)
    for _ in range(MOST_STEPS):
        step = _uphill(score, information)
        if reach is not None and np.max(np.abs((b + step)[: len(reach)]) * reach) > LARGEST:
            raise FailedFit(SEPARATION)
        if abs(score @ step) < CLOSE_ENOUGH:
            value, _, information = likelihood(b + step)
            return b + step, information, value
        for halving in range(MOST_HALVINGS):
            trial = b + step * 0.5**halving
            there = likelihood(trial)
            if there[0] >= value - 1e-10 * (1 + abs(value)):
                break
        else:
            raise FailedFit(
                "no step climbs the likelihood: it has no single highest place, as where values "
                "vary less than the model takes them to; take a simpler model"
            )
        b, (value, score, information) = trial, there
    raise FailedFit(f"no convergence in {MOST_STEPS} steps")


def _uphill(score: np.ndarray, information: np.ndarray) -> np.ndarray:
    """Newton's step; where the likelihood is not concave, with the signs of curvatures mended."""
    size, axes = np.linalg.eigh(information)
    largest = np.max(np.abs(size))
    if not np.isfinite(largest) or np.min(np.abs(size)) <= 1e-13 * largest:
        raise FailedFit(
            "a covariate does not vary, or is a sum of the others, or an arm has no event "
            "(separation)"
        )
    return axes @ ((axes.T @ score) / np.abs(size))
