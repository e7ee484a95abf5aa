"""Do people of a site that has numbers of its own have these, and all others the general ones?"""

from __future__ import annotations

from dataclasses import replace as replace_fields
from html import unescape

import numpy as np
import pytest

from resynapse.inference.sensitivity.quantity import Quantity
from resynapse.inference.sensitivity.tornado import tornado
from resynapse.input_error import InputError
from resynapse.parameter import lookup, replace
from resynapse.patient import Patient
from resynapse.protocol import Protocol, ProtocolError, dump, library, load, parse
from resynapse.report.sections.opening import parameters_said
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.fitted import fitted_at, fitted_for
from resynapse.trial.live import Live
from resynapse.trial.parameter_set import middle, shipped_set
from resynapse.trial.power import designs
from resynapse.trial.replay import replay
from resynapse.trial.search.asked import Asked
from resynapse.trial.search.space import Space
from resynapse.trial.simulate import simulate
from resynapse.trial.site_numbers import FIELDS, site_numbers
from resynapse.web.numbers import parameters_html

USE = {"lapse.uncommitted": 0.293, "stop.baseline": 0.74}
STAY = {
    "medication_stop.methadone_scale": 1396.0,
    "medication_stop.buprenorphine_scale": 541.0,
}
OWN = USE | STAY
DAYS = 31.0


@pytest.fixture(scope="module")
def ctn_0027():
    return load("ctn-0027").model_copy(
        update={"follow_up_days": DAYS, "visits": (), "endpoints": ("retention_30_days",)}
    )


def _without_own(protocol: Protocol) -> Protocol:
    site = protocol.setting.site.model_copy(update=dict.fromkeys(FIELDS))
    setting = protocol.setting.model_copy(update={"site": site})
    return protocol.model_copy(update={"setting": setting})


def test_only_the_trial_that_they_were_fitted_to_has_numbers_of_its_own():
    assert {name: own for name in library() if (own := site_numbers(load(name)))} == {
        "ctn-0027": OWN
    }


def test_a_site_without_numbers_of_its_own_is_written_as_before_there_were_such():
    assert not any(name in dump(load("smyth-2010")) for name in FIELDS)
    assert "bout_end_per_day: 0.74" in dump(load("ctn-0027"))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        *(("bout_end_per_day: 0.74", value) for value in ("0", "-1", "101", ".nan")),
        *(("methadone_stay_scale_days: 1396", value) for value in ("0", "-1", "100001", ".inf")),
        ("buprenorphine_stay_scale_days: 541", "0"),
    ],
)
def test_a_number_of_a_site_that_cannot_be_is_refused(line, value):
    text, name = dump(load("ctn-0027")), line.partition(":")[0]
    assert text.count(line) == 1

    with pytest.raises(ProtocolError, match=name):
        parse(text.replace(line, f"{name}: {value}"), "test")


def _use(protocol: Protocol, patient: Patient) -> np.ndarray:
    conduct, arm = Conduct(protocol, patient, 3), protocol.arms[0]
    (chunk,) = conduct.chunks(arm, unknown_arms(protocol, arm), 64)
    return chunk.use_days


def test_people_of_the_site_use_as_if_the_model_had_its_numbers_whatever_it_has(ctn_0027):
    here = _use(ctn_0027, Patient())
    general = _without_own(ctn_0027)

    assert (here == _use(general, replace(Patient(), OWN))).all()
    fitted = {path: shipped_set("medications").medians()[path] for path in OWN}
    assert (here == _use(ctn_0027, replace(Patient(), fitted))).all()
    assert here.sum() != _use(general, Patient()).sum()


