"""Is it true of a study marked calibration that no fit uses it, where its page says so?"""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from evidence.fitted_numbers import key, levels_of_the_stage, read_by_the_stages
from resynapse.cli.command_line import app
from resynapse.evidence import studies, study, usable
from resynapse.evidence.ctn0094 import checksums
from resynapse.evidence.likelihood import (
    usable_concentrations,
    usable_count,
    usable_exposures,
    why_in_no_fit,
    why_no_number,
)
from resynapse.protocol import library, load
from resynapse.trial.parameter_set import FILES, shipped_set
from resynapse.trial.simulate import simulate

MARKED = tuple(one for one in studies() if one.role == "calibration")
SAID = tuple(one.id for one in MARKED if one.not_fitted)
JUDGED = {
    "ctn0027": "held-out-site", "ctn0030": "held-out-site",
    "dakwar2019_cocaine": "leave-one-study-out", "krupitsky2002_heroin": "leave-one-study-out",
}  # fmt: skip
"""what `resynapse validate` leaves out, with --sites or without"""


def test_every_number_that_a_fit_may_use_is_read_by_a_stage_or_says_why_it_is_in_none(monkeypatch):
    read = read_by_the_stages(monkeypatch)
    silent, denied = [], []
    for found in MARKED:
        for number in usable(found):
            said, fitted = why_in_no_fit(found, number) is not None, key(found.id, number) in read
            silent += [key(found.id, number)] if not said and not fitted else []
            denied += [key(found.id, number)] if said and fitted else []

    assert silent == [], "these enter no fit and their file does not say so"
    assert denied == [], "these enter a fit and their file says that they do not"


def test_every_level_in_blood_that_a_fit_may_use_is_in_the_fit_of_kinetics():
    levels = levels_of_the_stage()
    for found in MARKED:
        curves = {(found.id, one.analyte, "concentration") for one in usable_concentrations(found)}
        summaries = {(found.id, one.analyte, one.quantity) for one in usable_exposures(found)}

        assert curves | summaries <= levels


def test_every_reason_is_of_a_number_that_is_there():
    for found in studies():
        for one in found.in_no_fit:
            for endpoint in one.endpoints:
                assert any(one.holds(n) and n.endpoint == endpoint for n in usable(found))


def test_a_study_of_which_no_number_may_enter_a_likelihood_says_so_too():
    without = [one for one in MARKED if not usable_count(one)]

    assert without
    assert all(why_no_number(one) for one in without)


def test_the_studies_that_say_how_they_are_judged_are_those_that_are_judged_so():
    assert {one.id: one.judged_as for one in studies() if one.judged_as} == JUDGED


def test_studies_that_no_fit_uses_stand_in_no_shipped_set():
    used = {name for stage in FILES for name in shipped_set(stage).studies}
    ids = {load(name).study if name in library() else name for name in used}

    assert ids.isdisjoint(SAID)


def test_the_page_of_derived_tables_says_of_each_whether_it_is_fitted(root):
    page = (root / "docs" / "ctn0094.md").read_text("utf-8")
    part = page.partition("## Which of them are fitted")[2].partition("\n## ")[0]

    assert [name for name in checksums() if f"`{name.removesuffix('.csv')}`" not in part] == []


def test_no_fitted_number_moves_withdrawal_within_the_hour():
    plan = load("engeriser-2026")
    asked = {"patients": 16, "seed": 1, "draws": 0, "rivals": False}

    prior, fitted = (
        simulate(plan, parameters=which, **asked).arms["ket"].endpoints
        for which in ("prior", "calibrated")
    )

    scores = [name for name in prior if name.startswith("withdrawal_cows")]
    assert len(scores) == 3
    assert [prior[name].value for name in scores] == [fitted[name].value for name in scores]


@pytest.mark.parametrize("name", SAID)
def test_the_page_of_such_a_study_says_why(root, name):
    page = (root / "docs" / "evidence" / f"{name}.md").read_text("utf-8")

    assert f"**No fit uses it:** {study(name).not_fitted}" in page


@pytest.mark.parametrize("name", [one.id for one in MARKED if one.in_no_fit])
def test_the_page_and_the_command_mark_numbers_that_no_fit_uses(root, name):
    page = (root / "docs" / "evidence" / f"{name}.md").read_text("utf-8")
    shown = CliRunner().invoke(app, ["evidence", "show", name]).stdout
    unused = [one for one in study(name).numbers if why_in_no_fit(study(name), one)]

    assert page.count("**In no fit.**") == len(unused) > 0
    assert shown.count("In no fit") == len(study(name).in_no_fit)
    assert all(one.reason in page for one in study(name).in_no_fit)
