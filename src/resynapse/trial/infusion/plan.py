"""What is the pump told to do?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from resynapse.input_error import InputError

Mode = Literal["rate", "plasma", "effect-site"]
Believed = Literal["domino", "resynapse"]
HIGHEST_TARGET = 2000.0
"""ng/mL; anaesthesia in volunteers, Langsjo 2005, abstract. Above it nothing is predicted"""
AWAKE = (50.0, 200.0)
"""ng/mL of racemic ketamine that awake volunteers were steered to, Bowdle 1998, abstract"""
HIGHEST_RATE = 60.0
"""mg/min; a bolus of 0.8 mg/kg within a minute or so"""
LONGEST = 240.0
"""minutes of infusion"""
MOST_PARTS = 6
WEIGHTS = (30.0, 200.0)


class InfusionError(InputError):
    """An infusion that cannot be planned, and the field that says so."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Part:
    """An amount of racemic ketamine at a constant rate."""

    mg_per_kg: float
    minutes: float


@dataclass(frozen=True)
class Hold:
    """A concentration of racemic ketamine that the pump aims at, and for how long."""

    target: float
    """ng/mL"""
    minutes: float


@dataclass(frozen=True)
class InfusionPlan:
    """Parts by rate, or targets that the pump steers to by what it believes of a patient."""

    mode: Mode
    parts: tuple[Part, ...] = ()
    holds: tuple[Hold, ...] = ()
    believed: Believed = "domino"
    highest_rate: float = 20.0
    """mg/min that the pump can give"""
    watched: float = 60.0
    """minutes after the end of the infusion that are shown"""

    @property
    def minutes(self) -> float:
        """Length of the infusion."""
        return sum(one.minutes for one in (self.parts if self.mode == "rate" else self.holds))

    @property
    def beyond_evidence(self) -> bool:
        """Whether a target lies outside what awake volunteers were steered to."""
        return any(not 0.0 <= one.target <= AWAKE[1] for one in self.holds)


def ensure_possible(plan: InfusionPlan) -> None:
    """Refuse, with what is allowed and on whose authority, a plan that cannot be predicted."""
    if plan.mode not in get_args(Mode):
        raise InfusionError(f"mode {plan.mode!r}: one of {', '.join(get_args(Mode))}.", ("mode",))
    if plan.believed not in get_args(Believed):
        allowed = " or ".join(get_args(Believed))
        raise InfusionError(f"believed {plan.believed!r}: {allowed}.", ("believed",))
    _within(plan.highest_rate, 0.1, HIGHEST_RATE, "highest_rate", "mg/min")
    _within(plan.watched, 0.0, LONGEST, "watched", "min")
    field = "parts" if plan.mode == "rate" else "holds"
    steps = getattr(plan, field)
    if not 1 <= len(steps) <= MOST_PARTS:
        raise InfusionError(f"{field}: give from 1 to {MOST_PARTS} of them.", (field,))
    for place, one in enumerate(steps):
        _within(one.minutes, 1.0, LONGEST, "minutes", "min", (field, place))
        _ensure_amount(one, place)
    if plan.minutes > LONGEST:
        raise InfusionError(
            f"{plan.minutes:g} min in all: an infusion is predicted for up to {LONGEST:g} min. "
            "For longer ones build a programme.", (field,)
        )  # fmt: skip


def _ensure_amount(one: Part | Hold, place: int) -> None:
    if isinstance(one, Hold):
        said = "Langsjo 2005 steered volunteers under anaesthesia to 2000 ng/mL; awake volunteers "
        said += "were steered to 50 to 200 (Bowdle 1998)"
        _within(one.target, 0.0, HIGHEST_TARGET, "target", "ng/mL", ("holds", place), said)
        return
    said = "four times the highest dose in human addiction trials, 0.8 mg/kg (KARE)"
    where = ("parts", place, "mg_per_kg")
    if not (math.isfinite(one.mg_per_kg) and 0.0 <= one.mg_per_kg <= 3.2):
        raise InfusionError(f"{one.mg_per_kg:g} mg/kg: give 0 to 3.2 mg/kg ({said}).", where)


def _within(
    value: float, low: float, high: float, field: str, unit: str,
    where: tuple[str | int, ...] = (), said: str = "",
) -> None:  # fmt: skip
    if math.isfinite(value) and low <= value <= high:
        return
    why = f" ({said})" if said else ""
    raise InfusionError(
        f"{field} {value:g} {unit}: give {low:g} to {high:g} {unit}{why}.", (*where, field)
    )
