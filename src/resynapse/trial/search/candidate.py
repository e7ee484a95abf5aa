"""What is given to whom, and when, in one design of a search?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from resynapse.input_error import InputError
from resynapse.protocol import Arm, Dose, Protocol, Therapy
from resynapse.protocol.vocabulary import KETAMINES, did_you_mean
from resynapse.trial.search.allowed import ensure_given, ensure_number
from resynapse.trial.search.space import Point

COSTS = ("infusion", "session", "mg")
"""what a cost may be given for"""


@dataclass(frozen=True)
class Candidate:
    """A design: an arm, and what it asks of a person."""

    name: str
    arm: Arm
    cumulative_dose: float
    """mg/kg of ketamine in all, for a person of mean weight"""
    infusions: int
    sessions: int
    cost: float | None
    """a person, in the unit that costs were given in; None without costs"""
    written: bool = False
    """the arm as the protocol has it"""

    def burden(self, name: str) -> float:
        """What a limit or the front counts."""
        value = getattr(self, name)
        if value is None:
            raise InputError(
                "cost: nobody said what anything costs; give --cost infusion=500 --cost "
                "session=100, in a unit of yours."
            )
        return float(value)


def starting_arm(protocol: Protocol, name: str | None) -> Arm:
    """The arm that a search begins with; by default the only one with ketamine."""
    others = [arm for arm in protocol.arms if arm.id != protocol.reference and arm.has_ketamine]
    names = [arm.id for arm in others]
    if name is None and len(others) == 1:
        return others[0]
    if name not in names:
        given = "--arm" if name is None else f"--arm {name}"
        known = ", ".join(names) or f"none of {protocol.name}, so there is nothing to search"
        raise InputError(
            f"{given}: name the arm with ketamine that the search begins with: {known}."
            f"{did_you_mean(name, names) if name else ''}"
        )
    return protocol.arm(name)


def candidate(
    protocol: Protocol, arm: Arm, point: Point, costs: Mapping[str, float], number: int
) -> Candidate:
    """The design that a point of the space makes of an arm."""
    ketamine = _only(arm)
    changed = _dose(ketamine, point)
    days = _days(ketamine.days, point)
    ensure_number(len(days))
    changed = changed.model_copy(update={"days": days})
    weight = protocol.population.weight_kg.mean
    ensure_given(changed, weight)
    moved = days != ketamine.days
    kept = [dose for dose in arm.doses if dose is not ketamine and not (moved and _blank(dose))]
    therapies = arm.therapies
    if point.therapy is not None:
        therapies = tuple(_after(one, days, point.therapy) for one in _some(arm))
    made = arm.model_copy(
        update={"id": f"design-{number}", "doses": (changed, *kept), "therapies": therapies}
    )
    return _counted(made, arm, weight, costs, _named(changed, point))


def without_ketamine(arm: Arm) -> Arm:
    """The arm's own control: saline at the same times, everything else the same."""
    doses = tuple(
        dose.model_copy(
            update={"drug": "saline", "amount": dose.amount.model_copy(update={"value": 0.0})}
        )
        if dose.drug in KETAMINES
        else dose
        for dose in arm.doses
    )
    return arm.model_copy(update={"doses": doses, "active": False, "id": f"{arm.id}-saline"})


def _only(arm: Arm) -> Dose:
    found = [dose for dose in arm.doses if dose.drug in KETAMINES]
    if len(found) != 1 or found[0].if_rule is not None:
        raise InputError(
            f"--arm {arm.id}: a search varies one course of equal doses, and this arm has "
            f"{len(found)} that differ, or one that hangs on a rule. Write its ketamine as one "
            "line of doses."
        )
    return found[0]


def _dose(dose: Dose, point: Point) -> Dose:
    if point.minutes is not None and dose.route != "iv":
        raise InputError(
            f"--vary minutes: a dose by route {dose.route} has no infusion time; leave it out."
        )
    amount = dose.amount
    if point.dose is not None:
        if point.dose <= 0.0:
            raise InputError("--vary dose: 0 is no dose; the reference arm stands for none.")
        amount = amount.model_copy(update={"value": point.dose})
    minutes = dose.minutes if point.minutes is None else point.minutes
    return dose.model_copy(update={"amount": amount, "minutes": minutes})


def _days(written: tuple[float, ...], point: Point) -> tuple[float, ...]:
    if point.infusions is None and point.spacing is None:
        return written
    count = len(written) if point.infusions is None else point.infusions
    spacing = point.spacing if point.spacing is not None or count == 1 else _usual(written)
    return tuple(written[0] + k * (spacing or 0.0) for k in range(count))


def _usual(written: tuple[float, ...]) -> float:
    gaps = {round(b - a, 6) for a, b in pairwise(written)}
    if len(gaps) != 1:
        raise InputError(
            "--vary infusions: the arm's doses are not evenly spaced, or there is only one; say "
            "how far apart they are, as --vary spacing=7."
        )
    return gaps.pop()


def _some(arm: Arm) -> tuple[Therapy, ...]:
    if not arm.therapies:
        raise InputError(f"--vary therapy: arm {arm.id} has no sessions to move; leave it out.")
    return arm.therapies


def _after(therapy: Therapy, days: tuple[float, ...], delay: float) -> Therapy:
    """As many sessions as before, dealt evenly to the doses, one a day from the delay on."""
    each, more = divmod(len(therapy.days), len(days))
    found: list[float] = []
    for place, day in enumerate(days):
        for k in range(each + (place < more)):
            wanted = day + delay + k
            found.append(max(wanted, found[-1] + 1.0) if found else wanted)
    return therapy.model_copy(update={"days": tuple(found)})


def _blank(dose: Dose) -> bool:
    return dose.drug == "saline"


def _counted(
    made: Arm, written: Arm, weight: float, costs: Mapping[str, float], name: str
) -> Candidate:
    given = made.doses[0]
    mg = given.amount.milligrams(weight, given.minutes) * len(given.days)
    sessions = sum(len(one.days) for one in made.therapies)
    spent = dict(zip(COSTS, (len(given.days), sessions, mg), strict=True))
    cost = sum(costs[one] * spent[one] for one in costs) if costs else None
    same = (made.doses, made.therapies) == (_first(written), written.therapies)
    return Candidate(name, made, mg / weight, len(given.days), sessions, cost, same)


def _first(arm: Arm) -> tuple[Dose, ...]:
    """Its doses, ketamine before the rest."""
    return tuple(sorted(arm.doses, key=lambda dose: dose.drug not in KETAMINES))


def _named(dose: Dose, point: Point) -> str:
    return ", ".join(_words(dose, point))


def _words(dose: Dose, point: Point) -> Iterator[str]:
    count = len(dose.days)
    yield f"{count} x {dose.amount}"
    if point.minutes is not None:
        yield f"over {dose.minutes:g} min"
    if count > 1 and (point.spacing is not None or point.infusions is not None):
        yield f"every {dose.days[1] - dose.days[0]:g} d"
    if point.therapy is not None:
        yield f"therapy {point.therapy:g} d after"


def costs(given: list[str]) -> dict[str, float]:
    """What ``--cost infusion=500`` says."""
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if name not in COSTS or not 0.0 <= number < float("inf"):
            raise InputError(
                f"--cost {text}: write NAME=NUMBER with a name from {', '.join(COSTS)} and a number"
                " from 0 on, as infusion=500."
            )
        found[name] = number
    return found
