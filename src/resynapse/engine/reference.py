"""What would a patient's path be if time had no grid?

The functions of the model are integrated by diffrax with steps that adapt to a tight tolerance.
Kinetics are states among the others, integrated hazards too; a threshold is located within the
step, its jump is made, and integration goes on from there. Cues are shots at their own instants,
and fade exactly between them. Slow, and for few patients: it is what the other back ends are
compared with, patient by patient, on the same random numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optimistix as optx
from jax import lax
from jax.flatten_util import ravel_pytree

from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.engine.stepper import Lane, Moment, fire
from resynapse.engine.xla import Kept, Plan, Segments
from resynapse.parameter import Scalar
from resynapse.system import Relaxation

RELATIVE = 1.0e-8
ABSOLUTE = 1.0e-10
"""error allowed in every number of a step, as a share of it and in its own unit"""
LOCATED = 1.0e-11
"""days to which the instant of an event is found"""
MOST_STEPS = 100_000
_BUCKET = 1024
"""stretches are padded to a multiple of this, so that one compiled loop serves many plans"""


class ReferenceError(RuntimeError):
    """The reference could not reach its tolerance."""


class Stretch(NamedTuple):
    """A time during which nothing that is planned changes."""

    begin: Any
    """d"""
    end: Any
    """d"""
    knot: Any
    """number of the knot that begins here, or -1"""
    last_knot: Any
    """time of the last knot, d"""
    drug: Any
    """whether a drug may be present: [blocks]"""
    infusion: Any
    infusion_rule: Any
    around: Any
    segment: Any
    """number of the segment that begins here, or -1"""


class Path(NamedTuple):
    """One patient on the way."""

    lane: Lane
    amounts: Any
    use_days: jax.Array
    records: jax.Array
    reached: jax.Array
    """false once a tolerance could not be kept"""


class Reach(NamedTuple):
    """Where an integration without interruption ended."""

    lane: Lane
    amounts: Any
    time: Scalar
    event: Scalar
    """whether a threshold stopped it"""
    done: Scalar
    """whether it kept its tolerance"""


def stretches(plan: Plan, segments: Segments, count: int) -> tuple[Stretch, int]:
    """The plan without its steps: only instants at which something changes; and how many."""
    first = np.asarray(segments.first)[: count + 1]
    last, begun = int(first[-1]), first[:-1]
    steps = jax.tree.map(lambda x: np.asarray(x)[:last], plan)
    cut = steps.knot >= 0
    cut[begun] = True
    held = (steps.drug, steps.infusion, steps.infusion_rule, steps.around)
    for values in jax.tree.leaves(held):
        rows = values.reshape(last, -1)
        cut[1:] |= np.any(rows[1:] != rows[:-1], axis=1)
    at = np.flatnonzero(cut)
    segment = np.full(last, -1, np.int32)
    segment[begun] = np.arange(len(begun))
    end = np.append(steps.time[at[1:]], steps.time[-1] + steps.step[-1])
    kept = jax.tree.map(lambda x: x[at], (steps.knot, steps.last_knot, *held, segment))
    found = Stretch(steps.time[at], end, *kept)
    missing = -len(at) % _BUCKET

    def pad(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x, np.repeat(x[-1:], missing, axis=0)])

    return jax.tree.map(pad, found), len(at)


def run_reference(
    system: Any, arm: Any, person: Any, plan: Plan, segments: Segments, count: int, seed: int,
    days: int, records: int,
) -> Kept:  # fmt: skip
    """Some patients through the first ``count`` segments of one arm, as ``xla.run`` leaves them.

    Needs 64-bit numbers. ``days`` and ``records`` are rows kept; the last of each is the spare one.
    """
    parts, many = stretches(plan, segments, int(count))
    kept, reached = _run(
        system, arm, person, *jax.tree.map(jnp.asarray, (parts, segments)), jnp.int32(many),
        jnp.uint32(seed), int(days), int(records),
    )  # fmt: skip
    if not bool(jnp.all(reached)):
        lost = [int(key) for key in np.asarray(person.key)[~np.asarray(reached)]]
        raise ReferenceError(
            f"The reference could not keep a tolerance of {RELATIVE:g} within {MOST_STEPS} steps"
            f" for patients {lost}. Check the parameters of this run: one of them makes a state"
            " change without limit or gives it no number. The xla back end takes fixed steps."
        )
    return kept


@eqx.filter_jit
def _run(system, arm, person, parts, segments, many, seed, days, records):
    def one(person):
        course = _Course(system, arm, person, seed)
        return course.through(parts, segments, many, days, records)

    path = jax.vmap(one)(person)
    seen = jnp.moveaxis(path.records, 0, -1)
    return Kept(path.use_days.T, seen, path.lane), path.reached


class _Course:
    """One patient of one arm while the loop is traced."""

    def __init__(self, system, arm, person, seed):
        self.system, self.arm, self.person, self.seed = system, arm, person, seed
        self.law = system.noise_law()

    def through(self, parts, segments, many, days, records):
        """All stretches one after another."""
        lane = self.system.begin(self.arm, self.person, self.seed)
        zero = 0.0 * self.person.key
        amounts = jax.tree.map(lambda x: x + zero, self.system.no_amounts())
        width = len(self.system.observe(self.person, self.arm, lane, amounts))
        start = Path(
            lane, amounts, jnp.zeros(days, jnp.uint8), jnp.zeros((records, width), jnp.float32),
            jnp.array(True),
        )  # fmt: skip

        def one(n, path):
            part = jax.tree.map(lambda x: x[n], parts)
            here = jax.tree.map(
                lambda x: x[part.segment], segments._replace(first=segments.first[:-1])
            )
            path = lax.cond(part.segment >= 0, self.at_segment, lambda _, p: p, here, path)
            path = lax.cond(part.knot >= 0, self.over_knot, lambda _, p: p, part, path)
            return self.along(part, self.without(part, path))

        path = lax.fori_loop(0, many, one, start)
        last = self.system.peaks(self.person, path.lane, path.amounts)
        return path._replace(lane=last)

    def at_segment(self, here, path):
        """What is kept, closed, planned and seen at an instant, in this order."""
        lane = self.system.peaks(self.person, path.lane, path.amounts)
        used, opened = self.system.day(lane)
        lane = _where(here.closes, opened, lane)
        changed = self.system.happen(
            self.person, self.arm, self.seed, lane, path.amounts, here.nodes
        )
        lane, amounts = _where(here.has_node, changed, (lane, path.amounts))
        seen = self.system.observe(self.person, self.arm, lane, amounts)
        row = jnp.stack([jnp.asarray(x, jnp.float32) for x in seen])
        return path._replace(
            lane=lane,
            amounts=amounts,
            use_days=path.use_days.at[here.day].set(used.astype(jnp.uint8)),
            records=path.records.at[here.record].set(row),
        )

    def over_knot(self, part, path):
        """The noise until the next knot."""
        noise = chance.next_knot(
            path.lane.noise, self.law, self.seed, random.word(self.person.key),
            self.system.noise_purposes, random.word(part.knot), part.begin,
        )  # fmt: skip
        return path._replace(lane=eqx.tree_at(lambda x: x.noise, path.lane, noise))

    def without(self, part, path):
        """Drugs of which the plan says that none is left are gone."""
        blocks = vars(path.amounts)
        left = {name: _where(here, block, jax.tree.map(jnp.zeros_like, block))
                for here, (name, block) in zip(part.drug, blocks.items(), strict=True)}  # fmt: skip
        return path._replace(amounts=type(path.amounts)(**left))

    def along(self, part, path):
        """From the beginning of a stretch to its end, stopping at every shot and event."""

        def on_the_way(carry):
            return (carry[0] < part.end) & carry[1].reached

        def further(carry):
            now, path = carry
            ahead = [jnp.where(at > now, at, chance.NEVER) for at in path.lane.noise.times]
            goal = jnp.minimum(part.end, jnp.stack(ahead).min())
            reach = self.integrated(part, path.lane, path.amounts, now, goal)
            lane = self.after(reach, now)
            return reach.time, path._replace(lane=lane, amounts=reach.amounts, reached=reach.done)

        return lax.while_loop(on_the_way, further, (part.begin + 0.0 * self.person.key, path))[1]

    def after(self, reach, since):
        """Shots faded, a shot that falls now, and the jump of the event if there was one."""
        noise, time = reach.lane.noise, reach.time
        faded = noise.shot * jnp.exp(-(time - since) / self.law.shot_time)
        fresh = sum(jnp.where(at == time, self.law.shot_size, 0.0) for at in noise.times)
        lane = eqx.tree_at(lambda x: x.noise.shot, reach.lane, faded + fresh)
        left = jnp.stack([clock.threshold - clock.hazard for clock in lane.clocks])
        which = jnp.argmin(left).astype(time.dtype)
        fired = fire(self.system, self.seed, self.person, lane, which, time)
        return _where(reach.event, fired, lane)

    def integrated(self, part, lane, amounts, since, until):
        """Towards ``until``, or to the first threshold if that comes before."""
        hazards = tuple(clock.hazard for clock in lane.clocks)
        start, unravel = ravel_pytree((lane.state, amounts, lane.totals, hazards))
        thresholds = jnp.stack([clock.threshold for clock in lane.clocks])

        def rate(time, y, _):
            return self.rate(part, lane, since, time, *unravel(y))

        def left(time, y, _, **rest):
            return jnp.min(thresholds - jnp.stack(unravel(y)[3]))

        found = diffrax.diffeqsolve(
            diffrax.ODETerm(rate), diffrax.Dopri8(), since, until, None, start,
            stepsize_controller=diffrax.PIDController(RELATIVE, ABSOLUTE, norm=optx.max_norm),
            event=diffrax.Event(left, optx.Bisection(LOCATED, LOCATED)),
            max_steps=MOST_STEPS, throw=False,
        )  # fmt: skip
        state, amounts, totals, hazards = unravel(found.ys[-1])
        event = found.result == diffrax.RESULTS.event_occurred
        clocks = tuple(
            eqx.tree_at(lambda c: c.hazard, clock, hazard)
            for clock, hazard in zip(lane.clocks, hazards, strict=True)
        )
        lane = Lane(state, lane.marks, totals, clocks, lane.noise)
        done = event | (found.result == diffrax.RESULTS.successful)
        return Reach(lane, amounts, jnp.where(event, found.ts[-1], until), event, done)

    def rate(self, part, lane, since, time, state, amounts, totals, hazards):
        """The time derivative of everything, per day, as one vector."""
        shots = lane.noise.shot * jnp.exp(-(time - since) / self.law.shot_time)
        disturbance = chance.between(lane.noise, time, part.last_knot)
        moment = Moment(part.begin, part.end - part.begin, part.last_knot, part.around)
        found = self.system.flow(
            self.person, self.arm, state, lane.marks, amounts, moment, time, disturbance, shots
        )

        def heading(x: Scalar, r: Relaxation) -> Scalar:
            return (r.to - x) / r.time_constant

        change = jax.tree.map(heading, state, found.relaxation)
        inflows = [
            self.system.inflow(b, self.person, lane, part.infusion[b], part.infusion_rule)
            for b in range(len(vars(amounts)))
        ]
        kinetics = [
            self.system.amount_rate(b, self.arm, self.person, block, inflows[b])
            for b, block in enumerate(vars(amounts).values())
        ]
        return ravel_pytree((change, kinetics, found.accumulation, found.hazards))[0]


def _where(condition, new, old):
    return jax.tree.map(lambda x, y: jnp.where(condition, x, y), new, old)
