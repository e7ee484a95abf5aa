"""What keeps people from sessions, and what does believing that one got ketamine do?"""

from __future__ import annotations

import numpy as np
import pytest

from claims.neutral import Values, rests_on
from claims.trial_course import (
    ALL_STAY,
    INFUSION,
    NO_EXPECTANCY,
    SALINE,
    TOLD_APART,
    Seen,
    programme,
    seen,
)

HINDRANCES = ("withdrawal", "craving", "mood", "use")
NOTHING_HINDERS = {f"attendance.{name}_weight": 0.0 for name in HINDRANCES}
DAILY = {"type": "CBT", "days": list(range(12)), "hours": "1 h"}
EARLY = {"detoxification_days": 1, "use_days_before": 20}
WORSE: dict[str, tuple[Values, dict[str, str]]] = {
    "withdrawal": ({}, {"withdrawal": "severe"}),
    "craving": ({}, {"craving": "severe"}),
    "mood": ({"mood.trait": 0.5}, {}),
    "use": ({"lapse.baseline": 0.5}, {}),
}
"""what makes each hindrance worse: parameters, and severity at entry"""


def attended(values: Values, severity: dict[str, str]) -> float:
    """Share of twelve daily sessions right after detoxification, while nobody leaves."""
    given = programme(arm={"therapies": [DAILY]}, setting=EARLY, severity=severity)
    marks = seen(given, 12.5, values=values | ALL_STAY | NO_EXPECTANCY).chunk.marks
    return float((marks.attended / marks.offered).mean())


@pytest.mark.parametrize("hindrance", HINDRANCES)
def test_withdrawal_craving_low_mood_and_use_each_keep_people_from_sessions(hindrance):
    """One hindrance on at a time: the worse it is, the fewer come."""
    others = {path: w for path, w in NOTHING_HINDERS.items() if hindrance not in path}
    changed, severity = WORSE[hindrance]

    def fewer_come(values: Values) -> bool:
        usual, worse = others | values, others | changed | values
        return attended(worse, severity) < attended(usual, {}) - 0.002

    rests_on(fewer_come, {f"attendance.{hindrance}_weight": 0.0})


def test_people_whom_chance_made_reliable_come_more_often():
    def come_more(values: Values) -> bool:
        given = programme(arm={"therapies": [DAILY]}, setting=EARLY)
        run = seen(given, 12.5, values=values | ALL_STAY | NO_EXPECTANCY)
        reliable = np.argsort(np.asarray(run.chunk.person.reliability), kind="stable")
        came = np.asarray(run.chunk.marks.attended)
        return came[reliable[128:]].mean() > came[reliable[:128]].mean() + 0.5

    rests_on(come_more, {"attendance.reliability_sd": 1.0e-9, "attendance.reliability_frailty": 0})


ENTRIES = {
    "mood": "mood.expectancy_weight",
    "hazard": "lapse.expectancy_weight",
    "dropout": "dropout.expectancy_weight",
    "learning": "expectancy.learning_weight",
    "attendance": "attendance.expectancy_weight",
}
"""where belief enters; self-report is in test_scales"""
NO_ENTRY = dict.fromkeys(ENTRIES.values(), 0.0)
LEAVING = {"dropout.baseline": 0.01}
"""enough people leave within a month to be counted"""
RIVAL = {"expectancy_only": True, "expectancy": True}


def masked_arm(dose: dict, values: Values, switches: dict[str, bool] | None = None) -> Seen:
    """A month in one arm of a masked trial, in which ketamine acts by belief alone."""
    sessions = {"type": "CBT", "days": [2, 3, 4, 5, 6, 7, 8, 10, 12], "hours": "2 h"}
    given = programme(dose, arm={"therapies": [sessions]})
    return seen(given, 30.0, TOLD_APART, LEAVING | values, RIVAL if switches is None else switches)


def what_belief_moves(entry: str, run: Seen) -> float:
    """The quantity of this entry, higher where the entry helps."""
    return {
        "mood": lambda: -run.mean("mood", 3.0),
        "hazard": lambda: -float(run.chunk.totals.lapse_hazard.mean()),
        "dropout": lambda: -float(np.isfinite(run.day_of("dropout")).sum()),
        "learning": lambda: run.mean("recovery", 14.0),
        "attendance": lambda: float(run.chunk.marks.attended.mean()),
    }[entry]()


