"""Does a step lead where the equations do, and does noise not care how it is cut?"""

from typing import NamedTuple

import jax
import numpy as np

from resynapse.engine import noise
from resynapse.engine.native.columnwise import columnwise
from resynapse.engine.stepper import moved
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
        instants = ((k * length,), ((k + 0.5) * length,))
        state, hazards, _ = moved(system, system.flow, state, instants, length)
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


def test_shots_add_up_to_the_same_however_time_is_cut():
    law = noise.NoiseLaw(*map(np.float64, (1.0, 1.0, 2.0, 0.12, 0.08)))
    with jax.enable_x64(True):
        drawn = columnwise(first_day, (law,), (np.arange(200, dtype=np.uint32),))
        at_once, mean = noise.pass_time(drawn, law, 2.0, 0.25, 2.0)
        half, first = noise.pass_time(drawn, law, 2.0, 0.1, 2.0)
        cut, second = noise.pass_time(half, law, 2.1, 0.15, 2.0)
    mean, first, second = map(np.asarray, (mean, first, second))
    shots, shots_cut = np.asarray(at_once.shot), np.asarray(cut.shot)
    left = sum(
        np.where(at < 2.25, 0.12 * np.exp(np.minimum(at - 2.25, 0.0) / 0.08), 0.0)
        for at in drawn.times
    )

    assert 0.3 < np.mean(np.array(drawn.times) < 2.25) * noise.SHOTS < 0.7
    assert np.abs(shots - left).max() < 1e-14
    assert np.abs(shots - shots_cut).max() < 1e-14
    assert np.abs(mean * 0.25 - first * 0.1 - second * 0.15).max() < 1e-14
