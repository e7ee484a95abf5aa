"""Is it true of a study marked calibration that no fit uses it, where its page says so?"""

from __future__ import annotations

import pytest

from resynapse.evidence import studies, study
from resynapse.protocol import load
from resynapse.trial.parameter_set import FILES, shipped_set
from resynapse.trial.simulate import simulate

SAID = ("dakwar2014", "dakwar2017_cocaine_choice", "engeriser2026_bup_im")


def test_those_that_say_so_are_marked_calibration_and_stand_in_no_shipped_set():
    assert tuple(one.id for one in studies() if one.not_fitted) == SAID
    used = {name for stage in FILES for name in shipped_set(stage).studies}
    for name in SAID:
        assert study(name).role == "calibration"
    for protocol in ("dakwar-2014", "dakwar-2017", "engeriser-2026"):
        assert load(protocol).study in SAID and protocol not in used


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
