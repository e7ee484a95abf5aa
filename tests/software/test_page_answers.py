"""What does the page get where it asks a question of its own: a run, an infusion, another look?"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from resynapse.trial import live


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (None, "mapping of mode"),
        ([], "mapping of mode"),
        ({"mode": "plasma", "holds": [{"target": 9000, "minutes": 10}]}, "Langsjo 2005"),
        ({"mode": "rate", "parts": [{"mg_per_kg": "much", "minutes": 10}]}, "give a number"),
        ({"mode": "rate", "parts": "many"}, "list of up to"),
        ({"mode": "rate", "parts": [{"mg_per_kg": 0.5, "minutes": 40}] * 9}, "from 1 to 6"),
        ({"mode": ["rate"]}, "give rate, plasma or effect-site"),
        ({"mode": "rate", "parts": [{"minutes": 5}]}, "mg_per_kg is missing"),
        ({"mode": "rate", "watched": 1e308}, "give a number"),
        ({"pump": 1}, "no part of plan"),
    ],
)
def test_an_infusion_that_cannot_be_planned_is_refused_in_a_sentence(server, asked, plan, said):
    status, sentence = server.sentence(
        "/api/infusion", {"protocol": asked["protocol"], "plan": plan}
    )

    assert status == 422
    assert said in sentence


def test_a_figure_that_no_infusion_has_is_refused_with_those_there_are(server, asked):
    plan = {"mode": "rate", "parts": [{"mg_per_kg": 0.5, "minutes": 40}]}
    body = {"protocol": asked["protocol"], "plan": plan, "people": 4, "figure": "<b>"}

    status, sentence = server.sentence("/api/infusion/figure", body)

    assert status == 404
    assert "There are: arterial, effect_site, rate, dissociation, pressure." in sentence
    assert server.ask(f"/api/jobs/{'0' * 16}/figure/power")[0] == 404


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"trials": 10**6}, 422, "from 1 to 5000"),
        ({"people": True}, 422, "from 2 to 2000"),
        ({"arm": "nobody"}, 422, "Name one of: ketamine-3-therapy"),
        ({"endpoint": 5}, 422, "as text"),
        ({"endpoint": "abstinence_24_months"}, 422, "none that a trial of this programme tests"),
        ({"endpoint": "overdose_per_100_person_years"}, 422, "There are: retention_6_months"),
        ({"name": "n" * 81}, 422, "at most 80 characters"),
        ({"strange": 1}, 422, "no part of a run"),
    ],
)
def test_a_run_that_the_queue_cannot_hold_is_refused_in_a_sentence(
    server, asked, change, status, said
):
    body = {"protocol": asked["protocol"], "arm": "ketamine-3-therapy", **change}
    before = _kept(server)

    assert server.sentence("/api/jobs", body)[0] == status
    assert said in server.sentence("/api/jobs", body)[1]
    assert _kept(server) == before


def _kept(server):
    """Ids of all work in the queue."""
    return [one["id"] for one in server.json("/api/jobs")]


def test_a_run_is_reached_by_its_id_only(server):
    for id in ("0" * 16, "..", "%2e%2e", "1 OR 1=1"):
        assert server.ask(f"/api/jobs/{id.replace(' ', '%20')}")[0] == 404


def test_what_several_ask_for_at_once_is_computed_once(server, asked, monkeypatch):
    arms = []
    real = live.run_arm
    monkeypatch.setattr(live, "run_arm", lambda *given: arms.append(given[1].id) or real(*given))
    body = {**asked, "seed": 77, "worlds": ["default"], "parts": ["opening"]}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.ask("/api/simulate", body), range(4)))

    assert {status for status, _ in answers} == {200}
    assert len({json.dumps(json.loads(body)["parts"]) for _, body in answers}) == 1
    assert sorted(arms) == ["ketamine-3-therapy", "placebo-therapy"]


def test_concentrations_in_umol_per_litre_are_those_in_ng_per_millilitre_over_the_molar_mass(
    server, asked
):
    first, second = (
        server.json("/api/simulate", {**asked, "unit": unit, "parts": ["measured", "why"]})["parts"]
        for unit in ("ng/mL", "umol/L")
    )
    peak = re.compile(r"highest median ([\d.]+) \w+/m?L arterial")
    ng, umol = (float(peak.search(one["measured"])[1]) for one in (first, second))

    assert ng / umol == pytest.approx(237.73, rel=0.01)
    assert 'data-unit="umol/L"' in second["why"]
    assert 'data-unit="ng/mL"' not in second["why"] + second["measured"]


def test_metabolites_in_umol_per_litre_go_through_their_own_molar_masses(server, asked):
    why = [
        server.json("/api/simulate", {**asked, "unit": unit, "parts": ["why"]})["parts"]["why"]
        for unit in ("ng/mL", "umol/L")
    ]
    for drug, grams in {"ketamine": 237.73, "norketamine": 223.7}.items():
        shown = [one.split(f'data-figure="venous_{drug}"')[1].split("</figure>")[0] for one in why]
        tops = [re.findall(r'class="int">[\d.]+\sto\s([\d.]+)', one) for one in shown]
        ng, umol = (max(map(float, cells)) for cells in tops)
        assert ng / grams == pytest.approx(umol, abs=0.0051)  # shown to two places
        assert umol > 0.1


def test_single_people_are_thin_lines_of_each_arm_and_move_no_number(server, asked):
    body = {**asked, "parts": ["why", "outcomes"]}
    without = server.json("/api/simulate", body)["parts"]
    alone = server.json("/api/simulate", {**body, "singles": 5})["parts"]

    window = alone["why"].split('data-figure="window"')[1].split("</svg>")[0]
    assert window.count('class="line single a1"') == window.count('class="line single a2"') == 5
    assert "single" not in without["why"]
    assert alone["outcomes"] == without["outcomes"]
