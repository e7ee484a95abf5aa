"""Is nothing said in COWS, and no death from overdose counted, of people who use no opioids?"""

from __future__ import annotations

import copy
import re

import pytest

from resynapse.exchange import write
from resynapse.exchange.table import read_parquet
from resynapse.input_error import InputError
from resynapse.protocol import ProtocolError, from_data, library, load
from resynapse.protocol.opioids_alone import opioids
from resynapse.protocol.without_use import uses
from resynapse.report import render
from resynapse.trial.power.people import for_endpoint
from resynapse.trial.simulate import simulate

OVERDOSE = "overdose_per_100_person_years"
OTHERS = [name for name in library() if uses(load(name)) and not opioids(load(name))]


def given(disorder: str = "alcohol", **fields) -> dict:
    """A trial of one dose of ketamine against saline, as plain data."""
    dose = {"drug": "ketamine", "dose": "0.5 mg/kg iv over 40 min", "days": [1]}
    saline = {"drug": "saline", "dose": "iv over 40 min", "days": [1]}
    return copy.deepcopy({
        "name": "mine", "title": "Mine", "disorder": disorder, "blinding": "masked",
        "arms": [
            {"id": "k", "label": "K", "doses": [dose]},
            {"id": "s", "label": "S", "control": "saline", "doses": [saline]},
        ],
        "setting": {"detoxification_days": 3}, "follow_up": "60 days", "visits": [0, 3, 7],
        "endpoints": ["days_abstinent_percent"], "reference": "s", **fields,
    })  # fmt: skip


@pytest.fixture(scope="module")
def run():
    """Few people of a trial in alcohol use disorder."""
    return simulate(from_data(given(), "mine.yaml"), patients=16, seed=1, draws=2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"endpoints": ["withdrawal_cows_day_3"]}, "COWS is a scale of withdrawal from opioids"),
        ({"endpoints": [OVERDOSE]}, "the model has no deaths of people who use alcohol"),
        ({"endpoints": [f"{OVERDOSE}_committed"]}, "no deaths of people who use alcohol"),
        ({"rules": [{"name": "r", "visits": [3], "when": "withdrawal above 10",
                     "then": "withhold"}]}, "COWS is a scale of withdrawal from opioids"),
        ({"conduct": {"interruptions": {"deaths": True}}}, "Leave `deaths` out"),
    ],
)  # fmt: skip
def test_what_holds_for_opioids_alone_is_refused_of_others(fields, said):
    with pytest.raises(ProtocolError, match=said):
        from_data(given(**fields), "mine.yaml")
    from_data(given("heroin", **fields), "mine.yaml")


@pytest.mark.parametrize("name", ["withdrawal_cows_day_3", OVERDOSE])
def test_it_is_refused_where_it_is_asked_for_beside_the_protocol(name):
    with pytest.raises(InputError, match="Leave it out"):
        for_endpoint(from_data(given(), "mine.yaml"), name)


def test_no_file_of_a_run_counts_deaths_or_has_a_column_in_cows(run, tmp_path):
    folder = write(run, tmp_path / "run", protocol_text="", report_html="")

    people = read_parquet(folder / "patients.parquet")

    assert "craving_vas_day_3" in people
    assert not [name for name in people if "cows" in name or "overdose" in name]
    summary = (folder / "summary.csv").read_text()
    assert "overdose" not in summary and "cows" not in summary
    assert not [name for name in run.knowledge if "overdose" in name]
    for arms in (run.arms, run.rival, run.window_off):
        assert not [name for arm in arms.values() for name in arm.endpoints if "overdose" in name]
        assert not any("overdose_deaths" in arm.safety for arm in arms.values())


def test_withdrawal_is_a_quantity_of_the_model_from_0_to_1(run):
    for courses in (run.chronic, run.rival_days):
        assert courses["withdrawal"].attrs["units"] == "model quantity, 0-1"
        assert 0.0 < float(courses["withdrawal"].max()) <= 1.0
    state = run.arms["k"].states["withdrawal"]
    assert state["unit"] == "model quantity, 0-1" and 0.0 < max(state["values"]) <= 1.0


def test_the_report_names_no_scale_of_opioids_and_says_that_deaths_are_not_modelled(run):
    page = render(run)

    said = re.sub(r"<style>.*?</style>", "", page.split('id="parameters"')[0], flags=re.S)
    assert "COWS" not in said and "overdose" not in said
    assert "a model quantity, for which no scale of these people stands" in said
    assert "Deaths are not modelled." in said


@pytest.mark.parametrize("name", OTHERS)
def test_no_protocol_of_the_library_asks_for_it(name):
    assert not [one for one in load(name).endpoints if "cows" in one or "overdose" in one]
