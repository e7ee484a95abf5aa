"""Can a team circulate what trials that were played out showed, and rehearse their analysis?"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from power.generators import Means, Rates, Survival
from resynapse.cli.command_line import app
from resynapse.cli.power.writing import described_size
from resynapse.protocol import load
from resynapse.protocol.conduct import TrialConduct
from resynapse.report.design import Told, justification, render
from resynapse.trial.analysis import analyse, parse_plan, read_table
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power import Asked, Design, Extent, power
from resynapse.trial.power.batch import WORLDS, Batch
from resynapse.trial.power.example import examples
from resynapse.trial.power.solve import Needed

COX = "analyses: [{method: cox}]"
RELAPSE, ARM = "relapse_6_months", "ketamine-3-therapy"


class Rival(Survival):
    """Expectancy alone gives half of the effect on the log scale."""

    def worlds(self, first, count, draw):
        found = super().worlds(first, count, draw)
        half = Survival(self.median, (self.hazard_ratios[0] ** 0.5,), (), self.leaving, self.end)
        found["expectancy alone"] = half.worlds(first, count, draw)["as asked"]
        return found


PEOPLE = Rival(90.0, (0.55,), (), 1 / 300, 182.0)
DESIGN = Design(ARM, PEOPLE, 182.0, 182.0, {})


def batches(people, count=8, size=800):
    return [Batch(k, k, people.worlds(k * size, size, None)) for k in range(count)]


@pytest.fixture(scope="module")
def told():
    looks = Looks(0.05, 2, information_rates=(0.5, 1.0))
    asked = Asked(RELAPSE, ("log_rank", "cox"), (60, 120), looks, trials=400)
    much = Extent(800, 8)
    found = power([DESIGN], asked, much)
    shown = {ARM: examples(batches(PEOPLE), asked, 120, DESIGN, 50)}
    counts = {"measured": 3, "assumed": 5}
    command = "resynapse power X <script>"
    return Told(load("scenario-heroin-ketamine"), found, shown, "prior", command, "0.1", "", counts)


def test_the_typical_trial_is_in_the_middle_and_the_unlucky_one_at_the_end(told):
    shown = told.examples[ARM]

    typical, unlucky = shown.trials["typical"], shown.trials["unlucky"]

    truth = told.found.row(ARM, "as asked", 120, "cox").truth
    assert unlucky.z < typical.z - 1.2
    assert typical.estimate == pytest.approx(truth, abs=0.12)
    assert not set(typical.treated) & set(typical.control)


def test_taking_away_what_expectancy_gives_takes_trials_away(told):
    unblinding, missing = told.examples[ARM].tipping

    assert told.examples[ARM].expectancy == pytest.approx(0.5 * np.log(0.55), abs=0.08)
    assert list(unblinding.in_favour) == sorted(unblinding.in_favour, reverse=True)
    assert unblinding.in_favour[-1] == pytest.approx(0.025, abs=0.03)
    assert 0 < unblinding.typical < 2
    assert list(missing.in_favour) == sorted(missing.in_favour, reverse=True)
    assert missing.in_favour[0] > missing.in_favour[-1] + 0.1


def test_missing_values_of_a_scale_tip_a_trial_and_yes_or_no_has_none_missing():
    class Leaving(Means):
        def arm(self, treated, count, chance):
            one = super().arm(treated, count, chance)
            there = chance.random(count) < 0.75
            return type(one)(np.where(there, one.seen, np.nan), there, one.whole, one.whole_event)

        def worlds(self, first, count, draw):
            found = super().worlds(first, count, draw)
            return {**found, "expectancy alone": found["no effect"]}

    asked = Asked("craving_vas_day_28", (), (100,), trials=240)
    scale = examples(batches(Leaving(-10.0, 20.0), 4), asked, 100, DESIGN, 60)
    yes = Asked("abstinence_6_months", (), (100,), trials=240)

    class Both(Rates):
        def worlds(self, first, count, draw):
            found = super().worlds(first, count, draw)
            return {**found, "expectancy alone": found["no effect"]}

    share = examples(batches(Both(0.5, 0.3), 4), yes, 100, DESIGN, 60)

    assert scale.tipping[1].in_favour[0] > scale.tipping[1].in_favour[-1] + 0.2
    assert len(share.tipping) == 1


def test_the_paragraph_names_estimand_error_seed_and_that_parameters_are_priors(told):
    words = justification(told)

    for part in (
        "censored when they leave", "Monte Carlo error", "seed 1", "log-rank test", "with 2 looks",
        "let people guess", "prior", "3 measured", "5 assumed",
    ):  # fmt: skip
        assert part in words


def test_the_paragraph_and_the_table_say_how_people_entered_and_were_seen(told):
    how = TrialConduct.model_validate({"sites": 3, "randomisation": {"strata": ["female"]}})
    conducted = replace(told, protocol=told.protocol.model_copy(update={"conduct": how}))

    for words in (justification(conducted), render(conducted)):
        for part in (
            "at 3 sites",
            "permuted-block stratified by female",
            "18.6 % are missed, after use 19.8 %",
        ):
            assert part in words.replace("\u00a0", " ")
    assert "at 3 sites" not in justification(told)


def test_the_page_is_whole_asks_nothing_of_the_network_and_escapes_what_it_is_given(told):
    page = render(told)

    assert "<script" not in page
    assert not re.search(r'(?:src|href)="', page)
    for part in (
        "Research, not for dosing a patient", "Bounds at each look", "A typical trial",
        "An unlucky trial", "Trials around the truth", "What would tip it", "ADEMP", "Randomised",
        "withholding methadone or buprenorphine raises mortality",
    ):  # fmt: skip
        assert part in page


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small run of the engine with everything that it leaves."""
    place = tmp_path_factory.mktemp("report") / "run"
    words = ["power", "dakwar-2019", "--endpoint", "lapse_30_days", "--n", "20,40", "--people"]
    more = ["96", "--trials", "40", "--batches", "4", "--output", str(place), "--quiet", "--json"]
    assert CliRunner().invoke(app, [*words, *more]).exit_code == 0
    return place


