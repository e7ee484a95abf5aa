"""Is what one body of the model cannot take together refused, and the rest given as written?"""

from __future__ import annotations

import numpy as np
import pytest

from claims.trial_course import SALINE, programme, seen
from resynapse.patient import Patient
from resynapse.protocol import ProtocolError, from_data
from resynapse.protocol.findings import check
from resynapse.trial.timeline import SEPARATE, timeline

RULE = [{"name": "again", "visits": [4], "when": "lapsed", "then": "give"}]


def taking(drug: str, start: float = 0.0, stop: float | None = None, **fields) -> dict:
    """A medication from a day to another."""
    amount = {"methadone": "60 mg", "antidepressant": "10 mg"}.get(drug, "16 mg")
    until = {} if stop is None else {"stop_day": stop}
    return {"drug": drug, "amount": amount, "start_day": start} | until | fields


def trial(*medications: dict, doses: tuple[dict, ...] = (), **fields):
    """One arm that has these."""
    arm = {"id": "a", "label": "A", "medications": list(medications), "doses": list(doses)}
    data = {
        "name": "mine", "title": "Mine", "disorder": "heroin", "blinding": "open", "arms": [arm],
        "follow_up": "30 d", "reference": "a", "rules": RULE,
    }  # fmt: skip
    return from_data(data | fields, "mine.yaml")


@pytest.mark.parametrize(
    ("medications", "said"),
    [
        (
            [taking("methadone", 0, 10), taking("buprenorphine", 10)],
            "would be counted as methadone",
        ),
        ([taking("buprenorphine", 0, 7), taking("buprenorphine-monthly", 7)], "has one agonist"),
        ([taking("naltrexone", 0, 7), taking("naltrexone-monthly", 7)], "has one antagonist"),
        ([taking("buprenorphine"), taking("buprenorphine", 7, if_rule="again")], "the same rule"),
        ([taking("methadone", if_rule="again"), taking("methadone", 7)], "the same rule"),
        (
            [taking("buprenorphine", 0, 7, may_stop=False), taking("naltrexone", 7)],
            "may_stop is false for buprenorphine and true here",
        ),
        ([taking("antidepressant", if_rule="again")], "whatever a rule says"),
        ([taking("antidepressant", induction_failure=0.2)], "Leave induction_failure out"),
    ],
)
def test_what_would_be_counted_as_something_else_is_refused_in_a_sentence(medications, said):
    with pytest.raises(ProtocolError, match=said):
        trial(*medications)


def test_two_benzodiazepines_in_an_arm_are_refused():
    doses = tuple(
        {"drug": drug, "dose": dose, "days": [day]}
        for drug, dose, day in (
            ("midazolam", "0.025 mg/kg iv over 40 min", 1), ("lorazepam", "2 mg iv over 2 min", 8),
        )
    )  # fmt: skip

    with pytest.raises(ProtocolError, match="lorazepam in an arm with midazolam"):
        trial(doses=doses)


def test_a_taper_a_medication_under_a_rule_and_an_agonist_before_an_antagonist_are_taken():
    trial(taking("buprenorphine", 0, 7), taking("buprenorphine", 7, 14))
    trial(taking("methadone", 7, 10, if_rule="again"), taking("methadone", 10, if_rule="again"))
    found = check(trial(taking("buprenorphine", 0, 7), taking("naltrexone", 7)))

    assert any("follows the law of buprenorphine" in str(one) for one in found)
    assert not any("the law of" in str(one) for one in check(trial(taking("naltrexone"))))


def sprayed(*days: float, mg: float = 28.0) -> list[str]:
    """What is said of a spray on these days."""
    dose = {"drug": "esketamine", "dose": f"{mg:g} mg intranasal-spray", "days": list(days)}
    return [str(one) for one in check(trial(doses=(dose,))) if "into the nose" in str(one)]


def test_devices_of_one_visit_are_asked_for_as_one_dose():
    assert len(sprayed(1.0, 1.0 + 5.0 / 1440.0)) == 1
    assert sprayed(1.0, 8.0) == sprayed(1.0, mg=56.0) == []


def ends(*medications: dict) -> list[float]:
    """Days on which people of this arm are off all medication."""
    protocol = trial(*medications)
    nodes = timeline(protocol, protocol.arms[0], Patient()).nodes
    return [round(time, 9) for time, node in sorted(nodes.items()) if node["medication_end"] > 0.0]


def test_people_are_off_medication_when_the_last_of_it_stops():
    assert ends(taking("buprenorphine", 0, 7)) == [7.0]
    assert ends(taking("buprenorphine", 0, 7), taking("buprenorphine", 7, 14)) == [14.0]
    assert ends(taking("buprenorphine", 7, 14), taking("buprenorphine", 0, 7)) == [14.0]
    assert ends(taking("buprenorphine", 0, 7), taking("naltrexone", 5)) == []
    assert ends(taking("methadone", 0, 7), taking("methadone", 0, 14)) == [14.0]
    assert ends(taking("buprenorphine", 0, 7), taking("naltrexone", 7)) == [
        round(7.0 - SEPARATE, 9)
    ]
    assert ends(taking("buprenorphine", 0, 7), taking("naltrexone", 9)) == [7.0]


def on_medication(*medications: dict) -> float:
    """Share of people on medication on day 8, by the engine."""
    arm = {"medications": [{"may_stop": False} | one for one in medications]}
    found = seen(programme(SALINE, arm=arm, setting={"detoxification_days": 3}), until=9.0)
    return float(np.mean(found.of("on_medication", 8.0)))


def test_an_antagonist_goes_on_past_the_end_of_an_agonist_and_its_induction_may_fail():
    """The end of one ended the other, and who was on one could not fail to begin the other."""
    first = taking("buprenorphine", 0, 7)

    assert on_medication(first, taking("naltrexone", 5)) > 0.9
    assert on_medication(first, taking("naltrexone", 7, induction_failure=0.99)) < 0.1
