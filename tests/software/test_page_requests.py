"""What does the server of the page answer, and to whom does it not?"""

from __future__ import annotations

import copy
import csv
import io
import json
import re

import numpy as np
import pytest
from markupsafe import escape

from resynapse.cli.command_line import app as command_line
from resynapse.evidence import studies
from resynapse.exchange.spreadsheet import harmless
from resynapse.inference.kinetics import bars
from resynapse.inference.kinetics import stored as kept_concentrations
from resynapse.inference.validated import stored
from resynapse.patient import parameters
from resynapse.protocol import library, load, parse
from resynapse.report.forest import forest
from resynapse.report.sections.forecasts import SEEN
from resynapse.web.circuit import averaged
from resynapse.web.guard import MOST_BYTES
from resynapse.web.numbers import LINKS

FEW = 16


def changed(asked, **parts):
    """The same request with parts of its protocol replaced."""
    return {**asked, "protocol": {**copy.deepcopy(asked["protocol"]), **parts}}


def test_the_page_the_command_line_and_python_agree_to_the_last_digit(server, asked, tmp_path):
    text = server.ask("/api/yaml", asked)[1].decode()
    file = tmp_path / "programme.yaml"
    file.write_text(text)
    told = csv.DictReader(io.StringIO(server.ask("/api/outcomes.csv", asked)[1].decode()))
    page = {(row["arm"], row["endpoint"]): row for row in told}

    from typer.testing import CliRunner

    words = ["run", str(file), "--patients", str(FEW), "--seed", "1", "--draws", "0", "--json"]
    ran = CliRunner().invoke(command_line, [*words, "--quiet"])
    line = json.loads(ran.stdout)

    from resynapse.trial.simulate import simulate

    here = simulate(parse(text, "the page"), patients=FEW, seed=1, draws=0)
    assert page
    for arm in here.arms.values():
        for name, estimate in arm.endpoints.items():
            shown = page[arm.id, name]
            cell = line["arms"][arm.id]["endpoints"][name]
            for part in ("value", "low", "high"):
                ours = getattr(estimate, part)
                assert shown[part] == ("" if ours is None else repr(ours))
                assert cell[part] == ours
    answer = server.json("/api/simulate", asked)
    words = f"resynapse run heroin-ketamine.yaml --patients {FEW} --seed 1"
    assert answer["command"] == f"{words} --parameters calibrated"


def test_a_programme_from_the_page_is_read_back_as_the_same_protocol(server, asked):
    text = server.ask("/api/yaml", asked)[1].decode()

    assert server.json("/api/check", {"text": text})["protocol"] == asked["protocol"]


@pytest.mark.parametrize("endpoint", ["teleported", "abstinence_600_months"])
def test_a_check_refuses_an_endpoint_that_no_run_gives_in_the_words_of_a_run(
    server, asked, endpoint
):
    wanted = changed(asked, endpoints=[*asked["protocol"]["endpoints"], endpoint])

    told = [server.ask(f"/api/{way}", wanted) for way in ("check", "simulate")]

    assert told[0] == told[1] and told[0][0] == 422
    assert endpoint in json.loads(told[0][1])["problems"][0]["message"]


def test_every_protocol_of_the_library_can_be_put_on_the_page(server):
    for name in library():
        found = server.json(f"/api/protocols/{name}")["protocol"]
        assert parse(json.dumps(found), name) == load(name)


