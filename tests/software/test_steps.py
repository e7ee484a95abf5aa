"""Does a step lead where the equations do, and does noise not care how it is cut?"""

from itertools import pairwise
from typing import NamedTuple

import jax
import numpy as np
import pytest

from resynapse.engine import noise
from resynapse.engine.native.columnwise import columnwise
from resynapse.engine.stepper import (
    SHORTEST,
    WORTH,
    Reached,
    longest_piece,
    moved,
    share_reached,
)
from resynapse.system import relaxes

STEP = 0.25
"""d"""
SLOW, QUICK = 1.0, 0.1
"""time constants, d"""


class Pair(NamedTuple):
    """A slow state and a quick one that follows it."""

    slow: float
    quick: float


class Heading(NamedTuple):
    """What a system says of an instant."""

    relaxation: Pair
    hazards: tuple
    accumulation: float


class Chain:
    """slow' = -slow / SLOW, quick' = (slow - quick) / QUICK; the hazard is the quick state."""

    def quick(self, pair):
        return (pair.quick,)

    def flow(self, pair, time):
        heading = Pair(
            relaxes(to=0.0, time_constant=SLOW), relaxes(to=pair.slow, time_constant=QUICK)
        )
        return Heading(heading, (pair.quick,), pair.quick)


def hazard_and_end(length):
    """Integral of the quick state over a day by such steps, and both states at its end."""
    system, state, total = Chain(), Pair(1.0, 0.0), 0.0
    for k in range(round(1.0 / length)):
        middle = ((k + 0.5) * length,)
        instants = (k * length,), middle, middle
        reached = Reached(k * length, 0.5, (k + 1) * length)
        state, hazards, _ = moved(system, system.flow, state, instants, reached, length)
        total += float(hazards[0]) * length
    return total, state


def exact():
    gain = 1.0 / (1.0 - QUICK / SLOW)
    end = gain * (np.exp(-1.0 / SLOW) - np.exp(-1.0 / QUICK))
    slow, quick = SLOW * (1.0 - np.exp(-1.0 / SLOW)), QUICK * (1.0 - np.exp(-1.0 / QUICK))
    return gain * (slow - quick), end


def test_a_step_is_of_second_order_also_for_what_is_quicker_than_the_step():
    with jax.enable_x64(True):
        coarse, fine = (hazard_and_end(length) for length in (STEP / 8, STEP / 16))
    for found in (coarse, fine):
        assert abs(float(found[1].slow) - np.exp(-1.0 / SLOW)) < 1e-12
    errors = [abs(found[0] - exact()[0]) for found in (coarse, fine)]

    assert 3.5 < errors[0] / errors[1] < 4.5


def test_at_four_steps_a_day_a_hazard_that_follows_within_hours_is_right_to_one_percent():
    with jax.enable_x64(True):
        found, _ = hazard_and_end(STEP)

    assert abs(found / exact()[0] - 1.0) < 0.01


def first_day(law, key):
    begun = noise.begin(law, np.uint32(1), key, 1)
    return noise.next_knot(begun, law, np.uint32(1), key, (1, 2), np.uint32(8), 2.0)


@pytest.fixture(scope="module")
def drawn():
    """People at the knot of day 2, and the law of their noise."""
    law = noise.NoiseLaw(*map(np.float64, (1.0, 1.0, 2.0, 0.12, 0.08, 0.1, 0.15)))
    with jax.enable_x64(True):
        return law, columnwise(first_day, (law,), (np.arange(200, dtype=np.uint32),))


def test_shots_fade_to_the_same_however_time_is_cut(drawn):
    law, begun = drawn
    with jax.enable_x64(True):
        at_once, _ = noise.pass_time(begun, law, 2.0, 0.25, 2.0)
        half, _ = noise.pass_time(begun, law, 2.0, 0.1, 2.0)
        cut, _ = noise.pass_time(half, law, 2.1, 0.15, 2.0)
    left = shots_at(begun, law, np.array([2.25]))[0]

    assert 0.3 < np.mean(np.array(begun.times) < 2.25) * noise.SHOTS < 0.7
    assert np.abs(np.asarray(at_once.shot) - left).max() < 1e-14
    assert np.abs(np.asarray(at_once.shot) - np.asarray(cut.shot)).max() < 1e-14


def shots_at(begun, law, times):
    """What is left of all shots: [times, people]."""
    found = np.zeros((len(times), np.asarray(begun.shot).size))
    for at in map(np.asarray, begun.times):
        since = times[:, None] - at
        fading = np.exp(-np.maximum(since, 0.0) / law.shot_time)
        found += np.where(since >= 0.0, law.shot_size * fading, 0.0)
    return found


def followed(drive, times, lag):
    """y' = (drive - y) / lag from 0, and its mean over the time, by short trapezia."""
    step = times[1] - times[0]
    y, path = np.zeros(drive.shape[1]), []
    for here, then in pairwise(drive):
        path.append(y)
        y = y + (0.5 * (here + then) - y) * -np.expm1(-step / lag)
    return y, np.mean([*path, y], axis=0)


@pytest.mark.parametrize("lag", [0.1, 0.08, 1.5])
def test_shots_count_as_what_they_do_to_a_state_that_follows_them(drawn, lag):
    _, begun = drawn
    law = noise.NoiseLaw(*map(np.float64, (1.0, 1.0, 2.0, 0.12, 0.08, lag, 0.15)))
    with jax.enable_x64(True):
        begun = columnwise(first_day, (law,), (np.arange(200, dtype=np.uint32),))
        _, shots = noise.pass_time(begun, law, 2.0, 0.25, 2.0)
    times = np.linspace(2.0, 2.25, 5001)
    end, mean = followed(shots_at(begun, law, times), times, lag)
    gone = -np.expm1(-0.25 / lag)

    assert np.abs(np.asarray(shots.end) * gone - end).max() < 2e-3 * end.max()
    assert (
        np.abs(np.asarray(shots.mean) * (1.0 - gone * lag / 0.25) - mean).max() < 2e-3 * mean.max()
    )


@pytest.mark.parametrize("z", [1e-4, 0.9e-2, 1.1e-2, 1.67, 30.0])
def test_a_straight_line_counts_at_the_share_that_brings_what_follows_it_there(z):
    times = np.linspace(0.0, 1.0, 20001)
    end, mean = followed(times[:, None], times, 1.0 / z)
    gone = -np.expm1(-z)
    with jax.enable_x64(True):
        at_mean, at_end = noise.centres(np.float64(z))

    assert float(at_end) * gone == pytest.approx(end[0], rel=1e-4)
    assert float(at_mean) * (1.0 - gone / z) == pytest.approx(mean[0], rel=1e-3)


def test_pieces_grow_with_the_time_since_the_event_and_end_with_the_step():
    def piece_end(begin, time, step, stirred):
        return share_reached(begin, longest_piece(time + begin * step - stirred), step)

    ends, at = [], 0.0
    while at < 1.0:
        at = float(piece_end(at, 10.0, 0.25, 10.0))
        ends.append(at)
    lengths = 0.25 * np.diff([0.0, *ends])

    assert ends[-1] == 1.0
    assert lengths[0] == pytest.approx(SHORTEST)
    assert lengths.max() < 0.25 / WORTH
    assert 0.25 * piece_end(0.0, 11.0, 0.25, 10.0) == pytest.approx(0.1)
    assert piece_end(0.0, 10.0, 0.25, 0.0) == 1.0
