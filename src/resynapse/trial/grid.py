"""How far does a back end's time grid put people from the reference?"""

from __future__ import annotations

from typing import Any

from resynapse.engine.agreement import Paths, agreement, as_words, joined
from resynapse.engine.back_end import DEFAULT, BackEndError
from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.protocol import Arm, Protocol
from resynapse.trial.conduct import Conduct
from resynapse.trial.pilots import arms_felt
from resynapse.trial.plan import arm_plan

PEOPLE = 64
DAYS = 60.0
"""people and days from entry that are compared when nothing else is asked for"""
MEDIAN, TAIL, SAME_BOUTS = 0.02, 0.2, 0.99
"""budget of the chronic clock: first use, d, at the median and the 99th percentile; and the least
share of people with as many bouts"""
TUNING = "the grid is a fixed rule (engine/schedule.py); nothing was tuned on these people"
NOT_MEASURED = "not measured"
ROUNDED = {"native-f32": "native"}
"""back ends that calculate in fewer digits, and with which they are compared"""
ROUNDED_PEOPLE = 256


def grid_error(
    protocol: Protocol, patient: Patient, seed: int, *, backend: str = DEFAULT,
    people: int = PEOPLE, days: float = DAYS, arms: tuple[str, ...] = (),
    against: str = "reference", first: int = 0, cut: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """Differences from another back end in every arm (or in ``arms``), the same people in both.

    People from number ``first`` on; every step of the grid's rule is cut in ``cut``.
    """
    until = min(days, protocol.follow_up_days)
    felt = arms_felt(protocol, patient, seed)
    found = {}
    for arm in protocol.arms:
        if arms and arm.id not in arms:
            continue
        conducts = (
            Conduct(protocol, patient, seed, first_key=first, backend=name, cut=cut)
            for name in (backend, against)
        )
        one, other = (_paths(conduct, arm, felt[arm.id], people, until) for conduct in conducts)
        apart = agreement(one, other, until, NAMES)
        found[arm.id] = as_words(apart) | {"grid": _steps(protocol, arm, patient, until, cut)}
    return {
        "backend": backend, "reference": against, "days": until, "seed": seed,
        "people": [first, first + people - 1], "cut": cut, "tuning": TUNING, "arms": found,
    }  # fmt: skip


def _steps(
    protocol: Protocol, arm: Arm, patient: Patient, until: float, cut: int
) -> dict[str, float]:
    """How many steps an arm is taken in, from the run-in on, and how long they are."""
    plan = arm_plan(protocol, arm, patient, cut=cut)
    steps = plan.plan.step[: plan.steps]
    steps = steps[plan.plan.time[: plan.steps] < until]
    days = {"shortest_step_d": float(steps.min()), "longest_step_d": float(steps.max())}
    return {"steps": len(steps), **days}


def rounding_error(
    protocol: Protocol, patient: Patient, seed: int, backend: str, cut: int = 1
) -> dict[str, Any]:
    """What fewer digits change, in more people than grids are checked with; nothing for all.

    One person in 256 may have other bouts: a hazard that just reached a threshold just misses it.
    """
    if backend not in ROUNDED:
        return {}
    many, full = ROUNDED_PEOPLE, ROUNDED[backend]
    found = grid_error(protocol, patient, seed, backend=backend, people=many, against=full, cut=cut)
    return {"rounding_error": found}


def keeps_chronic(found: dict[str, Any]) -> bool:
    """Whether an arm keeps the budget of the chronic clock."""
    return (
        found["first_use_median_d"] <= MEDIAN
        and found["first_use_99th_percentile_d"] <= TAIL
        and found["same_bouts"] >= SAME_BOUTS
    )


def ensure_harmless(measured: dict[str, Any]) -> None:
    """Refuse fewer digits where they move people as far as no time grid may."""
    for arm, found in measured.get("rounding_error", {"arms": {}})["arms"].items():
        if not keeps_chronic(found):
            raise BackEndError(
                f"Steps in 32 bits do harm here: of {found['people']} people of arm {arm},"
                f" {found['same_bouts']:.1%} have as many bouts as in 64 bits ({SAME_BOUTS:.0%} is"
                f" the least), first use off by {found['first_use_median_d']:.2g} d at the median"
                f" ({MEDIAN:g}) and {found['first_use_99th_percentile_d']:.2g} d at the 99th"
                f" percentile ({TAIL:g}). Take --backend native."
            )


def _paths(conduct: Conduct, arm: Arm, felt: Any, people: int, until: float) -> Paths:
    """The first people of an arm, as far as the last record before ``until``."""
    plan = conduct.plan(arm)
    reached = plan.record_days < until
    parts = [
        Paths(
            chunk.marks.first_use,
            chunk.bouts,
            chunk.use_days[:, : int(until)],
            chunk.records[reached],
        )
        for chunk in conduct.chunks(arm, felt, people, until)
    ]
    return joined(parts)
