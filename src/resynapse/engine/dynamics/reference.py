"""What would people's paths be if time had no grid?

Steps adapt to a tight tolerance, each person at their own pace; amounts and the integrated hazard
are states among the others. A step that passes a threshold is taken again, shorter, until it ends
there; the jump is made, and integration goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree

from resynapse.engine.dynamics import event
from resynapse.engine.dynamics.rule import slope
from resynapse.engine.dynamics.system import Seen, Timetable
from resynapse.engine.dynamics.xla import begin, in_chunks
from resynapse.engine.reference import FIRST_STEP, MOST_STEPS, Reach, stepped_adaptively

ROOM = 32
"""people of a chunk"""
LEAP = 1.0e-9
"""change of a signal between two steps that is no rounding"""


class Pieces(NamedTuple):
    """Times between two instants at which something is planned or looked at."""

    begin: Any
    end: Any
    inflow: Any
    row: Any


def pieces(table: Timetable) -> Pieces:
    """The timetable without its steps: cut where somebody looks, or a flow or a signal leaps."""
    leap = np.abs(table.signal[1:, 0] - table.signal[:-1, -1]).max(axis=1, initial=0.0) > LEAP
    cut = (table.record[:-1] >= 0) | (table.inflow[1:] != table.inflow[:-1]) | leap
    at = np.flatnonzero(np.append(True, cut))
    last = np.append(at[1:], len(table.step)) - 1
    end = table.time[last] + table.step[last]
    return Pieces(table.time[at], end, table.inflow[at], table.record[last])


def prepared(
    system: Any, table: Timetable, seed: int, threads: int = 1
) -> Callable[[int, int], Seen]:
    """A function of the first number and of how many people: always whole chunks are run."""
    with jax.enable_x64(True):
        parts = jax.tree.map(jnp.asarray, pieces(table))

    def chunk(first: int) -> tuple[np.ndarray, ...]:
        with jax.enable_x64(True):
            keys = jnp.arange(first, first + ROOM, dtype=jnp.uint32)
            return tuple(
                map(np.asarray, _run(system, parts, jnp.uint32(seed), keys, table.records))
            )

    return in_chunks(chunk, ROOM, threads)


@eqx.filter_jit
def _run(system, parts, seed, keys, records):
    seen, risk = jax.vmap(lambda key: _Path(system, seed, key).through(parts, records))(keys)
    return jnp.moveaxis(seen, 0, -1), risk.first, risk.count


class _Path:
    """One person while the loop is traced."""

    def __init__(self, system, seed, key):
        self.system, self.seed, self.key = system, seed, key
        self.person, joint, self.risk = begin(system, seed, key)
        zero = jnp.zeros((), jnp.float64)
        amounts = jax.tree.map(lambda x: x + zero, system.no_amounts())
        self.begun, self.unravel = ravel_pytree((amounts, joint))

    def through(self, parts, records):
        width = len(self.observed(self.begun))
        seen = jnp.zeros((records + 1, width))

        def one(n, carry):
            y, risk, seen = carry
            part = jax.tree.map(lambda x: x[n], parts)
            y, risk = self.along(part, y, risk)
            row = jnp.where(part.row < 0, records, part.row)
            return y, risk, seen.at[row].set(self.observed(y))

        _, risk, seen = lax.fori_loop(0, len(parts.begin), one, (self.begun, self.risk, seen))
        return seen[:records], risk

    def observed(self, y):
        amounts, joint = self.unravel(y)
        return jnp.stack(self.system.observe(self.person, amounts, joint.state))

    def along(self, part, y, risk):
        """To the end of the piece, stopping at every event."""

        def further(carry):
            reach, risk = self.reached(part, *carry)
            if self.system.purpose < 0:
                return reach.time, reach.vector, risk
            after = self.fired(reach, risk)
            chosen = (reach.vector, risk)
            y, risk = jax.tree.map(lambda a, b: jnp.where(reach.event, a, b), after, chosen)
            return reach.time, y, risk

        start = (part.begin + 0.0 * risk.count, y, risk)
        _, y, risk = lax.while_loop(lambda carry: carry[0] < part.end, further, start)
        return y, risk

    def reached(self, part, time, y, risk):
        def on_the_way(reach):
            return (reach.time < part.end) & ~reach.event & (reach.tried < MOST_STEPS)

        def left(y):
            return risk.threshold - self.unravel(y)[1].hazard

        def further(reach):
            return stepped_adaptively(lambda t, y: self.rate(part, t, y), left, reach, part.end)

        begun = Reach(time, y, 0.0 * time + FIRST_STEP, 0, jnp.array(False))
        return lax.while_loop(on_the_way, further, begun), risk

    def rate(self, part, time, y):
        amounts, joint = self.unravel(y)
        drive = self.system.drive(self.person, amounts, self.system.signal(part.begin, time))
        flow = self.system.amount_rate(self.person, amounts, part.inflow)
        return ravel_pytree((flow, slope(self.system, self.person, joint, drive)))[0]

    def fired(self, reach, risk):
        amounts, joint = self.unravel(reach.vector)
        joint, risk = event.fired(
            self.system, self.seed, self.person, self.key, joint, risk, reach.time
        )
        return ravel_pytree((amounts, joint))[0], risk
