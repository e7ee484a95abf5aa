"""Does the fit of ketamine over draws of earlier stages move only what it is asked to move?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from resynapse.cli.calibrate_beside import lines
from resynapse.inference import joint
from resynapse.inference.design import _store, at, earlier
from resynapse.inference.stages.ketamine import BEFORE, KETAMINE, ONE_FRAILTY, over_stages
from resynapse.parameter import entries, lookup
from resynapse.patient import Patient
from resynapse.population.disorder import apply, pack
from resynapse.protocol import load
from resynapse.trial.parameter_set import ParameterSetError, joined, parameter_set
from resynapse.trial.site_numbers import site_numbers

POINT = np.array([0.5, 5.5, 1.0])
OVER = over_stages(KETAMINE)


def test_every_draw_has_its_own_draw_of_the_stages_before_and_all_else_as_before():
    plan = load("krupitsky-2002")
    held, over = (at(plan, world, POINT, 7, earlier(world, plan)) for world in (KETAMINE, OVER))
    row = {p: v for stage in BEFORE for p, v in parameter_set(stage).row(7).items()}
    paths = [one.path for one in entries(Patient())]

    moved = {p for p in paths if float(lookup(held, p)) != float(lookup(over, p))}
    assert moved == set(row)
    for path, value in row.items():
        assert float(lookup(over, path)) == pytest.approx(value, rel=1e-6), path


@pytest.mark.parametrize("name", ["grabski-2022", "dakwar-2019"])
def test_people_who_use_no_opioids_are_given_mood_alone(name):
    plan = load(name)
    assert plan.disorder not in ("heroin", "fentanyl")

    assert earlier(OVER, plan).row(3) == parameter_set("mood").row(3)
    moved, kept = at(plan, OVER, POINT, 3, earlier(OVER, plan)), apply(Patient(), plan.disorder)
    for path in parameter_set("natural-history").paths:
        assert float(lookup(moved, path)) == float(lookup(kept, path)), path


def test_what_a_pack_sets_and_a_site_has_for_itself_stays():
    fentanyl = load("krupitsky-2002").model_copy(update={"disorder": "fentanyl"})
    both = {p for stage in BEFORE for p in parameter_set(stage).paths}

    assert set(earlier(OVER, fentanyl).paths) == both - set(pack("fentanyl").overrides)
    assert both - set(earlier(OVER, load("ctn-0027")).paths) == set(site_numbers(load("ctn-0027")))


def test_the_hypothesis_keeps_what_it_sets_itself():
    plan, world = load("krupitsky-2002"), over_stages(ONE_FRAILTY)
    one = at(plan, world, POINT, 7, earlier(world, plan))

    assert float(lookup(one, "lapse.frailty_sd")) == pytest.approx(1.9)


def test_sets_that_are_given_stand_in_the_place_of_those_that_ship():
    mood = parameter_set("mood")
    other = dataclasses.replace(mood, draws=tuple((1.0, 2.0) for _ in mood.draws))
    alone = over_stages(KETAMINE, [other])

    before = earlier(alone, load("grabski-2022"))
    assert before.row(3) == dict(zip(mood.paths, (1.0, 2.0), strict=True))


def test_what_is_simulated_is_kept_apart_by_the_stages_before(monkeypatch, tmp_path):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path))
    mood = parameter_set("mood")
    other = dataclasses.replace(mood, draws=mood.draws[::-1])
    worlds = (KETAMINE, over_stages(KETAMINE, [mood]), over_stages(KETAMINE, [other]), OVER)

    alcohol = {str(_store(load("grabski-2022"), world, (), 8)) for world in worlds}
    assert len(alcohol) == 3, "of all stages mood alone holds for alcohol"
    assert len({str(_store(load("krupitsky-2002"), world, (), 8)) for world in worlds}) == 4


def test_a_set_says_over_which_stages_it_was_fitted_and_joins_no_others():
    ketamine, natural = parameter_set("ketamine"), parameter_set("natural-history")
    other = dataclasses.replace(natural, draws=natural.draws[::-1])

    assert set(ketamine.made["over"]) == set(BEFORE)
    with pytest.raises(ParameterSetError, match="fitted over another natural-history set"):
        joined([other, ketamine])


def test_the_prior_of_the_joint_fit_is_what_the_stages_before_left():
    before = joined([parameter_set(stage) for stage in BEFORE])
    for name in ("stability_weight", "uncommitted"):
        (one,) = (free for free in joint._numbers() if free.name == name)
        column = np.array(before.draws)[:, before.paths.index(f"lapse.{name}")]

        assert one.slab.median == pytest.approx(np.exp(np.log(column).mean()))
        assert one.slab.sd == pytest.approx(np.log(column).std())


def test_a_world_without_earlier_stages_holds_what_was_set_by_hand():
    assert KETAMINE.over == ()
    assert earlier(KETAMINE, load("krupitsky-2002")) is None


def test_what_is_told_names_the_number_of_stage_b_that_moved_most():
    moved = {"a": {"shift": 0.1, "sd_ratio": 1.0}, "b": {"shift": -0.3, "sd_ratio": 0.9}}
    first = next(lines({"draws": 8, "fits": [], "moved": moved}))

    assert "at most 0.30 sd (b)" in first
