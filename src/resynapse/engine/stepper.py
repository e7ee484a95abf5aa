"""How does one patient get from one instant to the next, and where does an event fall?

Exponential midpoint rule: half a step with the targets of the start, then a whole step with the
targets of the middle. Second order, and stable for any time constant. Quick states, which follow
the noise within hours, go after the others: in both of their stages the others are as in the
middle of the step. Noise counts as what it does over the step to a state with the lag of its law.
A point process fires where its integrated hazard reaches an exponential threshold; its hazard is
held over the step. Who meets an event takes the step again in pieces, and goes on in pieces, ever
longer ones, as long as what the event stirred up moves fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.parameter import Scalar
from resynapse.system import relaxed


class Clock(eqx.Module):
    """One point process: integrated hazard, the threshold where it fires, events so far."""

    hazard: Scalar
    threshold: Scalar
    count: Scalar


class Lane(eqx.Module):
    """Everything about one patient that changes."""

    state: Any
    marks: Any
    totals: Any
    clocks: tuple[Clock, ...]
    noise: chance.Noise
    stirred: Scalar
    """day of the last event that stirred things up; long ago without any"""


class Moment(NamedTuple):
    """What is the same for all patients during a step."""

    time: Scalar
    step: Scalar
    knot: Scalar
    """time of the last knot"""
    around: Any
    """whatever else the model wants to know of the step"""


SHORTEST = 1.0 / 48.0
"""d, the longest piece of a step right after an event that stirs things up"""
GROWTH = 1.0 / 10.0
"""later, the longest piece is this share of the time since then"""
WORTH = 2.0
"""times the longest piece that a step must be, to be taken in pieces"""
NEARLY = 1.0 - 1.0e-3
"""share of a step; a piece that would end beyond goes to the end of the step"""
LONG_AGO = -1.0e9
"""a day before which nothing happened"""


class System(Protocol):
    """What a model offers to the engine; all for one patient."""

    processes: tuple[int, ...]
    """the purpose of each point process, in the order of the hazards"""
    stirring: tuple[int, ...]
    """places of the processes whose events set fast changes going"""

    def quick(self, state):
        """States, or their relaxations, that follow the noise within hours."""
        ...

    def flow(self, person, arm, state, marks, amounts, moment, time, disturbance, shots): ...
    def jump(self, which, state, marks, time): ...
    def noise_law(self) -> chance.NoiseLaw: ...


class Attempt(NamedTuple):
    """A step that was tried: where it led, and when the first event fell, as a share of it."""

    lane: Lane
    share: Scalar
    which: Scalar


def first_clocks(system: System, seed: Scalar, key: Scalar) -> tuple[Clock, ...]:
    """All point processes before anything happened."""
    zero = 0.0 * key
    word = random.word(key)
    return tuple(
        Clock(zero, random.exponential(seed, purpose, word, 0), zero)
        for purpose in system.processes
    )


def advance(
    system: System, person: Any, arm: Any, lane: Lane, amounts: tuple[Any, Any], moment: Moment,
    begin: Scalar, length: Scalar,
) -> Attempt:  # fmt: skip
    """From ``begin`` (share of the step) over ``length`` days, ignoring events.

    ``amounts`` are those at both ends of the whole step; between them they run straight.
    """
    time = moment.time + begin * moment.step
    safe = jnp.where(moment.step > 0.0, moment.step, 1.0)
    middle = begin + 0.5 * length / safe

    def at(share):
        return jax.tree.map(lambda a, b: a + (b - a) * share, *amounts)

    law = system.noise_law()
    noise, shots = chance.pass_time(lane.noise, law, time, length, moment.knot)

    mean, end = (
        chance.between(lane.noise, time + share * length, moment.knot)
        for share in chance.centres(length / law.disturbance_lag)
    )

    def flow(state, share, now, disturbance, shots):
        return system.flow(
            person, arm, state, lane.marks, at(share), moment, now, disturbance, shots
        )

    instants = (begin, time, mean, shots.mean), (middle, time + 0.5 * length, end, shots.end)
    state, hazards, accumulation = moved(system, flow, lane.state, instants, length)
    totals = jax.tree.map(lambda x, r: x + r * length, lane.totals, accumulation)
    rise = tuple(hazard * length for hazard in hazards)
    clocks = tuple(
        eqx.tree_at(lambda c: c.hazard, clock, clock.hazard + dh)
        for clock, dh in zip(lane.clocks, rise, strict=True)
    )
    share, which = first_event(lane.clocks, rise)
    after = Lane(state, lane.marks, totals, clocks, noise, lane.stirred)
    return Attempt(after, share, which)


def longest_piece(since: Scalar) -> Scalar:
    """How many days a step may take at once, so many days after the last stir."""
    return jnp.maximum(SHORTEST, GROWTH * since)


def piece_end(begin: Scalar, time: Scalar, step: Scalar, stirred: Scalar) -> Scalar:
    """Share of the step at which the piece that begins at ``begin`` ends."""
    end = begin + longest_piece(time + begin * step - stirred) / step
    return jnp.where(end > NEARLY, 1.0, end)


def whole_step(
    system: System, person: Any, arm: Any, lane: Lane, amounts: tuple[Any, Any], moment: Moment
) -> Attempt:
    """A step at once. Its share is 1 at most where the step must be taken again in pieces."""
    made = advance(system, person, arm, lane, amounts, moment, 0.0, moment.step)
    long = moment.step > WORTH * longest_piece(moment.time - lane.stirred)
    return made._replace(share=jnp.where(long, jnp.minimum(made.share, 1.0), made.share))


def moved(
    system: System, flow: Callable, state: Any, instants: tuple, length: Scalar
) -> tuple[Any, tuple[Scalar, ...], Any]:
    """States after ``length`` days; hazards and accumulation in the middle.

    ``flow(state, *instant)`` at the two ``instants``, which are the start and the middle.
    """
    start, middle = instants
    halfway = relaxed(state, flow(state, *start).relaxation, 0.5 * length)
    after = relaxed(state, flow(halfway, *middle).relaxation, length)

    def stage(quick, instant, reach):
        found = flow(eqx.tree_at(system.quick, halfway, quick), *instant)
        return relaxed(system.quick(state), system.quick(found.relaxation), reach), found

    early, _ = stage(system.quick(state), start, 0.5 * length)
    quick, found = stage(early, middle, length)
    return eqx.tree_at(system.quick, after, quick), found.hazards, found.accumulation


def first_event(clocks: tuple[Clock, ...], rise: tuple[Scalar, ...]) -> tuple[Scalar, Scalar]:
    """Share of the step until the first threshold, 2 if none is reached; and whose it is."""
    share, which = 2.0, 0.0
    for k, (clock, dh) in enumerate(zip(clocks, rise, strict=True)):
        left = clock.threshold - clock.hazard
        reached = dh >= left
        mine = jnp.where(reached, left / jnp.where(dh > 0.0, dh, 1.0), 2.0)
        which = jnp.where(mine < share, float(k), which)
        share = jnp.minimum(mine, share)
    return share, which


def fire(
    system: System, seed: Scalar, person: Any, lane: Lane, which: Scalar, time: Scalar
) -> Lane:
    """The event happens: its jump, and a new threshold for its process."""
    state, marks, clocks, stirred = lane.state, lane.marks, [], lane.stirred
    word = random.word(person.key)
    for k, (purpose, clock) in enumerate(zip(system.processes, lane.clocks, strict=True)):
        mine = which == k
        jumped = system.jump(k, lane.state, lane.marks, time)
        state, marks = jax.tree.map(
            lambda new, old, mine=mine: jnp.where(mine, new, old), jumped, (state, marks)
        )
        if k in system.stirring:
            stirred = jnp.where(mine, time, stirred)
        count = clock.count + 1.0
        fresh = Clock(0.0, random.exponential(seed, purpose, word, random.word(count)), count)
        clocks.append(
            jax.tree.map(lambda new, old, mine=mine: jnp.where(mine, new, old), fresh, clock)
        )
    return Lane(state, marks, lane.totals, tuple(clocks), lane.noise, stirred)
