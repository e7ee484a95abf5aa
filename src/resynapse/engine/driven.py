"""Which states do drugs in the body drive, and nothing else that happens to a person?

Such states follow the amounts alone: no event, chance or other state reaches them. So a step of
them can be of higher order than the rest at little cost, and where they are at its end does not
depend on how the rest got there. They are found in the model's own operations, not named.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Literal

from resynapse.parameter import Scalar
from resynapse.system import Relaxation

Reads = frozenset[str | int]
"""what a number is made of: places of states, AMOUNTS, OTHER; what never changes is left out"""
AMOUNTS, OTHER = "amounts", "other"


class Field(NamedTuple):
    """Where a state is heading: dx/dt = gain - rate x."""

    gain: Scalar
    rate: Scalar


class Way(NamedTuple):
    """Driven states halfway through a step and at its end."""

    middle: list[Scalar]
    end: list[Scalar]


def places(flow: Callable, fixed: Any, state: Any, amounts: Any, other: Any) -> tuple[int, ...]:
    """Places, among the leaves of ``state``, of the states that amounts alone drive.

    ``flow(fixed, state, amounts, other)`` gives a Relaxation for every state. It is looked through
    once for all trees that look alike.
    """
    leaves, structure = jax.tree.flatten((fixed, state, amounts, other))
    return _places(flow, structure, tuple((jnp.shape(x), jnp.result_type(x)) for x in leaves))


@cache
def _places(flow: Callable, structure: Any, shapes: tuple) -> tuple[int, ...]:
    trees = jax.tree.unflatten(structure, [jax.ShapeDtypeStruct(*shape) for shape in shapes])
    jaxpr = jax.make_jaxpr(lambda *given: jax.tree.leaves(flow(*given)))(*trees).jaxpr
    never, states, drugs, rest = (len(jax.tree.leaves(tree)) for tree in trees)
    made_of: list[Reads] = [frozenset()] * never + [frozenset({k}) for k in range(states)]
    made_of += [frozenset({AMOUNTS})] * drugs + [frozenset({OTHER})] * rest
    found = _reads(jaxpr, made_of)
    return _driven([to | time for to, time in zip(found[::2], found[1::2], strict=True)])


def _reads(jaxpr: Any, given: list[Reads]) -> list[Reads]:
    """What every result is made of; an operation that holds others counts as one."""
    known = dict(zip(jaxpr.invars, given, strict=True))

    def of(var: Any) -> Reads:
        return frozenset() if isinstance(var, Literal) else known.get(var, frozenset())

    for equation in jaxpr.eqns:
        made_of: Reads = frozenset().union(*map(of, equation.invars))
        known |= dict.fromkeys(equation.outvars, made_of)
    return [of(var) for var in jaxpr.outvars]


def _driven(reads: list[Reads]) -> tuple[int, ...]:
    """States that read amounts, or states that do, and nothing from outside."""
    inside = set(range(len(reads)))
    while out := {k for k in inside if not reads[k] <= inside | {AMOUNTS}}:
        inside -= out
    reached: set[int] = set()
    while more := {k for k in inside - reached if reads[k] & (reached | {AMOUNTS})}:
        reached |= more
    return tuple(sorted(reached))


def along(heading: Callable, state: list[Scalar], h: Scalar) -> Way:
    """Driven states after ``h`` days, by a Lie group rule of order 4.

    exp(h F) moves x exactly along a field F that does not change. Munthe-Kaas 1998, BIT 38:92-111,
    with the tableau of the classical Runge-Kutta rule.

    F_1 = F(0, x)
    F_2 = F(1/2, exp(h F_1 / 2) x)
    x_m = exp(h (F_2 / 2 - h [F_1, F_2] / 8)) x
    F_3 = F(1/2, x_m)
    F_4 = F(1, exp(h F_3) x)
    x_h = exp(h ((F_1 + 2 F_2 + 2 F_3 + F_4) / 6 - h [F_1, F_4] / 12)) x

    ``heading(n, x)`` gives the Relaxations at the start (n = 0), the middle (1) and the end (2).
    """

    def field(n: int, x: list[Scalar]) -> list[Field]:
        return [Field(r.to / r.time_constant, 1.0 / r.time_constant) for r in heading(n, x)]

    F_1 = field(0, state)
    F_2 = field(1, _moved(state, h, (0.5, F_1)))
    middle = _moved(state, h, (0.5, F_2), (-h / 8.0, _commutator(F_1, F_2)))
    F_3 = field(1, middle)
    F_4 = field(2, _moved(state, h, (1.0, F_3)))
    mean = (1.0 / 6.0, F_1), (1.0 / 3.0, F_2), (1.0 / 3.0, F_3), (1.0 / 6.0, F_4)
    return Way(middle, _moved(state, h, *mean, (-h / 12.0, _commutator(F_1, F_4))))


def _commutator(one: list[Field], other: list[Field]) -> list[Field]:
    """[F, G]: how far it matters which of two fields comes first."""
    return [Field(F.gain * G.rate - F.rate * G.gain, 0.0) for F, G in zip(one, other, strict=True)]


def _moved(state: list[Scalar], h: Scalar, *parts: tuple[Scalar, list[Field]]) -> list[Scalar]:
    """exp(h F) x, where F is the sum of shares times fields.

    x + (gain / rate - x) (1 - exp(-h rate))
    """
    made = []
    for k, x in enumerate(state):
        gain = sum(share * fields[k].gain for share, fields in parts)
        rate = sum(share * fields[k].rate for share, fields in parts)
        made.append(x - (gain / rate - x) * jnp.expm1(-h * rate))
    return made


def haste(heading: Callable, state: list[Scalar]) -> Scalar:
    """How fast driven states change rates of their own: the greatest |d rate / dt|, 1/d^2.

    ``heading(x)`` gives the Relaxations at x.
    """
    change = [(r.to - x) / r.time_constant for x, r in zip(state, heading(state), strict=True)]

    def rates(x: list[Scalar]) -> list[Scalar]:
        return [1.0 / r.time_constant for r in heading(x)]

    _, changes = jax.jvp(rates, (state,), (change,))
    greatest = jnp.zeros(())
    for one in changes:
        greatest = jnp.maximum(greatest, jnp.abs(one))
    return greatest


def picked(relaxation: Any, where: tuple[int, ...]) -> list[Relaxation]:
    """The Relaxations of the states in these places."""
    every = jax.tree.leaves(relaxation, is_leaf=lambda node: isinstance(node, Relaxation))
    return [every[place] for place in where]


def put(
    state: Any, where: tuple[int, ...], values: list[Scalar], really: Scalar | bool = True
) -> Any:
    """The state with these values in these places; as it was where not ``really``."""
    leaves, structure = jax.tree.flatten(state)
    for place, value in zip(where, values, strict=True):
        leaves[place] = value if really is True else jnp.where(really, value, leaves[place])
    return jax.tree.unflatten(structure, leaves)
