"""How do states that drugs alone drive get through a step, and in how many pieces?

At once, unless they change their own rates fast; then each half of the way in pieces. Nobody else
takes pieces for that: other states see where driven ones are halfway and at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from resynapse.engine import driven as driving
from resynapse.engine import hermite
from resynapse.parameter import Scalar
from resynapse.system import Relaxation

if TYPE_CHECKING:
    from resynapse.engine.stepper import Ends, Lane, Moment, System

HASTE = 0.06
"""a piece of h days is short enough for driven states if h^2 |d rate / dt| is at most its square"""
SHORTEST_DRIVEN = 1.0 / 144.0
"""d, the longest piece that is short enough for any driven state once no drug is left"""
NO_HASTE = 1.0e-12
"""1/d^2, below which rates count as constant"""
NEARLY = 1.0 - 1.0e-3
"""share of a step; a piece that would end beyond goes to the end of the step"""


def whole(moment: Moment) -> Scalar:
    """Days of the step, or 1 where it has none."""
    return jnp.where(moment.step > 0.0, moment.step, 1.0)


def driven_places(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment
) -> tuple[int, ...]:
    """Places of the states that amounts alone drive."""
    outside = lane.marks, moment, moment.time, lane.noise.left, lane.noise.shot
    fixed = system, person, arm
    return driving.places(_relaxation, fixed, lane.state, system.no_amounts(), outside)


def _relaxation(fixed: tuple, state: Any, amounts: Any, other: tuple) -> Any:
    """Where all states are heading."""
    (system, person, arm), (marks, *rest) = fixed, other
    return system.flow(person, arm, state, marks, amounts, *rest).relaxation


def driven_values(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment
) -> list[Scalar]:
    """Where driven states are."""
    leaves = jax.tree.leaves(lane.state)
    return [leaves[place] for place in driven_places(system, person, arm, lane, moment)]


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


def heading(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment, where: tuple[int, ...]
) -> Callable[[list[Scalar], Any], list[Relaxation]]:
    """Where driven states are heading, from their values and amounts; nothing else matters."""
    outside = moment, moment.time, lane.noise.left, lane.noise.shot

    def found(values, amounts):
        state = driving.put(lane.state, where, values)
        there = system.flow(person, arm, state, lane.marks, amounts, *outside)
        return driving.picked(there.relaxation, where)

    return found


def haste(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment, values: list[Scalar]
) -> Scalar:
    """How fast driven states change their own rates, 1/d^2, if nothing were left of the drugs.

    While drugs act, the grid itself is fine.
    """
    where = driven_places(system, person, arm, lane, moment)
    towards = heading(system, person, arm, lane, moment, where)
    return driving.haste(lambda x: towards(x, system.no_amounts()), values)


def driven_reach(
    system: System, person: Any, arm: Any, lane: Lane, moment: Moment, values: list[Scalar],
    left: Scalar,
) -> Scalar:  # fmt: skip
    """How many of the ``left`` days driven states may take at once."""
    fast = jnp.maximum(haste(system, person, arm, lane, moment, values), NO_HASTE)
    longest = jnp.maximum(SHORTEST_DRIVEN, HASTE / jnp.sqrt(fast))
    return jnp.where(longest > NEARLY * left, left, longest)


def driven_way(
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, moment: Moment,
    values: list[Scalar], begin: Scalar, length: Scalar,
) -> driving.Way:  # fmt: skip
    """Driven states from ``begin`` (share of the step) over ``length`` days at once."""
    share = 0.5 * length / whole(moment)
    at = amounts_between(system, person, arm, lane, ends, moment.step)
    where = driven_places(system, person, arm, lane, moment)
    towards = heading(system, person, arm, lane, moment, where)
    return driving.along(lambda n, x: towards(x, at(begin + n * share)), values, length)


class _March(NamedTuple):
    """How far driven states have come."""

    phase: Scalar
    """AT_ONCE, FIRST_HALF, SECOND_HALF or ARRIVED"""
    left: Scalar
    """days until the end of this phase"""
    values: list[Scalar]
    middle: list[Scalar]


AT_ONCE, FIRST_HALF, SECOND_HALF, ARRIVED = range(4)
"""what is tried first; where one piece is too long, the two halves one after another; the end"""


def marched(
    system: System, person: Any, arm: Any, lane: Lane, ends: Ends, moment: Moment, begin: Scalar,
    length: Scalar, driven: Scalar | bool,
) -> driving.Way:  # fmt: skip
    """Driven states halfway and at the end: at once, or each half in pieces."""
    values = driven_values(system, person, arm, lane, moment)
    middle, end = (begin + share * length / whole(moment) for share in (0.5, 1.0))

    def further(march: _March) -> _March:
        at_once, first = march.phase == AT_ONCE, march.phase == FIRST_HALF
        taken = driven_reach(system, person, arm, lane, moment, march.values, march.left)
        begin = jnp.where(first, middle, end) - march.left / whole(moment)
        given = system, person, arm, lane, ends, moment, march.values
        way = driven_way(*given, begin, taken)
        half_there, end_there = _kept(way.middle, values), _kept(way.end, values)
        through = jnp.logical_not(march.left > taken)
        again = at_once & jnp.logical_not(through)
        rest = jnp.where(first | again, 0.5 * length, 0.0)
        return _March(
            phase=jnp.where(at_once & through, ARRIVED, march.phase + (through | at_once)),
            left=_kept([jnp.where(through | again, rest, march.left - taken)], [march.left])[0],
            values=_either(again, march.values, end_there),
            middle=_either(at_once, half_there, _either(first & through, end_there, march.middle)),
        )

    begun = _March(jnp.where(driven, AT_ONCE, ARRIVED), 1.0 * length, values, values)
    done = lax.while_loop(lambda march: march.phase < ARRIVED, further, begun)
    return driving.Way(done.middle, done.values)


def _kept(made: list[Scalar], like: list[Scalar]) -> list[Scalar]:
    """In as many bits as the states are: 32 where whole steps are calculated with these."""
    return [jnp.asarray(a, jnp.result_type(b)) for a, b in zip(made, like, strict=True)]


def _either(which: Scalar, one: list[Scalar], other: list[Scalar]) -> list[Scalar]:
    return [jnp.where(which, a, b) for a, b in zip(one, other, strict=True)]
