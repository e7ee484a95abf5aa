"""How do many people run through compiled loops of JAX made from plain differential equations?

All of a chunk take a step as if nothing happened; those whose step held an event are gathered,
taken to it, changed by it, and tried again, until all have arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from resynapse.engine import random
from resynapse.engine.dynamics import event
from resynapse.engine.dynamics.rule import CLASSIC, Joint, Rule, stepped
from resynapse.engine.dynamics.system import NEVER, Seen, Timetable
from resynapse.engine.linear import propagators

ROOM = 256
"""people of a chunk"""
TOGETHER, TOGETHER_SHARE = 16, 64
"""people taken through an event at once; of large chunks one in so many"""


def _as(real: Any, tree: Any) -> Any:
    """The same with real numbers of this kind."""
    return jax.tree.map(lambda x: x.astype(real) if eqx.is_inexact_array(x) else x, tree)


def begin(system: Any, seed: Any, key: Any) -> tuple[Any, Joint, event.Risk]:
    """A person, states at the beginning, and the point process before it fired."""
    person = system.person(seed, key)
    threshold = NEVER
    if system.purpose >= 0:
        threshold = random.exponential(seed, system.purpose, key, jnp.uint32(0))
    zero = jnp.zeros((), jnp.float64)
    state = jax.tree.map(lambda x: x + zero, system.begin(person))
    return person, Joint(state, zero), event.Risk(threshold + zero, zero, NEVER + zero)


def on_device(
    system: Any, table: Timetable, seed: int, rule: Rule = CLASSIC, single: bool = False
) -> Callable[[int, int], tuple[jax.Array, ...]]:
    """A function of the first number and of how many people, compiled anew for each such number.

    Records, first events and counts stay where they are made. ``single``: steps in 32 bits, people
    and thresholds drawn in 64.
    """
    lengths, which = np.unique(table.step, return_inverse=True)
    gaps = np.array(sorted({round(b - a, 12) for a, b in pairwise(rule.nodes)}))
    with jax.enable_x64(True):
        parts = jax.tree.map(jnp.asarray, (table, which, np.outer(lengths, gaps)))

    def through(first: int, count: int) -> tuple[jax.Array, ...]:
        with jax.enable_x64(True):
            keys = jnp.arange(first, first + count, dtype=jnp.uint32)
            real, word = jnp.float32 if single else jnp.float64, jnp.uint32(seed)
            return _run(system, rule, *parts, word, keys, table.records, real)  # type: ignore[call-arg]

    return through


def prepared(
    system: Any, table: Timetable, seed: int, rule: Rule = CLASSIC, threads: int = 1
) -> Callable[[int, int], Seen]:
    """A function of the first number and of how many people: always whole chunks are run."""
    through = on_device(system, table, seed, rule)

    def chunk(first: int) -> tuple[np.ndarray, ...]:
        return tuple(map(np.asarray, through(first, ROOM)))

    return in_chunks(chunk, ROOM, threads)


def in_chunks(
    chunk: Callable[[int], tuple[np.ndarray, ...]], room: int, threads: int
) -> Callable[[int, int], Seen]:
    """Chunks of so many people one after another; those whom nobody asked for are thrown away."""

    def through(first: int, count: int) -> Seen:
        with ThreadPoolExecutor(threads) as pool:
            done = list(pool.map(chunk, range(first, first + count, room)))
        records, when, happened = zip(*done, strict=True)
        left = count - room * (len(done) - 1)
        groups = (*records[:-1], records[-1][..., :left])
        return Seen(groups, np.concatenate(when)[:count], np.concatenate(happened)[:count])

    return through


@eqx.filter_jit
def _run(system, rule, table, which, days, seed, keys, records, real):
    return _Chunk(system, rule, table, which, days, seed, keys, real).through(records)


class _Chunk:
    """Some people while the loop is traced."""

    def __init__(self, system, rule, table, which, days, seed, keys, real):
        self.system, self.rule, self.which, self.real = system, rule, which, real
        self.seed, self.keys, self.table = seed, keys, _as(real, table)
        self.gaps = [round(b - a, 12) for a, b in pairwise(rule.nodes)]
        self.distinct = sorted(set(self.gaps))
        people = jax.vmap(lambda key: begin(system, seed, key))(keys)
        self.people, self.joint, self.risk = _as(real, people)
        self.nothing = jnp.zeros(keys.shape, real)
        self.zero = jax.tree.map(lambda x: x + self.nothing, system.no_amounts())
        self.infused = bool(jax.tree.leaves(self.zero))
        if self.infused:
            exact = jax.vmap(lambda person: self.propagators(person, days.ravel()))(people[0])
            self.exact = exact.astype(real)

    def propagators(self, person, days):
        def rate(amounts, inflow):
            return self.system.amount_rate(person, amounts, inflow)

        return propagators(rate, self.system.no_amounts(), days)

    def through(self, records):
        start = jax.vmap(self.system.observe)(self.people, self.zero, self.joint.state)
        seen = jnp.zeros((records + 1, len(start), len(self.keys)), self.real)

        def one(k, carry):
            amounts, joint, risk, seen = carry
            amounts, drives = self.moved(amounts, k)
            joint, risk = self.over(k, drives, joint, risk)
            now = jnp.stack(jax.vmap(self.system.observe)(self.people, amounts, joint.state))
            row = self.table.record[k]
            seen = lax.dynamic_update_index_in_dim(seen, now, jnp.where(row < 0, records, row), 0)
            return amounts, joint, risk, seen

        begun = (self.zero, self.joint, self.risk, seen)
        _, _, risk, seen = lax.fori_loop(0, len(self.table.step), one, begun)
        return seen[:records], risk.first, risk.count

    def moved(self, amounts, k):
        """Amounts at the end of the step, and drives at its nodes."""
        signals = [tuple(node) for node in self.table.signal[k]]
        drives = [self.drive(amounts, signals[0])]
        for gap, signal in zip(self.gaps, signals[1:], strict=True):
            if self.infused:
                place = self.which[k] * len(self.distinct) + self.distinct.index(gap)
                amounts = self.propagated(amounts, self.exact[:, place], self.table.inflow[k])
            drives.append(self.drive(amounts, signal))
        return amounts, drives

    def propagated(self, amounts, exact, inflow):
        leaves, structure = jax.tree.flatten(amounts)
        joined = jnp.stack([*leaves, inflow + 0.0 * leaves[0]])
        after = jnp.einsum("pij,jp->ip", exact, joined, precision="highest")
        return jax.tree.unflatten(structure, list(after))

    def drive(self, amounts, signal):
        def one(person, nothing, amounts):
            return tuple(x + nothing for x in self.system.drive(person, amounts, signal))

        return jax.vmap(one)(self.people, self.nothing, amounts)

    def over(self, k, drives, joint, risk):
        """Everybody over the step, events and all."""
        length = self.table.step[k]

        def whole(person, drives, joint):
            return stepped(self.system, self.rule, person, drives, joint, length)[0]

        after = jax.vmap(whole)(self.people, drives, joint)
        if self.system.purpose < 0:
            return after, risk
        late = after.hazard >= risk.threshold
        joint = jax.tree.map(lambda old, new: jnp.where(late, old, new), joint, after)
        carry = (late, self.nothing, joint, risk)
        _, _, joint, risk = lax.while_loop(
            lambda carry: carry[0].any(), lambda carry: self.redo(k, drives, *carry), carry
        )
        return joint, risk

    def redo(self, k, drives, late, begun, joint, risk):
        """Some of those who are late: to the end of the step, or to their next event in it."""
        many = len(self.keys)
        some = max(TOGETHER, many // TOGETHER_SHARE)
        chosen = jnp.nonzero(late, size=some, fill_value=many)[0]
        taken = jax.tree.map(
            lambda x: jnp.take(x, chosen, axis=0, mode="clip"),
            (self.people, self.keys, drives, joint, risk, begun),
        )
        time, length = self.table.time[k], self.table.step[k]

        def one(*given):
            return self.further(time, length, *given)

        made = jax.vmap(one)(*taken)
        return jax.tree.map(
            lambda old, new: old.at[chosen].set(new, mode="drop"), (late, begun, joint, risk), made
        )

    def further(self, time, length, person, key, drives, joint, risk, begun):
        def part(share):
            return event.tried(self.system, self.rule, person, drives, joint, begun, share, length)

        rest = 1.0 - begun
        home = part(rest)
        met = home.joint.hazard >= risk.threshold
        share = rest * event.located(risk.threshold, joint.hazard, home, rest * length)
        now = time + (begun + share) * length
        fired = event.fired(self.system, self.seed, person, key, part(share).joint, risk, now)
        joint, risk = jax.tree.map(
            lambda new, old: jnp.where(met, new, old), _as(self.real, fired), (home.joint, risk)
        )
        return met, begun + share, joint, risk
