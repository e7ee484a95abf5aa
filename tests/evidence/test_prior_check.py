"""Is the prior predictive check of a published contrast what it says it is?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from resynapse.cli.command_line import app
from resynapse.cli.faults import InputError
from resynapse.cli.prior_check import prior_check as command
from resynapse.evidence import study
from resynapse.inference import prior_check, prior_draws
from resynapse.inference.between_studies import BETWEEN_EFFECTS
from resynapse.inference.joint_check import Estimated
from resynapse.inference.other_studies import _values
from resynapse.inference.prior_check import Row
from resynapse.inference.prior_draws import PriorDraws, contrasts
from resynapse.inference.statistic import Arm
from resynapse.protocol import library, load


@pytest.fixture(scope="module")
def checked():
    return prior_check([load("engeriser-2026")], draws=2, seed=3).checks[0]


def test_every_published_contrast_of_a_study_is_checked(checked):
    assert [row.endpoint for row in checked.rows] == ["withdrawal_cows_day_0.021"]
    assert checked.rows[0].published == -7.4


def test_every_draw_counts_and_the_interval_is_in_order(checked):
    (row,) = checked.rows

    assert row.draws == checked.draws == 2
    for found in (row.expected, row.as_published):
        assert list(found) == sorted(found)


def test_small_trials_spread_more_widely_than_many_people_and_other_studies_more_again(checked):
    (row,) = checked.rows

    assert np.ptp(row.as_published) > np.ptp(row.expected)
    assert np.ptp(row.another_study) > np.ptp(row.as_published)


def test_ketamine_lowers_withdrawal_in_some_draw_and_none_raises_it(checked):
    assert checked.rows[0].expected[2] < 1.0


@pytest.mark.parametrize(
    ("interval", "published", "none"),
    [((0.4, 1.1), True, True), ((0.5, 1.1), False, True), ((0.4, 0.9), True, False)],
)
def test_an_interval_holds_what_lies_within_it(interval, published, none):
    any = (0.0, 0.7, 2.0)
    tail = Estimated(0.5, 0.1)
    row = Row("lapse", "a", "b", "hazard_ratio", 0.47, 1.0, any, any, any, interval, tail, 40)

    assert (row.holds_published, row.holds_no_effect) == (published, none)


def test_numbers_that_nobody_saw_or_that_compare_nothing_are_not_checked():
    for name in library():
        source = load(name).study
        for one in contrasts(study(source)) if source else ():
            assert one.comparable
            assert one.seen != "recalled"
            assert one.reference or one.measure == "mean_change"


def test_a_scenario_has_nothing_published_to_set_beside_it():
    with pytest.raises(InputError, match="names no completed study"):
        command(["krupitsky-2002", "scenario-heroin-ketamine"])


def test_a_trial_counts_once():
    with pytest.raises(InputError, match="given twice"):
        command(["krupitsky-2002", "krupitsky-2002"])


def test_the_command_is_there():
    assert "prior-check" in {
        one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands
    }


def test_shares_of_two_arms_differ_between_studies_by_the_declared_log_effect():
    source = study("krupitsky2002_heroin")
    large = replace(
        source, numbers=tuple(replace(one, n=10**9, seen="table") for one in source.numbers)
    )
    (ratio,) = [one for one in contrasts(large) if one.measure == "log_survival_ratio"]
    same = {("abstinence_12_months", arm): np.full(4000, 0.1) for arm in ("high", "low")}
    draws = PriorDraws("a", large, (ratio,), np.zeros((4000, 1)), np.zeros((4000, 1, 1)), same,
                       10**6, 1)  # fmt: skip

    found = np.log(_values(draws, planted=False))

    assert np.std(found) == pytest.approx(BETWEEN_EFFECTS, rel=3.0 / np.sqrt(2.0 * 4000))
    assert np.mean(found) == pytest.approx(0.0, abs=3.0 * BETWEEN_EFFECTS / np.sqrt(4000))


def test_what_was_simulated_is_kept_and_not_simulated_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path))
    plan = load("engeriser-2026")
    first = prior_draws.prior_draws(plan, 2, people=64)
    monkeypatch.setattr(prior_draws, "simulated", None)

    again = prior_draws.prior_draws(plan, 2, people=64)

    assert np.array_equal(first.in_trials, again.in_trials)
    assert not list(tmp_path.rglob("*.part.npz"))


def test_arms_of_a_trial_larger_than_what_is_simulated_have_all_their_people(monkeypatch):
    """Arms of 300 and 280, where 256 people an arm are simulated of smaller trials."""
    small = load("krupitsky-2002")
    arms = zip(small.arms, (300, 280), strict=True)
    plan = small.model_copy(
        update={"arms": tuple(one.model_copy(update={"n": n}) for one, n in arms)}
    )
    sizes = []

    def draw(protocol, source, asked, number, people, seed, backend):
        table, days = pd.DataFrame({"number": range(people)}), np.zeros((people, 1), bool)
        arms = {arm.id: Arm(table, days) for arm in protocol.arms}
        for trial in prior_draws._trials(protocol, arms, number):
            sizes.append([len(arm.table) for arm in trial.values()])
            numbers = np.concatenate([arm.table["number"] for arm in trial.values()])
            assert len(np.unique(numbers)) == len(numbers)
        found = np.zeros(len(asked)), np.zeros((prior_draws.TRIALS, len(asked)))
        shares = np.zeros(len(prior_draws._shares(source, asked)))
        return dict(zip(prior_draws.PARTS, (*found, shares), strict=True))

    monkeypatch.setattr(prior_draws, "_draw", draw)
    monkeypatch.setattr(prior_draws, "folder", lambda name: None)

    assert prior_draws.prior_draws(plan, 1).people == 1024
    assert sizes == [[300, 280]] * prior_draws.TRIALS
    assert prior_draws.enough(small, 256) == 256
