"""From which people are simulated trials drawn, and who is in which trial?

People are simulated in batches that share nobody. Trials are drawn within a batch, again and
again, so that each trial by itself is a sample of new people, while trials of one batch overlap.
The spread between batches is therefore the honest Monte Carlo error (``monte_carlo``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.power.outcome import Outcome

TREATED, CONTROL = "treated", "control"
WORLDS = ("as asked", "no effect", "expectancy alone")
"""Where power, type I error and its inflation by unblinding are read"""


@dataclass(frozen=True)
class Batch:
    """Some people, each gone through both arms in every world: world -> arm -> outcome."""

    number: int
    unit: int
    """Batches of one unit share a draw of the parameters; units share nothing"""
    worlds: Mapping[str, Mapping[str, Outcome]]

    @property
    def people(self) -> int:
        """How many there are; each is in one arm of a trial at most."""
        return len(next(iter(next(iter(self.worlds.values())).values())))


@dataclass(frozen=True)
class Sizes:
    """People of one trial."""

    treated: int
    control: int

    @property
    def total(self) -> int:
        """Both arms."""
        return self.treated + self.control


def sizes(n: int, ratio: float = 1.0) -> Sizes:
    """n controls, and ``ratio`` treated for each of them, to the nearest person."""
    if n < 2 or round(n * ratio) < 2:
        raise InputError(f"--n {n}: an arm has at least 2 people.")
    return Sizes(round(n * ratio), n)


def orders(seed: int, batch: int, people: int, trials: int) -> np.ndarray:
    """[trials, people]: the order in which the people of a batch come to each trial."""
    draw = np.random.default_rng([seed, batch, 1])
    return np.argsort(draw.random((trials, people), dtype=np.float32), axis=1)


def seats(order: np.ndarray, size: Sizes) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the treated and of controls: [trials, n] each, nobody in both.

    A larger trial keeps the people of a smaller one, so that power over n moves smoothly.
    """
    people = order.shape[1]
    if size.total > people:
        raise InputError(
            f"A trial of {size.total} people cannot be drawn from a batch of {people}; simulate "
            "more people (--people) or ask for fewer (--n)."
        )
    return order[:, : size.treated], order[:, people - size.control :]
