"""Do people of one arm share all instants, also where not everybody is given everything?"""

from __future__ import annotations

import jax
import numpy as np
import pytest

from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.patient.state import NEVER
from resynapse.protocol import library, load, parse
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.plan import arm_plan

PEOPLE = 96
BOOST, START = 9.0, 8.0
"""days of a dose and of the start of a medication that only some are given"""
AFTER = BOOST + 1.5 / 24.0
GIVEN = 10.0
"""ng/mL of ketamine in the artery, far above what an earlier dose has left"""
TEXT = f"""
name: not-for-all
title: What not everybody is given
disorder: heroin
blinding: open
setting: {{detoxification_days: 3, use_days_before: 3}}
arms:
  - id: all
    label: Ketamine, therapy and buprenorphine
    doses:
      - {{drug: ketamine, dose: 0.5 mg/kg im, days: [1]}}
      - {{drug: ketamine, dose: 0.5 mg/kg im, days: [{BOOST:g}], if_rule: craves}}
    therapies: [{{type: CBT, days: [2, 5, 9], hours: 1 h}}]
    medications:
      - {{drug: buprenorphine, amount: 16 mg, start_day: {START:g}, if_rule: lapsed,
         induction_failure: 0.3}}
rules:
  - {{name: craves, visits: [7], when: craving above 30, then: give}}
  - {{name: lapsed, visits: [{START:g}], when: lapsed, then: give}}
follow_up: 30 d
visits: [7, {AFTER}]
endpoints: [abstinence_1_months]
reference: all
"""


@pytest.fixture(scope="module")
def course():
    """The plan of the arm, and what became of its people."""
    conduct = _conduct()
    protocol, arm = conduct.protocol, conduct.protocol.arm("all")
    (chunk,) = conduct.chunks(arm, unknown_arms(protocol, arm), PEOPLE)
    return conduct.plan(arm), chunk


def _conduct() -> Conduct:
    return Conduct(parse(TEXT, "not-for-all"), Patient(), 3)


def days_of(plan, what: str) -> list[float]:
    """At which steps of the grid this is planned."""
    nodes = plan.segments.nodes
    here = plan.segments.has_node[: plan.count] & (getattr(nodes, what)[: plan.count] > 0.0)
    return sorted(set(nodes.time[: plan.count][here]))


def test_what_only_some_are_given_stands_on_the_grid_of_all_and_is_masked(course):
    plan, chunk = course
    record = int(np.argmin(np.abs(plan.record_days - AFTER)))
    got = chunk.records[record, NAMES.index("arterial_ketamine")] > GIVEN
    since = chunk.marks.medication_since
    marks = chunk.marks

    assert days_of(plan, "dose") == [1.0, BOOST]
    assert days_of(plan, "agonist_mg") == list(np.arange(START, 30.0))
    assert 0.1 < got.mean() < 0.9
    started = since < NEVER
    assert 0.1 < started.mean() < 0.9 and set(since[started]) == {START}
    assert (marks.medication_stop[started] < 30.0).any()  # who misses doses, misses all from then
    assert (marks.attended < marks.offered).any() and (marks.dropout < 30.0).any()


@pytest.mark.parametrize("name", library())
def test_no_instant_of_a_plan_belongs_to_one_person_in_any_protocol_of_the_library(name):
    protocol, patient = load(name), Patient()
    for arm in protocol.arms:
        made = arm_plan(protocol, arm, patient)
        steps, segments = len(made.plan.time), len(made.segments.day)

        assert {len(x) for x in jax.tree.leaves(made.plan)} == {steps}
        leaves = jax.tree.leaves(made.segments._replace(first=made.segments.first[:-1]))
        assert {len(x) for x in leaves} == {segments}
        assert all(x.ndim == 1 for x in (made.plan.time, made.segments.first))


OTHERS = TEXT.replace(
    "disorder: heroin\n",
    "disorder: heroin\npopulation: {female: 0.9, age_years: {mean: 60, sd: 5}}\n",
)
"""the same plan for older people, most of them women"""


def test_the_plan_of_an_arm_is_the_same_whoever_its_people_are(course):
    plan, protocol = course[0], parse(OTHERS, "others")
    conduct = Conduct(protocol, Patient(), 4)
    others = conduct.plan(protocol.arm("all"))
    mine, theirs = (next(one.parties(0, PEOPLE, PEOPLE)) for one in (_conduct(), conduct))

    assert float(np.mean(theirs.age_years)) > float(np.mean(mine.age_years)) + 10.0
    grids = [jax.tree.leaves((one.plan, one.segments, one.record_days)) for one in (others, plan)]
    assert len(grids[0]) > 10
    assert all(np.array_equal(one, other) for one, other in zip(*grids, strict=True))