@pytest.mark.parametrize("entry", list(ENTRIES))
def test_belief_alone_helps_through_each_of_its_entries_and_each_can_be_zero(entry):
    """One entry on at a time; with none, ketamine is saline to the last bit."""
    only = {ENTRIES[entry]: 0.5}

    def helps(values: Values) -> bool:
        ketamine, saline = (masked_arm(d, NO_ENTRY | only | values) for d in (INFUSION, SALINE))
        return what_belief_moves(entry, ketamine) > what_belief_moves(entry, saline)

    rests_on(helps, {ENTRIES[entry]: 0.0})


def test_without_any_entry_the_rival_makes_ketamine_saline_in_everything_but_belief():
    """To the last bit, though ketamine's own states take pieces of steps that saline does not."""
    ketamine, saline = (masked_arm(d, NO_ENTRY) for d in (INFUSION, SALINE))

    assert not np.array_equal(ketamine.of("window", 7.0), saline.of("window", 7.0))
    assert np.isfinite(saline.day_of("first_use")).sum() > 30
    assert np.array_equal(ketamine.chunk.use_days, saline.chunk.use_days)
    for name in ("first_use", "dropout"):
        assert np.array_equal(ketamine.day_of(name), saline.day_of(name)), name
    for name in ("lapse_hazard", "days_using", "days_free"):
        one, other = (getattr(run.chunk.totals, name) for run in (ketamine, saline))
        assert np.array_equal(one, other), name
    for name in ("mood", "craving", "recovery", "drug_memory", "control"):
        assert np.array_equal(ketamine.of(name, 14.0), saline.of(name, 14.0)), name


def test_people_believe_what_they_felt():
    def tell_apart(values: Values) -> bool:
        ketamine, saline = (masked_arm(d, NO_ENTRY | values) for d in (INFUSION, SALINE))
        return ketamine.chunk.marks.belief.mean() > saline.chunk.marks.belief.mean() + 0.1

    rests_on(tell_apart, {"expectancy.feeling_weight": 0.0})


def test_people_who_feel_better_believe_that_they_got_ketamine():
    """Here ketamine lifts mood, and what was felt tells nothing."""
    blind = {"expectancy.feeling_weight": 0.0}

    def believe(values: Values) -> bool:
        ketamine, saline = (masked_arm(d, blind | values, {}) for d in (INFUSION, SALINE))
        return ketamine.chunk.marks.belief.mean() > saline.chunk.marks.belief.mean() + 0.005

    rests_on(believe, {"expectancy.improvement_weight": 0.0})


def test_disappointment_in_controls_is_larger_than_hope_in_the_ketamine_arm():
    """The same shift of belief up and down; only the slope below even odds differs."""
    mirrored = {"expectancy.noise_sd": 0.0, "expectancy.improvement_weight": 0.0}

    def disappointed(values: Values) -> bool:
        run = masked_arm(SALINE, NO_ENTRY | mirrored | values)
        belief, e = np.asarray(run.chunk.marks.belief), run.of("expectancy", 2.0)
        shift = belief - TOLD_APART.active_share
        sure = (belief >= 0.0) & (shift < -0.1)
        return bool(sure.sum() > 50 and np.all(e[sure] < 1.2 * 2.0 * shift[sure]))

    rests_on(disappointed, {"expectancy.disappointment": 1.0})


def test_where_the_allocation_is_open_everyone_knows_it():
    open_label = {"blinding": "open"}
    active, control = (
        seen(programme(dose, arm=arm, **open_label), 3.0, values=ALL_STAY)
        for dose, arm in ((INFUSION, {}), (SALINE, {"control": "saline"}))
    )

    assert np.all(active.chunk.marks.belief == 1.0)
    assert np.all(control.chunk.marks.belief == 0.0)


def test_expectancy_fades_and_can_be_off():
    def fades(values: Values) -> bool:
        run = masked_arm(SALINE, NO_ENTRY | values)
        return abs(run.mean("expectancy", 28.0)) < 0.7 * abs(run.mean("expectancy", 2.0))

    rests_on(fades, {"expectancy.lasting": 1.0e6})
    rests_on(fades, {"expectancy.present": 0.0})
