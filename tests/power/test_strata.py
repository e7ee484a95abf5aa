"""Are trials analysed within the strata in which their people were randomised?"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from oracle import in_r
from power.generators import Formula, Survival, known
from resynapse.cli.command_line import app
from resynapse.input_error import InputError
from resynapse.protocol import dump, load
from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.analysis import analyse, parse_plan, read_table
from resynapse.trial.power import Asked, Design, Extent, power
from resynapse.trial.power.batch import orders
from resynapse.trial.power.many_strata import shares
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.power.power import analysed_by
from resynapse.trial.power.seating import Conducted, Response, Sizes

RELAPSE = "relapse_6_months"


@dataclass(frozen=True)
class TwoKinds(Formula):
    """A third of people, known at entry, has five times the hazard of the others."""

    hazard_ratio: float

    def worlds(self, first, count, draw):
        severe = self.severe(first, count)
        of = {k: Survival(250.0 / (1 + 4 * k), (self.hazard_ratio,), (), 1 / 300, 182.0)
              for k in (0, 1)}  # fmt: skip
        parts = {k: one.worlds(first + 7 * k, count, draw) for k, one in of.items()}
        return {
            world: {
                arm: Outcome(
                    *(np.where(severe, vars(parts[1][world][arm])[name], column)
                      for name, column in vars(one).items() if column is not None)
                )
                for arm, one in arms.items()
            }
            for world, arms in parts[0].items()
        }  # fmt: skip

    def severe(self, first, count):
        return np.random.default_rng([12, first]).random(count) < 1 / 3

    def baseline(self, first, count):
        return {"female": self.severe(first, count) * 1.0}


def conduct(**changed):
    rule = {"ratio": "1:1", "block_sizes": [4], "strata": ["site", "female"], **changed}
    return TrialConduct.model_validate({"sites": 2, "randomisation": rule})


def rows(methods, how, n=100, trials=800):
    design = Design("one", TwoKinds(0.6), 182.0, 182.0, {}, how)
    found = power([design], Asked(RELAPSE, methods, (n,), trials=trials), Extent(1600, 8))
    return {(row.world, row.method): row for row in found.rows}


@pytest.fixture(scope="module")
def found():
    return rows(("log_rank", "stratified_log_rank", "cox", "stratified_cox"), conduct())


def test_strata_that_tell_who_relapses_give_power_and_keep_the_type_one_error(found):
    plain, within = found["as asked", "log_rank"], found["as asked", "stratified_log_rank"]
    null = found["no effect", "stratified_log_rank"].rejected

    assert within.rejected.value > plain.rejected.value + 2 * plain.rejected.error
    assert abs(null.value - 0.05) < 3 * max(null.error, 0.0055)


def test_a_ratio_within_strata_is_that_of_each_kind_of_people_and_the_plain_one_is_nearer_to_one(
    found,
):
    within, plain = found["as asked", "stratified_cox"], found["as asked", "cox"]

    assert within.truth == pytest.approx(np.log(0.6), abs=0.05)
    assert within.truth < plain.truth - 0.03
    assert abs(within.bias.value) < 3 * within.bias.error + 0.01
    assert abs(within.coverage.value - 0.95) < 3 * max(within.coverage.error, 0.0055)


def test_everybody_is_analysed_in_the_stratum_in_which_they_were_randomised():
    people, how = TwoKinds(0.6), conduct()
    order, severe = orders(1, 0, 400, 20), people.severe(0, 400)
    seating = Conducted(
        order, how, {"female": severe * 1.0}, 1, 0, 120, Response("time", 0, 0), analysed_by(how)
    )

    (small,), (large,) = (list(seating.parts(Sizes(n, n), {})) for n in (30, 60))

    for trial in range(20):
        for one in (small, large):
            rows_of = np.concatenate(one.people(trial))
            site, stratum = (np.concatenate(one.marks(name, trial)) for name in ("site", "stratum"))
            pairs = set(zip(stratum, site, severe[rows_of], strict=True))
            assert len(pairs) == len(set(stratum)) == 4
            assert (np.bincount(stratum) > 0).all()


def test_sites_are_the_strata_where_the_randomisation_has_none():
    assert analysed_by(conduct(strata=[])) == ("site",)
    assert analysed_by(conduct(method="complete", strata=[], block_sizes=[])) == ("site",)
    assert analysed_by(TrialConduct()) == ()


@pytest.mark.parametrize("how", [None, TrialConduct.model_validate(
    {"randomisation": {"ratio": "1:1"}})])  # fmt: skip
def test_a_trial_without_strata_or_sites_cannot_be_analysed_within_them(how):
    design = Design("one", TwoKinds(0.6), 182.0, 182.0, {}, how)

    with pytest.raises(InputError, match="stratified_cox needs strata"):
        power([design], Asked(RELAPSE, ("stratified_cox",), (40,)), Extent(160, 4))


def yes(draw, p, stratum):
    answered = known((draw.random(stratum.shape) < p[stratum]) * 1.0)
    there = draw.random(stratum.shape) < 0.9
    return Outcome(answered.seen, there, answered.whole, there, stratum=stratum)


def test_a_test_of_shares_within_strata_is_that_of_r():
    draw = np.random.default_rng(2)
    strata = draw.integers(0, 3, (2, 6, 40))
    p = np.array([[0.2, 0.5, 0.7], [0.3, 0.6, 0.9]])
    one, other = (yes(draw, *pair) for pair in zip(p, strata, strict=True))

    z, _, _ = shares(one, other)

    table = [
        {"trial": trial, "arm": arm, "yes": int(side.seen[trial, k]),
         "stratum": int(side.stratum[trial, k])}
        for trial in range(6) for arm, side in ((1, one), (0, other)) for k in range(40)
        if side.event[trial, k]
    ]  # fmt: skip
    said = in_r(
        "sapply(split(d, d$trial), function(x) unname(mantelhaen.test("
        "table(x$arm, x$yes, x$stratum), correct = FALSE)$statistic))",
        d=table,
    )
    found = list(said.values()) if isinstance(said, dict) else said
    assert z**2 == pytest.approx(found, abs=1e-8)


def test_a_difference_within_strata_is_the_mean_of_theirs_and_its_error_what_trials_show():
    draw = np.random.default_rng(3)
    strata = draw.integers(0, 4, (2, 4000, 30))
    p = np.array([[0.2, 0.4, 0.6, 0.8], [0.1, 0.3, 0.5, 0.7]])
    one, other = (yes(draw, *pair) for pair in zip(p, strata, strict=True))

    _, estimate, error = shares(one, other)

    assert estimate.mean() == pytest.approx(0.1, abs=4 * estimate.std() / np.sqrt(4000))
    assert np.sqrt(np.mean(error**2)) == pytest.approx(estimate.std(), rel=0.04)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small run of the engine by a protocol whose people are randomised within strata."""
    place = tmp_path_factory.mktemp("strata")
    how = "{sites: 2, randomisation: {strata: [site, female], block_sizes: [4]}}"
    own = dump(load("dakwar-2019")).replace("name: dakwar-2019", "name: own", 1)
    (place / "own.yaml").write_text(f"{own}\nconduct: {how}\n", encoding="utf-8")
    words = ["power", str(place / "own.yaml"), "--endpoint", "lapse_30_days", "--n", "40",
             "--people", "96", "--trials", "40", "--batches", "4", "--looks", "2"]  # fmt: skip
    for method in ("stratified_log_rank", "stratified_cox"):
        words += ["--analysis", method]
    done = CliRunner().invoke(app, [*words, "--output", str(place / "run"), "--quiet", "--json"])
    assert done.exit_code == 0, done.output
    return place / "run"


