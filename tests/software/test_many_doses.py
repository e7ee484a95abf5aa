"""Is it said where ketamine is given more often than trials tell how its effect adds up?"""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest

from resynapse.cli import summary
from resynapse.protocol import from_data, library, load
from resynapse.protocol.findings import beyond, check
from resynapse.protocol.many_doses import MOST_COMPARED, NEAREST_COMPARED, occasions
from resynapse.report import render
from resynapse.report.search import document
from resynapse.trial.parameter_set import shipped_set
from resynapse.web import view
from software.report_example import toy_result

ADDS_UP = "in the model the effect adds up from dose to dose: extrapolated."


def trial(*doses: tuple[str, list], **fields):
    """A trial of these doses of ketamine against saline."""
    given = [{"drug": "ketamine", "dose": dose, "days": days} for dose, days in doses]
    data = {
        "name": "mine", "title": "Mine", "disorder": "alcohol", "blinding": "masked",
        "arms": [
            {"id": "k", "label": "K", "doses": given},
            {"id": "s", "label": "S", "control": "saline", "doses": [
                {"drug": "saline", "dose": "iv over 40 min", "days": [1]},
            ]},
        ],
        "follow_up": "6 months", "endpoints": ["abstinence_6_months"], "reference": "s",
    }  # fmt: skip
    return from_data(data | fields, "mine.yaml")


IV, LOW = "0.8 mg/kg iv over 40 min", "0.05 mg/kg iv over 40 min"


@pytest.mark.parametrize(
    ("doses", "said"),
    [
        ([(IV, [1, 8, 15, 22])], "4 doses of ketamine, 7 days apart at the least."),
        ([(IV, [1, 4])], "2 doses of ketamine, 3 days apart at the least."),
        ([(IV, [1, 2])], "2 doses of ketamine, 1 day apart at the least."),
        ([(IV, [1, 1.5])], "2 doses of ketamine, 12 h apart at the least."),
        ([(IV, [1, 30]), ("2 mg/kg im", [60, 90])], "4 doses of ketamine, 29 days apart"),
    ],
)
def test_run_page_and_report_say_where_doses_are_more_or_nearer_than_trials_tell(doses, said):
    protocol = trial(*doses)
    result = toy_result(protocol, people=40)

    named = f"\u201c{protocol.arms[0].label}\u201d"
    read = render(result), view.parts(result, ["notice"])["notice"]
    for shown, arm in (*((one, named) for one in read), (summary.beyond_line(protocol), "k")):
        assert f"arm {arm}: {said}" in shown
        assert ADDS_UP in shown


@pytest.mark.parametrize(
    "doses",
    [
        [(IV, [1])],
        [(IV, [1, 8, 15])],
        [("0.11 mg/kg iv over 2 min", [1]), (IV, ["day 1 + 2 min"])],
        [(LOW, [1, 2, 3, 4, 5, 6, 7, 8])],
        [("0.2 mg/kg im", [1, 2, 3, 4])],
        [("0 mg/kg iv over 40 min", [1, 2, 3, 4])],
    ],
)
def test_nothing_is_said_of_few_doses_far_apart_and_of_those_of_a_control(doses):
    assert not any(ADDS_UP in str(one) for one in beyond(trial(*doses)))


def test_a_dose_under_a_rule_counts_as_the_most_that_one_person_can_get():
    protocol = trial((IV, [1, 8, 15]), rules=[
        {"name": "again", "visits": [20], "when": "lapsed", "then": "give"},
    ])  # fmt: skip
    arm = protocol.arm("k")
    later = arm.doses[0].model_copy(update={"days": (28.0,), "if_rule": "again"})
    more = arm.model_copy(update={"doses": (*arm.doses, later)})

    assert occasions(arm, 75.0) == (1.0, 8.0, 15.0)
    assert occasions(more, 75.0) == (1.0, 8.0, 15.0, 28.0)
    told = beyond(protocol.model_copy(update={"arms": (more,)}))
    assert any(ADDS_UP in str(one) for one in told)


def test_a_search_says_it_of_the_designs_of_its_front_and_of_no_other():
    protocol = trial((IV, [1]))
    start = protocol.arm("k")
    many = start.model_copy(update={"doses": trial((IV, [1, 4, 7, 10])).arm("k").doses})
    asked = SimpleNamespace(start=start, protocol=protocol, settings={})
    found = SimpleNamespace(asked=asked, designs=[SimpleNamespace(arm=a) for a in (start, many)])

    told = [
        document.played_out(SimpleNamespace(found=found, letters=k)) for k in ({0: "A"}, {1: "A"})
    ]

    assert ADDS_UP not in told[0]
    assert "arm A: 4 doses of ketamine, 3 days apart at the least." in told[1]


def test_people_with_depression_have_trials_of_more_doses():
    assert not any(ADDS_UP in str(one) for one in check(load("phillips-2019")))


def test_what_is_said_of_fitted_and_compared_trials_is_what_their_protocols_give():
    """One dose where the effect on use was fitted; three, a week apart, in what it is held to."""

    def most(name):
        protocol = load(name)
        weight = protocol.population.weight_kg.mean
        return max((occasions(arm, weight) for arm in protocol.arms), key=len)

    fitted = shipped_set("ketamine").studies
    held = [
        name for name in library()
        if load(name).study and load(name).state == "completed" and load(name).disorder
        != "depression" and most(name) and name not in fitted
    ]  # fmt: skip
    assert sorted(fitted) == ["dakwar-2019", "krupitsky-2002"]
    assert [len(most(name)) for name in fitted] == [1, 1]
    assert {"grabski-2022", "krupitsky-2007"} == {one for one in held if len(most(one)) > 1}
    assert {len(most(name)) for name in ("grabski-2022", "krupitsky-2007")} == {MOST_COMPARED}
    gaps = [b - a for name in held for a, b in pairwise(most(name))]
    assert min(gaps) == NEAREST_COMPARED
