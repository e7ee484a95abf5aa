"""Is the bar of CTN-0027's weeks judged by what was seen, and is a miss called a miss?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.evidence.ctn0094 import checksums
from resynapse.inference import weeks_judged
from resynapse.inference.treated_course import DAYS, SIZE, WEEKS
from resynapse.inference.treated_data import ARMS, everybody
from resynapse.inference.weeks_judged import judged, told
from resynapse.trial.model_hash import model_hash


@pytest.fixture(scope="module")
def stored():
    return weeks_judged.stored()


def statistics(off=0.0):
    """Of people who stay as the trial's did, but for ``off``; use is made up."""
    found = np.full((3, len(ARMS), SIZE), 0.5)
    found[:, :, : len(DAYS)] = everybody().shares[:, : len(DAYS)] + off
    return found


def test_people_who_stay_as_seen_meet_the_bar_of_retention_and_no_others():
    near, far = (judged.judged(statistics(off), 100) for off in (0.04, 0.06))

    assert next(told.words(near)).startswith("The bar is met: 16 of 16 days of retention")
    assert next(told.words(far)).startswith("The bar is **not met**: 0 of 16 days of retention")
    assert len(list(told.rows(far, missed=True))) > len(list(told.rows(near, missed=True)))


def test_states_of_a_week_are_all_who_were_randomised():
    found = judged.judged(statistics(), 100).urines

    assert len(found) == len(ARMS) * len(WEEKS) * 3
    for k in range(0, len(found), 3):
        assert sum(one.median for one in found[k : k + 3]) == pytest.approx(1.0, abs=1e-5)
        assert sum(one.published for one in found[k : k + 3]) == pytest.approx(1.0)


def test_urines_are_judged_as_the_package_misses_visits_and_as_the_trials_fit_has_it():
    found = judged.judged(statistics(), 100)

    def missing(checks):
        return [one.median for one in checks if "missing" in one.quantity]

    assert max(missing(found.own_visits)) < min(missing(found.urines))
    assert missing(found.urines)[0] == pytest.approx(0.5 + 0.25 * (0.186 + 0.198), abs=1e-6)
    assert missing(found.own_visits)[0] == pytest.approx(0.5 + 0.25 * (0.1505 + 0.2228), abs=2e-4)


def test_what_ships_was_judged_on_the_tables_that_ship_by_a_command_that_is_named(stored):
    assert stored.tables == {name: checksums()[name] for name in judged.TABLES}
    assert stored.made["command"] == judged.COMMAND
    assert (len(stored.retention), len(stored.urines), len(stored.own_visits)) == (16, 36, 36)
    seen = everybody().shares
    for k, one in enumerate(stored.retention):
        assert one.published == pytest.approx(float(seen[k // len(DAYS), k % len(DAYS)]))


def test_what_is_kept_is_what_was_found_and_its_verdict_follows(stored):
    kept = weeks_judged.as_dict(stored)

    assert told.restored(json.loads(json.dumps(kept))) == stored
    assert kept["words"] == list(told.words(stored))
    for kind, label in told.KINDS.items():
        met = sum(one["within"] for one in kept[kind]["shares"])
        assert any(f"{met} of {kept[kind]['of']} {label}" in one for one in kept["words"])


def test_weeks_of_another_model_or_of_other_sets_say_so():
    found = judged.judged(statistics(), 100)
    assert weeks_judged.earlier(found) == ""

    other = dict(found.sets) | {"medications": "another"}
    object.__setattr__(found, "sets", other)
    assert "other sets of medications than ship" in weeks_judged.earlier(found)
    object.__setattr__(found, "model", "another")
    assert f"the present one is {model_hash()[:12]}" in weeks_judged.earlier(found)


def test_the_command_writes_what_it_tells(tmp_path, monkeypatch):
    made = judged.judged(statistics(), 100)
    monkeypatch.setattr(weeks_judged, "judge", lambda progress: made)
    file = tmp_path / "found.json"

    answer = CliRunner().invoke(
        app, ["validate", "--weeks", "--output", str(file), "--quiet", "--json"]
    )

    assert json.loads(file.read_text()) == json.loads(answer.stdout)
    assert told.restored(json.loads(file.read_text())) == made
    assert "--weeks" in CliRunner().invoke(app, ["validate", "--weeks", "--sites"]).stderr