@pytest.mark.parametrize("parameters", ["calibrated", "prior"])
def test_a_run_and_the_page_say_that_these_numbers_are_the_sites(ctn_0027, parameters):
    run = simulate(ctn_0027, patients=8, draws=0, parameters=parameters, rivals=False)
    page = Live(parameters=parameters).result(ctn_0027, patients=8, worlds=("default",))

    for made in (run, page):
        by = {row["path"]: row for row in made.parameters_table}
        for path, value in OWN.items():
            assert by[path].items() >= {"value": value, "set_by": "site"}.items()
            if parameters == "prior":
                assert by[path]["low"] is by[path]["high"] is None
            else:
                assert 0.6 * value < by[path]["low"] < value < by[path]["high"] < 1.6 * value
            assert path not in made.manifest.get("calibrated_parameters", ())
            by_stage = "medications" if parameters == "calibrated" else None
            told = {"value": value, "draws": by_stage}
            assert made.manifest["site_numbers"][path] == told
    assert run.manifest["protocol_hash"]
    html = parameters_html(ctn_0027, ("behaviour",), parameters)
    assert unescape(html).count("the protocol's site") == len(OWN)
    drawn = len(OWN) if parameters == "calibrated" else 0
    assert unescape(html).count("the protocol's site, drawn as fitted") == drawn


def test_a_report_opens_on_how_many_numbers_are_the_sites_own(ctn_0027):
    run = simulate(ctn_0027, patients=8, draws=0, rivals=False)
    fixed = {path: {"value": 1.0, "draws": None} for path in run.manifest["site_numbers"]}

    def opened(**manifest: object) -> str:
        return parameters_said(replace_fields(run, manifest={**run.manifest, **manifest}))

    assert ", 4 of the site's own, at one value each; all others prior" in opened()
    assert ", 4 of the site's own, drawn as fitted; all others prior" in opened(draws=2)
    some = {**run.manifest["site_numbers"], "stop.baseline": fixed["stop.baseline"]}
    assert "own, 3 of them drawn as fitted;" in opened(draws=2, site_numbers=some)
    assert "own, at one value each;" in opened(draws=2, site_numbers=fixed)
    with_bands = replace_fields(run, knowledge={"an arm: an endpoint": {"median": 0.5}})
    assert ", 4 of the site's own, drawn as fitted; all others prior" in parameters_said(with_bands)
    assert "of the site's own" not in opened(site_numbers={})


def test_under_the_prior_a_report_says_them_to_be_at_one_value(ctn_0027):
    run = simulate(ctn_0027, patients=8, draws=0, parameters="prior", rivals=False)

    said = "Parameters: prior, not calibrated, 4 of the site's own, at one value each."
    assert parameters_said(run) == said


def test_elsewhere_both_are_the_general_ones_that_were_fitted():
    medians, smyth = shipped_set("medications").medians(), load("smyth-2010")

    assert fitted_at("calibrated", smyth) == fitted_for("calibrated", "heroin")
    patient = Conduct(smyth, middle("heroin", fitted_at("calibrated", smyth)), 1).patient
    for path, own in USE.items():
        assert float(lookup(patient, path)) == medians[path] > 1.5 * own
    for path, own in STAY.items():
        assert float(lookup(patient, path)) == medians[path] < 0.97 * own


def test_a_sensitivity_leaves_out_what_the_site_has_for_itself(ctn_0027):
    free = {
        name: {one.path for one in Quantity(plan, "retention_30_days", plan.arms[0].id).free(who)}
        for name, plan, who in (
            ("here", ctn_0027, Patient()), ("elsewhere", load("smyth-2010"), Patient()),
        )
    }  # fmt: skip

    assert free["elsewhere"] - free["here"] == set(OWN)


def _search(protocol, settings):
    Asked(protocol, "relapse_6_months", Space({}), settings=settings)


@pytest.mark.parametrize(
    "asks",
    [
        lambda p, s: simulate(p, patients=8, draws=0, settings=s),
        lambda p, s: replay(p, 0, settings=s),
        lambda p, s: designs(p, "retention_30_days", settings=s),
        _search,
        lambda p, s: tornado(Quantity(p, "retention_30_days", "methadone"), tuple(s)),
    ],
)
def test_to_set_what_the_site_has_for_itself_is_refused_in_a_sentence(ctn_0027, asks):
    with pytest.raises(InputError, match=r"0\.74 per day, so nothing would move.*bout_end_per_day"):
        asks(ctn_0027, {"stop.baseline": 2.0})
    with pytest.raises(InputError, match=r"1396 days, so nothing would.*methadone_stay_scale_days"):
        asks(ctn_0027, {"medication_stop.methadone_scale": 900.0})
