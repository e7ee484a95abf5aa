"""The equations of a workload as one vector of numbers, for solvers that know nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from resynapse.bench.formulas import Formulas
from resynapse.bench.workload import Workload


class Vector:
    """y = (amounts, states, integrated hazard of events if there are any); p = parameters."""

    def __init__(self, workload: Workload) -> None:
        self.system = workload.system
        self.person = self.system.typical
        self.amounts = self.system.no_amounts()
        self.state = self.system.begin(self.person)
        self.events = self.system.purpose >= 0
        begun = [*jax.tree.leaves(self.amounts), *jax.tree.leaves(self.state)]
        self.begun = np.array(begun + [0.0] * self.events, float)
        self.parameters = len(jax.tree.leaves(self.person))

    def split(self, y: Any) -> tuple[Any, Any]:
        """Amounts and states of a sequence of numbers."""
        many = len(jax.tree.leaves(self.amounts))
        states = y[many : len(y) - self.events] if self.events else y[many:]
        structures = jax.tree.structure(self.amounts), jax.tree.structure(self.state)
        parts = y[:many], states
        return tuple(jax.tree.unflatten(s, x) for s, x in zip(structures, parts, strict=True))

    def slopes(self, person: Any, y: Any, c: Any) -> tuple:
        """dy/dt; c = (inflow, beginning of the segment, time)."""
        amounts, state = self.split(list(y))
        signal = self.system.signal(c[1], c[2])
        drive = self.system.drive(person, amounts, signal)
        found = [
            *jax.tree.leaves(self.system.amount_rate(person, amounts, c[0])),
            *jax.tree.leaves(self.system.rate(person, state, drive)),
        ]
        return (*found, self.system.hazard(person, state)) if self.events else tuple(found)

    def jumped(self, person: Any, y: Any) -> tuple:
        """y after an event."""
        amounts, state = self.split(list(y))
        after = self.system.jump(person, state)
        return (*jax.tree.leaves(amounts), *jax.tree.leaves(after), 0.0 * y[-1])

    def seen(self, person: Any, y: Any) -> tuple:
        """What is observed."""
        return self.system.observe(person, *self.split(list(y)))

    def formulas(self, name: str) -> Formulas:
        """One of these functions as operations."""
        given = {"p": self.person, "y": tuple(self.begun)}
        if name == "slopes":
            given["c"] = (0.0, 0.0, 0.0)
        return Formulas(getattr(self, name), **given)

    def text(self, name: str) -> str:
        """One of these functions in Python; it writes into its last argument."""
        head = {"slopes": "p, y, c, out"}.get(name, "p, y, out")
        return self.formulas(name).python(f"def {name}({head}):", "out")

    def function(self, name: str, wrap: Callable = lambda f: f) -> Callable:
        """The same, ready to call; ``wrap`` may compile it."""
        made: dict[str, Any] = {"math": math}
        exec(compile(self.text(name), f"<{name}>", "exec"), made)
        return wrap(made[name])
