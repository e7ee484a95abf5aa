"""Are random numbers and linear kinetics what they are said to be?"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import expm

from resynapse.engine.linear import propagators
from resynapse.engine.random import threefry, uniform
from resynapse.engine.schedule import Edge, time_grid
from resynapse.purpose import Purpose

KNOWN = (
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2, (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
)
"""key, counter and answer of Threefry-2x32 with 20 rounds, from the Random123 distribution"""


@pytest.mark.parametrize(("key", "counter", "answer"), KNOWN)
def test_threefry_gives_the_known_answers(key, counter, answer):
    words = [np.uint32(word) for word in (*key, *counter)]

    found = threefry(tuple(words[:2]), tuple(words[2:]))

    assert tuple(int(word) for word in found) == answer


def test_a_uniform_number_depends_on_seed_purpose_patient_and_event_alone():
    with jax.enable_x64(True):
        base = float(uniform(np.uint32(1), int(Purpose.LAPSE), np.uint32(5), np.uint32(2)))
        many = uniform(np.uint32(1), int(Purpose.LAPSE), np.arange(9, dtype=np.uint32), 2)
        others = [
            float(uniform(np.uint32(2), int(Purpose.LAPSE), np.uint32(5), np.uint32(2))),
            float(uniform(np.uint32(1), int(Purpose.STOP), np.uint32(5), np.uint32(2))),
            float(uniform(np.uint32(1), int(Purpose.LAPSE), np.uint32(5), np.uint32(3))),
        ]

    assert 0.0 < base < 1.0
    assert float(many[5]) == base
    assert base not in others


def test_purposes_keep_their_numbers():
    assert len({int(purpose) for purpose in Purpose}) == len(Purpose)
    assert (Purpose.STRESS, Purpose.LAPSE, Purpose.DROPOUT) == (1, 3, 6)


def test_propagators_are_the_matrix_exponential():
    chance = np.random.default_rng(3)
    flows = 400.0 * chance.random((5, 5))
    matrix = flows - np.diag(flows.sum(axis=0) + 50.0 * chance.random(5))
    steps = np.array([1.0e-3, 0.02, 0.25])
    with jax.enable_x64(True):
        found = propagators(
            lambda a, u: jnp.asarray(matrix) @ a + jnp.array([u, 0.0, 0.0, 0.0, 0.0]),
            jnp.zeros(5),
            jnp.asarray(steps),
        )

    for step, one in zip(steps, np.asarray(found), strict=True):
        exact = expm(matrix * step)
        assert np.abs(one[:, :5] - exact).max() < 1e-11
        inflow = np.linalg.solve(matrix, (exact - np.eye(5))[:, 0])
        assert np.abs(one[:, 5] - inflow).max() < 1e-11


def test_a_small_volume_that_exchanges_fast_leaves_propagators_exact():
    fast, slow = 1.0e6, 30.0
    with jax.enable_x64(True):
        matrix = jnp.array([[-fast, slow], [fast, -slow]])
        found = np.asarray(propagators(lambda a, u: matrix @ a, jnp.zeros(2), jnp.array([0.25])))

    settled = np.array([slow, fast]) / (fast + slow)
    assert np.abs(found[0, :, :2] - settled[:, None]).max() < 1e-9


def test_the_grid_holds_every_knot_edge_and_stop():
    grid = time_grid(-1.0, 9.0, [Edge(2.0, 2.0 + 40 / 1440)], [3.3])

    for time in (-1.0, 0.0, 0.25, 2.0, 2.0 + 40 / 1440, 3.3, 9.0):
        assert np.min(np.abs(grid - time)) < 1e-9
    assert np.all(np.diff(grid) > 0.0) and np.max(np.diff(grid)) <= 0.25 + 1e-12


def test_of_instants_that_are_one_the_grid_takes_the_edge_and_not_what_was_rounded():
    end = 2.0 + 50 / 1440
    grid = time_grid(-1.0, 9.0, [Edge(2.0, end)], [round(end, 9), 3.3])

    assert end in grid and round(end, 9) not in grid
    assert 3.3 in grid
