"""How does one patient get from one instant to the next, and where does an event fall?

Exponential midpoint rule: half a step with the targets of the start, then a whole step with the
targets of the middle. Second order, and stable for any time constant. Quick states, which follow
the noise within hours, go after the others: in both of their stages the others are as in the
middle of the step. Noise counts as what it does over the step to a state with the lag of its law.
States that drugs alone drive go before all of them, by a rule of order 4. A point process fires
where its integrated hazard reaches an exponential threshold; its hazard is held over the step. Who
meets an event takes the step again in pieces, and goes on in pieces, ever longer ones, as long as
what the event stirred up moves fast; so does everyone whose driven states change their own rates
fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.engine import driven as driving
from resynapse.engine import hermite, random
from resynapse.engine import noise as chance
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
HASTE = 0.06
"""a piece of h days is short enough for driven states if h^2 |d rate / dt| is at most its square"""
SHORTEST_DRIVEN = 1.0 / 144.0
"""d, the longest piece that is short enough for any driven state once no drug is left"""
NO_HASTE = 1.0e-12
"""1/d^2, below which rates count as constant"""
NEARLY = 1.0 - 1.0e-3
"""share of a step; a piece that would end beyond goes to the end of the step"""
LONG_AGO = -1.0e9
"""a day before which nothing happened"""


class Ends(NamedTuple):
    """What is in the body of one patient at both ends of a step, and what flows in meanwhile."""

    before: Any
    after: Any
    infusion: Any
    """[blocks, ...]"""
    rule: Scalar


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

    With ``driven``, states that drugs alone drive go by their own rule.
    """
    time = moment.time + begin * moment.step
    safe = jnp.where(moment.step > 0.0, moment.step, 1.0)
    middle, until = begin + 0.5 * length / safe, begin + length / safe
    at = amounts_between(system, person, arm, lane, ends, moment.step)

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

    instants = (
        (begin, time, mean, shots.mean),
        (middle, time + 0.5 * length, end, shots.end),
        (until, time + length, end, shots.end),
    )
    where = driven_places(system, person, arm, lane, moment) if driven is not False else ()
    state, hazards, accumulation = moved(system, flow, lane.state, instants, length, where, driven)
    totals = jax.tree.map(lambda x, r: x + r * length, lane.totals, accumulation)
    rise = tuple(hazard * length for hazard in hazards)
    clocks = tuple(
        eqx.tree_at(lambda c: c.hazard, clock, clock.hazard + dh)
        for clock, dh in zip(lane.clocks, rise, strict=True)
    )
    share, which = first_event(lane.clocks, rise)
    after = Lane(state, lane.marks, totals, clocks, noise, lane.stirred)
    return Attempt(after, share, which)


def driven_places(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment
) -> tuple[int, ...]:
    """Places of the states that amounts alone drive."""

    def relaxation(fixed, state, amounts, other):
        (system, person, arm), (marks, *rest) = fixed, other
        return system.flow(person, arm, state, marks, amounts, *rest).relaxation

    outside = lane.marks, moment, moment.time, lane.noise.left, lane.noise.shot
    fixed = system, person, arm
    return driving.places(relaxation, fixed, lane.state, system.no_amounts(), outside)


def amounts_between(
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, step: Scalar
) -> Callable[[Scalar], Any]:
    """Amounts at a share of the step, from amounts, rates and their change at its ends."""

    def rates(amounts, infused):
        made = {}
        for b, (name, block) in enumerate(vars(amounts).items()):
            inflow = system.inflow(b, person, lane, ends.infusion[b], ends.rule) if infused else 0.0
            made[name] = system.amount_rate(b, arm, person, block, inflow)
        return type(amounts)(**made)

    amounts = ends.before, ends.after
    rate = tuple(rates(end, True) for end in amounts)
    return hermite.between(amounts, rate, tuple(rates(end, False) for end in rate), step)


def longest_piece(since: Scalar) -> Scalar:
    """How many days a step may take at once, so many days after the last stir."""
    return jnp.maximum(SHORTEST, GROWTH * since)


def haste(system: System, person: Any, arm: Any, lane: Lane, moment: Moment) -> Scalar:
    """How fast driven states change their own rates, 1/d^2, if nothing were left of the drugs.

    While drugs act, the grid itself is fine.
    """
    where = driven_places(system, person, arm, lane, moment)
    none, leaves = system.no_amounts(), jax.tree.leaves(lane.state)
    outside = moment, moment.time, lane.noise.left, lane.noise.shot

    def heading(values):
        state = driving.put(lane.state, where, values)
        there = system.flow(person, arm, state, lane.marks, none, *outside)
        return driving.picked(there.relaxation, where)

    return driving.haste(heading, [leaves[place] for place in where])


def piece_end(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment, begin: Scalar
) -> Scalar:
    """Share of the step at which the piece that begins at ``begin`` ends."""
    since = moment.time + begin * moment.step - lane.stirred
    fast = jnp.maximum(haste(system, person, arm, lane, moment), NO_HASTE)
    hurried = jnp.maximum(SHORTEST_DRIVEN, HASTE / jnp.sqrt(fast))
    return share_reached(begin, jnp.minimum(longest_piece(since), hurried), moment.step)


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
    long = moment.step > WORTH * longest_piece(moment.time - lane.stirred)
    if driven is not False:
        fast = moment.step * moment.step * haste(system, person, arm, lane, moment)
        long = long | (driven & (fast > HASTE * HASTE) & (moment.step > SHORTEST_DRIVEN))
    return made._replace(share=jnp.where(long, jnp.minimum(made.share, 1.0), made.share))


def moved(
    system: System, flow: Callable, state: Any, instants: tuple, length: Scalar,
    where: tuple[int, ...] = (), driven: Scalar | bool = False,
) -> tuple[Any, tuple[Scalar, ...], Any]:  # fmt: skip
    """States after ``length`` days; hazards and accumulation in the middle.

    ``flow(state, *instant)`` at the ``instants``, which are the start, the middle and the end;
    ``where`` are the places of states that go by the rule of driven states if ``driven``.
    """
    start, middle = instants[:2]
    halfway = relaxed(state, flow(state, *start).relaxation, 0.5 * length)
    if where:
        way = _way(flow, state, instants, length, where)
        halfway = driving.put(halfway, where, way.middle, driven)
    after = relaxed(state, flow(halfway, *middle).relaxation, length)
    if where:
        after = driving.put(after, where, way.end, driven)

    def stage(quick, instant, reach):
        found = flow(eqx.tree_at(system.quick, halfway, quick), *instant)
        return relaxed(system.quick(state), system.quick(found.relaxation), reach), found

    early, _ = stage(system.quick(state), start, 0.5 * length)
    quick, found = stage(early, middle, length)
    return eqx.tree_at(system.quick, after, quick), found.hazards, found.accumulation


def _way(
    flow: Callable, state: Any, instants: tuple, length: Scalar, where: tuple[int, ...]
) -> driving.Way:
    def heading(n, values):
        there = flow(driving.put(state, where, values), *instants[n])
        return driving.picked(there.relaxation, where)

    leaves = jax.tree.leaves(state)
    return driving.along(heading, [leaves[place] for place in where], length)


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
