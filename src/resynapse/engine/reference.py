"""What would a patient's path be if time had no grid?

The functions of the model are integrated with steps that adapt to a tight tolerance, each person
at their own pace (Dormand and Prince 1980, J Comput Appl Math 6:19-26, order 5 with an error of
order 4). Kinetics are states among the others, integrated hazards too. A step that passes a
threshold is taken again, shorter, until it ends there; the jump is made, and integration goes on.
Cues are shots at their own instants, and fade exactly between them. Slow, and for few people: it is
what the other back ends are compared with, person by person, on the same random numbers.
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

from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.engine.back_end import ToleranceError
from resynapse.engine.plan import Course, Kept, Plan, Segments, filled
from resynapse.engine.stepper import Lane, Moment, fire
from resynapse.parameter import Scalar
from resynapse.system import Relaxation

ROOM = 16
"""people of a chunk"""
RELATIVE = 1.0e-8
ABSOLUTE = 1.0e-10
"""error allowed in every number of a step, as a share of it and in its own unit"""
LOCATED = 1.0e-12
"""integrated hazard to which a threshold is met"""
MOST_STEPS = 100_000
"""steps tried between two interruptions"""
FIRST_STEP = 0.02
"""d, tried first after an interruption"""
SAFETY, LEAST, MOST = 0.9, 0.2, 5.0
"""a new step is this share of the one that would just do, and at least and at most so many times
the old one"""
_BUCKET = 1024
"""stretches are padded to a multiple of this, so that one compiled loop serves many plans"""

INSTANTS = np.array([0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1])
WEIGHTS = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0],
        [1 / 5, 0, 0, 0, 0, 0, 0],
        [3 / 40, 9 / 40, 0, 0, 0, 0, 0],
        [44 / 45, -56 / 15, 32 / 9, 0, 0, 0, 0],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0, 0],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0, 0],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
    ]
)
ERROR = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])
"""of the rule: shares of the step, weights of the stages before each stage (the last is the
result), and of the difference between the two orders"""


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
    """How far an integration has come."""

    time: Scalar
    vector: jax.Array
    step: Scalar
    tried: Scalar
    event: Scalar
    """whether it stopped at a threshold"""


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


def room() -> int:
    """Most people of a chunk."""
    return ROOM


def prepared(system: Any, arm: Any, course: Course, seed: int) -> Callable[[Any], Kept]:
    """A function that takes chunks of people through a course, always ROOM of them."""
    parts, many = stretches(course.plan, course.segments, course.count)
    with jax.enable_x64(True):
        held, segments = jax.tree.map(jnp.asarray, (parts, course.segments))

    def through(person: Any) -> Kept:
        with jax.enable_x64(True):
            people = jax.tree.map(jnp.asarray, filled(person, ROOM))
            kept, reached = _run(
                system, arm, people, held, segments, jnp.int32(many), jnp.uint32(seed),
                course.days, course.records,
            )  # fmt: skip
        _require_reached(people, reached)
        return kept

    return through


def _require_reached(people: Any, reached: jax.Array) -> None:
    lost = sorted({int(key) for key in np.asarray(people.key)[~np.asarray(reached)]})
    if lost:
        raise ToleranceError(
            f"The reference could not keep a tolerance of {RELATIVE:g} within {MOST_STEPS} steps"
            f" for patients {lost}. Check the parameters of this run: one of them makes a state"
            " change without limit or gives it no number. The other back ends take fixed steps."
        )


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
        left = {
            name: _where(here, block, jax.tree.map(jnp.zeros_like, block))
            for here, (name, block) in zip(part.drug, blocks.items(), strict=True)
        }
        return path._replace(amounts=type(path.amounts)(**left))

    def along(self, part, path):
        """From the beginning of a stretch to its end, stopping at every shot and event."""

        def on_the_way(carry):
            return (carry[0] < part.end) & carry[1].reached

        def further(carry):
            now, path = carry
            ahead = [jnp.where(at > now, at, chance.NEVER) for at in path.lane.noise.times]
            goal = jnp.minimum(part.end, jnp.stack(ahead).min())
            time, event, lane, amounts, done = self.integrated(
                part, path.lane, path.amounts, now, goal
            )
            lane = self.after(lane, now, time, event)
            return time, path._replace(lane=lane, amounts=amounts, reached=done)

        return lax.while_loop(on_the_way, further, (part.begin + 0.0 * self.person.key, path))[1]

    def after(self, lane, since, time, event):
        """Shots faded, a shot that falls now, and the jump of the event if there was one."""
        noise = lane.noise
        faded = noise.shot * jnp.exp(-(time - since) / self.law.shot_time)
        fresh = sum(jnp.where(at == time, self.law.shot_size, 0.0) for at in noise.times)
        lane = eqx.tree_at(lambda x: x.noise.shot, lane, faded + fresh)
        left = jnp.stack([clock.threshold - clock.hazard for clock in lane.clocks])
        which = jnp.argmin(left).astype(time.dtype)
        fired = fire(self.system, self.seed, self.person, lane, which, time)
        return _where(event, fired, lane)

    def integrated(self, part, lane, amounts, since, until):
        """Towards ``until``, or to the first threshold if that comes before."""
        hazards = tuple(clock.hazard for clock in lane.clocks)
        start, unravel = ravel_pytree((lane.state, amounts, lane.totals, hazards))
        thresholds = jnp.stack([clock.threshold for clock in lane.clocks])

        def rate(time, y):
            return self.rate(part, lane, since, time, *unravel(y))

        def left(y):
            return jnp.min(thresholds - jnp.stack(unravel(y)[3]))

        def on_the_way(reach):
            return (reach.time < until) & ~reach.event & (reach.tried < MOST_STEPS)

        def further(reach):
            return stepped_adaptively(rate, left, reach, until)

        begun = Reach(since, start, 0.0 * since + FIRST_STEP, 0, jnp.array(False))
        reach = lax.while_loop(on_the_way, further, begun)
        state, amounts, totals, hazards = unravel(reach.vector)
        clocks = tuple(
            eqx.tree_at(lambda c: c.hazard, clock, hazard)
            for clock, hazard in zip(lane.clocks, hazards, strict=True)
        )
        lane = Lane(state, lane.marks, totals, clocks, lane.noise, lane.stirred)
        done = reach.event | (reach.time >= until)
        return reach.time, reach.event, lane, amounts, done

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


def stepped_adaptively(rate, left, reach, until):
    """One step tried: taken if it kept its tolerance and passed no threshold."""
    rest = until - reach.time
    h = jnp.minimum(reach.step, rest)
    there, error = dormand_prince(rate, reach.time, reach.vector, h)
    size = jnp.maximum(jnp.abs(reach.vector), jnp.abs(there))
    share = jnp.max(jnp.abs(error) / (ABSOLUTE + RELATIVE * size))
    share = jnp.where(jnp.isfinite(share), share, jnp.inf)
    before, behind = left(reach.vector), left(there)
    kept = share <= 1.0
    passed = kept & (behind < -LOCATED)
    taken = kept & ~passed
    pace = jnp.clip(SAFETY * share**-0.2, LEAST, MOST)
    shorter = before / jnp.where(passed, before - behind, 1.0)
    return Reach(
        time=jnp.where(taken, jnp.where(h >= rest, until, reach.time + h), reach.time),
        vector=jnp.where(taken, there, reach.vector),
        step=h * jnp.where(passed, shorter, pace),
        tried=reach.tried + 1,
        event=taken & (behind <= LOCATED),
    )


def dormand_prince(rate, time, y, h):
    """y after ``h`` days by the rule of order 5, and its difference from that of order 4."""

    def stage(k, slopes):
        return slopes.at[k].set(
            rate(time + jnp.asarray(INSTANTS)[k] * h, y + h * (jnp.asarray(WEIGHTS)[k] @ slopes))
        )

    slopes = lax.fori_loop(0, len(INSTANTS), stage, jnp.zeros((len(INSTANTS), y.size), y.dtype))
    return y + h * (jnp.asarray(WEIGHTS[-1]) @ slopes), h * (jnp.asarray(ERROR) @ slopes)


def _where(condition, new, old):
    return jax.tree.map(lambda x, y: jnp.where(condition, x, y), new, old)
