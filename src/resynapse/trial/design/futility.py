"""At which Z does a trial stop because it will hardly succeed?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from resynapse.input_error import InputError
from resynapse.trial.design.boundary import lower_bound
from resynapse.trial.design.joint_density import Continuing, finest_step, start
from resynapse.trial.design.spending import FUNCTIONS, spending
from resynapse.trial.design.validity import finite, one_of, whole_spent

FARTHEST = 15.0
"""No drift that is solved for lies above this"""


@dataclass(frozen=True)
class Futility:
    """Futility bounds: Z at each look before the last, or a function that spends beta.

    Bounds that do not bind leave the efficacy bounds as they are, so that alpha holds also where
    a committee goes on in spite of them; the power counts them in either case.
    """

    bounds: Sequence[float] = ()
    spending: str = ""
    parameter: float | None = None
    spent: Sequence[float] | None = None
    """Cumulative beta at each look, for user spending"""
    binding: bool = False

    @property
    def any(self) -> bool:
        return bool(self.spending) or len(self.bounds) > 0

    def ensure_possible(self, looks: int, sided: int, beta: float) -> None:
        """Refuse what no design can have."""
        if self.parameter is not None:
            finite("the parameter of futility", self.parameter)
        if not self.any:
            if self.binding or self.parameter is not None or self.spent is not None:
                raise InputError(
                    "Futility was said to bind or to spend, and no futility bounds were given: "
                    "give Z at each look before the last, or a function that spends beta."
                )
            return
        if sided == 2:
            raise InputError(
                "Futility bounds belong to a test of one side: give --sided 1 with half of alpha."
            )
        if looks == 1:
            raise InputError("Futility bounds need a look before the last: give --looks 2 or more.")
        if self.spending:
            one_of("futility", self.spending, FUNCTIONS)
            if self.spending == "user":
                whole_spent("beta", self.spent, beta, looks)
        elif len(self.bounds) != looks - 1:
            raise InputError(
                f"{len(self.bounds)} futility bounds were given for {looks} looks; "
                f"give {looks - 1}, one for each look before the last."
            )

    def fixed(self, information: np.ndarray) -> np.ndarray | None:
        """The bounds in Z with a place for the last look, where bounds were given."""
        return np.append(np.asarray(self.bounds, dtype=float), -np.inf) if self.bounds else None


def beta_spent_to_bounds(
    efficacy: Callable[[np.ndarray | None], np.ndarray],
    futility: Futility,
    information: np.ndarray,
    power: float,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Efficacy bounds, futility bounds and the drift at which they meet at the last look.

    At drift d, P(go on to k, Z_k < a_k) = beta(t_k) - beta(t_k-1) gives a_k for k < K; d is such
    that P(efficacy) = power, which leaves the rest of beta below a_K = c_K.
    """
    function = spending(futility.spending, futility.parameter, futility.spent)
    share = np.diff(function(1 - power, information), prepend=0.0)

    def at(drift: float) -> tuple[np.ndarray, np.ndarray, float]:
        upper, lower = efficacy(None), np.array([])
        if futility.binding:
            for _ in information:
                lower, won = _lower(drift, information, share, upper)
                upper = efficacy(np.minimum(lower, upper))
        lower, won = _lower(drift, information, share, upper)
        return upper, lower, won

    drift = optimize.brentq(lambda d: at(d)[2] - power, 0.1, FARTHEST, xtol=1e-12)
    upper, lower, _ = at(drift)
    return upper, lower, drift


def _lower(
    drift: float, information: np.ndarray, share: np.ndarray, upper: np.ndarray
) -> tuple[np.ndarray, float]:
    """Lower bounds at this drift, the last the efficacy bound, and the power."""
    now: Continuing = start()
    finest, won, bounds = finest_step(information), 0.0, []
    for k, (t, beta, high) in enumerate(zip(information, share, upper, strict=True)):
        mean = drift * np.sqrt(t)
        won += now.above(high, t, mean)
        low = lower_bound(now, t, mean, beta) if k < len(information) - 1 else high
        bounds.append(min(low, high))
        now = now.go_on(bounds[-1], high, t, mean, finest)
    return np.array(bounds), won
