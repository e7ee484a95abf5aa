"""Does the fit of ketamine over draws of stage b move only what it is asked to move?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from resynapse.cli.calibrate_beside import lines
from resynapse.inference import joint
from resynapse.inference.design import at, earlier
from resynapse.inference.free import World
from resynapse.inference.stages.ketamine import KETAMINE
from resynapse.parameter import entries, lookup
from resynapse.patient import Patient
from resynapse.population.disorder import apply, pack
from resynapse.protocol import load
from resynapse.trial.parameter_set import parameter_set

POINT = np.array([0.5, 5.5, 1.0])


def test_every_draw_of_the_cut_has_its_own_draw_of_stage_b_and_all_else_as_before():
    plan = load("krupitsky-2002")
    held, cut = (at(plan, world, POINT, 7) for world in (KETAMINE, joint.CUT))
    row = parameter_set("natural-history").row(7)
    paths = [one.path for one in entries(Patient())]

    moved = {p for p in paths if float(lookup(held, p)) != float(lookup(cut, p))}
    assert moved == set(row)
    assert float(lookup(cut, "lapse.baseline")) == pytest.approx(row["lapse.baseline"], rel=1e-6)


@pytest.mark.parametrize("name", ["grabski-2022", "dakwar-2019"])
def test_people_who_use_no_opioids_are_not_given_a_draw_for_heroin(name):
    plan = load(name)
    before = parameter_set("natural-history").paths
    assert plan.disorder not in ("heroin", "fentanyl")

    assert earlier(joint.CUT, plan.disorder, 3) == {}
    moved, kept = at(plan, joint.CUT, POINT, 3), apply(Patient(), plan.disorder)
    for path in before:
        assert float(lookup(moved, path)) == float(lookup(kept, path)), path
    assert set(earlier(joint.CUT, "fentanyl", 3)) == set(before) - set(pack("fentanyl").overrides)


def test_the_prior_of_the_joint_fit_is_what_stage_b_left():
    before = parameter_set("natural-history")
    (one,) = (free for free in joint._numbers() if free.name == "stability_weight")
    column = np.array(before.draws)[:, before.paths.index("lapse.stability_weight")]

    assert one.slab.median == pytest.approx(np.exp(np.log(column).mean()))
    assert one.slab.sd == pytest.approx(np.log(column).std())


def test_a_world_without_an_earlier_stage_holds_medians():
    assert isinstance(KETAMINE, World)
    assert KETAMINE.over is None
    assert earlier(KETAMINE, "heroin", 3) == {}
    assert dataclasses.replace(joint.CUT, over=None) == KETAMINE


def test_what_is_told_names_the_number_of_stage_b_that_moved_most():
    moved = {"a": {"shift": 0.1, "sd_ratio": 1.0}, "b": {"shift": -0.3, "sd_ratio": 0.9}}
    first = next(lines({"draws": 8, "fits": [], "moved": moved}))

    assert "at most 0.30 sd (b)" in first
