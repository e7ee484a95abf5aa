"""Are S- and R-ketamine, shown apart, what a run records together?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from resynapse.patient.observe import NAMES
from resynapse.report import plot, plots, render
from resynapse.report.arms import styles
from resynapse.report.sections.enantiomers import enantiomers, none_words
from resynapse.trial.conduct import Conduct
from resynapse.trial.enantiomers import PAIRS, QUANTITIES, apart, with_both
from resynapse.trial.live import Live
from resynapse.trial.pilots import arms_felt
from resynapse.trial.simulate import simulate
from resynapse.web.opening import example

PEOPLE, KETAMINE = 16, "ketamine-3-therapy"
ROUNDED = 2.0**-23
"""S, R and their sum are each rounded to 32 bits, half of a last place each"""


@pytest.fixture(scope="module")
def programme():
    """The example, followed for ten weeks."""
    return example().model_copy(update={"follow_up_days": 70.0, "visits": (7.0,), "endpoints": ()})


@pytest.fixture(scope="module")
def laboratory():
    return Live()


@pytest.fixture(scope="module")
def shown(laboratory, programme):
    """What the page gets where S and R are asked for."""
    return laboratory.result(programme, patients=PEOPLE, worlds=("default",), enantiomers=True)


def test_s_and_r_of_a_person_add_up_to_what_every_run_records(programme, laboratory):
    patient, runs = laboratory.paths(programme, patients=PEOPLE)
    conduct = Conduct(programme, patient, 1)
    felt = arms_felt(programme, patient, 1)[KETAMINE]

    records = apart(conduct, programme.arm(KETAMINE), felt, PEOPLE)

    for k, pair in enumerate(PAIRS):
        both = runs[KETAMINE].minutes[:, NAMES.index(pair.name)]
        s, r = records[:, 2 * k].astype(float), records[:, 2 * k + 1].astype(float)
        assert both.shape == s.shape == (51, PEOPLE)
        assert s.max() > 10.0 and r.max() > 10.0
        assert np.abs(s - r).max() > 1.0
        assert np.all(np.abs(s + r - both) <= ROUNDED * (s + r))


def test_asking_for_s_and_r_changes_nothing_else(laboratory, programme, shown):
    plain = laboratory.result(programme, patients=PEOPLE, worlds=("default",))

    assert plain.acute.equals(shown.acute.drop_vars([one.name for one in QUANTITIES]))
    assert {id: arm.endpoints for id, arm in plain.arms.items()} == {
        id: arm.endpoints for id, arm in shown.arms.items()
    }


def test_a_run_and_the_page_show_the_same_s_and_r(programme, shown):
    run = simulate(programme, patients=PEOPLE, draws=0, enantiomers=True, rivals=False)

    assert run.acute.equals(shown.acute)
    assert run.manifest["command"].endswith("--enantiomers")
    assert "S-norketamine in venous blood" in render(run)


def test_an_arm_without_ketamine_is_named_and_has_no_line(shown):
    arms = styles(shown)

    figures = enantiomers(shown, arms)

    assert len(figures) == 8
    assert none_words(shown, arms) == ""
    for figure in figures:
        assert figure.caption.endswith("None in Saline ×3.")
        assert 'class="line a2"' in figure.drawing
        assert 'class="line a1"' not in figure.drawing
    assert {one.name for one in QUANTITIES} <= set(plots(shown))
    assert "R-ketamine" in plot(shown, "arterial_r_ketamine").svg


def test_esketamine_is_shown_as_s_alone_and_r_is_said_to_be_none(shown):
    """Drawn from the S of ketamine: what is tested is the page, not the kinetics."""
    saline, ketamine = shown.protocol.arms
    doses = tuple(dose.model_copy(update={"drug": "esketamine"}) for dose in ketamine.doses)
    arms = (saline, ketamine.model_copy(update={"doses": doses}))
    protocol = shown.protocol.model_copy(update={"arms": arms})
    records = {
        str(arm): np.stack(
            [
                shown.acute[one.name].sel(arm=arm, percentile=[50] * 3).values * ("_s_" in one.name)
                for one in QUANTITIES
            ],
            axis=1,
        )
        for arm in shown.acute["arm"].values
    }
    bare = shown.acute.drop_vars([one.name for one in QUANTITIES])
    result = with_both(replace(shown, protocol=protocol, acute=bare), records)
    arms = styles(result)

    figures = enantiomers(result, arms)

    assert none_words(result, arms) == "R-ketamine: none in Ketamine ×3. Esketamine is S alone."
    assert [figure.title[:2] for figure in figures] == ["S-"] * 4
    assert not any("_r_" in name for name in plots(result))
