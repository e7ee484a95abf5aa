"""How fine a time grid does a protocol need?

The rule of ``engine/schedule.py`` is cut, every step in so many, until a few dozen people lie
within a budget of the reference. Its error is then measured again in as many others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from resynapse.engine.back_end import BackEndError
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.protocol import Protocol
from resynapse.trial.grid import MEDIAN, SAME_BOUTS, TAIL, keeps_chronic
from resynapse.trial.grid_known import known, measured, subject

RULE, AUTO = "rule", "auto"
PEOPLE = 32
"""people on whom a grid is chosen, and as many others in whom its error is measured"""
CUTS = (1, 2, 4, 8)
TUNED, OTHERS = (0, PEOPLE - 1), (PEOPLE, 2 * PEOPLE - 1)
"""numbers of the first and the last of them"""
BY_RULE = "the rule of engine/schedule.py; nothing was tuned on these people"
FINEST = 64
"""most pieces that a step of the rule may be cut into"""
BUDGET = 1.0e-6
"""share of its range by which a state of the acute clock may be off"""
ACUTE = (
    "arterial_ketamine", "venous_ketamine", "venous_norketamine", "venous_hydroxynorketamine",
    "block_interneuron", "block_pyramidal", "block_resting", "surge", "dissociation",
    "pressure_rise", "sedation", "window", "sustained", "habenula_block",
)  # fmt: skip


class Grid(NamedTuple):
    """A grid, and how it was come by."""

    cut: int
    """in how many steps every step of the rule is taken"""
    told: dict[str, Any]
    """for the manifest"""


Measure = Callable[[int, int], dict[str, Any]]
"""(cut, number of the first person) -> error of that grid in PEOPLE people, arm by arm"""


def grid(
    protocol: Protocol, patient: Patient, seed: int, backend: str, asked: str, budget: float | None
) -> Grid:
    """The grid that was asked for: ``rule``, ``auto``, or in how many each step is cut."""
    ensure_sensible(backend, asked, budget)
    if asked == AUTO:
        measure = measuring(protocol, patient, seed, backend)
        return chosen(measure, BUDGET if budget is None else budget)
    cut, how = (1, BY_RULE) if asked == RULE else (int(asked), "asked for")
    both = _both_known(protocol, patient, backend, cut)
    found = judged(BUDGET, *both) if both else {}
    return Grid(cut, {"cut": cut, "chosen": how} | found)


def measuring(protocol: Protocol, patient: Patient, seed: int, backend: str) -> Measure:
    """Measures a grid in PEOPLE people, where that was not done before."""

    def measure(cut: int, first: int) -> dict[str, Any]:
        return measured(
            protocol, patient, seed, backend=backend, people=PEOPLE, first=first, cut=cut
        )

    return measure


def chosen(measure: Measure, budget: float) -> Grid:
    """The coarsest grid that keeps the budget in some people, and its error in others."""
    for cut in CUTS:
        tuning = measure(cut, 0)
        if kept(tuning["arms"], budget):
            break
    how = "coarsest that keeps the budget in the people of tuning"
    found = judged(budget, tuning, measure(cut, PEOPLE))
    return Grid(cut, {"cut": cut, "chosen": how} | found)


def judged(budget: float, tuning: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says of a grid that was measured in people of tuning and in others."""
    return {
        "budget": {
            "acute_share_of_range": budget, "first_use_median_d": MEDIAN,
            "first_use_99th_percentile_d": TAIL, "same_bouts": SAME_BOUTS,
        },
        "kept_in_tuning": kept(tuning["arms"], budget),
        "kept_in_others": kept(others["arms"], budget),
        "tuning": tuning,
        "measured": others,
    }  # fmt: skip


def _both_known(
    protocol: Protocol, patient: Patient, backend: str, cut: int
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What was measured of this grid in the first people of a seed, and in the next."""
    if backend == "reference":
        return None
    errors = [found.error for found in known(subject(protocol, patient, backend, cut))]
    for one in errors:
        for other in errors:
            if _people(one) == TUNED and _people(other) == OTHERS and one["seed"] == other["seed"]:
                return one, other
    return None


def _people(error: dict[str, Any]) -> tuple[int, ...]:
    return tuple(error["people"])


def kept(arms: dict[str, dict[str, Any]], budget: float) -> bool:
    """Whether every arm keeps the budget of both clocks."""
    return all(
        keeps_chronic(found)
        and all(found["states_share_of_range"].get(name, 0.0) <= budget for name in ACUTE)
        for found in arms.values()
    )


def asked_in_words(asked: str, budget: float | None) -> str:
    """What to type to ask for it; nothing for the rule."""
    words = "" if asked == RULE else f" --grid {asked}"
    return words if budget is None else f"{words} --budget {budget:g}"


def ensure_sensible(backend: str, asked: str, budget: float | None) -> None:
    """Refuse a grid that there is not, or that this back end has no use for."""
    number = asked.isdecimal() and 1 <= int(asked) <= FINEST
    if asked not in (RULE, AUTO) and not number:
        raise InputError(
            f"--grid {asked}: give rule (the default), auto, or a whole number from 1 to {FINEST}:"
            " in how many steps each step of the rule is taken."
        )
    if asked != RULE and backend == "reference":
        raise BackEndError("The reference has no time grid; leave out --grid, or --backend.")
    if budget is None:
        return
    if asked != AUTO:
        raise InputError("--budget says what --grid auto must keep; give both or neither.")
    if not 0.0 < budget < 1.0:
        raise InputError(f"--budget {budget:g}: give a share of a state's range, above 0, below 1.")
