"""Does a study that a user brings enter by the same rules as those of the package?"""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from evidence.published_trials import KETAMINE, designs
from resynapse.cli.command_line import app
from resynapse.evidence import StudyFileError, study
from resynapse.inference import calibration, own_study
from resynapse.inference.added import added, ensure_fitted
from resynapse.inference.own_study import judge, values
from resynapse.input_error import InputError
from resynapse.trial.parameter_set import parameter_set

HEAD = """id: my_trial
authors: [Person A]
year: 2026
title: "A replication"
role: {role}
role_reason: "Written down before any fit."
design: "Randomised."
population: "55 people."
origin: "day 0"
protocol: {protocol}
arms:
  - {{id: ketamine, label: K, n: 27}}
  - {{id: midazolam, label: M, n: 28}}
numbers:
"""
RATIO = (
    "  - {endpoint: lapse_or_dropout, arm: ketamine, reference: midazolam, measure: hazard_ratio,"
    " value: 0.9, unit: ratio, seen: table, place: T2, comparable: true, n: 55}\n"
)
RECALLED = RATIO.replace("seen: table", "seen: recalled").replace("true", "false")
MEAN = (
    "  - {endpoint: days_abstinent_percent, arm: ketamine, reference: midazolam, measure:"
    " mean_difference, value: 4.0, unit: percent, seen: table, place: T2, comparable: true,"
    " n: 55}\n"
)
SHARE = (
    "  - {endpoint: last_two_weeks_abstinent, arm: ketamine, measure: proportion, value: 0.3,"
    " unit: proportion, seen: table, place: T2, comparable: true, n: 27}\n"
)


@pytest.fixture
def file(tmp_path):
    def written(*rows, role="calibration", protocol="dakwar-2019"):
        place = tmp_path / "study.yaml"
        place.write_text(HEAD.format(role=role, protocol=protocol) + "".join(rows), "utf-8")
        return str(place)

    return written


def test_a_ratio_joins_the_fit_under_the_name_of_its_own_study(file):
    one = ensure_fitted(added(file(RATIO, MEAN)))

    (wanted,) = one.wanted
    assert (wanted.protocol, wanted.measure) == ("my_trial", "hazard_ratio")
    assert one.protocol.name == "my_trial"
    assert [number.measure for number in one.study.numbers] == ["hazard_ratio", "mean_difference"]


def test_a_recalled_number_is_set_aside_with_its_line_and_never_simulated(file):
    one = added(file(RATIO, RECALLED))

    (said,) = one.aside
    assert said.startswith("line 16, lapse_or_dropout")
    assert "recalled" in said
    assert "set aside" in said
    assert len(one.study.numbers) == 1


def test_a_mean_and_a_share_of_another_substance_are_judged_and_not_fitted(file):
    one = added(file(RATIO, MEAN, SHARE))

    assert len(one.wanted) == 1
    assert all("of no kind that the fit knows" in said for said in one.aside)
    assert len(one.study.numbers) == 3


def test_nothing_is_fitted_to_a_study_that_is_held_out(file):
    one = added(file(RATIO, role="held-out"))

    assert one.wanted == ()
    assert len(one.study.numbers) == 1
    with pytest.raises(InputError, match="marked held-out; not fitted"):
        ensure_fitted(one)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (RATIO.replace("lapse_or_dropout", "happiness"), "line 15: 'happiness' is no endpoint"),
        (RATIO.replace("n: 55", "n: 0"), "line 15, numbers 1: n = 0"),
        (RATIO.replace("arm: ketamine", "arm: placebo"), "'placebo' is no arm of this study"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(file, row, said):
    with pytest.raises(StudyFileError, match=said):
        added(file(row))


def test_an_arm_that_the_protocol_does_not_have_is_named_with_its_line(file):
    with pytest.raises(StudyFileError, match="line 15: ketamine, midazolam|line 15: ketamine"):
        added(file(RATIO, protocol="grabski-2022"))


def test_a_study_without_a_protocol_is_refused(file):
    place = file(RATIO)
    with open(place, encoding="utf-8") as opened:
        text = opened.read().replace("protocol: dakwar-2019\n", "")
    with open(place, "w", encoding="utf-8") as opened:
        opened.write(text)

    with pytest.raises(StudyFileError, match="names no protocol"):
        added(place)


def test_a_study_that_is_fitted_already_is_not_counted_twice():
    with pytest.raises(InputError, match="fitted already"):
        ensure_fitted(added("dakwar-2019"))


def _made(protocol, world, draws, study=None, **_):
    """A design by the law of the other tests, with the numbers of the user's study."""
    known = designs(draws, spread=0.2, sampling=0.4)
    if study is None:
        return known[protocol.name]
    one = known["dakwar-2019"]
    column = [n.measure for n in one.numbers].index("hazard_ratio")
    return dataclasses.replace(
        one, study=study.id, protocol=protocol.name, numbers=study.numbers[:1],
        among_all=one.among_all[:, [column]], in_trials=one.in_trials[:, :, [column]],
    )  # fmt: skip


def test_a_second_trial_that_found_nothing_pulls_the_effect_down(file, monkeypatch):
    monkeypatch.setattr(calibration, "design", _made)
    monkeypatch.setattr(calibration, "fitted", lambda problem, designs, samples: problem)
    null = file(RATIO.replace("value: 0.9", "value: 1.3"))

    alone = calibration.calibrate(draws=256)
    both = calibration.calibrate((ensure_fitted(added(null)),), draws=256)

    names = {target.wanted.protocol for target in both.targets}
    assert names == {"krupitsky-2002", "dakwar-2019", "my_trial"}
    middle = [_mean_effect(one) for one in (alone, both)]
    assert middle[1] < middle[0]


def _mean_effect(problem):
    from resynapse.inference.identified import weighted
    from resynapse.inference.synthetic_likelihood import published

    return weighted(problem, published(problem)).on()[0]


def test_a_study_of_ones_own_is_judged_by_the_posterior_that_ships(file, monkeypatch):
    monkeypatch.setattr(own_study, "design", _made)

    (one,) = judge(added(file(RATIO, role="held-out")), draws=256)

    assert (one.study, one.role, one.published) == ("my_trial", "held-out", 0.9)
    assert one.low90 < one.median < one.high90


def test_the_free_numbers_of_the_shipped_set_give_back_its_parameters():
    fitted = parameter_set("ketamine")
    table = values(KETAMINE, fitted, 3)

    for row, draw in zip(table, fitted.draws, strict=False):
        told = KETAMINE.settings(row)
        np.testing.assert_allclose([told[path] for path in fitted.paths], draw, rtol=1e-4)


def test_the_command_refuses_two_ways_to_validate_at_once(file):
    answer = CliRunner().invoke(app, ["validate", "--stored", "--add", file(RATIO)])

    assert answer.exit_code == 2
    assert "Give one" in answer.stderr


def test_the_command_says_what_is_set_aside(file, monkeypatch):
    monkeypatch.setattr(own_study, "design", _made)
    answer = CliRunner().invoke(
        app, ["validate", "--add", file(RATIO, RECALLED), "--json", "--quiet"]
    )

    told = json.loads(answer.stdout)
    assert [one["study"] for one in told["endpoints"]] == ["my_trial"]
    assert "recalled" in told["set_aside"][0]
    assert study("dakwar2019_cocaine").protocol is None
