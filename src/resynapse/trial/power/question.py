"""What does a designer ask of simulated trials, and may it be asked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial import testable
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.validity import positive
from resynapse.trial.power import method
from resynapse.trial.power.looking import ensure_possible

ACCRUAL_DAYS = 365.0
TWO_SIDES = Looks(alpha=0.05, sided=2)
FEWEST_BATCHES, MOST_PEOPLE, MOST_TRIALS = 4, 200_000, 1_000_000
MOST_BATCHES = 100_000
SIZES = 7
"""So many sizes stand for a range"""


@dataclass(frozen=True)
class Asked:
    """Everything that the result depends on, but the people."""

    endpoint: str
    methods: tuple[str, ...] = ()
    n: tuple[int, ...] = (100,)
    """People of the reference arm, ascending"""
    looks: Looks = field(default_factory=lambda: TWO_SIDES)
    ratio: float = 1.0
    """Treated for each control"""
    accrual: float | None = ACCRUAL_DAYS
    """d over which people enter evenly; None where the protocol's conduct says how"""
    trials: int = 2000
    """Of each size in each world"""
    seed: int = 1
    look_days: tuple[float, ...] = ()
    """Calendar days of the looks before the last; by events or people where there are none"""

    def __post_init__(self) -> None:
        kind = testable.kind(self.endpoint)
        object.__setattr__(self, "methods", method.check(self.methods, kind))
        ensure_possible(self.methods, self.looks)
        positive("--ratio", self.ratio, "Give people treated for each control, such as 2:1.")
        if self.accrual is not None:
            positive("--accrual", self.accrual, "It is the time over which people enter, days.")
        ensure_look_days(self.look_days, len(self.looks.information))
        if not 1 <= self.trials <= MOST_TRIALS:
            raise InputError(f"--trials {self.trials}: give 1 to {MOST_TRIALS}.")

    @property
    def kind(self) -> testable.Kind:
        """What the endpoint gives a person."""
        return testable.kind(self.endpoint)

    def as_dict(self) -> dict:
        """In plain types."""
        looks = asdict(self.looks)
        return {**{name: value for name, value in vars(self).items() if name != "looks"},
                "n": list(self.n), "methods": list(self.methods), "looks": looks}  # fmt: skip


def ensure_look_days(days: Sequence[float], looks: int) -> None:
    """Refuse calendar days that do not rise, or are not one for each look before the last."""
    if not days:
        return
    given = ",".join(f"{day:g}" for day in days)
    if len(days) != looks - 1:
        raise InputError(
            f"--look-days {given}: give {looks - 1} days, one for each look before the last, which "
            f"comes when everybody has been followed (--looks {looks})."
        )
    if days[0] <= 0 or any(late <= early for early, late in pairwise(days)):
        raise InputError(f"--look-days {given}: days from the opening are above 0 and rise.")


def sizes_in(text: str) -> tuple[int, ...]:
    """People of the reference arm: "120", "40,80,160", or a range "40:400" in even ratios."""
    low, colon, high = text.partition(":")
    try:
        ends = [int(part) for part in ((low, high) if colon else text.replace(",", " ").split())]
    except ValueError:
        ends = []
    if not ends or min(ends) < 2 or max(ends) > MOST_PEOPLE // 2 or (colon and ends[0] > ends[1]):
        raise InputError(
            f"--n {text}: give people of the reference arm as 120, 40,80,160 or 40:400, from 2 to "
            f"{MOST_PEOPLE // 2}."
        )
    if colon:
        ends = np.rint(np.geomspace(ends[0], ends[1], SIZES)).astype(int).tolist()
    return tuple(sorted(set(ends)))


def ensure_enough(people: int, batches: int, largest: int) -> None:
    """Refuse batches that hold no trial of the largest size, or too few of them."""
    if not largest <= people <= MOST_PEOPLE:
        raise InputError(
            f"--people {people}: a batch must hold the largest trial, {largest} people in all, and "
            f"at most {MOST_PEOPLE}."
        )
    if not FEWEST_BATCHES <= batches <= MOST_BATCHES:
        raise InputError(
            f"--batches {batches}: give {FEWEST_BATCHES} or more, since the error is read from the "
            f"spread between them, and at most {MOST_BATCHES}."
        )


def shown(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names)