@pytest.mark.parametrize(
    ("change", "said", "path"),
    [
        ({"amount": {"value": 8, "unit": "mg/kg"}}, "Did you mean 0.8 mg/kg?", "amount"),
        ({"route": "rectal"}, "Did you mean oral?", "route"),
        ({"days": [2, 2]}, "list each once, in rising order", "days"),
        ({"minutes": 1e308}, "at most 5760", "minutes"),
    ],
)
def test_what_is_wrong_is_said_as_on_the_command_line_and_with_the_place_of_its_field(
    server, asked, change, said, path
):
    arms = copy.deepcopy(asked["protocol"]["arms"])
    arms[1]["doses"][0].update(change)

    status, answer = server.ask("/api/simulate", changed(asked, arms=arms))

    problem = json.loads(answer)["problems"][0]
    assert status == 422
    assert said in problem["message"]
    assert problem["path"][:4] == ["arms", 1, "doses", 0]
    assert problem["path"][4] == path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"patients": 5000}, "from 1 to 2000"),
        ({"patients": 2.5}, "whole number"),
        ({"seed": -1}, "whole number"),
        ({"worlds": ["no window"]}, "the first always"),
        ({"worlds": "default"}, "list of up to"),
        ({"figure": "f" * 61}, "at most 60 characters"),
        ({"width": "huge"}, "wide or narrow"),
        ({"strange": 1}, "is no part of a request"),
        ({"unit": "mol"}, "ng/mL or umol/L"),
        ({"singles": 999}, "from 0 to 24"),
    ],
)
def test_what_a_request_may_not_ask_is_refused_with_what_is_allowed(server, asked, change, said):
    status, sentence = server.sentence("/api/simulate", {**asked, **change})

    assert status == 422
    assert said in sentence


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"follow_up_days": 3650.0, "endpoints": [], "visits": []}, "shorter follow-up"),
        ({"setting": {"detoxification_days": 1e300}}, "shorter follow-up"),
    ],
)
def test_a_programme_too_long_for_the_page_is_refused_before_it_is_computed(
    server, asked, part, said
):
    body = {**changed(asked, **part), "patients": 2000}

    status, sentence = server.sentence("/api/simulate", body)

    assert status == 422
    assert said in sentence


def test_a_medication_taken_a_billion_times_is_refused_before_it_is_computed(server, asked):
    body = changed(asked)
    body["protocol"]["arms"][1].pop("historical_comparator")
    body["protocol"]["arms"][1]["medications"] = [
        {"drug": "methadone", "amount": "80 mg", "every_days": 1e-7}
    ]

    status, sentence = server.sentence("/api/simulate", body)

    assert status == 422
    assert "Give it less often" in sentence


def test_more_bytes_than_a_programme_needs_are_not_read(server):
    assert server.ask("/api/simulate", b" " * (MOST_BYTES + 1))[0] == 413


def test_bytes_are_counted_as_they_arrive_where_no_length_was_promised(server):
    import http.client

    line = http.client.HTTPConnection("127.0.0.1", server.port)
    pieces = (b" " * 50_000 for _ in range(20))
    try:
        line.request("POST", "/api/simulate", pieces, encode_chunked=True,
                     headers={"transfer-encoding": "chunked"})  # fmt: skip
        assert line.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        line.close()


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_host_or_another_page_is_turned_away(server, asked, headers):
    assert server.ask("/api/simulate", asked, headers)[0] == 403


def test_a_read_changes_nothing_and_a_simulation_cannot_be_asked_for_by_a_read(server):
    assert server.ask("/api/simulate")[0] == 405


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/etc/passwd"]
)
def test_no_file_beside_those_of_the_page_is_reached(server, path):
    assert server.ask(path)[0] == 404


