"""Is the flow of a model traced once for all instants, and are the operations the same for it?"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from resynapse.engine import driven
from resynapse.engine.native import traced
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.lowering import lower

INSTANTS = 3


class Decay(NamedTuple):
    """Two states, the second driven by the first; says how often it was asked."""

    rate: float

    def flow(self, state, time):
        asked.append(time)
        first, second = state
        drive = jnp.where(first > 0.5, jnp.exp(-self.rate * time), 1.0 / (1.0 + first))
        return -self.rate * first, drive - second


asked: list = []


def stepped(system, state, time):
    for _ in range(INSTANTS):
        change = system.flow(state, time)
        state = tuple(x + 0.1 * dx for x, dx in zip(state, change, strict=True))
    return state


def stepped_once(system, state, time):
    return stepped(traced.Once(system), state, time)


def nodes(function):
    """Operations of three steps, and those of their end."""
    graph = Graph()
    numbers = [np.array(graph.input(name, Level.LANE)) for name in ("rate", "a", "b", "time")]
    found = lower(graph, function, Decay(numbers[0]), tuple(numbers[1:3]), numbers[3])
    return graph.nodes, jax.tree.map(int, found)


@pytest.fixture
def none_asked():
    asked.clear()
    traced._flow_once.clear_cache()


def test_a_flow_is_traced_once_and_gives_the_same_operations_in_the_same_order(none_asked):
    plain, times = nodes(stepped), len(asked)
    once, more = nodes(stepped_once), len(asked) - times

    assert (times, more) == (INSTANTS, 1)
    assert once == plain


def test_numbers_that_are_known_are_not_traced(none_asked):
    traced.Once(Decay(1.0)).flow((1.0, 0.0), 2.0)

    assert asked == [2.0]


def test_a_copy_by_way_of_its_leaves_is_the_system_itself():
    assert jax.tree.map(lambda x: 2.0 * x, traced.Once(Decay(1.0))) == Decay(2.0)


def test_places_of_driven_states_are_looked_for_once_for_all_that_look_alike():
    looked = []

    def flow(fixed, state, amounts, other):
        looked.append(state)
        return [driven.Relaxation(amounts * fixed, 0.5), driven.Relaxation(other, 1.0)]

    found = [driven.places(flow, 1.0, [start, 0.0], 1.0, 1.0) for start in (0.0, 0.5)]

    assert found == [(0,), (0,)]
    assert len(looked) == 1
    assert driven.places(flow, 1.0, [0.0, 0.0], 1.0, jnp.ones(1, np.int32)[0]) == (0,)
    assert len(looked) == 2
