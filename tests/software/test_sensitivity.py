"""Does the analysis of sensitivity find what a result rests on, and nothing else?"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.inference.extra import MissingExtra, ensure_installed
from resynapse.inference.sensitivity import Local, Quantity, QuantityError, local, shares, tornado
from resynapse.parameter import lookup
from resynapse.patient import Patient
from resynapse.protocol import load
from resynapse.report.sensitivity import tornado_svg

SHORT = {"follow_up_days": 40.0, "visits": (), "endpoints": ()}


@pytest.fixture(scope="module")
def asked() -> Quantity:
    short = load("krupitsky-2002").model_copy(update=SHORT)
    return Quantity(short, "lapse_1_months", "high", None, people=64)


@pytest.fixture(scope="module")
def found(asked):
    return tornado(asked, ("lapse.baseline", "nausea.*"))


@dataclass(frozen=True)
class Known(Quantity):
    """A quantity that is one parameter, so that all its variance has one known home."""

    path: str = "lapse.baseline"

    def patient(self) -> Patient:
        return Patient()

    def value(self, patient: Any, seed: int | None = None) -> float:
        return math.log(lookup(patient, self.path))

    def unit(self) -> str:
        return "1"


def test_the_hazard_of_use_moves_use_and_nausea_moves_nothing_of_it(found):
    first, *others = found.swings

    assert first.path == "lapse.baseline"
    assert found.tells(first)
    assert first.at_low < found.default < first.at_high
    assert [one.size for one in others] == [0.0] * len(others)
    assert len(others) >= 2


def test_a_swing_is_reported_with_unit_status_and_source(found):
    first = found.swings[0]

    assert (first.unit, first.status) == ("1/d", "assumed")
    assert first.low < lookup(Patient(), first.path) < first.high


def test_all_variance_of_a_parameter_is_its_links_and_none_anothers(asked):
    told: list[float] = []

    answer = shares(
        Known(asked.protocol, "lapse_1_months", "high"), 64, lambda x, _: told.append(x)
    )

    links = {one.link: one for one in answer.shares}
    behaviour = links.pop("behaviour")
    assert abs(behaviour.total - 1.0) < behaviour.total_error < 0.3
    assert {one.total for one in links.values()} == {0.0}
    assert answer.simulated == len(told) == 64 * (len(links) + 1 + 2)


def test_the_picture_shows_each_parameter_and_what_it_is_of(found):
    picture = tornado_svg(found)

    assert re.findall(r">(lapse\.baseline|nausea\.\w+)<", picture)
    for words in ("lapse 1 months", "krupitsky-2002", "Prior, not calibrated"):
        assert words in picture


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--arm", "hihg"], "has no arm 'hihg'. Its arms are high, low"),
        (["--endpoint", "happiness"], "happiness"),
        (["--arm", "high", "--against", "high"], "compared with itself"),
        (["--only", "lerning.*"], "no parameter with a prior matches"),
        (["--method", "guess"], "choose one of tornado, links, local"),
        (["--method", "links", "--plot", "x.svg"], "only a tornado is drawn, or slopes"),
        (["--method", "local", "--arm", "hihg"], "has no arm 'hihg'"),
        (["--method", "local", "--only", "lerning.*"], "no parameter with a prior matches"),
        (["--base", "30"], "give a power of two"),
        (["--people", "3"], "at least 16"),
        (["--plot", "x.png"], "as .svg"),
        (["--output", "no/such/folder/x.csv"], "its folder does not exist"),
    ],
)
def test_wrong_input_gets_a_sentence(options, words):
    answer = CliRunner().invoke(app, ["sensitivity", "krupitsky-2002", *options])

    assert answer.exit_code == 2
    assert words in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


def test_a_program_reads_one_object_and_a_file_holds_every_row(tmp_path):
    rows = tmp_path / "rows.csv"
    arguments = ["--endpoint", "retention_1_months", "--only", "nausea.*", "--people", "16"]

    answer = CliRunner().invoke(
        app, ["sensitivity", "krupitsky-2002", *arguments, "--json", "--output", str(rows)]
    )

    told = json.loads(answer.stdout)
    written = list(csv.DictReader(rows.open(encoding="utf-8")))
    assert told["unit"] == "risk difference"
    assert [one["path"] for one in written] == [one["path"] for one in told["rows"]]


def test_a_slope_by_differences_is_that_of_the_quantity_and_says_so(asked):
    found = local(Known(asked.protocol, "lapse_1_months", "high"), ("lapse.baseline", "nausea.*"))

    first, *others = found.slopes
    at = lookup(Patient(), "lapse.baseline")
    assert first.path == "lapse.baseline"
    assert first.slope == pytest.approx(1.0 / at, rel=0.05)
    assert first.elasticity == pytest.approx(1.0 / math.log(at), rel=0.05)
    assert first.tells and first.error == pytest.approx(0.0, abs=1e-9)
    assert others and all(one.slope == 0.0 and not one.tells for one in others)


class Untold(Known):
    """What a trial can tell at the defaults in all sets of people but with other values in none."""

    def value(self, patient, seed=None):
        at = lookup(patient, "lapse.baseline") == lookup(Patient(), "lapse.baseline")
        return 1.0 if at else math.nan


def test_a_parameter_of_which_no_set_of_people_tells_is_left_out_by_name(asked):
    quantity = Untold(asked.protocol, "lapse_1_months", "high")

    found = local(quantity, ("lapse.baseline", "nausea.*"))

    assert found.left_out == ("lapse.baseline",) and found.slopes
    json.dumps([one.slope for one in found.slopes], allow_nan=False)


@pytest.mark.parametrize("telling", [(), (1,)], ids=["none", "one"])
def test_a_quantity_that_fewer_than_two_sets_of_people_tell_is_refused(asked, monkeypatch, telling):
    monkeypatch.setattr(
        Untold, "value", lambda self, patient, seed=None: 1.0 if seed in telling else math.nan
    )

    with pytest.raises(QuantityError, match="cannot be told from 256 people an arm"):
        local(Untold(asked.protocol, "lapse_1_months", "high"), ("nausea.*",))


def test_slopes_are_told_as_a_table_a_file_and_a_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[Local.__module__], "SETS", 2)
    rows, picture = tmp_path / "rows.csv", tmp_path / "slopes.svg"
    arguments = ["--method", "local", "--endpoint", "retention_1_months", "--alone"]
    files = ["--output", str(rows), "--plot", str(picture)]

    answer = CliRunner().invoke(
        app,
        ["sensitivity", "krupitsky-2002", *arguments, "--only", "nausea.*", "--people", "16",
         *files, "--json"],
    )  # fmt: skip

    told = json.loads(answer.stdout)
    written = list(csv.DictReader(rows.open(encoding="utf-8")))
    assert told["reference"] is None
    assert [one["path"] for one in written] == [one["path"] for one in told["rows"]]
    assert re.findall(r">(nausea\.\w+)<", picture.read_text())
    assert "Slope at the defaults times one sd" in picture.read_text()


def test_a_quantity_of_an_unknown_arm_is_refused_before_anything_runs(asked):
    with pytest.raises(QuantityError, match="no arm 'placebo'"):
        Quantity(asked.protocol, "lapse_1_months", "placebo").ensure_known()


def test_a_missing_library_is_named_with_the_command_that_brings_it():
    with pytest.raises(MissingExtra, match=r'pip install "resynapse\[inference\]"'):
        ensure_installed("no_such_library_anywhere")
