"""Is what stands behind one mistake told together with it, and nothing that is no mistake?"""

from __future__ import annotations

import random
from copy import deepcopy

import pytest

from resynapse.protocol import ProtocolError, from_data, parse
from resynapse.protocol.document import read
from software.protocol_example import EXAMPLE, changed

MANY = """\
name: aud-relapse
title: Ketamine and relapse prevention
disorder: alchohol
blinding: double-blind
population:
  patient_per_arm: 60
  female: 40%
setting: {detoxification_days: -3}
arms:
  - id: ket
    label: Ketamine
    doses:
      - {drug: ketamin, dose: 0.8 mg/kg i.v. over 40 min, days: [1, 8, 15]}
    therapy:
      - {type: relapse prevention, days: 1 to 28, hours: 90 min}
  - id: sal
    label: Saline
    doses:
      - {drug: saline, dose: iv over 40 min, days: [15, 8, 1]}
follow_up: 6 month
reference: saline
"""
NAMED = (
    "disorder", "blinding", "patient_per_arm:", "population, female", "detoxification_days",
    "dose 1, dose", "dose 1, drug", "arm ket, therapy:", "therapy 1, type", "therapy 1, day 1",
    "dose 1, days", "no arm is called saline",
)  # fmt: skip


def told(text: str) -> list[str]:
    with pytest.raises(ProtocolError) as raised:
        parse(text, "mine.yaml")
    return [str(problem) for problem in raised.value.problems]


def test_twelve_mistakes_of_which_four_stand_behind_others_are_told_at_once():
    found = told(MANY)

    assert len(found) == len(NAMED)
    for name in NAMED:
        assert sum(name in one for one in found) == 1, name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Example\n", ""),
        ("disorder: heroin", "disorder: herion"),
        ("blinding: masked", "blinding: double"),
        ("day 7 + 24 months", "two years"),
        ("2 mg/kg im", "2 mg/kg i.m."),
        ("id: high", "id: High Dose"),
        ("id: low", "id: Low Dose"),
        ("label: Low dose", "label: [1]"),
        ("control: low-dose", "control: small"),
        ("type: KPT", "type: talk"),
        ("    therapies:\n      - type: KPT", "    therapy:\n      - type: KPT"),
    ],
)
def test_a_single_mistake_is_told_once_and_nothing_of_what_stands_in_for_it(old, new):
    assert len(told(changed(old, new))) == 1


def test_one_mistake_does_not_hide_another_between_fields():
    both = changed("blinding: masked", "blinding: double").replace("[3]", "[9000]")

    assert ["blinding" in one or "after the end" in one for one in told(both)] == [True, True]


def test_a_name_that_is_far_from_its_guess_is_not_read_as_if_it_were_meant():
    (found,) = told(EXAMPLE + "event: 3\n")

    assert "Did you mean severity?" in found


def places(data, path=()):
    yield path
    pairs = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data if isinstance(data, list) else ())
    )
    for step, inner in pairs:
        yield from places(inner, (*path, step))


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_wrong_in_several_places_ends_in_problems_with_a_place(seed):
    draw = random.Random(seed)
    data = deepcopy(read(MANY, "mine.yaml").data if seed % 2 else read(EXAMPLE, "mine.yaml").data)
    for _ in range(3):
        *path, last = draw.choice([one for one in places(data) if one])
        here = data
        for step in path:
            here = here[step]
        if isinstance(here, dict | list):
            here[last] = draw.choice([None, -1, [], {}, "nonsense", [None], {"a": 1}, 1e9, True])
    with pytest.raises(ProtocolError) as raised:
        from_data(data, "mine.yaml")

    assert all(one.message for one in raised.value.problems)
