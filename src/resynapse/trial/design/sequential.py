"""At which looks, and with which bounds, does a trial stop?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import optimize, special

from resynapse.input_error import InputError
from resynapse.trial.design import boundary
from resynapse.trial.design.futility import Futility, beta_spent_to_bounds
from resynapse.trial.design.joint_density import Crossing, crossing
from resynapse.trial.design.spending import FUNCTIONS, PARAMETER, spending
from resynapse.trial.design.validity import (
    between,
    finite,
    information_fractions,
    one_of,
    open_unit,
    whole_spent,
)

SHAPES = ("obrien-fleming", "pocock", "wang-tsiatis", "haybittle-peto")
BOUNDS = (*SHAPES, *FUNCTIONS)
"""Every word for efficacy bounds"""


WITH_PARAMETER = ("wang-tsiatis", "haybittle-peto", *PARAMETER)
"""Words whose bounds have a parameter"""


@dataclass(frozen=True)
class Looks:
    """What is asked of a trial with one look or several, before any effect is named.

    alpha is the whole type I error rate, of both sides where ``sided`` is 2; power counts
    crossing on the side of the effect only.
    """

    alpha: float = 0.025
    sided: int = 1
    power: float = 0.8
    information_rates: Sequence[float] = (1.0,)
    spending: str = "lan-demets-obrien-fleming"
    parameter: float | None = None
    """delta of Wang and Tsiatis, power of Kim and DeMets, gamma of Hwang, Shih and DeCani, or
    the interim Z of Haybittle and Peto"""
    spent: Sequence[float] | None = None
    """Cumulative alpha at each look, of both sides where there are two, for user spending"""
    futility: Futility = field(default_factory=Futility)

    def __post_init__(self) -> None:
        open_unit("alpha", self.alpha)
        open_unit("power", self.power)
        if self.sided not in (1, 2):
            raise InputError(f"The test was given {self.sided} sides; it has 1 or 2.")
        if self.power <= self.alpha / self.sided:
            raise InputError(
                f"Power {self.power:g} is not above alpha {self.alpha / self.sided:g} of one side: "
                "a test that never looks at the data does as well. Ask for more power."
            )
        one_of("spending", self.spending, BOUNDS)
        self._ensure_used()
        information_fractions(self.information_rates)
        self.futility.ensure_possible(len(self.information_rates), self.sided, 1 - self.power)
        if self.spending == "user":
            whole_spent("alpha", self.spent, self.alpha, len(self.information_rates))

    def _ensure_used(self) -> None:
        """Refuse numbers that these bounds do not read."""
        if self.parameter is not None:
            finite("the parameter of the spending", self.parameter)
            if self.spending not in WITH_PARAMETER:
                raise InputError(
                    f"{self.spending} has no parameter, and {self.parameter:g} was given; leave it "
                    f"out, or take one of {', '.join(WITH_PARAMETER)}."
                )
        if self.spent is not None and self.spending != "user":
            raise InputError(
                f"What is spent at each look was given, and {self.spending} says that itself; "
                "leave it out, or take user."
            )

    @property
    def side(self) -> float:
        """Type I error rate of one side."""
        return self.alpha / self.sided

    @cached_property
    def information(self) -> np.ndarray:
        """Fraction of the largest information at each look, the last 1."""
        return np.asarray(self.information_rates, dtype=float)

    @cached_property
    def _solved(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Efficacy bounds, futility bounds (the last is the efficacy bound), drift at H1."""
        if self.futility.spending:
            if self.futility.binding and self.spending in SHAPES:
                raise InputError(
                    f"Binding futility that spends beta needs efficacy bounds that spend alpha; "
                    f"{self.spending} does not. Take one of {', '.join(FUNCTIONS)}."
                )
            return beta_spent_to_bounds(self.efficacy, self.futility, self.information, self.power)
        lower = self.futility.fixed(self.information)
        upper = self.efficacy(lower if self.futility.binding else None)
        if lower is not None and np.any(lower[:-1] >= upper[:-1]):
            raise InputError("A futility bound reaches the efficacy bound; lower it.")
        low = boundary.no_lower(self.information) if lower is None else lower
        low[-1] = upper[-1] if lower is not None else low[-1]
        low = -upper if self.sided == 2 else low

        def short(drift: float) -> float:
            mean = drift * np.sqrt(self.information)
            return crossing(self.information, mean, low, upper).upper.sum() - self.power

        return upper, low, optimize.brentq(short, 0.0, 20.0, xtol=1e-12)

    def efficacy(self, lower: np.ndarray | None) -> np.ndarray:
        """Efficacy bounds where futility bounds bind (``lower``), or where none does."""
        if len(self.information) == 1:
            return np.array([-special.ndtri(self.side)])
        error = boundary.ErrorRate(self.alpha, self.sided, self.information, lower)
        if self.spending in FUNCTIONS:
            spent = None if self.spent is None else np.asarray(self.spent) / self.sided
            function = spending(self.spending, self.parameter, spent)
            return boundary.spent_to_bounds(error, function)
        if self.spending == "haybittle-peto":
            interim = boundary.HAYBITTLE_PETO if self.parameter is None else self.parameter
            return boundary.haybittle_peto(error, interim)
        delta = {"obrien-fleming": 0.0, "pocock": 0.5}.get(self.spending, self.parameter)
        delta = 0.25 if delta is None else delta
        between("delta of Wang and Tsiatis", delta, -0.5, 1.0)
        return boundary.wang_tsiatis(error, delta)

    @property
    def critical_values(self) -> np.ndarray:
        """Z at or above which efficacy is claimed, at each look."""
        return self._solved[0]

    @property
    def futility_bounds(self) -> np.ndarray | None:
        """Z below which the trial stops for futility, at each look before the last."""
        return self._solved[1][:-1] if self.futility.any else None

    @property
    def drift(self) -> float:
        """E[Z] at the last look at which the power is as asked."""
        return self._solved[2]

    @property
    def fixed_drift(self) -> float:
        """E[Z] of a test with one look: z_(1-alpha) + z_(power)."""
        return float(special.ndtri(1 - self.side) + special.ndtri(self.power))

    @property
    def inflation(self) -> float:
        """Largest information over that of a fixed design."""
        return (self.drift / self.fixed_drift) ** 2

    def crossing(self, mean: np.ndarray) -> Crossing:
        """Probabilities of stopping at each look where E[Z_k] is ``mean``."""
        return crossing(self.information, mean, self._solved[1], self._solved[0])

    def expected_information(self, drift: float) -> float:
        """Fraction of the largest information at which the trial stops, on average."""
        stops = self.crossing(drift * np.sqrt(self.information)).stopping.copy()
        stops[-1] = 1 - stops[:-1].sum()
        return float(stops @ self.information)

    @property
    def alpha_spent(self) -> np.ndarray:
        """Cumulative type I error at each look, of both sides where there are two."""
        low = -self.critical_values if self.sided == 2 else boundary.no_lower(self.information)
        low = self._solved[1] if self.futility.binding and self.futility.any else low
        zero = np.zeros(len(self.information))
        found = crossing(self.information, zero, low, self.critical_values)
        return self.sided * np.cumsum(found.upper)

    @property
    def cumulative_power(self) -> np.ndarray:
        """Probability under H1 of having claimed efficacy, at each look."""
        return np.cumsum(self.crossing(self.drift * np.sqrt(self.information)).upper)

    @property
    def beta_spent(self) -> np.ndarray | None:
        """Cumulative type II error at each look, where there are futility bounds."""
        if not self.futility.any:
            return None
        return np.cumsum(self.crossing(self.drift * np.sqrt(self.information)).lower)
