"""Are the forecasts of pending trials as they were written, and what they are called?"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import sys
from importlib import resources
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.inference.forecasts import (
    ForecastError,
    Question,
    forecast,
    forecast_of,
    foresee,
    frozen,
    pending,
    questions,
    record,
    write,
)
from resynapse.input_error import InputError
from resynapse.patient.hypotheses import KETAMINE_PATHS
from resynapse.protocol import load

FROZEN = {
    "more-kare-2026-11-26": "51abe95dbc5f77f7d64a1aed71e804a1702014b6fff4bb0d1ec3bb615a099386",
    "nct04084860-2026-11-26": "3f18371677b8c2a964b4863bb9836412b05cae14d90127f28bad391058e5c264",
    "nct06496750-2026-11-26": "08c3c3363b6921e4642860856aba335fb6c8b42ba79116282038ac88ddc0a27d",
    "nct06943859-2026-11-26": "ed426acccffc7bfd80cbd9b562f4bebaa20d749d443a588840acfbacfb0919f4",
}
"""SHA-256 of the files as they were frozen: never change one, add a new dated file"""
TRIALS = ("more-kare", "nct04084860", "nct06496750", "nct06943859")


def test_no_frozen_forecast_was_changed_or_taken_away():
    place = resources.files("resynapse.inference.forecasts").joinpath("frozen")
    found = {
        one.name.removesuffix(".json"): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in place.iterdir()
        if one.name.endswith(".json")
    }

    assert found == FROZEN


def test_every_pending_trial_that_was_named_has_a_forecast_of_what_was_asked():
    assert set(pending()) == set(TRIALS)
    for name in TRIALS:
        asked = [(q.endpoint, q.arm, q.reference, q.measure) for q in pending()[name].quantities]
        told = [
            (row["endpoint"], row["arm"], row.get("reference"), row["measure"])
            for row in forecast_of(name)["quantities"]
        ]
        assert told == asked


@pytest.mark.parametrize("name", TRIALS)
def test_intervals_nest_and_knowledge_without_sampling_is_no_wider(name):
    for row in forecast_of(name)["quantities"]:
        for side in (row["model"], row["rival"]):
            ends = [side[key] for key in ("low90", "low50", "median", "high50", "high90")]
            assert ends == sorted(ends)
            if row["measure"] not in ("hazard_ratio", "odds_ratio"):
                width = side["high90"] - side["low90"]
                assert side["knowledge_high90"] - side["knowledge_low90"] <= 1.1 * width
            assert (side["favours"] is None) == ("benefit" not in row)


@pytest.mark.parametrize("name", TRIALS)
def test_a_forecast_is_for_the_planned_number_of_people_and_names_its_model(name):
    one = forecast_of(name)

    assert one["planned"] == {arm.id: arm.n for arm in load(name).arms}
    assert all(one[key] for key in ("date", "model_hash", "parameter_hash", "assumed", "primary"))


def test_a_frozen_forecast_is_never_written_over(tmp_path):
    one = forecast_of("more-kare")
    place = write(one, tmp_path)
    before = place.read_bytes()

    with pytest.raises(ForecastError, match="never written over"):
        write({**one, "title": "other"}, tmp_path)

    assert place.read_bytes() == before


def test_a_forecast_changed_after_it_was_frozen_is_refused(tmp_path):
    text = write(forecast_of("more-kare"), tmp_path).read_text("utf-8")
    changed = text.replace('"favours": 0.', '"favours": 1.', 1)

    assert frozen._read(text, "same")["trial"] == "more-kare"
    with pytest.raises(ForecastError, match="changed after it was frozen"):
        frozen._read(changed, "changed")


def test_an_interaction_is_the_difference_of_two_differences(monkeypatch):
    means = {"a": 70.0, "b": 40.0, "c": 30.0, "d": 20.0}
    monkeypatch.setattr(forecast, "level", lambda number, study, arms: means[number.arm])
    asked = Question("days_abstinent_percent", "a", "interaction", of=("a", "b", "c", "d"))

    assert forecast._value(asked, None, {}) == (70.0 - 40.0) - (30.0 - 20.0)


def test_between_studies_contrasts_vary_more_and_levels_do_not(monkeypatch):
    monkeypatch.setattr(forecast, "_value", lambda asked, study, trial: 0.5)
    study = forecast._study(load("nct06496750"), pending()["nct06496750"])
    chance = np.random.default_rng(1)

    def spread(asked):
        found = [forecast._elsewhere(asked, study, {}, chance) for _ in range(2000)]
        return float(np.log(found).std())

    ratio = Question("lapse", "ket", "hazard_ratio", "mid")
    gap = Question("days_abstinent_percent", "ket", "mean_difference", "mid")
    assert spread(ratio) == pytest.approx(0.3, rel=0.05)
    assert spread(gap) == pytest.approx(0.3, rel=0.05)
    assert spread(Question("days_abstinent_percent", "ket", "mean")) < 1e-12


def test_a_tie_counts_half_and_a_ratio_below_one_favours_where_less_is_better():
    less = Question("lapse", "a", "hazard_ratio", "b", benefit="lower")
    more = Question("abstinence_2_months", "a", "risk_difference", "b", benefit="higher")

    ratios, gaps = np.array([0.5, 0.8, 1.0, 2.0]), np.array([-0.1, 0.0, 0.1, 0.2])
    assert forecast._range(less, ratios, ratios).favours == pytest.approx(0.625)
    assert forecast._range(more, gaps, gaps).favours == pytest.approx(0.625)


def test_in_the_rival_no_path_of_ketamine_is_left():
    assert set(forecast.settings(forecast.RIVAL)) >= set(KETAMINE_PATHS)


def test_a_protocol_of_the_users_own_is_asked_by_rule_and_needs_its_size():
    plan = load("nct06943859")
    own = plan.model_copy(update={"name": "my-trial"})
    asked = questions(own).quantities

    assert Question("craving_vas_day_14", "ket", "mean_difference", "ctl", (), "lower") in asked
    assert Question("retention_90_days", "ctl", "proportion") in asked
    sizeless = plan.arms[0].model_copy(update={"n": None})
    with pytest.raises(InputError, match="has no `n`"):
        questions(own.model_copy(update={"arms": (sizeless, plan.arms[1])}))


def test_an_arm_of_unknown_size_has_people_of_its_own(monkeypatch):
    plan = load("nct06943859")
    arms = [arm.model_copy(update={"n": n}) for arm, n in zip(plan.arms, (200, None), strict=True)]
    plan = plan.model_copy(update={"arms": tuple(arms)})
    seen: list[dict[str, np.ndarray]] = []

    def simulated(protocol, patient, people, *_):
        everyone = SimpleNamespace(table=range(people), some=lambda order: order)
        return {arm.id: everyone for arm in protocol.arms}

    def elsewhere(one, study, trial, chance):
        seen.append(trial)
        return 0.0

    monkeypatch.setattr(forecast, "simulated", simulated)
    monkeypatch.setattr(forecast, "_value", lambda *_: 0.0)
    monkeypatch.setattr(forecast, "_elsewhere", elsewhere)
    asked = dataclasses.replace(
        pending()["nct06943859"], quantities=pending()["nct06943859"].quantities[:1]
    )
    forecast._values(plan, asked, {}, None, 1, 256, 1, "native", lambda share: None)

    one, other = seen[0].values()
    assert (len(one), len(other)) == (200, 256)
    assert not set(one) & set(other)


def test_a_forecast_that_is_simulated_comes_back_as_it_was_written(tmp_path):
    plan = load("nct06496750")
    asked = questions(plan)
    short = dataclasses.replace(asked, quantities=asked.quantities[:3])

    found = foresee(plan, short, None, draws=2, people=64)
    place = write(record(plan, short, found, None, {"draws": 2}), tmp_path)
    again = frozen._read(place.read_text("utf-8"), place.name)

    level, _, gap = again["quantities"]
    assert 0.0 <= level["model"]["low90"] <= level["model"]["high90"] <= 100.0
    assert 0.0 <= gap["model"]["favours"] <= 1.0
    assert again["parameters"] == "prior"


def test_a_trial_without_a_forecast_is_refused_with_those_that_have_one():
    answer = CliRunner().invoke(app, ["forecasts", "show", "more-cure"])

    assert answer.exit_code == 2
    assert "There is: more-kare" in " ".join(answer.stderr.split())


def test_a_program_and_a_person_read_the_same_forecast():
    told = json.loads(CliRunner().invoke(app, ["forecasts", "show", "more-kare", "--json"]).stdout)
    shown = CliRunner().invoke(app, ["forecasts", "show", "more-kare"]).stdout

    assert told == forecast_of("more-kare")
    assert "heavy-drinking days at 6 months, is not one of the model" in shown
    assert len([line for line in shown.splitlines() if line.startswith("| ")]) == 2 + len(
        told["quantities"]
    )


def test_the_page_says_what_is_frozen(root):
    spec = importlib.util.spec_from_file_location("page", root / "docs/build_forecasts_page.py")
    builder = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = builder
    spec.loader.exec_module(builder)

    assert builder.PAGE.read_text(encoding="utf-8") == builder.page(), (
        "python docs/build_forecasts_page.py brings it up to date"
    )
