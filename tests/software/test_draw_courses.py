"""Do bands over draws of the parameters hold what they say they hold?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.patient.observe import NAMES
from resynapse.trial.dataset import ACUTE, CHRONIC
from resynapse.trial.draw_courses import one_draw_over_time
from resynapse.trial.kaplan_meier import kaplan_meier
from resynapse.trial.knowledge import PEOPLE, drawn_arms, one_draw
from resynapse.trial.live import Live
from resynapse.trial.over_draws import FOLLOWED, LEVELS, OverDraws
from resynapse.web.opening import example

ARM, SEED = "ketamine-3-therapy", 1


@pytest.fixture(scope="module")
def programme():
    return example().model_copy(update={"follow_up_days": 70.0, "visits": (7.0,), "endpoints": ()})


@pytest.fixture(scope="module")
def patient(programme):
    return Live().paths(programme, patients=16)[0]


@pytest.fixture(scope="module")
def draws(programme, patient):
    return [one_draw_over_time(programme, patient, SEED, number, {}) for number in range(3)]


def test_a_draw_with_its_courses_has_the_numbers_of_a_draw_without(programme, patient, draws):
    plain = one_draw(programme, patient, SEED, 1, {})

    for name, values in plain.items():
        assert np.array_equal(values, draws[1][name])


def test_a_draw_keeps_the_middle_person_and_people_at_each_sixteenth(programme, patient, draws):
    run = drawn_arms(programme, patient, SEED, 2, {})[ARM]
    craving = run.days[:, NAMES.index("craving")]
    enrolled = run.days[:, NAMES.index("enrolled")]

    kept = draws[2][f"days/{ARM}"]

    assert craving.shape[1] == PEOPLE
    at = CHRONIC.index("craving")
    assert np.allclose(kept[0, at], np.median(craving, axis=1), rtol=1e-6)
    assert np.allclose(kept[1:, at], np.quantile(craving, LEVELS, axis=1), rtol=1e-6)
    assert np.allclose(kept[0, CHRONIC.index("enrolled")], enrolled.mean(axis=1), rtol=1e-6)
    seen = run.result.held_times("relapse")
    curve = kaplan_meier(seen.time, seen.event)
    relapse = draws[2][f"events/{ARM}"][FOLLOWED.index("relapse"), 0]
    assert np.allclose(relapse[[7, 30, 70]], curve.at(np.array([7.0, 30.0, 70.0])), rtol=1e-6)


def test_knowledge_is_ninety_percent_of_draws_of_the_middle_person(draws):
    middles = [one[f"minutes/{ARM}"][0, ACUTE.index("arterial_ketamine")] for one in draws]

    low, high = OverDraws("knowledge", draws, PEOPLE).course(True, "arterial_ketamine", ARM)

    assert np.allclose(low, np.percentile(middles, 5.0, axis=0), rtol=1e-6)
    assert np.allclose(high, np.percentile(middles, 95.0, axis=0), rtol=1e-6)
    assert high.max() > 1.05 * low.max() > 0.0


def test_both_is_the_middle_of_people_of_all_draws_together():
    """Two worlds whose people do not overlap: most people lie between their outer halves."""
    names = len(CHRONIC)
    worlds = [np.tile(np.r_[0.5, LEVELS][:, None, None] + shift, (1, names, 4)) for shift in (0, 9)]
    draws = [{"days/a": world.astype(np.float32)} for world in worlds]

    low, high = OverDraws("both", draws, PEOPLE).course(False, "craving", "a")

    pooled = np.concatenate([LEVELS, 9.0 + LEVELS])
    assert np.allclose(low, np.percentile(pooled, 10.0), atol=1e-6)
    assert np.allclose(high, np.percentile(pooled, 90.0), atol=1e-6)


def test_which_people_take_part_widens_a_curve_of_events_and_one_draw_alone_has_no_knowledge(draws):
    one = draws[:1]
    share, error = one[0][f"events/{ARM}"][0][:, 60].astype(float)

    known = [end[60] for end in OverDraws("knowledge", one, PEOPLE).curve(FOLLOWED[0], ARM)]
    both = [end[60] for end in OverDraws("both", one, PEOPLE).curve(FOLLOWED[0], ARM)]

    assert known == pytest.approx([share, share])
    assert 0.2 < share < 0.95
    half = 1.645 * error
    assert both == pytest.approx([share - half, share + half], abs=0.25 * half)


def test_a_quantity_that_no_draw_kept_has_no_band(draws):
    bands = OverDraws("both", draws, PEOPLE)

    assert bands.course(True, "arterial_s_ketamine", ARM) is None
    assert bands.curve("death", ARM) is None
