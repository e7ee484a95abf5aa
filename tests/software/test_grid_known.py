"""Is an error of the grid that was measured once told ever after, and only where it is true?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.protocol import library, load, parse
from resynapse.report.grid_words import grid_words
from resynapse.trial import grid_choice, grid_known, grid_told, steps_hash
from resynapse.trial.grid import NOT_MEASURED
from resynapse.trial.grid_known import BROUGHT, HERE, Found, known, measured, sealed, subject
from software.small_trial import TEXT

SMALL = parse(TEXT, "test")


def error(seed, people, first, days, window=3e-8):
    arm = {
        "people": people, "first_uses": 21, "first_use_median_d": 0.00112,
        "first_use_99th_percentile_d": 0.0553, "same_bouts": 1.0,
        "states_share_of_range": {"window": window, "craving": 0.003},
    }  # fmt: skip
    return {
        "backend": "native", "reference": "reference", "days": days, "seed": seed,
        "people": [first, first + people - 1], "cut": 1, "arms": {"all": arm},
    }  # fmt: skip


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """An empty cache, nothing shipped, and a list of what is measured instead of measuring it."""
    done: list[tuple[int, int, int]] = []

    def instead(protocol, patient, seed, *, backend, people, days, first, cut):
        done.append((seed, people, first))
        return error(seed, people, first, min(days, protocol.follow_up_days))

    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(grid_known, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(grid_known, "grid_error", instead)
    grid_known._all_in.cache_clear()
    yield done
    grid_known._all_in.cache_clear()


def told(protocol=SMALL, patient=None, seed=1, cut=1, check=False):
    return grid_told.grid_told(protocol, patient or Patient(), seed, "native", cut, check)


def ship(name: str, about: dict, *errors: dict) -> Path:
    grid_known.SHIPPED.mkdir(exist_ok=True)
    place = grid_known.SHIPPED / f"{name}.json"
    place.write_text(sealed(about, list(errors)))
    grid_known._all_in.cache_clear()
    return place


def about(protocol=SMALL):
    return subject(protocol, Patient(), "native", 1)


def test_what_was_measured_once_is_told_of_every_later_run_of_these_arms(asked):
    assert told()["grid_error"] == NOT_MEASURED
    first = told(check=True)["grid_error"]
    later = told(seed=7)["grid_error"]

    assert asked == [(1, 64, 0)]
    assert first == later and later["seed"] == 1 and later["people"] == [0, 63]
    assert later["known"]["where"] == HERE
    assert later["known"]["parameter_hash"] == about()["parameters"]


def test_the_same_people_are_not_measured_twice_and_others_are(asked):
    for seed, first in ((1, 0), (1, 0), (1, 32), (2, 0)):
        measured(SMALL, Patient(), seed, people=32, first=first)

    assert asked == [(1, 32, 0), (1, 32, 32), (2, 32, 0)]


OTHERS = {
    "dose": TEXT.replace("0.5 mg/kg iv", "0.6 mg/kg iv"),
    "setting": TEXT.replace("community_day: 3", "community_day: 4"),
    "session": TEXT.replace("hours: 1 h", "hours: 2 h"),
    "visit": TEXT.replace("visits: [2, 8]", "visits: [2, 9]"),
    "people": TEXT + "population: {female: 0.5}\n",
    "day of a state": TEXT.replace(
        "[abstinence_1_months]", "[abstinence_1_months, window_day_5.37]"
    ),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_moves_a_path_is_another_run_of_which_nothing_is_known(asked, other):
    told(check=True)

    assert told(parse(OTHERS[other], "test")) == {"grid_error": NOT_MEASURED}


@pytest.mark.parametrize("where", ["off", "/proc/nowhere"])
def test_what_was_asked_for_is_told_also_where_nothing_can_be_kept(asked, monkeypatch, where):
    monkeypatch.setenv("RESYNAPSE_CACHE", where)
    found = told(check=True)["grid_error"]

    assert len(asked) == 1
    assert found["people"] == [0, 63] and found["known"]["where"] == HERE


def test_a_number_that_a_site_has_for_itself_hides_the_general_one():
    site, other = load("ctn-0027"), replace(Patient(), {"stop.baseline": 9.0})

    assert subject(site, other, "native", 1) == subject(site, Patient(), "native", 1)
    assert subject(SMALL, other, "native", 1) != subject(SMALL, Patient(), "native", 1)


WORDS = {
    "title": TEXT.replace("A small trial for tests", "Another title"),
    "name": TEXT.replace("name: small-trial", "name: mine"),
    "label": TEXT.replace("label: Ketamine, therapy", "label: Therapy, ketamine"),
    "number of people": TEXT + "population: {patients_per_arm: 50}\n",
}


@pytest.mark.parametrize("other", WORDS)
def test_names_and_the_number_of_people_move_no_path(asked, other):
    told(check=True)

    assert told(parse(WORDS[other], "test"))["grid_error"]["people"] == [0, 63]


def test_another_grid_is_not_known_by_the_error_of_the_rule(asked):
    told(check=True)

    assert told(cut=2)["grid_error"] == NOT_MEASURED


def test_a_changed_step_turns_a_number_into_not_measured(asked, monkeypatch):
    told(check=True)
    monkeypatch.setattr(grid_known, "steps_hash", lambda backend: "other steps")

    assert told() == {"grid_error": NOT_MEASURED}


def test_shipped_numbers_of_other_steps_are_named_as_such_and_never_as_this_run_s(asked):
    ship("small", {**about(), "code": "earlier"}, error(1, 32, 32, 30.0))
    found = told()

    assert found["grid_error"] == NOT_MEASURED
    assert found["grid_measured_otherwise"]["differs"] == [grid_told.WORDS["code"]]
    assert found["grid_measured_otherwise"]["people"] == [32, 63]
    assert grid_words(found).startswith("not measured for this run; `--check-grid` measures it")


def test_other_parameters_are_named(asked):
    ship("small", about(), error(1, 32, 32, 30.0))
    hazard = float(Patient().lapse.baseline)
    found = told(patient=replace(Patient(), {"lapse.baseline": 2.0 * hazard}))

    assert found["grid_error"] == NOT_MEASURED
    assert found["grid_measured_otherwise"]["differs"] == [grid_told.WORDS["parameters"]]


def test_what_ships_is_told_with_people_of_tuning_and_others(asked):
    ship("small", about(), error(1, 32, 0, 30.0), error(1, 32, 32, 30.0, window=2e-6))
    found = grid_choice.grid(SMALL, Patient(), 9, "native", "rule", None).told

    assert told(seed=9)["grid_error"]["people"] == [32, 63]
    assert told(seed=9)["grid_error"]["known"]["where"] == BROUGHT
    assert (found["tuning"]["people"], found["measured"]["people"]) == ([0, 31], [32, 63])
    assert found["kept_in_tuning"] and not found["kept_in_others"]
    assert asked == []


def test_a_grid_chosen_by_itself_measures_nobody_again(asked):
    for _ in range(2):
        found = grid_choice.grid(SMALL, Patient(), 1, "native", "auto", None)

    assert asked == [(1, 32, 0), (1, 32, 32)]
    assert found.cut == 1 and found.told["kept_in_others"]


def test_a_damaged_file_is_said_to_be_and_counts_as_not_measured(asked, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(grid_known, "tell", said.append)
    told(check=True)
    (kept,) = (Path(grid_known.folder("grids"))).glob("*.json")
    changed = json.loads(kept.read_text())
    changed["errors"][0]["arms"]["all"]["same_bouts"] = 0.5
    kept.write_text(json.dumps(changed))

    assert told()["grid_error"] == NOT_MEASURED
    assert "damaged" in said[0]
    told(check=True)
    assert told()["grid_error"]["arms"]["all"]["same_bouts"] == 1.0


def test_without_a_cache_folder_nothing_is_kept_and_the_run_goes_on(asked, monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", "off")

    assert told()["grid_error"] == NOT_MEASURED
    measured(SMALL, Patient(), 1, people=64)
    assert told()["grid_error"] == NOT_MEASURED


def test_of_several_that_of_this_seed_is_told_then_that_of_most_people():
    made = {"version": "1", "date": "today", "where": HERE}
    of = [error(1, 64, 0, 60), error(2, 32, 0, 60), error(2, 32, 32, 60)]
    found = [Found({}, one, made) for one in of]

    assert grid_known.nearest(found, 2).error is of[2]
    assert grid_known.nearest(found, 3).error is of[0]
    assert grid_known.nearest([], 1) is None


def test_the_key_covers_every_file_that_steps_a_person_or_says_when():
    modules = [steps_hash.MODULES[name] for name in ("native", "reference")]
    found = set(steps_hash.reached((steps_hash.BEGINS, *modules)))

    assert {
        "resynapse.engine.schedule", "resynapse.engine.stepper", "resynapse.engine.driven_path",
        "resynapse.engine.random", "resynapse.engine.native.detour", "resynapse.engine.noise",
        "resynapse.trial.plan", "resynapse.trial.timeline", "resynapse.trial.pilots",
        "resynapse.trial.arm_setting", "resynapse.trial.recruitment", "resynapse.purpose",
    } <= found  # fmt: skip
    assert not {"resynapse.engine.checkpoint", "resynapse.trial.simulate"} & found


def test_each_back_end_has_a_key_of_its_own():
    keys = [steps_hash.steps_hash(name) for name in ("native", "native-f32", "xla")]

    assert len(set(keys)) == 3


def test_a_line_of_code_makes_another_key_and_a_comment_does_not(monkeypatch):
    place, said = steps_hash._file("resynapse.engine.schedule"), {"extra": ""}
    read = Path.read_text
    monkeypatch.setattr(
        Path, "read_text",
        lambda file, *a, **k: read(file, *a, **k) + (said["extra"] if file == place else ""),
    )  # fmt: skip
    keys = []
    for said["extra"] in ("", "\n# a comment\n", "\nFINER = 2\n"):
        steps_hash.steps_hash.cache_clear()
        keys.append(steps_hash.steps_hash("native"))
    steps_hash.steps_hash.cache_clear()

    assert keys[0] == keys[1] != keys[2]


def test_only_a_large_run_is_measured_unasked():
    plan = load("krupitsky-2002")
    worth = [
        grid_told.worth_measuring(plan, count, 0, kept=True, variants=3)
        for count in (1000, 100_000, 10_000_000)
    ]

    assert worth == [False, False, True]


def test_what_ships_is_whole_and_of_protocols_of_the_library(monkeypatch):
    wrong: list[str] = []
    monkeypatch.setattr(grid_known, "tell", wrong.append)
    grid_known._all_in.cache_clear()
    files = sorted(grid_known.SHIPPED.glob("*.json"))

    assert files and {file.stem for file in files} <= set(library())
    for found in grid_known._brought():
        first, last = found.error["people"]
        assert last - first == 31 and found.error["days"] <= 60.0
        assert all(arm["people"] == 32 for arm in found.error["arms"].values())
    assert len(grid_known._brought()) == 2 * len(files) and not wrong


def test_the_error_is_told_in_words():
    made = {"version": "1.0", "date": "2026-11-26", "where": BROUGHT}
    said = grid_words({"grid_error": {**error(1, 32, 32, 60.0), "known": made}})

    assert said == (
        "first use off by 0.0011 d at the median and 0.055 d at the 99th percentile, as many bouts"
        " of use in 100 % of people, states of the acute clock off by 3e-8 of their range at most"
        " (against the reference, 32 people an arm, numbers 32 to 63, seed 1, 60 days; shipped with"
        " the package, 2026-11-26, version 1.0)"
    )
    assert grid_words({"grid_error": NOT_MEASURED}) == "not measured; `--check-grid` measures it"
    assert grid_words({}) is None


def test_where_nobody_could_be_compared_no_error_of_nothing_is_told():
    """Who is using at entry has no first use to come, and states are of people without a bout."""
    found = error(1, 32, 0, 60.0)
    found["arms"]["all"] |= {
        "first_uses": 0, "first_use_median_d": 0.0, "first_use_99th_percentile_d": 0.0,
        "states_share_of_range": {},
    }  # fmt: skip
    made = {"version": "1.0", "date": "2026-11-26", "where": BROUGHT}

    assert grid_words({"grid_error": {**found, "known": made}}).startswith(
        "no first use to compare, as many bouts of use in 100 % of people, no state compared, since"
        " everybody has used (against"
    )


def test_the_subject_of_an_error_names_all_that_decides_it():
    assert set(about()) == {"protocol", "parameters", "code", "backend", "cut"}
    assert known({**about(), "protocol": "none such"}) == []
