"""Do the data sets of a simulated trial keep to ADaM where treatment begins after entry?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse.exchange.adam import adam
from resynapse.protocol import load
from resynapse.trial.power.rehearsal import ArmRows, first_treated

ENTRY, BEFORE, AFTER = "craving_vas_day_0", "craving_vas_day_3", "craving_vas_day_7"


def rows(treated: float, scores: dict[str, list[float]], dropout=(np.nan, np.nan)) -> ArmRows:
    """Two people of one arm, first treated on that day of the protocol."""
    people = pd.DataFrame(
        {
            "patient": [0, 1], "age_years": 40.0, "female": 0, "weight_kg": 70.0,
            "origin_day": 0.0, "community_day": 0.0, "end_day": 28.0, "first_use_day": np.nan,
            "relapse_day": np.nan, "dropout_day": dropout, **scores,
        }
    )  # fmt: skip
    return ArmRows("a", "A", people, np.zeros((2, 28), dtype=np.uint8), treated)


def scales(arm: ArmRows) -> pd.DataFrame:
    return adam("study", [arm], "a")["ADQS"]


def test_a_visit_after_the_first_dose_is_no_baseline():
    table = scales(rows(1.0, {AFTER: [40.0, 50.0]}))

    assert (table["AVISITN"] == 7).all() and (table["ADY"] == 8).all()
    assert (table["ABLFL"] == "").all()
    assert table[["BASE", "CHG"]].isna().all(axis=None)


def test_the_baseline_is_the_last_value_known_on_or_before_the_first_dose():
    table = scales(
        rows(3.0, {ENTRY: [60.0, 70.0], BEFORE: [55.0, np.nan], AFTER: [40.0, 50.0]})
    ).set_index(["USUBJID", "AVISIT"])
    one, other = "study-000000", "study-000001"

    assert list(table.index[table["ABLFL"] == "Y"]) == [(one, "Day 3"), (other, "Day 0")]
    assert (table.loc[one, "BASE"] == 55.0).all() and (table.loc[other, "BASE"] == 70.0).all()
    assert np.isnan(table.loc[(one, "Day 0"), "CHG"])
    assert table.loc[(one, "Day 7"), "CHG"] == -15.0
    assert table.loc[(other, "Day 7"), "CHG"] == -20.0


def test_treatment_starts_on_the_study_day_of_the_first_dose_of_those_who_were_there():
    subjects = adam("study", [rows(9.0, {ENTRY: [1.0, 1.0]}, (np.nan, 4.0))], "a")["ADSL"]

    assert subjects["TRTSDY"].tolist() == [10, pd.NA]
    assert adam("study", [rows(0.0, {})], "a")["ADSL"]["TRTSDY"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "arm", "day"),
    [("krupitsky-2007", 0, 3.0), ("nct06496750", 0, None), ("ctn-0027", 0, 0.0)],
)
def test_the_first_treatment_is_read_from_the_protocol(name, arm, day):
    found = load(name).arms[arm]

    assert first_treated(found) == (found.doses[0].days[0] if day is None else day)
