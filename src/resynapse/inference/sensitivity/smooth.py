"""Which results of an arm move smoothly with every parameter, and how steeply?

In people of whom nobody uses until the day they are read, so that no lapse fits in or drops out:

    Lambda_i(T) = integral of the own hazard of a first use, 0 to T                 1
    expected_abstinence = mean over i of exp(-Lambda_i)      share without use by T
    expected_hazard     = mean over i of Lambda_i
    expected_craving    = mean over i of craving on day T, 0 to 1

Derivatives go forward through the compiled loop (``gradient``). Held fast: who means to abstain,
which sessions each attends (a yes or no, drawn beforehand by chance), covariates, how arms feel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.inference.gradient import outcome
from resynapse.inference.lapse_likelihood import Observed, Watched
from resynapse.parameter import lookup
from resynapse.patient.model import Model
from resynapse.protocol import Arm
from resynapse.trial.conduct import Conduct

Listener = Callable[[int], None]


def _abstinence(lane: Any) -> Any:
    return jnp.exp(-lane.totals.cumulative)


SMOOTH: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "expected_abstinence": ("proportion", _abstinence),
    "expected_hazard": ("1", lambda lane: lane.totals.cumulative),
    "expected_craving": ("1", lambda lane: lane.state.craving),
}
"""name -> unit, and what it is of each person"""


class Smooth:
    """One smooth quantity of one arm as a function of parameters, compiled once."""

    def __init__(
        self, conduct: Conduct, arm: Arm, names: Sequence[str], quantity: str, people: int,
        until: float,
    ) -> None:  # fmt: skip
        day, used = np.full(people, until), np.zeros(people)
        self.of_person = SMOOTH[quantity][1]
        self.names = tuple(names)
        with jax.enable_x64(True):
            self.middle = jnp.array([float(lookup(conduct.patient, one)) for one in names])

        def nobody_uses(model: Model, person: Any) -> tuple[Any, Any]:
            return Watched(model), Observed(person, day, used)

        self.run = outcome(conduct, arm, names, people, until, nobody_uses)

    def value(self, shift: np.ndarray | None = None) -> np.ndarray:
        """Of each person, with parameters moved by so much, [people]."""
        return self._along(np.zeros(len(self.names)), shift)[0]

    def slope(self, k: int) -> np.ndarray:
        """Derivative of each person's by the parameter of this number, [people]."""
        return self._along(np.eye(len(self.names))[k], None)[1]

    def _along(self, way: np.ndarray, shift: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Value and derivative in a direction: always the same compiled loop."""
        with jax.enable_x64(True):
            at = self.middle if shift is None else self.middle + jnp.asarray(shift)
            value, slope = jax.jvp(
                lambda values: self.of_person(self.run(values)), (at,), (jnp.asarray(way),)
            )
            return np.asarray(value), np.asarray(slope)
