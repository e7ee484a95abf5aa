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
from resynapse.trial.grid import MEDIAN, SAME_BOUTS, TAIL, grid_error, keeps_chronic

RULE, AUTO = "rule", "auto"
PEOPLE = 32
"""people on whom a grid is chosen, and as many others in whom its error is measured"""
CUTS = (1, 2, 4, 8)
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
    if asked == RULE:
        return Grid(1, {"cut": 1, "chosen": "the rule of engine/schedule.py; nothing was tuned"})
    if asked != AUTO:
        return Grid(int(asked), {"cut": int(asked), "chosen": "asked for"})

    def measure(cut: int, first: int) -> dict[str, Any]:
        return grid_error(
            protocol, patient, seed, backend=backend, people=PEOPLE, first=first, cut=cut
        )

    return chosen(measure, BUDGET if budget is None else budget)


def chosen(measure: Measure, budget: float) -> Grid:
    """The coarsest grid that keeps the budget in some people, and its error in others."""
    for cut in CUTS:
        tuning = measure(cut, 0)
        if kept(tuning["arms"], budget):
            break
    measured = measure(cut, PEOPLE)
    told = {
        "cut": cut,
        "chosen": "coarsest that keeps the budget in the people of tuning",
        "budget": {
            "acute_share_of_range": budget, "first_use_median_d": MEDIAN,
            "first_use_99th_percentile_d": TAIL, "same_bouts": SAME_BOUTS,
        },
        "kept_in_tuning": kept(tuning["arms"], budget),
        "kept_in_others": kept(measured["arms"], budget),
        "tuning": tuning,
        "measured": measured,
    }  # fmt: skip
    return Grid(cut, told)


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
