"""Does the report say what its intervals are, what was published, and what it leaves out?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resynapse.cli.summary import show
from resynapse.protocol import library, load
from resynapse.report import render
from resynapse.report.arms import styles
from resynapse.report.sections import (
    comparison,
    knowledge,
    mechanism,
    outcomes,
    published,
    safety,
    survival,
)
from resynapse.report.wording import NARROW
from resynapse.trial.estimate import Estimate, mean
from resynapse.trial.plan import kept_days
from resynapse.trial.simulate import published_values
from software.report_example import six_arms, toy_result

HISTORICAL = "Historical comparator:"
CURVES = (survival.ABSTINENCE, survival.RELAPSE, survival.RETENTION)


@pytest.fixture(scope="module")
def result():
    return toy_result(people=60)


@pytest.fixture(scope="module")
def page(result):
    return render(result)


def drawn_times(result, count):
    """The same result, its parameters drawn so many times."""
    found = {name: {**one, "draws": count} for name, one in result.knowledge.items()}
    return replace(result, knowledge=found)


def knowing(result, **limits):
    """The result with limits over draws, endpoint -> (low, high), in every arm."""
    found = {
        f"{arm}: {name}": {
            "low": low, "median": low, "high": high, "draws": 50, "unit": "proportion",
        }
        for arm in result.arms
        for name, (low, high) in limits.items()
    }  # fmt: skip
    return replace(result, knowledge=found)


def bars(result, kind):
    """The limits that are drawn as thick bars on a curve, as text of the drawing."""
    figure = survival.survival_figure(result, styles(result), kind, half=False)
    return re.findall(r'<line class="whisker drawn (a\d)"', figure.drawing), figure.caption


def test_an_outcome_has_the_interval_over_people_and_below_it_the_one_over_draws(result, page):
    table = outcomes.outcomes(result, styles(result))
    row = next(row for row in table.rows if "No use" in str(row.head))

    assert row.cells[0].interval and row.cells[0].interval != row.cells[0].wider
    assert row.cells[0].wider == "3 to 35".replace(" ", "\u00a0")
    assert "interval over people" in page
    assert "interval over 200 draws of the parameters" in page


def test_fewer_than_four_draws_have_no_interval_anywhere(result):
    few = drawn_times(result, 3)

    page = render(few)

    assert 'class="wider"' not in page
    assert "whisker drawn" not in page
    assert "3 times: too few for an interval" in page
    assert all(not c.interval for r in knowledge.knowledge_table(few, styles(few)).rows
               for c in r.cells)  # fmt: skip
    assert 'class="wider"' in render(drawn_times(result, 4))


@pytest.mark.parametrize(("times", "words"), [
    (8, "With 8 draws the ends of the intervals are rough."),
    (3, "3 times: too few for an interval"), (200, "the interval that holds 90")])  # fmt: skip
def test_the_screen_says_of_few_draws_what_the_report_says(result, capsys, times, words):
    drawn = drawn_times(result, times)

    show(drawn, Path("folder"))

    said = knowledge.knowledge_words(drawn)
    assert words in said and said in capsys.readouterr().out


def test_a_difference_over_draws_is_in_the_points_of_its_endpoint(result):
    pair = "high against low"
    entry = {"low": -2.0, "median": 1.0, "high": 4.0, "draws": 50, "unit": "1"}
    share = {"low": -0.02, "median": 0.01, "high": 0.04, "draws": 50, "unit": "1"}
    drawn = {
        f"{pair}: days_abstinent_percent mean_difference": entry,
        f"{pair}: abstinence_12_months risk_difference": share,
    }
    table = outcomes.outcomes(replace(result, knowledge=drawn), styles(result))

    told = {str(row.head): row.cells[2].wider.replace("\u00a0", " ") for row in table.rows}
    assert told["No use for 12\u00a0months"] == "\u22122 to 4"
    assert told["Days without use, of days in the community"] == "\u22122 to 4"


def test_thick_bars_stand_at_the_horizons_that_were_drawn(result):
    once = knowing(result, abstinence_12_months=(0.2, 0.6))
    twice = knowing(result, abstinence_12_months=(0.2, 0.6), abstinence_6_months=(0.2, 0.6))

    assert bars(once, survival.ABSTINENCE)[0] == ["a1", "a2"]
    assert bars(twice, survival.ABSTINENCE)[0] == ["a1", "a1", "a2", "a2"]
    assert "Thick bars: 90\u00a0% over 50 draws" in bars(once, survival.ABSTINENCE)[1]
    assert bars(once, survival.RETENTION)[0] == []
    assert "Thick bars" not in bars(once, survival.RETENTION)[1]


def test_the_bar_of_a_relapse_curve_is_what_the_incidence_leaves(result):
    incidence = knowing(result, relapse_12_months=(0.2, 0.3))
    survives = knowing(result, retention_12_months=(0.7, 0.8))

    def ends(result, kind):
        figure = survival.survival_figure(result, styles(result), kind, half=False)
        return re.findall(r'drawn a1" x1="([\d.]+)" y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)"',
                          figure.drawing)  # fmt: skip

    assert ends(incidence, survival.RELAPSE) == ends(survives, survival.RETENTION) != []


def test_a_historical_comparator_says_so_beside_every_outcome(result, page):
    for kind in CURVES:
        figure = survival.survival_figure(result, styles(result), kind, half=False)
        assert f"{HISTORICAL} every arm." in figure.caption
    assert HISTORICAL in outcomes.outcome_words(result, styles(result))
    assert page.count("historical comparator</span>") >= 2 * len(result.arms)

    cocaine = render(toy_result("dakwar-2019", people=30))
    assert "historical comparator" not in cocaine.lower()


def test_some_of_many_arms_are_named_shortly():
    ketamine = toy_result("scenario-heroin-ketamine", people=20)

    words = outcomes.outcome_words(ketamine, styles(ketamine))

    assert f"{HISTORICAL} every arm but ketamine-1-buprenorphine." in words


def test_follow_up_ends_in_words_as_it_ends_in_the_model(result):
    figure = survival.survival_figure(result, styles(result), survival.RETENTION, half=True)

    assert "ends on the day a person leaves" in figure.caption
    assert "4 missing weeks" not in figure.caption


def test_arms_that_lie_on_one_line_are_named():
    same = six_arms()
    first = same.chronic["recovery"].isel(arm=0)
    chronic = same.chronic.copy(deep=True)
    chronic["recovery"].values[2] = first.values
    figures = mechanism.mechanism(replace(same, chronic=chronic), styles(same))

    told = {figure.title: figure.caption for figure in figures}
    names = [same.arms[str(same.chronic["arm"].values[place])].label for place in (0, 2)]
    together = re.search(r"On one line: ([^.]*(?:\.\d[^.]*)*)\.", told["New pathway: recovery"])
    assert together and all(name in together[1] for name in names)


def test_what_stays_at_zero_is_not_drawn_and_the_page_says_why():
    care = toy_result("scenario-heroin-standard-care", people=20)
    acute, chronic = care.acute * 0.0, care.chronic.copy()
    for name in ("window", "sustained"):
        chronic[name] = chronic[name] * 0.0
    still = replace(care, acute=acute, chronic=chronic)

    titles = [figure.title for figure in mechanism.mechanism(still, styles(still))]

    assert titles and all("pathway" in title for title in titles)
    assert safety.safety(still, styles(still)) == ()
    assert "No arm has ketamine" in render(still)


@pytest.mark.parametrize("name", library())
def test_a_completed_trial_has_published_values_and_a_pending_one_has_none(name):
    plan = load(name)

    values = published_values(plan)

    assert bool(values) == (plan.state == "completed")
    assert all(value.role for value in values)


def test_what_cannot_be_compared_is_shown_and_held_against_nothing():
    choice = toy_result("dakwar-2017", people=20)
    choice = replace(choice, published=published_values(choice.protocol))

    page = render(choice)

    assert choice.comparable == []
    assert "What the trial reported" in page
    assert "not compared" in page
    assert "What the trial published is not a quantity of the model." in page


def test_what_a_run_does_not_give_is_folded_away_with_its_day_and_what_it_gives_is_not():
    cohort = toy_result("bailey-2013", people=20)
    urines = toy_result("ctn-0027", people=20)
    beside, alone = (
        published.published_tables(replace(one, published=published_values(one.protocol)))
        for one in (urines, cohort)
    )

    assert [row.head.replace("\xa0", " ") for row in alone[1].rows] == [
        f"Cumulative relapse, day {day}, share of people" for day in (0, 30, 365)
    ]
    assert alone[0] is None
    assert all(row.cells[2].value for row in beside[0].rows)
    assert not any(row.cells[2].value for row in beside[1].rows)


def test_who_enters_while_using_has_no_curve_of_no_use_and_is_compared_by_days():
    using = toy_result("ctn-0027", people=20)
    for arm in using.arms.values():
        for name in [name for name in arm.endpoints if name.startswith("abstinence")]:
            arm.endpoints[name] = replace(arm.endpoints[name], value=0.0, low=0.0)
    page = render(using)

    assert "no such curve is drawn" in page
    assert 'data-figure="abstinence"' not in page
    assert comparison.quantity(using).name == "days_abstinent_percent"
    assert 'data-figure="abstinence"' in render(toy_result("bailey-2013", people=20))


def test_ratios_of_shares_have_their_closed_forms():
    half, quarter = (Estimate(share, "proportion", None, None, 100) for share in (0.5, 0.25))

    assert published.odds_ratio(half, quarter)[0] == pytest.approx(3.0)
    assert published.log_survival_ratio(quarter, half)[0] == pytest.approx(2.0)
    value, low, high = published.odds_ratio(half, quarter)
    assert low < value < high and low * high == pytest.approx(value**2)
    assert published.odds_ratio(half, Estimate(0.0, "proportion", 0.0, 0.1, 10)) is None


def test_arms_that_a_study_pools_are_pooled_in_the_run():
    kare = toy_result("grabski-2022", people=40)
    name = "days_abstinent_percent"

    pooled = published.estimate(kare, "ket_pooled", name)

    parts = [kare.arms[arm].endpoints[name] for arm in ("ket_ther", "ket_edu")]
    assert pooled.n == sum(part.n for part in parts)
    assert pooled.value == pytest.approx(np.mean([part.value for part in parts]))
    assert published.estimate(kare, "nobody", name) is None


def test_a_change_is_never_set_beside_a_level():
    opioid = toy_result("engeriser-2026", people=20)
    level = {"withdrawal_cows_day_0.021": mean(np.full(20, 4.0), "COWS 0-48")}
    arms = {
        id: replace(arm, endpoints={**arm.endpoints, **level}) for id, arm in opioid.arms.items()
    }
    values = {value.measure: value for value in published_values(opioid.protocol)}
    run = replace(opioid, arms=arms)

    assert published.simulated(run, values["mean_change"]).words == "not computed"
    assert values["mean"].comparable


def test_the_dark_colours_are_for_screens_alone(page):
    dark = page.index("@media screen and (prefers-color-scheme: dark)")

    assert "#56B4E9" in page[dark : dark + 1500]
    assert page.count("prefers-color-scheme") == 1


def test_the_window_after_a_late_dose_is_kept_day_by_day():
    plan = load("scenario-heroin-ketamine")
    last = max(day for arm in plan.arms for dose in arm.doses for day in dose.days)

    assert last > 14.0
    assert {last, last + 1.0, last + 2.0} <= set(kept_days(plan))
    assert max(kept_days(plan)) <= plan.follow_up_days


def test_no_curve_of_a_report_of_two_arms_stands_without_its_band(page):
    charts = re.findall(r'<svg role="img"[^>]* data-x=.*?</svg>', page, re.DOTALL)

    assert len(charts) > 20
    for chart in charts:
        curves = re.findall(r'<path class="(?:line|rival) ([\w-]+)" d="M(?!0 )', chart)
        assert curves
        assert sorted(re.findall(r'class="band ([\w-]+)"', chart)) == sorted(curves)


def test_where_the_gain_is_zero_no_row_without_a_window_stands_and_a_sentence_says_what_lets_it_act(
    result,
):
    gainless = replace(result, parameters_table=[{"path": comparison.GAIN, "value": 0.0}])
    arms = styles(gainless)

    assert "No window (gain 0)" in str(comparison.comparison_table(result, styles(result)))
    assert "No window" not in str(comparison.comparison_table(gainless, arms))
    assert "--set learning.window_gain=1" in comparison.told_apart(gainless, arms)
    assert "window_gain" not in comparison.told_apart(result, styles(result))


def test_an_arm_on_an_agonist_is_told_that_stopping_it_is_leaving_follow_up(result):
    taking = toy_result("scenario-heroin-ketamine", people=20)
    arms = styles(taking)
    said = "stops methadone or buprenorphine (ketamine-1-buprenorphine) has left follow-up"

    assert said in outcomes.outcome_words(taking, arms)
    curve = survival.survival_figure(taking, arms, survival.RETENTION, half=True)
    assert said in curve.caption
    other = survival.survival_figure(taking, arms, survival.RELAPSE, half=True)
    assert said not in other.caption
    assert "has left follow-up" not in outcomes.outcome_words(result, styles(result))


def test_a_difference_of_shares_is_in_points_as_published_and_as_simulated():
    beside, _ = published.published_tables(toy_result("krupitsky-2002", people=20))

    (row,) = (row for row in beside.rows if row.head.endswith("difference of shares"))
    assert [cell.value.partition(NARROW)[2] for cell in row.cells[1:3]] == ["points", "points"]