def test_the_typical_trial_is_read_back_by_the_analysis_that_it_rehearses(folder):
    plan = {"parameter": "LAPSE", "reference": "midazolam", "analyses": [{"method": "cox"}]}
    table = read_table(folder / "adam/ADTTE.csv")

    answer = analyse(table, parse_plan(json.dumps(plan), "plan"))[0]

    subjects = pd.read_csv(folder / "adam/ADSL.csv")
    assert answer.failed is None
    assert answer.n == len(subjects)
    starts = pd.read_csv(folder / "adam/ADTTE.csv").groupby("PARAMCD")["STARTDY"].unique()
    assert {"PRIMARY", "LAPSE"} <= set(starts.index)
    assert all(starts[name].tolist() == starts["LAPSE"].tolist() for name in starts.index)
    assert subjects["USUBJID"].is_unique
    assert {"TRT01P", "AGE", "SEX", "ITTFL", "EOSSTT", "EOSDY"} <= set(subjects)
    scales = pd.read_csv(folder / "adam/ADQS.csv")
    assert {"PARAMCD", "AVISIT", "AVISITN", "AVAL", "BASE", "CHG", "ABLFL"} <= set(scales)
    assert all(len(name) <= 8 for table in (subjects, scales) for name in table)


def test_the_plan_beside_the_data_finds_what_the_report_says_of_the_typical_trial(folder):
    table = read_table(folder / "adam/ADTTE.csv")
    plan = parse_plan((folder / "adam/plan.yaml").read_text(encoding="utf-8"), "plan.yaml")
    cox = plan.model_copy(update={"analyses": parse_plan(COX, "plan").analyses})

    tested, estimated = analyse(table, plan)[0], analyse(table, cox)[0]

    assert tested.method == "log_rank" and tested.failed is None
    (ratio,) = estimated.estimates
    page = (folder / "report.html").read_text(encoding="utf-8")
    said = re.search(r"Hazard ratio (\S+) \((\S+) to (\S+)\), Z (\S+)\.", page).groups()
    assert said[:3] == tuple(f"{one:.2f}" for one in (ratio.estimate, ratio.low, ratio.high))
    assert float(said[3].replace("\u2212", "-")) ** 2 == pytest.approx(
        tested.tests[0].statistic, abs=0.02
    )


def test_every_share_stands_in_a_table_with_its_error(folder):
    table = pd.read_csv(folder / "tables/power.csv")

    assert len(table) == len(WORLDS) * 2
    assert (table["rejected_error"] >= 0).all()
    assert (folder / "sample_size.txt").read_text().count("Monte Carlo error") >= 3
    assert "resynapse power dakwar-2019" in (folder / "report.html").read_text()


@pytest.mark.parametrize(
    ("n", "error", "size"),
    [(118.0, 4.0, 120), (121.0, 4.0, 120), (127.0, 4.0, 240), (None, None, 240)],
)
def test_the_trial_described_is_the_smallest_with_the_power_asked_as_far_as_is_known(
    told, n, error, size
):
    asked = replace(told.found.asked, n=(60, 120, 240))
    solved = {(ARM, "log_rank"): Needed(0.8, n, error, True)}

    assert described_size(replace(told.found, asked=asked, needed=solved), ARM) == size


def numbers(page):
    text = re.sub(r"<(svg|style|head)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return set(re.findall(r"\d+(?:\.\d+)?", html.unescape(text)))


def test_the_paper_has_every_number_of_the_page_and_no_other(told):
    pytest.importorskip("typst", reason="PDF needs the extra pdf")
    from resynapse.report.design import paper

    assert numbers(paper.compiled(told, "html").decode()) == numbers(render(told))
    assert len(numbers(render(told))) > 50
    pages = paper.render_pages(told, 20.0)
    assert 3 <= len(pages) <= 8
    assert paper.render_pdf(told).startswith(b"%PDF-1.7")


def test_a_pdf_is_refused_before_anything_is_simulated_where_it_cannot_be_written(monkeypatch):
    from resynapse.report.design import typeset

    words = ["power", "dakwar-2019", "--endpoint", "lapse_30_days", "--pdf", "--quiet"]
    nowhere = CliRunner().invoke(app, words)
    monkeypatch.setattr(typeset.importlib.util, "find_spec", lambda name: None)
    without = CliRunner().invoke(app, [*words, "--output", "never-made"])

    assert nowhere.exit_code == without.exit_code == 2
    assert "give --output DIR" in nowhere.stderr
    assert 'pip install "resynapse[pdf]"' in without.stderr
    assert not Path("never-made").exists()


def test_finished_tables_open_in_a_word_processor_with_their_signs(folder):
    needed = (folder / "tables/for_word/rejections.csv").read_bytes()

    assert needed.startswith(b"\xef\xbb\xbf")
    assert "±" in needed.decode("utf-8-sig")
    first = needed.decode("utf-8-sig").splitlines()[1].split('",')[-1].split(",")
    table = pd.read_csv(folder / "tables/power.csv")
    row = table[(table["world"] == "as asked") & (table["n_control"] == 20)].iloc[0]
    assert first[0].split(" %")[0] == f"{100 * row['rejected']:.1f}"
