"""How does one patient get from one instant to the next, and where does an event fall?

Exponential midpoint rule: half a step with the targets of the start, then a whole step with the
targets of the middle. Second order, and stable for any time constant. Quick states, which follow
the noise within hours, go after the others: in both of their stages the others are as in the middle
of the step. Noise counts as what it does over the step to a state with the lag of its law. Drugs
are seen a quarter into the step on the way to the middle, and on the way to the end where a
straight line counts for what follows it with the lag of the disturbance. States that drugs alone
drive go before all of them, by a rule of order 4. A point process fires where its integrated hazard
reaches an exponential threshold; its hazard is held over the step, at its mean as amounts of drugs
change and states stay as in the middle. Who meets an event
takes the step again in pieces, and goes on in pieces, ever longer ones, as long as what the event
stirred up moves fast. Driven states that change their own rates fast take
pieces of their own within a step, so what other states do never depends on them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.engine import driven as driving
from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.engine.driven_path import (
    NEARLY,
    amounts_between,
    driven_places,
    driven_reach,
    driven_values,
    driven_way,
    marched,
    whole,
)
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
HURRIED = 1.5
"""instead of the share at which an event falls: driven states need pieces, nothing else does"""
EARLY = 1.0 / 4.0
"""share of a step at which drugs are seen on the way to its middle"""
LATEST = 2.0 / 3.0
"""greatest share at which they are seen on the way to its end: beyond, hazards at the end would
count less than nothing"""
LONG_AGO = -1.0e9
"""a day before which nothing happened"""


class Ends(NamedTuple):
    """What is in the body of one patient at both ends of a step, and what flows in meanwhile."""

    before: Any
    after: Any
    infusion: Any
    """[blocks, ...]"""
    rule: Scalar


class Reached(NamedTuple):
    """Shares of a step: where a piece begins, where it ends, and between them."""

    begin: Scalar
    late: Scalar
    """share of the piece at which drugs are seen on the way to its end"""
    end: Scalar


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
    def amount_rate(self, block, arm, person, amount, inflow): ...
    def inflow(self, block, person, lane, infusion, rule): ...
    def no_amounts(self): ...


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
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, moment: Moment, begin: Scalar,
    length: Scalar, driven: Scalar | bool = False,
) -> Attempt:  # fmt: skip
    """From ``begin`` (share of the step) over ``length`` days, ignoring events.

    With ``driven``, states that drugs alone drive go by their own rule, in as many pieces as it
    needs.
    """
    given = system, person, arm, lane, ends, moment
    if driven is False:
        return advance_beside(*given, begin, length)
    way = marched(*given, begin, length, driven)
    return advance_beside(*given, begin, length, way, driven)


def advance_beside(
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, moment: Moment, begin: Scalar,
    length: Scalar, way: driving.Way | None = None, driven: Scalar | bool = True,
) -> Attempt:  # fmt: skip
    """The same, where driven states are known to go this way."""
    time = moment.time + begin * moment.step
    span = length / whole(moment)
    at = amounts_between(system, person, arm, lane, ends, moment.step)

    law = system.noise_law()
    noise, shots = chance.pass_time(lane.noise, law, time, length, moment.knot)

    centres = chance.centres(length / law.disturbance_lag)
    mean, end = (
        chance.between(lane.noise, time + share * length, moment.knot) for share in centres
    )

    def flow(state, share, now, disturbance, shots):
        return system.flow(
            person, arm, state, lane.marks, at(share), moment, now, disturbance, shots
        )

    late, middle = jnp.minimum(centres[1], LATEST), time + 0.5 * length
    instants = (
        (begin + EARLY * span, time, mean, shots.mean),
        (begin + late * span, middle, mean, shots.mean),
        (begin + late * span, middle, end, shots.end),
    )
    reached = Reached(begin, late, begin + span)
    where = driven_places(system, person, arm, lane, moment) if way else ()
    known = (where, way, driven) if way and where else None
    given = system, flow, lane.state, instants, reached, length
    state, hazards, accumulation = moved(*given, known)
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


def piece_end(lane: Lane, moment: Moment, begin: Scalar) -> Scalar:
    """Share of the step at which the piece that begins at ``begin`` ends."""
    since = moment.time + begin * moment.step - lane.stirred
    return share_reached(begin, longest_piece(since), moment.step)


def share_reached(begin: Scalar, longest: Scalar, step: Scalar) -> Scalar:
    """Where a piece ends that begins at this share of a step and takes so many days at most."""
    end = begin + longest / step
    return jnp.where(end > NEARLY, 1.0, end)


def whole_step(
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, moment: Moment,
    driven: Scalar | bool = False,
) -> Attempt:  # fmt: skip
    """A step at once. Its share is 1 at most where the step must be taken again in pieces."""
    made = advance(system, person, arm, lane, ends, moment, 0.0, moment.step, driven)
    return _cut(made, made.share, lane, moment)


def whole_driven_step(
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, moment: Moment
) -> Attempt:
    """The same with driven states at once; its share is HURRIED where these need pieces."""
    values = driven_values(system, person, arm, lane, moment)
    way = driven_way(system, person, arm, lane, ends, moment, values, 0.0, moment.step)
    made = advance_beside(system, person, arm, lane, ends, moment, 0.0, moment.step, way)
    reach = driven_reach(system, person, arm, lane, moment, values, moment.step)
    share = jnp.where(reach < moment.step, HURRIED, made.share)
    return _cut(made, share, lane, moment)


def _cut(made: Attempt, share: Scalar, lane: Lane, moment: Moment) -> Attempt:
    """With a share of 1 at most where something was stirred up lately."""
    long = moment.step > WORTH * longest_piece(moment.time - lane.stirred)
    return made._replace(share=jnp.where(long, jnp.minimum(made.share, 1.0), share))


def moved(
    system: System, flow: Callable, state: Any, instants: tuple, reached: Reached, length: Scalar,
    known: tuple[tuple[int, ...], driving.Way, Scalar | bool] | None = None,
) -> tuple[Any, tuple[Scalar, ...], Any]:  # fmt: skip
    """States after ``length`` days; means of hazards and accumulation as amounts change.

    ``flow(state, *instant)`` at the ``instants``: the start, and the middle as quick states see it
    on their way there and on their way to the end, each with the share of the step first at which
    drugs are seen;
    ``known``: places of states that go their own way, this way, and whether they do.
    """
    start, early, middle = instants

    def put(state, values):
        return driving.put(state, known[0], values(known[1]), known[2]) if known else state

    halfway = relaxed(state, flow(state, *start).relaxation, 0.5 * length)
    halfway = put(halfway, lambda way: way.middle)
    after = relaxed(state, flow(halfway, *middle).relaxation, length)
    after = put(after, lambda way: way.end)

    def stage(quick, instant, reach):
        found = flow(eqx.tree_at(system.quick, halfway, quick), *instant)
        return relaxed(system.quick(state), system.quick(found.relaxation), reach), found

    halfway_quick, _ = stage(system.quick(state), early, 0.5 * length)
    quick, found = stage(halfway_quick, middle, length)
    shares = reached.begin, reached.end
    begin, end = (stage(halfway_quick, (share, *middle[1:]), length)[1] for share in shares)
    rates = ((one.hazards, one.accumulation) for one in (begin, found, end))
    mean = partial(parabola_mean, reached.late)
    return eqx.tree_at(system.quick, after, quick), *jax.tree.map(mean, *rates)


def parabola_mean(c: Scalar, begin: Scalar, inner: Scalar, end: Scalar) -> Scalar:
    """Mean over a step of a parabola through both ends and a share c of it.

    Simpson's rule where c is a half, Radau's where it is two thirds; ``inner``, to the last bit,
    of what does not change.

    mean = i + (3 c - 1) / (6 c) (b - i) + (2 - 3 c) / (6 (1 - c)) (e - i)
    """
    first, last = (3.0 * c - 1.0) / (6.0 * c), (2.0 - 3.0 * c) / (6.0 * (1.0 - c))
    return inner + first * (begin - inner) + last * (end - inner)


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
