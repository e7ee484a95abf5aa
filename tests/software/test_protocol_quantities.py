"""Is a quantity read as the person meant it, and refused where that is not clear?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resynapse.protocol import Amount, Dose
from resynapse.protocol.quantity import amount, days_listed, dose, time_in


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("24 months", "d", 24 * 30.4375),
        ("day 7 + 24 months", "d", 7 + 24 * 30.4375),
        ("5 weeks", "d", 35.0),
        ("day 2", "d", 2.0),
        ("1 year", "d", 365.25),
        ("10 h", "h", 10.0),
        ("90 min", "h", 1.5),
        ("40 min", "min", 40.0),
        ("day 1 + 2 min", "d", 1 + 2 / 1440),
    ],
)
def test_a_time_in_words_is_the_time_in_canonical_units(text, unit, value):
    assert time_in(unit, text) == pytest.approx(value, rel=1e-14)


@given(st.floats(0.001, 1000.0))
def test_a_span_in_minutes_is_not_changed_by_reading_it(minutes):
    assert time_in("min", f"{minutes!r} min") == minutes


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0.5 mg/kg", 0.5, "mg/kg"),
        ("16 mg", 16.0, "mg"),
        ("500 ug/kg", 0.5, "mg/kg"),
        ("0.5 mg/kg/h", 0.5, "mg/kg/h"),
        ("0.01 mg/kg/min", 0.6, "mg/kg/h"),
    ],
)
def test_every_unit_of_mass_ends_as_milligrams(text, value, unit):
    assert amount(text) == (pytest.approx(value, rel=1e-14), unit)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5 mg/kg iv over 40 min", (0.5, "mg/kg", "iv", 40.0)),
        ("0.5 mg/kg over 40 min iv", (0.5, "mg/kg", "iv", 40.0)),
        ("0.5 mg/kg over 40 min", (0.5, "mg/kg", None, 40.0)),
        ("2 mg/kg im", (2.0, "mg/kg", "im", None)),
        ("0.1 mg/kg iv bolus", (0.1, "mg/kg", "iv", 0.0)),
        ("10 mg im", (10.0, "mg", "im", None)),
        ("16 mg", (16.0, "mg", None, None)),
        ("iv over 40 min", (None, None, "iv", 40.0)),
    ],
)
def test_a_dose_is_read_from_one_line(text, said):
    read = dose(text)

    assert (read.value, read.unit, read.route, read.minutes) == said


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("days 1 to 6", [1, 2, 3, 4, 5, 6]),
        ("every 7 days from day 7 to day 35", [7, 14, 21, 28, 35]),
    ],
)
def test_a_rhythm_of_days_is_spelled_out_with_both_ends(text, days):
    assert days_listed(text) == days


@pytest.mark.parametrize(
    "text",
    ["0.5", "0,5 mg/kg", "mg/kg", "0.5 mg/lb", "0.5 mg/kg/day", "half mg", "0.5 mg/kg per h"],
)
def test_an_amount_without_a_clear_number_and_unit_is_refused(text):
    with pytest.raises(ValueError, match=r"mg/kg|point"):
        amount(text)


@pytest.mark.parametrize("text", ["24", "24 mnths", "soon", "", "day", "2 weeks 3 days", "1,5 h"])
def test_a_time_without_a_clear_number_and_unit_is_refused(text):
    with pytest.raises(ValueError, match=r"unit|point"):
        time_in("d", text)


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), 10**400, None, [1.0]])
def test_what_is_no_finite_number_is_no_time(value):
    with pytest.raises(ValueError, match="number"):
        time_in("d", value)


def test_a_rate_gives_in_all_what_it_gives_in_an_hour_times_the_hours():
    assert Amount(value=0.5, unit="mg/kg/h").milligrams(70.0, 120.0) == pytest.approx(70.0)
    assert Amount(value=0.5, unit="mg/kg").milligrams(70.0, 120.0) == pytest.approx(35.0)
    assert Amount(value=35.0, unit="mg").milligrams(70.0, 120.0) == pytest.approx(35.0)


def test_a_dose_in_words_equals_the_dose_in_fields():
    in_words = Dose(drug="ketamine", dose="0.5 mg/kg iv over 40 min", days="day 2")
    in_fields = Dose(
        drug="ketamine",
        route="iv",
        amount={"value": 0.5, "unit": "mg/kg"},
        minutes=40,
        days=[2.0],
    )

    assert in_words == in_fields
