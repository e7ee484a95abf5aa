"""Is what is wrong with a user's study file named by line, and refused or set aside by rule?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import numpy as np
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from evidence.study_example import EXAMPLE, changed
from resynapse.cli.command_line import app
from resynapse.evidence import (
    Exposure,
    NotFitted,
    StudyFileError,
    check_study,
    read_study,
    set_aside,
    studies,
    study,
    study_text,
    usable,
    usable_concentrations,
    usable_exposures,
    why_set_aside,
)
from resynapse.evidence.field_rules import doi_fault
from resynapse.evidence.likelihood import NEVER_FITTED, value_count
from resynapse.evidence.measure import unit_fault
from resynapse.evidence.study_schema import study_schema
from resynapse.inference.design import Design
from resynapse.inference.stages.ketamine import FITTED
from resynapse.inference.synthetic_likelihood import Wanted, target
from resynapse.protocol import load


@pytest.fixture
def written(tmp_path):
    """A function that writes a text where a study file belongs."""

    def write(text: str) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_sound_study_file_is_used_whole(written):
    path = written(EXAMPLE)

    assert check_study(path) == []
    assert len(usable(read_study(path))) == 2
    assert len(usable_concentrations(read_study(path))) == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("count: 10", "count: 25", 15, "25 of 20 is impossible"),
        ("count: 10", "count: 4", 15, "4 of 20 is 0.200, not 0.5"),
        ("n: 20, count: 10", "count: 10", 15, "10 of how many people? Add n"),
        ("value: 0.6", "value: 1.6", 16, "1.6 lies outside its interval, 0.3 to 1.2"),
        ("low: 0.3", "low: 1.3", 16, "ends (1.2) below where it begins (1.3)"),
        ('interval: "95 % confidence, reported", ', "", 16, "say what the interval is"),
        ("unit: ratio", "unit: mg", 17, "the unit of a hazard_ratio is ratio, not 'mg'"),
        ("value: 0.5, unit: prop", "value: 1.5, unit: prop", 14, "lies between 0 and 1; 1.5 does"),
        ("value: 0.6", "value: -0.6", 16, "lies above 0; -0.6 does not"),
        ("value: 0.5, unit", "value: .nan, unit", 14, "nan is no finite number"),
        ("n: 20, count", "n: 0, count", 15, "n = 0; at least one person"),
        ("n: 20, count", "n: 19.5, count", 15, "19.5 is no whole number"),
        ("n: 20, count: 10", "n: 40, count: 20", 15, "n = 40, but only 20 people are in high"),
        ("ratio, n: 40", "ratio, n: 41", 17, "n = 41, but only 40 people are in high and low"),
        ("arm: high, reference", "arm: hihg, reference", 16, "'hihg' is no arm of this study"),
        ("measure: hazard_ratio", "measure: hazard ratio", 16, "did you mean hazard_ratio?"),
        ("role: calibration", "role: training", 5, "'training' is no role; allowed: calibration"),
        ("seen: table", "seen: somewhere", 15, "use table, abstract, excerpt"),
        ("year: 2025\n", "", 1, "year is missing"),
        ("place: Table 2", "palce: Table 2", 15, "'palce' is no field. Did you mean place?"),
        ("unit: ng/mL", "unit: mg/kg", 20, "no unit of a concentration"),
        ("year: 2025", 'year: 2025\ndoi: "https://doi.org/10.1"', 4, "form of a DOI: 10., a regis"),
        ("year: 2025", "year: 2025\ndoi: 10.1/x", 4, "'10.1/x' has not the form of a DOI"),
        ("[40, 180, 150, 220]", "[40, 180, 190, 220]", 21, "outside its interval"),
    ],
)
def test_what_cannot_be_true_is_refused_with_its_line(written, old, new, line, message):
    path = written(changed(old, new))

    with pytest.raises(StudyFileError) as refusal:
        read_study(path)

    said = [row for row in refusal.value.message.splitlines() if message in row]
    assert len(said) == 1
    assert said[0].strip().startswith(f"line {line}, ")


def test_a_doi_as_it_is_printed_is_taken(written):
    text = changed("year: 2025", "year: 2025\ndoi: 10.1016/S0140-6736(08)60954-X")

    assert read_study(written(text)).doi == "10.1016/S0140-6736(08)60954-X"
    assert all(one.doi is None or not doi_fault(one.doi) for one in studies())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("n: 20, count: 10, ", "", "the number of people behind it is missing"),
        ("seen: table, place: Table 2, comparable: true",
         "seen: recalled, place: not seen, comparable: false", "it was recalled"),
        ("seen: table, place: Table 2", "seen: press, place: news", "press report"),
        ("place: Table 2, comparable: true", "place: Table 2, comparable: false",
         "does not yield the same quantity"),
    ],
)  # fmt: skip
def test_what_carries_no_weight_is_kept_and_set_aside(written, old, new, reason):
    path = written(changed(old, new))

    assert [(one.line, one.rule) for one in check_study(path)] == [(14, "set aside")]
    kept = read_study(path)
    assert len(kept.numbers) == 2
    assert [number.endpoint for number in usable(kept)] == ["lapse"]
    assert reason in set_aside(kept)[0][1]


@pytest.mark.parametrize("id", ["smyth2010", "kamp2020", "ctn0027"])
def test_a_study_of_the_package_read_from_a_file_is_the_same_study(id, written):
    assert read_study(written(study_text(id))) == study(id)


def test_a_recalled_number_cannot_be_called_comparable(written):
    with pytest.raises(StudyFileError, match="recalled number may be compared with nothing"):
        read_study(written(changed("seen: table, place: Table 2", "seen: recalled, place: none")))


def test_no_recalled_number_of_any_study_can_be_fitted():
    recalled = [n for found in studies() for n in found.numbers if n.seen == "recalled"]
    fitted = [n for found in studies() if found.role not in NEVER_FITTED for n in usable(found)]

    assert len(recalled) > 4
    assert fitted
    assert [number for number in fitted if number in recalled] == []


@pytest.mark.parametrize("id", ["jovaisa2006_opiate_detox", "morekare_phase3_alcohol"])
def test_nothing_can_be_fitted_to_a_study_that_was_held_out_or_is_pending(id):
    with pytest.raises(NotFitted, match="nothing may be fitted to it"):
        usable(study(id))


def test_a_fit_that_wants_a_recalled_number_is_refused():
    recalled = next(n for n in study("krupitsky2002_heroin").numbers if n.seen == "recalled")
    wanted = Wanted("krupitsky-2002", recalled.endpoint, recalled.arm, recalled.measure)
    points = np.zeros((1, 1))
    one = Design("krupitsky2002_heroin", "krupitsky-2002", (recalled,), points, points, points, 1)

    with pytest.raises(NotFitted, match="it was recalled"):
        target(wanted, {"krupitsky-2002": one})


CLEARANCE = Exposure("iv", "clearance", "ketamine", "venous", 60.0, "L/h", "table", "Table 1", n=9)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"seen": "recalled"}, "it was recalled"),
        ({"seen": "press"}, "press report"),
        ({"n": None}, "number of people behind it is missing"),
        ({"informed": "the liver"}, "it would count twice"),
        ({"reported_only": "children"}, "it is shown and not judged"),
        ({"role": "held-out"}, "it is marked held-out"),
    ],
)
def test_a_summary_of_concentrations_enters_a_likelihood_by_the_same_rule(changes, reason):
    said = why_set_aside(replace(CLEARANCE, **changes))

    assert said is None if reason is None else reason in said


def test_the_values_that_the_fit_of_kinetics_uses_are_those_that_may_be_fitted():
    found = {id: len(usable_exposures(study(id))) for id in ("hasan2021", "perezruixo2021")}

    assert found == {"hasan2021": 2, "perezruixo2021": 0}  # the model was set with its values
    with pytest.raises(NotFitted, match="nothing may be fitted to it"):
        usable_exposures(study("phar2022"))


@pytest.mark.parametrize("id", ["kamp2020", "perezruixo2021", "krupitsky2002_heroin"])
def test_what_may_and_what_may_not_be_fitted_add_up_to_all_that_was_published(id, written):
    answer = CliRunner().invoke(app, ["evidence", "check", str(written(study_text(id)))])

    last = answer.stdout.strip().splitlines()[-1]
    values, usable_ones, aside = map(int, re.findall(r"(-?\d+) (?:numbers|may)", last))
    assert values == value_count(study(id))
    assert usable_ones >= 0 and aside >= 0
    assert usable_ones + aside == values


def test_every_number_that_the_shipped_fit_uses_may_be_fitted():
    for wanted in FITTED:
        numbers = usable(study(load(wanted.protocol).study))
        same = (wanted.endpoint, wanted.arm, wanted.measure)
        assert any((one.endpoint, one.arm, one.measure) == same for one in numbers), wanted


def test_all_that_is_wrong_is_said_at_once(written):
    text = changed("count: 10", "count: 25").replace("unit: ratio", "unit: mg")

    with pytest.raises(StudyFileError) as refusal:
        read_study(written(text))

    assert refusal.value.message.count("(refused)") == 2


@pytest.mark.parametrize("text", ["", "- a\n", "id: [", "a: 1\na: 2\n", "id: \x00"])
def test_what_is_no_study_file_is_said_in_one_sentence(written, text):
    done = CliRunner().invoke(app, ["evidence", "check", str(written(text))])

    assert done.exit_code == 2
    assert "mine.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_said_in_one_sentence(tmp_path):
    done = CliRunner().invoke(app, ["evidence", "check", str(tmp_path / "none.yaml")])

    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def test_a_refused_file_ends_with_exit_code_2_and_a_sound_one_with_0(written):
    sound = CliRunner().invoke(app, ["evidence", "check", str(written(EXAMPLE))])
    wrong = CliRunner().invoke(
        app, ["evidence", "check", str(written(changed("count: 10", "count: 25")))]
    )

    assert (sound.exit_code, wrong.exit_code) == (0, 2)
    assert "3 may enter a likelihood" in sound.stdout
    assert "line 15" in wrong.stderr


@pytest.mark.parametrize("initial", sorted({found.id[0] for found in studies()}))
def test_the_studies_of_the_package_keep_the_rules_for_users(initial, written):
    for found in studies():
        if found.id.startswith(initial):
            path = written(study_text(found.id))
            assert [str(one) for one in check_study(path) if one.rule == "refused"] == []


@pytest.mark.parametrize("id", ["krupitsky2002_heroin", "zarate2006"])
def test_a_study_file_fits_the_schema_and_a_wrong_one_does_not(id):
    rules = jsonschema_rs.validator_for(study_schema())
    content = YAML(typ="safe", pure=True).load(study_text(id))

    assert rules.is_valid(content)
    assert not rules.is_valid({**content, "numbers": [{"endpoint": "lapse"}]})
    assert not rules.is_valid({**content, "role": "training"})


def test_a_study_can_be_had_as_json_bibtex_and_yaml():
    run = CliRunner().invoke

    as_json = json.loads(run(app, ["evidence", "show", "smyth2010", "--json"]).stdout)
    as_bibtex = run(app, ["evidence", "show", "smyth2010", "--bibtex"]).stdout
    as_yaml = run(app, ["evidence", "show", "smyth2010", "--yaml"]).stdout

    assert as_json["id"] == "smyth2010"
    assert as_bibtex.startswith("@article{smyth2010,")
    assert as_yaml == study_text("smyth2010")
    assert run(app, ["evidence", "--bibtex"]).stdout.count("\n@") == len(studies()) - 1


def test_a_held_out_study_is_told_where_its_numbers_go(written):
    held = EXAMPLE.replace("role: calibration", "role: held-out")
    assert held != EXAMPLE

    said = CliRunner().invoke(app, ["evidence", "check", str(written(held))]).stdout

    assert "0 may enter a likelihood" in said
    assert "marked held-out, so that nothing is fitted to it" in said
    assert f"validate --add {written(held)}" in said


def test_the_unit_of_an_endpoint_that_is_computed_is_named_where_another_is_given():
    said = unit_fault("craving_vas_day_28", "mean", "VAS 0-100")

    assert said == "craving_vas_day_28 is in VAS points, not in 'VAS 0-100'"
    assert "'OCDS points'" in unit_fault("craving by a questionnaire", "mean", "OCDS 0-40")
