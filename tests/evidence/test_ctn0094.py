"""Are the figures derived from CTN-0094 what they say, bit for bit, and of no one person?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.evidence import ctn0094, study
from resynapse.evidence.ctn0094 import (
    dose,
    first_use,
    in_treatment,
    retention,
    sampling,
    weekly,
    withdrawal,
)
from resynapse.evidence.ctn0094.build import TABLES
from resynapse.evidence.ctn0094.records import Person
from shared_folder import shared

FOLDER = Path(ctn0094.__file__).parent / "tables"


@pytest.mark.parametrize("name", TABLES)
def test_a_derived_table_has_the_checksum_that_was_committed(name):
    text = (FOLDER / f"{name}.csv").read_bytes()

    assert hashlib.sha256(text).hexdigest() == ctn0094.checksums()[f"{name}.csv"]


def test_the_derived_tables_are_rebuilt_bit_for_bit_from_the_public_data(tmp_path):
    data = shared("data/ctn0094")

    made = ctn0094.build(data, tmp_path)

    assert made == ctn0094.checksums()
    for name in [*made, "SHA256SUMS"]:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_of_a_derived_table_holds_fewer_than_five_people(name):
    counts = ("n", "count", "people", "at_risk", "positive", "none", "mild")

    for row in ctn0094.shipped(name):
        held = [row[key] for key in counts if row.get(key)]
        assert all(int(value) >= sampling.FEWEST for value in held), row


def test_no_small_cell_can_be_found_by_subtraction():
    for name in ("weekly_urine", "sites", "counselling", "retention"):
        for row in ctn0094.shipped(name):
            if row["count"]:
                assert int(row["n"]) - int(row["count"]) >= sampling.FEWEST, row
    parts = {}
    for row in ctn0094.shipped("sites"):
        if row["quantity"].startswith("urine"):
            parts.setdefault((row["site"], row["arm"]), []).append(row["count"] != "")
    assert {len(set(known)) for known in parts.values()} == {1}


def test_no_small_cell_is_all_people_less_those_without_a_fold():
    whole = {(r["arm"], r["day"]): r for r in ctn0094.shipped("retention")}
    for row in ctn0094.shipped("start_without_fold"):
        if row["quantity"] == "retained" and row["count"]:
            known = whole[row["arm"], row["time"]]
            stayed, n = (int(known[key]) - int(row[key]) for key in ("count", "n"))
            assert min(stayed, n - stayed) >= sampling.FEWEST, row
    curve = {
        (r["phase"], r["day"]): r["at_risk"]
        for r in ctn0094.shipped("first_use_after_taper")
        if r["counselling"] == "all"
    }
    for row in ctn0094.shipped("first_use_without_fold"):
        if row["at_risk"]:
            elsewhere = int(curve[row["phase"], row["day"]]) - int(row["at_risk"])
            assert elsewhere >= sampling.FEWEST, row


def test_folds_share_out_every_site_that_has_people_in_each_arm():
    folds = {
        (row["trial"], row["site"]): row["fold"]
        for row in ctn0094.shipped("sites")
        if row["site"] != "16"
    }

    for trial, sites in (("CTN-0030", 9), ("CTN-0027", 15)):
        dealt = [fold for (name, _), fold in folds.items() if name == trial]
        assert sorted(dealt) == sorted("123" * (sites // 3))
    assert {row["fold"] for row in ctn0094.shipped("sites") if row["site"] == "16"} == {""}


def test_everybody_who_was_randomised_stands_in_the_tables():
    people = {row["arm"]: int(row["n"]) for row in ctn0094.shipped("retention")}

    assert people == {"methadone": 529, "buprenorphine": 740}


def _person(**known) -> Person:
    return Person(**{"arm": "standard", "randomised": {1: 10}, "last_record": 100, **known})


def test_the_clock_starts_at_the_planned_end_of_taper_in_those_without_use_for_a_week():
    assert first_use.course(_person(uses={48, 60}), 1) == (11, True)
    assert first_use.course(_person(uses={30}), 1) == (63, False)
    assert first_use.course(_person(uses={31}), 1) is None
    assert first_use.course(_person(uses={60}, last_record=38), 1) is None


def test_people_who_move_to_the_second_phase_are_censored_there():
    moved = _person(randomised={1: 10, 2: 58}, uses={70})

    assert first_use.course(moved, 1) == (21, False)


def test_the_share_without_use_is_that_of_kaplan_and_meier():
    followed = [(1, True), (3, False), (5, True), (5, True), (9, False)]

    shares = first_use.share_without_use(followed, (0, 1, 4, 5, 8))

    assert shares == pytest.approx([1.0, 4 / 5, 4 / 5, 4 / 5 * 1 / 3, 4 / 5 * 1 / 3])


def test_the_band_of_a_share_covers_the_wilson_interval_within_two_points():
    people = [1] * 60 + [0] * 140

    ((low, high),) = sampling.bootstrap_band(people, lambda drawn: [sum(drawn) / len(drawn)])

    assert (low, high) == pytest.approx(sampling.wilson(60, 200), abs=0.02)
    assert sampling.wilson(9, 35) == pytest.approx((0.142, 0.421), abs=5e-4)


def test_a_mixed_week_counts_as_positive_and_what_leaves_a_state_adds_to_one():
    person = _person(arm="methadone", urine_weeks="-*o+-_--")

    assert weekly.states(person)[:5] == ["negative", "positive", "missing", "positive", "negative"]
    counts = [weekly.transitions(["negative", "positive", "missing", "negative", "negative"])]
    with pytest.raises(ZeroDivisionError):
        weekly.transition_shares([(0,) * 9])
    assert weekly.transition_shares(counts) == pytest.approx([0.5, 0.5, 0, 0, 0, 1, 1, 0, 0])


def test_somebody_is_retained_until_the_last_dose():
    person = _person(arm="methadone", doses={10: 30, 40: 60})

    assert retention.retained(person, 30)
    assert not retention.retained(person, 31)


def test_withdrawal_stands_by_the_days_since_the_last_use_before_the_rating():
    person = _person(uses={8, 20}, withdrawal=[(5, 3), (11, 2), (25, 1)])

    assert withdrawal.ratings(person) == [(3, 2), (5, 1)]


def test_the_dose_of_a_week_is_the_mean_over_the_days_it_was_taken():
    person = _person(
        arm="methadone", randomised={1: 0}, urine_weeks="--+o", doses={14: 40, 16: 60, 21: 80}
    )

    assert list(dose.weeks(person)) == [(50.0, True)]


def test_weeks_after_the_last_dose_and_untested_ones_make_no_pair():
    person = Person(
        "methadone", {1: 0}, urine_weeks="-+-+o" + "-" * 20, doses=dict.fromkeys(range(29), 60)
    )
    found = dict(zip(in_treatment.QUANTITIES, in_treatment.tally(person), strict=True))

    assert found["retained at 28 d"] == (1, 1)
    assert found["retained at 56 d"] == (0, 1)
    assert found["positive in week 4"] == (1, 1)
    assert found["positive in week 8"] == (0, 0)
    assert found["positive after negative, weeks 2 to 8"] == (1, 1)
    assert found["positive after positive, weeks 2 to 8"] == (0, 1)
    assert found["missing after negative"] == (0, 1)


def test_shares_of_everybody_are_those_of_the_other_tables():
    retention = {(r["arm"], r["day"]): r["count"] for r in ctn0094.shipped("retention")}

    for row in ctn0094.shipped("weeks_in_treatment"):
        if row["left_out"] == in_treatment.NOTHING and row["quantity"].startswith("retained"):
            assert row["count"] == retention[row["arm"], row["quantity"].split()[2]]


@pytest.mark.parametrize(
    ("state", "following"),
    [(before, after) for before in weekly.NAMES for after in weekly.NAMES],
)
def test_the_transitions_of_the_study_file_lie_within_the_bands_of_the_table(state, following):
    for row in ctn0094.shipped("weekly_transitions"):
        if (row["from"], row["to"]) == (state, following):
            (filed,) = [
                number.value
                for number in study("ctn0027").numbers
                if number.endpoint == f"weekly urine, {state} to {following}"
                and number.arm == row["arm"]
            ]
            assert float(row["low"]) <= filed <= float(row["high"])


def test_the_first_uses_of_the_study_file_lie_within_the_bands_of_the_table():
    arms = {"1": "short", "2": "long"}
    filed = {(number.arm, number.day): number.value for number in study("ctn0030").numbers}

    held = [row for row in ctn0094.shipped("first_use_after_taper") if row["counselling"] == "all"]
    for row in held:
        if row["no_use"] and (arms[row["phase"]], float(row["day"])) in filed:
            share = 1.0 - filed[arms[row["phase"]], float(row["day"])]
            assert float(row["low"]) <= share <= float(row["high"]), row


def test_a_folder_without_the_data_is_said_in_one_sentence(tmp_path):
    words = ["evidence", "build", "ctn0094", "--data", str(tmp_path)]
    done = CliRunner().invoke(app, [*words, "--output", str(tmp_path / "out")])

    assert done.exit_code == 2
    assert "holds no randomization.parquet" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_table_that_is_no_table_is_said_in_one_sentence(tmp_path):
    (tmp_path / "randomization.parquet").write_text("who,when\n1,2\n", encoding="utf-8")

    with pytest.raises(ctn0094.DataError, match="is not the table randomization"):
        ctn0094.build(tmp_path, tmp_path / "out")


def test_only_the_tables_that_there_are_can_be_asked_for():
    with pytest.raises(ctn0094.DataError, match="there are first_use_after_taper"):
        ctn0094.shipped("patients")
