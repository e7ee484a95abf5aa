"""How do many patients run side by side through a compiled loop?

All patients of a chunk share the grid of their arm. Each step is first taken by everyone as if
nothing happened; those whose step held an event are gathered, taken to the event, changed by it,
and sent on, until all have arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jax.flatten_util import ravel_pytree

from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.engine.linear import propagators
from resynapse.engine.native.traced import Once
from resynapse.engine.plan import Course, Kept, Plan, Segments, filled
from resynapse.engine.stepper import Ends, Moment, advance, fire, piece_end, whole_step

ROOM = 256
"""patients of a chunk on a processor, and the least that are run"""
ROOM_ON_GPU = 32_768
"""the same on a GPU, where a step of 4096 once took as long (docs/benchmark.md); 65,536 of an arm
asked for 45 GB in one piece"""
BYTES_EACH = 1_000_000
"""memory of a GPU that a patient takes: 0.8 to 0.95 MB were seen"""
_REDO, _REDO_SHARE = 24, 64
"""patients gathered at once when a step held events; of large chunks one in so many"""


def kinetics(system: Any, arm: Any, person: Any, steps: jax.Array) -> tuple[jax.Array, ...]:
    """Exact propagators of every linear block: [steps, patients, n, n + 1] each."""

    def one(person):
        return tuple(
            propagators(lambda a, u, b=b: system.amount_rate(b, arm, person, a, u), zero, steps)
            for b, zero in enumerate(_blocks(system))
        )

    found = jax.vmap(one)(person)
    return tuple(jnp.moveaxis(block, 0, 1) for block in found)


@eqx.filter_jit
def prepare(system: Any, arm: Any, person: Any, steps: jax.Array) -> tuple[jax.Array, ...]:
    """Compiled ``kinetics``."""
    return kinetics(system, arm, person, steps)


@eqx.filter_jit
def run(
    system: Any, arm: Any, person: Any, exact: tuple[jax.Array, ...], plan: Plan,
    segments: Segments, count: jax.Array, seed: jax.Array, days: int, records: int,
    single: bool = False,
) -> Kept:  # fmt: skip
    """A chunk of patients through the first ``count`` segments of one arm.

    ``days`` and ``records`` are rows kept; the last of each is the spare one. ``single``: whole
    steps in 32 bits, kept in 64.
    """
    made = _Run(system, arm, person, exact, plan, seed, single)
    return made.through(segments, count, days, records)


def room() -> int:
    """Most patients of a chunk on the device where JAX runs by default, as its memory allows."""
    if jax.default_backend() != "gpu":
        return ROOM
    most = (jax.local_devices()[0].memory_stats() or {}).get("bytes_limit")
    if most is None:
        return ROOM_ON_GPU
    return max(ROOM, min(ROOM_ON_GPU, _whole(most // BYTES_EACH + 1) // 2))


def _whole(many: int) -> int:
    """ROOM, doubled until it holds so many: few sizes, for each of which a loop is compiled."""
    size = ROOM
    while size < many:
        size *= 2
    return size


def prepared(
    system: Any, arm: Any, course: Course, seed: int, single: bool = False
) -> Callable[[Any], Kept]:
    """A function that takes chunks of people through a course: exact kinetics, then the loop.

    ROOM people are run, or twice as many, and so on, so that one compiled loop serves all chunks
    of the same size but a smaller last one.
    """
    with jax.enable_x64(True):
        plan, segments = jax.tree.map(jnp.asarray, (course.plan, course.segments))
        lengths = jnp.asarray(course.lengths)

    def through(person: Any) -> Kept:
        with jax.enable_x64(True):
            people = jax.tree.map(jnp.asarray, filled(person, _whole(len(person.key))))
            exact = prepare(system, arm, people, lengths)
            return run(
                system, arm, people, exact, plan, segments, jnp.int32(course.count),
                jnp.uint32(seed), course.days, course.records, single,
            )  # fmt: skip

    return through


def _blocks(system: Any) -> tuple:
    """The linear blocks, each a tree of zeros."""
    return tuple(vars(system.no_amounts()).values())


class _Run:
    """One chunk while it is traced; lanes and amounts are packed as rows of arrays."""

    def __init__(self, system, arm, person, exact, plan, seed, single):
        self.system, self.arm, self.plan, self.seed, self.exact = system, arm, plan, seed, exact
        self.single = single
        one = jax.tree.map(lambda x: x[0], person)
        lane, amounts = self.first(one)
        self.lane = ravel_pytree(lane)[1]
        self.amounts = ravel_pytree(amounts)[1]
        self.person = ravel_pytree(one)[1]
        self.people = jax.vmap(lambda p: ravel_pytree(p)[0], out_axes=1)(person)
        sizes = [ravel_pytree(zero)[0].size for zero in _blocks(system)]
        self.blocks = [(sum(sizes[:b]), sum(sizes[: b + 1])) for b in range(len(sizes))]

    def first(self, person):
        lane = self.system.begin(self.arm, person, self.seed)
        return lane, self.system.no_amounts()

    def vectors(self, function, *packed):
        """``function`` of one patient's vectors, over all columns."""
        return jax.vmap(function, in_axes=-1, out_axes=-1)(*packed)

    def through(self, segments, count, days, records):
        joint = self.vectors(lambda p: ravel_pytree(self.first(self.person(p)))[0], self.people)
        size = joint.shape[0] - self.blocks[-1][1]
        lanes, amounts = joint[:size], joint[size:]
        probe = jax.eval_shape(self.observed, lanes[:, 0], amounts[:, 0], self.people[:, 0])
        many = self.people.shape[1]
        use_days = jnp.zeros((days, many), jnp.uint8)
        seen = jnp.zeros((records, probe.shape[0], many), jnp.float32)

        def one(n, carry):
            lanes, amounts, use_days, seen = carry
            here = jax.tree.map(lambda x: x[n], segments._replace(first=segments.first[:-1]))
            lanes = self.vectors(self.peaks, lanes, amounts, self.people)
            used, opened = self.vectors(self.day, lanes)
            use_days = lax.dynamic_update_index_in_dim(
                use_days, used.astype(jnp.uint8), here.day, 0
            )
            lanes = jnp.where(here.closes, opened, lanes)
            lanes, amounts = lax.cond(
                here.has_node,
                lambda: self.at_node(here.nodes, lanes, amounts),
                lambda: (lanes, amounts),
            )
            now = self.vectors(self.observed, lanes, amounts, self.people).astype(jnp.float32)
            seen = lax.dynamic_update_index_in_dim(seen, now, here.record, 0)
            lanes, amounts = lax.fori_loop(
                segments.first[n],
                segments.first[n + 1],
                lambda k, pair: self.one_step(k, *pair),
                (lanes, amounts),
            )
            return lanes, amounts, use_days, seen

        lanes, amounts, use_days, seen = lax.fori_loop(
            0, count, one, (lanes, amounts, use_days, seen)
        )
        lanes = self.vectors(self.peaks, lanes, amounts, self.people)
        return Kept(use_days, seen, jax.vmap(self.lane, in_axes=-1)(lanes))

    def one_step(self, k, lanes, amounts):
        plan = jax.tree.map(lambda x: x[k], self.plan)
        lanes = self.over_knot(plan, lanes)
        after = self.propagate(plan, lanes, amounts)
        return self.move(plan, lanes, amounts, after), after

    def at_node(self, node, lanes, amounts):
        def one(lane, amount, person):
            changed = self.system.happen(
                self.person(person), self.arm, self.seed, self.lane(lane), self.amounts(amount),
                node,
            )  # fmt: skip
            return ravel_pytree(changed[0])[0], ravel_pytree(changed[1])[0]

        return self.vectors(one, lanes, amounts, self.people)

    def over_knot(self, plan, lanes):
        def one(lane, person):
            old, person = self.lane(lane), self.person(person)
            noise = chance.next_knot(
                old.noise, self.system.noise_law(), self.seed, random.word(person.key),
                self.system.noise_purposes, random.word(plan.knot), plan.time,
            )  # fmt: skip
            noise = jax.tree.map(
                lambda new, was: jnp.where(plan.knot >= 0, new, was), noise, old.noise
            )
            return ravel_pytree(eqx.tree_at(lambda x: x.noise, old, noise))[0]

        return self.vectors(one, lanes, self.people)

    def day(self, lane):
        used, opened = self.system.day(self.lane(lane))
        return used, ravel_pytree(opened)[0]

    def peaks(self, lane, amount, person):
        return ravel_pytree(
            self.system.peaks(self.person(person), self.lane(lane), self.amounts(amount))
        )[0]

    def observed(self, lane, amount, person):
        seen = self.system.observe(
            self.person(person), self.arm, self.lane(lane), self.amounts(amount)
        )
        return jnp.stack([jnp.asarray(x, jnp.float64) for x in seen])

    def propagate(self, plan, lanes, amounts):
        parts = []
        for b, (low, high) in enumerate(self.blocks):
            matrix = self.exact[b][plan.length]

            def inflow(lane, person, b=b):
                return self.system.inflow(
                    b, self.person(person), self.lane(lane), plan.infusion[b], plan.infusion_rule
                )

            def stepped(matrix=matrix, inflow=inflow, low=low, high=high):
                u = self.vectors(inflow, lanes, self.people)
                joint = jnp.concatenate([amounts[low:high], u[None]])
                return jnp.einsum("pij,jp->ip", matrix, joint)

            gone = jnp.zeros_like(amounts[low:high])
            parts.append(lax.cond(plan.drug[b], stepped, lambda gone=gone: gone))
        return jnp.concatenate(parts)

    def at(self, plan, person, before, after):
        """What a step of one patient is taken with."""
        moment = Moment(plan.time, plan.step, plan.last_knot, plan.around)
        amounts = self.amounts(before), self.amounts(after)
        return self.person(person), Ends(*amounts, plan.infusion, plan.infusion_rule), moment

    def fetched(self, tree):
        """Numbers as whole steps are calculated with."""
        if not self.single:
            return tree
        return jax.tree.map(lambda x: x.astype(jnp.float32) if eqx.is_inexact_array(x) else x, tree)

    def go(self, plan, lane, person, before, after, begin, until):
        """One patient from one share of the step to another, ignoring events."""
        person, ends, moment = self.at(plan, person, before, after)
        length = (until - begin) * plan.step
        given = Once(self.system), person, self.arm, lane, ends, moment
        return advance(*given, begin, length, plan.driven)

    def move(self, plan, lanes, before, after):
        def everyone(lane, person, a, b):
            known = self.at(plan, person, a, b)
            given = self.fetched((self.system, self.arm, self.lane(lane), *known))
            system, arm, lane, person, ends, moment = given
            done = whole_step(Once(system), person, arm, lane, ends, moment, plan.driven)
            return ravel_pytree(done.lane)[0].astype(a.dtype), jnp.asarray(done.share, a.dtype)

        arrived, share = self.vectors(everyone, lanes, self.people, before, after)
        late = share <= 1.0
        _, _, done = lax.while_loop(
            lambda carry: jnp.any(carry[0]),
            lambda carry: self.further(plan, before, after, *carry),
            (late, jnp.zeros_like(share), jnp.where(late, lanes, arrived)),
        )
        return done

    def further(self, plan, before, after, late, begin, lanes):
        """Take some of those who are late a piece further, or to an event within it.

        To the end of the piece, then as far as that says, in one loop: it is compiled once.
        """
        many = lanes.shape[1]
        some = max(_REDO, many // _REDO_SHARE)
        chosen = jnp.nonzero(late, size=some, fill_value=many)[0]

        def take(x):
            return jnp.take(x, chosen, axis=-1, mode="clip")

        def one(lane, person, a, b, begin):
            lane = self.lane(lane)
            _, _, moment = self.at(plan, person, a, b)
            goal = piece_end(lane, moment, begin)

            def tried(until, _):
                made = self.go(plan, lane, person, a, b, begin, until)
                met = made.share <= 1.0
                sooner = jnp.where(met, begin + made.share * (until - begin), until)
                return sooner, (made.lane, until, met, made.which)

            _, twice = lax.scan(tried, goal, length=2)
            there, until = jax.tree.map(lambda x: x[1], twice[:2])
            met, which = (x[0] for x in twice[2:])
            now, which = plan.time + until * plan.step, jnp.where(met, which, -1.0)
            fired = fire(self.system, self.seed, self.person(person), there, which, now)
            return ravel_pytree(fired)[0], until, met | (until < 1.0)

        lane, begun, more = self.vectors(
            one, take(lanes), take(self.people), take(before), take(after), take(begin)
        )
        return (
            late.at[chosen].set(more, mode="drop"),
            begin.at[chosen].set(begun, mode="drop"),
            lanes.at[:, chosen].set(lane, mode="drop"),
        )