def test_data_sets_carry_site_and_stratum_and_the_plan_analyses_within_them(folder):
    people = pd.read_csv(folder / "adam/ADSL.csv")
    times = pd.read_csv(folder / "adam/ADTTE.csv")
    assert set(people["STRATAR"]) <= {f"site site-{k}, female {s}" for k in (1, 2) for s in (0, 1)}
    assert people["SITEID"].nunique() == 2
    assert {"SITEID", "STRATAR"} <= set(times) & set(pd.read_csv(folder / "adam/ADQS.csv"))

    plan = parse_plan((folder / "adam/plan.yaml").read_text(encoding="utf-8"), "plan.yaml")
    tested, fitted = analyse(read_table(folder / "adam/ADTTE.csv"), plan)

    assert list(plan.analyses[0].strata) == ["STRATAR"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    (ratio,) = fitted.estimates
    said = f"Hazard ratio {ratio.estimate:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
    assert said in page and tested.failed is None


def test_a_trial_of_values_leaves_data_and_a_plan_that_find_what_its_report_says(folder):
    own, place = folder.parent / "own.yaml", folder.parent / "values"
    words = ["power", str(own), "--endpoint", "days_abstinent_percent_28_days", "--n", "40",
             "--people", "96", "--trials", "40", "--batches", "4", "--output", str(place),
             "--analysis", "stratified_mean_difference", "--quiet"]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output

    plan = parse_plan((place / "adam/plan.yaml").read_text(encoding="utf-8"), "plan.yaml")
    (found,) = analyse(read_table(place / "adam/ADEFF.csv"), plan)

    assert list(plan.analyses[0].strata) == ["STRATAR"]
    one = found.estimates[0]
    low, high = (one.estimate + side * 1.96 * one.standard_error for side in (-1, 1))
    said = f"{one.estimate:.2f} ({low:.2f} to {high:.2f})"
    assert said.replace("-", "\u2212") in (place / "report.html").read_text(encoding="utf-8")


def test_trials_without_an_answer_are_said_on_the_terminal_and_in_the_paragraph(folder):
    own, place = folder.parent / "own.yaml", folder.parent / "short"
    words = ["power", str(own), "--endpoint", "lapse_30_days", "--n", "40", "--people", "96",
             "--trials", "40", "--batches", "4", "--output", str(place), "--quiet",
             "--analysis", "stratified_restricted_mean"]  # fmt: skip

    done = CliRunner().invoke(app, words)

    assert re.search(r"no answer in up to \d+\.\d % of trials", " ".join(done.output.split()))
    assert "had no answer in" in (place / "sample_size.txt").read_text(encoding="utf-8")
    page = (place / "report.html").read_text(encoding="utf-8")
    assert "The analysis has no estimate" in page and "nan (" not in page
