"""What may a person type into the fields of the page, and what is said where it cannot be?"""

from __future__ import annotations

import pytest

from resynapse.protocol import schema
from software.page_window import PATIENCE, event_days, settled

DOSE = "arms.1.doses.0"


def typed(page, path, words):
    """Into the field of this path, which is then left."""
    box = page.locator(f'[data-path="{path}"] input[type=text]')
    box.fill(words)
    box.blur()


def said(page, path):
    """What is wrong with a field, once that is said."""
    wrong = page.locator(f'[data-path="{path}"] .wrong')
    wrong.first.wait_for()
    assert wrong.count() == 1
    return wrong.inner_text()


def right_again(page, path):
    """Until nothing is said of a field any more."""
    page.locator(f'[data-path="{path}"] .wrong').wait_for(state="detached")
    settled(page)


@pytest.mark.parametrize("words", ["x", "0", "2.5"])
def test_a_number_of_doses_that_cannot_be_is_refused_beside_it_and_no_dose_is_lost(page, words):
    typed(page, f"{DOSE}.count", words)

    assert words in said(page, f"{DOSE}.count")
    assert event_days(page, 1, "doses") == [2.0, 9.0, 16.0]
    typed(page, f"{DOSE}.count", "2")
    right_again(page, f"{DOSE}.count")
    assert event_days(page, 1, "doses") == [2.0, 9.0]


def test_a_dose_is_typed_with_another_unit_and_what_is_none_can_be_put_right(page):
    typed(page, f"{DOSE}.amount", "much")

    assert '"much" is not a number.' in said(page, f"{DOSE}.amount")
    typed(page, f"{DOSE}.amount", "30 mg")
    right_again(page, f"{DOSE}.amount")
    assert page.locator(f'[data-path="{DOSE}.amount"] .unit').inner_text() == "mg"
    page.locator("[data-told]", has_text="Three 30 mg intravenous ketamine infusions").wait_for()


def test_days_are_typed_as_in_a_file_and_what_is_none_can_be_put_right(page):
    typed(page, f"{DOSE}.days", "soon")

    assert '"soon" is not a time.' in said(page, f"{DOSE}.days")
    typed(page, f"{DOSE}.days", "every 3 days from day 2 to day 9")
    right_again(page, f"{DOSE}.days")
    assert event_days(page, 1, "doses") == [2.0, 5.0, 8.0]
    typed(page, f"{DOSE}.days", "days 2 to 3")
    page.locator("[data-told]", has_text="on days 2 and 3").wait_for()


def test_a_medication_leaves_no_word_between_the_fields(page):
    page.locator('[data-path="arms.1.medications.0.drug"] select').select_option("buprenorphine")
    page.locator('[data-path="arms.1.medications.0.start_day"]').wait_for()

    words = "[...document.querySelector('#build').childNodes].filter((one) => one.nodeType === 3)"
    assert page.evaluate(f"{words}.map((one) => one.data)") == []


def test_limits_stand_beside_fields_as_in_the_schema_of_the_file(page):
    longest = schema()["$defs"]["Dose"]["properties"]["minutes"]["anyOf"][0]["maximum"]
    shown = page.locator(f'[data-path="{DOSE}.minutes"] .help').inner_text()

    assert shown == f"0 to {longest:g} min. 0 is a bolus."
    hours = page.locator('[data-path="arms.1.therapies.0.hours"] .help').inner_text()
    assert hours == "Above 0, up to 24 h."


def test_people_who_use_no_opioids_lose_what_is_asked_of_opioids_alone(page):
    page.locator('[data-path="disorder"] select').select_option("alcohol")

    page.locator("#part-symptoms", has_text="no scale of these people").wait_for(timeout=PATIENCE)
    assert page.locator(".wrong, .warning.refused").count() == 0
    assert "COWS" not in page.locator("#part-symptoms").inner_text()
    assert "Deaths are not modelled." in page.locator("#part-outcomes").inner_text()
