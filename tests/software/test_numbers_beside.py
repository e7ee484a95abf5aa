"""Can every number that is no parameter of the patient be found, with unit, prior and source?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.inference.beside import beside
from resynapse.inference.between_studies import BETWEEN_BASELINES, BETWEEN_EFFECTS, READING
from resynapse.parameter import entries
from resynapse.patient import Patient
from resynapse.population.disorder import apply, table
from resynapse.protocol import library, load
from resynapse.protocol.setting import Site
from resynapse.trial import fitted as trial_fitted
from resynapse.trial.fitted import fitted_at
from resynapse.trial.parameter_set import ParameterSetError
from resynapse.trial.site_draws import intervals
from resynapse.trial.site_numbers import FIELDS


@pytest.fixture(scope="module")
def numbers():
    return {one.path: one for one in beside()}


def asked(*words: str) -> list[dict]:
    answer = CliRunner().invoke(app, ["parameters", *words, "--json"])
    assert answer.exit_code == 0
    return json.loads(answer.stdout)["beside"]


def test_every_number_beside_has_unit_prior_status_and_source(numbers):
    for one in numbers.values():
        assert one.unit and one.prior and str(one.source)
        assert one.status in ("measured", "derived", "assumed")


def test_every_row_of_every_pack_is_there_as_it_is_used(numbers):
    for row in table():
        assert numbers[f"{row.disorder}: {row.path}"].value == row.value


def test_a_number_of_a_pack_is_spread_as_draws_spread_it(numbers):
    assert numbers["alcohol: lapse.baseline"].prior.startswith("log-normal")
    assert numbers["cocaine: opioid.competes"].prior == "fixed"


@pytest.mark.parametrize("name", ["fentanyl", "alcohol", "cocaine", "methamphetamine"])
def test_how_long_a_use_acts_is_told_as_widely_as_draws_spread_it(numbers, name):
    path = "opioid.time_constant"
    (drawn,) = (one for one in entries(apply(Patient(), name)) if one.path == path)
    above, middle = drawn.quantile(float(norm.cdf(1.0))), drawn.quantile(0.5)
    told = float(numbers[f"{name}: {path}"].prior.removeprefix("log-normal, log sd "))

    assert np.log(above / middle) == pytest.approx(told, rel=1e-9)


def test_sites_are_those_of_the_protocols(numbers):
    for name in library():
        site = load(name).setting.site
        for part in Site.model_fields:
            given = numbers.get(f"{name}: site.{part}", numbers.get(f"default site: {part}"))
            assert (given and given.value) == getattr(site, part), name
    assert numbers["default site: uncommitted"].value == Site().uncommitted
    assert numbers["ctn-0027: site.log_hazard"].status == "derived"
    assert numbers["ctn-0027: site.bout_end_per_day"].unit == "1/d"
    assert numbers["ctn-0027: site.methadone_stay_scale_days"].unit == "d"
    assert numbers["krupitsky-2002: site.log_hazard"].status == "assumed"


def test_what_is_drawn_of_a_site_says_how_and_what_is_not_does_not():
    trial = load("ctn-0027")
    found = intervals(trial, fitted_at("calibrated", trial))
    drawn = {one["path"]: one for one in asked("site") if one["drawn"]}

    both = {"log_hazard": (-1.59, 0.02), "uncommitted": (0.508, 0.597)}
    assert drawn.keys() == {f"ctn-0027: site.{name}" for name in (*FIELDS, *both)}
    for name, ends in both.items():
        assert drawn[f"ctn-0027: site.{name}"]["drawn"] == {
            "interval_90": pytest.approx(ends, abs=0.006), "stage": "medications",
        }  # fmt: skip
    for name, path in FIELDS.items():
        one = drawn[f"ctn-0027: site.{name}"]
        assert one["prior"] == "fixed"
        assert one["drawn"] == {"interval_90": list(found[path]), "stage": "medications"}
        assert found[path][0] < one["value"] < found[path][1]


def test_a_person_reads_how_a_number_of_a_site_is_drawn():
    (told,) = asked("ctn-0027", "bout_end")
    said = CliRunner().invoke(app, ["parameters", "ctn-0027", "bout_end"]).stdout

    low, high = told["drawn"]["interval_90"]
    assert told["drawn"]["stage"] == "medications"
    assert f"prior fixed; drawn as fitted, {low:.4g} to {high:.4g}, medications" in said


def test_without_a_set_for_this_model_nothing_is_said_to_be_drawn(monkeypatch):
    def refused(*_):
        raise ParameterSetError("of another model")

    monkeypatch.setattr(trial_fitted, "fitted_at", refused)
    assert not any(one["drawn"] for one in asked("ctn-0027"))


def test_what_lies_between_studies_is_there(numbers):
    values = [one.value for path, one in numbers.items() if path.startswith("between studies")]

    assert {BETWEEN_EFFECTS, BETWEEN_BASELINES, READING} <= set(values)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("alcohol", "baseline"), "alcohol: lapse.baseline"),
        (("krupitsky-2002",), "krupitsky-2002: site.log_hazard"),
        (("site", "smyth-2010"), "smyth-2010: site.uncommitted"),
        (("buprenorphine_stay", "fitted"), "ctn-0027: site.buprenorphine_stay_scale_days"),
        (("between", "studies"), "between studies: effects"),
        (("cocaine", "time_constant"), "cocaine: opioid.time_constant"),
    ],
)
def test_a_person_finds_it_by_a_word(words, path):
    assert path in [one["path"] for one in asked(*words)]
