"""Does a protocol hold together: doses within evidence, days within follow-up, names that exist?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resynapse.protocol import limits, opioids_alone, taken_together, without_use
from resynapse.protocol.arm import Arm
from resynapse.protocol.errors import Path
from resynapse.protocol.treatment import Dose, Medication
from resynapse.protocol.vocabulary import OPIOID_DISORDERS, did_you_mean

if TYPE_CHECKING:
    from resynapse.protocol.trial_protocol import Protocol

Found = tuple[Path, str]

MOST_ARMS: Final = 6
"""A page and a report can tell six arms apart by colour, dash and name."""
MINUTES_PER_DAY: Final = 24.0 * 60.0
_SAME_TIME: Final = 0.1 / MINUTES_PER_DAY
"""Infusions that touch within 0.1 min follow one another; days are written with few decimals."""


def problems(protocol: Protocol) -> Iterator[Found]:
    """Everything that is wrong between fields that are right one by one."""
    yield from _names(protocol)
    for index, arm in enumerate(protocol.arms):
        place = ("arms", index)
        yield from _doses_within_evidence(protocol, arm, place)
        yield from _days_within_follow_up(protocol, arm, place)
        yield from _overlaps(arm, place)
        yield from _rules_known(protocol, arm, place)
        yield from _said_historical(protocol, arm, place)
        yield from taken_together.problems(arm, place)
    yield from _setting_and_visits(protocol)
    yield from without_use.problems(protocol)
    yield from opioids_alone.problems(protocol)


def _names(protocol: Protocol) -> Iterator[Found]:
    ids = [arm.id for arm in protocol.arms]
    rules = [rule.name for rule in protocol.rules]
    for index, id in enumerate(ids):
        if id in ids[:index]:
            yield ("arms", index, "id"), f"two arms are called {id}. Give each its own id."
    for index, name in enumerate(rules):
        if name in rules[:index]:
            message = f"two rules are called {name}. Give each its own name."
            yield ("rules", index, "name"), message
    if protocol.reference not in ids:
        guess = did_you_mean(protocol.reference, ids)
        yield (
            ("reference",),
            f"no arm is called {protocol.reference}. Arms: {', '.join(ids)}.{guess}",
        )


def _doses_within_evidence(protocol: Protocol, arm: Arm, place: Path) -> Iterator[Found]:
    if protocol.beyond_evidence:
        return
    weight = protocol.population.weight_kg.mean
    for index, dose in enumerate(arm.doses):
        message = _dose_refused(dose, weight)
        if message:
            yield (*place, "doses", index, "amount"), message
    for index, medication in enumerate(arm.medications):
        times = limits.medication_times_limit(medication)
        if times is not None and times > limits.REFUSED_ABOVE:
            yield (*place, "medications", index, "amount"), _medication_refused(medication, times)


def _dose_refused(dose: Dose, weight_kg: float) -> str | None:
    if dose.drug == "saline":
        return None
    limit = limits.limit_of(dose)
    if limit is None:
        return (
            f"no dose of {limits.spoken(dose)} stands in the evidence. Choose another route or"
            " drug, or set beyond_evidence: true to extrapolate."
        )
    times = limits.times_limit(dose, weight_kg)
    if times <= limits.REFUSED_ABOVE:
        return None
    return (
        f"{dose.amount} is {_times(times)} the highest dose of {limits.spoken(dose)} {limit};"
        f" up to {limits.REFUSED_ABOVE:g} times is accepted."
        f" Did you mean {limit.value:g} {limit.unit}?"
        " Lower the dose, or set beyond_evidence: true to extrapolate."
    )


def _medication_refused(medication: Medication, times: float) -> str:
    limit = limits.MEDICATIONS[medication.drug]
    return (
        f"{medication.amount} is {_times(times)} the highest dose of {medication.drug} {limit};"
        f" up to {limits.REFUSED_ABOVE:g} times is accepted."
        " Lower the dose, or set beyond_evidence: true to extrapolate."
    )


def _times(times: float) -> str:
    return f"{times:.0f} times" if times >= 10.0 else f"{times:.1f} times"


def _days_within_follow_up(protocol: Protocol, arm: Arm, place: Path) -> Iterator[Found]:
    last = protocol.follow_up_days
    for index, dose in enumerate(arm.doses):
        yield from _outside((*place, "doses", index, "days"), dose.days, last)
    for index, therapy in enumerate(arm.therapies):
        yield from _outside((*place, "therapies", index, "days"), therapy.days, last)
    for index, medication in enumerate(arm.medications):
        where = (*place, "medications", index)
        yield from _outside((*where, "start_day"), [medication.start_day], last)
        if medication.stop_day is not None:
            yield from _outside((*where, "stop_day"), [medication.stop_day], last)


def _outside(path: Path, days: Sequence[float], last: float) -> Iterator[Found]:
    late = [day for day in days if day > last]
    if late:
        yield (
            path,
            f"day {late[0]:g} is after the end of follow-up, day {last:g} (counted from entry)."
            " Move it, or lengthen follow_up.",
        )


def _overlaps(arm: Arm, place: Path) -> Iterator[Found]:
    spans = sorted(
        (day, day + dose.minutes / MINUTES_PER_DAY, index)
        for index, dose in enumerate(arm.doses)
        if dose.minutes > 0.0
        for day in dose.days
    )
    for (_, end, first), (start, _, second) in pairwise(spans):
        if start < end - _SAME_TIME:
            yield (
                (*place, "doses", second, "days"),
                f"this infusion starts on day {start:g}, before the one of dose {first + 1} ends"
                f" (day {end:.4g}). A patient has one infusion at a time: move one of them.",
            )


def _rules_known(protocol: Protocol, arm: Arm, place: Path) -> Iterator[Found]:
    giving = [rule.name for rule in protocol.rules if rule.then == "give"]
    given: dict[str, tuple[Dose | Medication, ...]] = {
        "doses": arm.doses,
        "medications": arm.medications,
    }
    for kind, items in given.items():
        for index, item in enumerate(items):
            if item.if_rule is None or item.if_rule in giving:
                continue
            known = (
                f"Rules that give: {', '.join(giving)}." if giving else "No rule gives anything."
            )
            guess = did_you_mean(item.if_rule, giving)
            message = f"no rule called {item.if_rule} gives anything. {known}{guess}"
            yield (*place, kind, index, "if_rule"), message


def _said_historical(protocol: Protocol, arm: Arm, place: Path) -> Iterator[Found]:
    withheld = protocol.disorder in OPIOID_DISORDERS and not arm.has_opioid_medication
    if withheld and not arm.historical_comparator:
        yield (
            (*place, "historical_comparator"),
            "an arm of people who use opioids without methadone, buprenorphine or naltrexone is a"
            " historical comparator: withholding them raises mortality (rate ratio on against off"
            " treatment 0.47, Santo 2021). Leave this line out.",
        )


def _setting_and_visits(protocol: Protocol) -> Iterator[Found]:
    last = protocol.follow_up_days
    yield from _outside(("visits",), protocol.visits, last)
    yield from _outside(("setting", "community_day"), [protocol.setting.community_day], last)
    for index, rule in enumerate(protocol.rules):
        yield from _outside(("rules", index, "visits"), rule.visits, last)