def test_a_name_that_is_a_script_is_shown_as_text(server, asked):
    arms = copy.deepcopy(asked["protocol"]["arms"])
    arms[0]["label"] = "<img src=x>"

    answer = server.json("/api/simulate", changed(asked, arms=arms))

    assert not any("<img" in part for part in answer["parts"].values())
    assert "&lt;img" in answer["parts"]["outcomes"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert harmless(cell) == f"'{cell}"
    assert harmless(-1.5) == -1.5


def test_the_curves_carry_their_units(server, asked):
    told = csv.DictReader(io.StringIO(server.ask("/api/curves.csv", asked)[1].decode()))
    units = {row["quantity"]: (row["unit"], row["time_unit"]) for row in told}

    assert units["arterial_ketamine"] == ("ng/mL", "min after the first dose")
    assert units["craving"][1] == "d from entry"
    assert told.fieldnames[-1] == "label"


def test_the_policy_of_the_page_forbids_scripts_and_styles_that_are_not_its_files(server):
    import urllib.request

    with urllib.request.urlopen(server.url) as answer:
        policy = answer.headers["content-security-policy"]
        page = answer.read().decode()

    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert " style=" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_one_person_of_the_circuit_stays_within_0_and_1_and_the_arms_part_only_after_a_dose(
    server, asked
):
    found = server.json("/api/circuit", asked)
    saline, ketamine = (found["arms"][id] for id in ("placebo-therapy", "ketamine-3-therapy"))

    assert len(found["edges"]) == len(ketamine["days"]["edges"])
    for arm in (saline, ketamine):
        for row in (*arm["days"]["edges"], *arm["minutes"]["edges"], arm["days"]["held"]):
            assert all(-1e-9 <= value <= 1.0 + 1e-9 for value in row)
    early = [k for k, day in enumerate(found["days"]) if day <= 2.0]
    for one, other in zip(saline["days"]["edges"], ketamine["days"]["edges"], strict=True):
        assert [one[k] for k in early] == [other[k] for k in early]
    assert max(saline["days"]["held"]) == 0.0
    assert max(ketamine["days"]["held"]) > 0.1


def test_a_week_of_use_fades_with_a_time_constant_of_a_week():
    level = averaged(np.array([1.0] * 200 + [0.0] * 7))

    assert level[199] == pytest.approx(1.0, abs=1e-9)
    assert level[-1] == pytest.approx(np.exp(-1.0), rel=1e-9)


def test_every_study_stands_in_the_evidence_with_its_role(server):
    html = server.json("/api/evidence")["html"]

    for study in studies():
        assert str(escape(study.short_citation)) in html
    assert "Held out" in html


def test_the_evidence_shows_what_was_forecast_beside_what_was_published_and_every_miss(server):
    html = server.json("/api/evidence")["html"]
    missed = [one for one in stored().endpoints if not one.hit90]

    every = html[html.index("Every value and its forecast") :].split("</table>")[0]
    assert every.count("<b>missed</b>") == len(missed) > 0
    drawings = re.findall(r'<div class="(?:wide|narrow)">(<svg.*?</svg>)', html, re.DOTALL)
    assert len(drawings) == 2
    for drawn in drawings:
        assert drawn.count('class="miss"') == len(missed)
        assert drawn.count('class="hit"') == len(stored().endpoints) - len(missed)
    assert str(escape(stored().words()[0])) in html
    assert server.ask("/api/evidence/figure")[1].decode() == forest(stored())


def test_held_out_results_stand_beside_the_model_with_every_concentration_that_missed(server):
    html = server.json("/api/evidence")["html"]
    left_out = [one for one in stored().endpoints if one.role != SEEN]
    title = "Published values beside forecasts that were not fitted to their trial<"
    trials = html[html.index(title) :].split("</table>")[0]
    values = kept_concentrations()
    missed = [one for one in values if not 0.5 <= one.ratio <= 2.0]
    concentrations = html[html.index('<caption class="hidden">Held-out conc') :].split("</table>")[
        0
    ]

    assert trials.count("<tr>") - 1 == len(left_out) > 0
    assert trials.count("missed") == sum(not one.hit90 for one in left_out)
    assert concentrations.count("<tr>") - 1 == len(values)
    assert concentrations.count("missed") == len(missed) > 0
    assert f"{len(values) - len(missed)} of {len(values)} within twofold" in html
    norketamine = next(one for one in bars(values) if one.substance == "norketamine")
    assert f"median error {100 * norketamine.median_error:.0f}\u00a0%" in html
    assert html.count("not met") == sum(not one.met for one in bars(values))


def test_every_parameter_stands_in_one_table_of_the_page(server, asked):
    html = server.json("/api/parameters", asked)["html"]

    assert html.count('<th scope="row">') == len(list(parameters()))
    assert len(LINKS) == html.count("<table") == html.count("<h4>")


def test_parameters_of_a_part_are_those_of_its_links_in_these_people(server, asked):
    drinking = changed(
        asked,
        disorder="alcohol",
        arms=[{**arm, "medications": []} for arm in asked["protocol"]["arms"]],
        endpoints=["relapse_6_months"],
    )
    lapse = [
        server.json("/api/parameters", {**one, "parts": ["lapse"]})["html"]
        for one in (asked, drinking)
    ]

    assert all(
        html.count('<th scope="row">lapse.') == html.count('<th scope="row">') == 11
        for html in lapse
    )
    assert lapse[0] != lapse[1]


def test_links_of_the_description_have_names_that_a_client_can_read(server):
    """As OpenAPI has it for what is named in a map: letters, digits, point, hyphen, underscore."""
    paths = server.json("/openapi.json")["paths"]
    answers = [
        answer
        for path in paths.values()
        for operation in path.values()
        for answer in operation["responses"].values()
    ]
    names = {name for answer in answers for name in answer.get("links", {})}

    assert names == {"read_it", "stop_it", "delete_it"}
