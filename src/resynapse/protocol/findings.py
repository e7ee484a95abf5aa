"""What should a reader of this protocol know before it is run?"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from resynapse.protocol import limits, taken_together
from resynapse.protocol.arm import Arm
from resynapse.protocol.description import MORTALITY
from resynapse.protocol.many_doses import repeated
from resynapse.protocol.treatment import Dose, Medication
from resynapse.protocol.trial_protocol import Protocol
from resynapse.protocol.vocabulary import (
    ANTAGONISTS,
    KETAMINES,
    OPIOID_DISORDERS,
    OPIOID_MEDICATIONS,
    nearest,
)
from resynapse.protocol.without_use import uses

_EVENTS: Final = "lapse|relapse|dropout|lapse_or_dropout|relapse_or_dropout"
KNOWN_ENDPOINTS: Final = (
    r"abstinence_\d+_(days|weeks|months)",
    rf"(retention|{_EVENTS})_\d+_(days|weeks|months)",
    rf"time_to_({_EVENTS})_median",
    r"days_abstinent_percent(_\d+_(days|weeks|months))?",
    r"last_two_weeks_abstinent",
    r"(craving_vas|mood_madrs|mood_hamd17|withdrawal_cows|dissociation_cadss)_day_\d+(\.\d+)?",
    r"(window|drug_memory|extinction|recovery|control)_day_\d+(\.\d+)?",
    r"sessions_attended_percent",
    r"overdose_per_100_person_years",
)
"""Patterns of endpoint names; others are said here, and refused where a run begins."""

_RATED: Final = re.compile(r"_day_(\d+(?:\.\d+)?)")
"""Where the name of an endpoint has the day of its rating"""

_EXAMPLES: Final = (
    "abstinence_6_months",
    "relapse_6_months",
    "lapse_6_months",
    "retention_6_months",
    "time_to_lapse_median",
    "time_to_relapse_median",
    "days_abstinent_percent",
    "last_two_weeks_abstinent",
    "craving_vas_day_7",
    "mood_madrs_day_7",
    "mood_hamd17_day_7",
    "withdrawal_cows_day_2",
    "recovery_day_28",
    "drug_memory_day_28",
    "window_day_3",
    "sessions_attended_percent",
    "overdose_per_100_person_years",
)


_ATOMISED: Final = (
    "studies differ threefold in how much of an atomised dose arrives: 0.11 to 0.17"
    " (Singh 2022, whose areas the model exceeds three- to fourfold) and 0.45 (Yanagihara"
    " 2003, three people, near the model). Look at --set absorption.atomiser_first=0.05"
    " as well (docs/kinetics.md)."
)


@dataclass(frozen=True)
class Finding:
    """Something worth knowing: a warning stretches the evidence, a note explains."""

    level: Literal["warning", "note"]
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


def check(protocol: Protocol) -> list[Finding]:
    """Warnings first, then notes; a protocol can be run with all but unknown endpoints."""
    found = [*_in_arms(protocol), *_historical(protocol), *_in_design(protocol)]
    return sorted(found, key=lambda finding: finding.level != "warning")


def beyond(protocol: Protocol) -> tuple[Finding, ...]:
    """Every dose above those given to people: which arm, how far, and who gave the highest.

    And more doses, or nearer together, than trials of addiction tell how their effect adds up.
    """
    weight = protocol.population.weight_kg.mean
    found = []
    for arm in protocol.arms:
        for index, dose in enumerate(arm.doses, start=1):
            where = f"arm {arm.id}, dose {index}"
            found += [Finding("warning", where, said) for said in _extrapolated(dose, weight)]
        found += [Finding("warning", f"arm {arm.id}", said) for said in _much_medication(arm)]
        found += [Finding("warning", f"arm {arm.id}", said) for said in _of_opioids(arm, protocol)]
        found += _many_doses(arm)
        if uses(protocol):
            found += [Finding("warning", f"arm {arm.id}", said) for said in repeated(arm, weight)]
    return tuple(found)


def _in_arms(protocol: Protocol) -> Iterator[Finding]:
    yield from beyond(protocol)
    for arm in protocol.arms:
        for index, dose in enumerate(arm.doses, start=1):
            if dose.route == "intranasal" and dose.drug in KETAMINES:
                yield Finding("warning", f"arm {arm.id}, dose {index}", _ATOMISED)
        for message in (
            *_taken_together(arm),
            *taken_together.sequences(arm),
            *taken_together.nasal_doses(arm),
        ):
            yield Finding("warning", f"arm {arm.id}", message)
        for message in _never_given(arm, protocol):
            yield Finding("warning", f"arm {arm.id}", message)


def _extrapolated(dose: Dose, weight_kg: float) -> Iterator[str]:
    limit = limits.limit_of(dose)
    if dose.drug == "saline":
        return
    if limit is None:
        yield f"no dose of {limits.spoken(dose)} stands in the evidence: extrapolated."
    elif limits.times_limit(dose, weight_kg) > 1.0 + 1e-9:
        yield (
            f"{dose.amount} is {limits.times_limit(dose, weight_kg):.3g} times the highest dose of"
            f" {limits.spoken(dose)} {limit}: extrapolated."
        )
    if dose.route == "iv" and dose.drug in KETAMINES and dose.amount.value > 0.0:
        speed = dose.amount.milligrams(weight_kg, dose.minutes) / weight_kg / max(dose.minutes, 1.0)
        if speed > limits.FASTEST_INFUSION * (1.0 + 1e-9):
            yield (
                f"{dose.amount} over {dose.minutes:g} min is faster than any ketamine infusion of"
                " an addiction trial, 0.11 mg/kg over 2 min (Dakwar 2014): extrapolated."
            )


def _much_medication(arm: Arm) -> Iterator[str]:
    for medication in arm.medications:
        limit = limits.MEDICATIONS.get(medication.drug)
        times = limits.medication_times_limit(medication)
        if limit is not None and times is not None and times > 1.0:
            yield (
                f"{medication.drug} {medication.amount} is {times:.3g} times the highest dose"
                f" {limit}: extrapolated."
            )


def _of_opioids(arm: Arm, protocol: Protocol) -> Iterator[str]:
    """Medication for the use of opioids in people who use something else."""
    if not uses(protocol) or protocol.disorder in OPIOID_DISORDERS:
        return
    others = f"people who use {protocol.disorder}"
    for drug in dict.fromkeys(one.drug for one in arm.medications):
        if drug not in OPIOID_MEDICATIONS:
            continue
        tried = drug in ANTAGONISTS and protocol.disorder == "alcohol"
        yield (
            f"{drug} has trials in {others}, none of which was fitted."
            if tried
            else f"no study in the evidence tells what {drug} does in {others}."
        ) + (
            " What the model lets it do to craving and use there comes from people who use opioids:"
            " extrapolated."
        )


def _taken_together(arm: Arm) -> Iterator[str]:
    lasting = [item for item in arm.medications if item.drug in OPIOID_MEDICATIONS]
    for index, later in enumerate(lasting):
        for earlier in lasting[:index]:
            if later.if_rule is None and earlier.if_rule is None and _together(earlier, later):
                yield f"{earlier.drug} and {later.drug} are taken at the same time."


def _together(one: Medication, other: Medication) -> bool:
    ends = [float("inf") if item.stop_day is None else item.stop_day for item in (one, other)]
    return one.start_day < ends[1] and other.start_day < ends[0]


def _never_given(arm: Arm, protocol: Protocol) -> Iterator[str]:
    first = {rule.name: rule.visits[0] for rule in protocol.rules}
    for index, dose in enumerate(arm.doses, start=1):
        if dose.if_rule is not None and dose.days[-1] < first[dose.if_rule]:
            yield (
                f"dose {index} waits for rule {dose.if_rule}, whose first visit, day"
                f" {first[dose.if_rule]:g}, comes after its last day: it is never given."
            )


def _many_doses(arm: Arm) -> Iterator[Finding]:
    count = sum(
        len(dose.days) for dose in arm.doses if dose.drug in KETAMINES and dose.amount.value > 0.0
    )
    if count > limits.MOST_KETAMINE_DOSES:
        yield Finding(
            "warning",
            f"arm {arm.id}",
            f"{count} doses of ketamine; most in an addiction trial:"
            f" {limits.MOST_KETAMINE_DOSES} (NCT04177706). Ketamine use disorder and urinary harm"
            " are not in the model.",
        )


def _historical(protocol: Protocol) -> Iterator[Finding]:
    """One note for all arms that are historical comparators."""
    names = [arm.id for arm in protocol.arms if arm.historical_comparator]
    if names:
        many = len(names) > 1
        where = f"arm{'s' if many else ''} {', '.join(names)}"
        kind = "historical comparators" if many else "a historical comparator"
        yield Finding("note", where, f"{kind}: {MORTALITY} (Santo 2021).")


def _in_design(protocol: Protocol) -> Iterator[Finding]:
    if protocol.beyond_evidence:
        message = "doses far above those of human addiction trials are let through."
        yield Finding("warning", "beyond_evidence", message)
    for name, on in protocol.switches.chosen.items():
        yield Finding("note", f"switch {name}", f"turned {'on' if on else 'off'} in this file.")
    used = {dose.if_rule for arm in protocol.arms for dose in arm.doses}
    used |= {item.if_rule for arm in protocol.arms for item in arm.medications}
    for rule in protocol.rules:
        if rule.then == "give" and rule.name not in used:
            message = "no dose and no medication names it in if_rule: it does nothing."
            yield Finding("warning", f"rule {rule.name}", message)
    for name in protocol.endpoints:
        if not any(
            re.fullmatch(f"({pattern})(_observed)?(_committed)?", name)
            for pattern in KNOWN_ENDPOINTS
        ):
            near = nearest(name, _EXAMPLES)
            meant = f" Did you mean one like {near}?" if near else ""
            yield Finding(
                "warning",
                f"endpoint {name}",
                f"this name is not known, and a run refuses it.{meant}",
            )
    if protocol.blinding == "masked" and _ketamine_beside_saline(protocol):
        yield Finding(
            "note",
            "blinding",
            "people usually know ketamine from saline; read the run in which only expectancy acts"
            " beside the result.",
        )
    yield from _rated_before_a_dose(protocol)


def _ketamine_beside_saline(protocol: Protocol) -> bool:
    """Whether some get ketamine, and others saline and nothing that is felt."""
    felt = [{d.drug for d in arm.doses if d.amount.value > 0.0} for arm in protocol.arms]
    given = any(drugs & set(KETAMINES) for drugs in felt)
    return given and any(
        arm.doses and not drugs for arm, drugs in zip(protocol.arms, felt, strict=True)
    )


def _rated_before_a_dose(protocol: Protocol) -> Iterator[Finding]:
    """Endpoints and visits on the day of a dose that comes later than they."""
    doses = {day for arm in protocol.arms for one in arm.doses for day in one.days}
    asked = {name: _RATED.search(name) for name in protocol.endpoints}
    rated = {name: float(found[1]) for name, found in asked.items() if found}
    early = [name for name, day in rated.items() if _before_a_dose(day, doses)]
    visits = [f"{day:g}" for day in protocol.visits if _before_a_dose(day, doses)]
    what = early + [f"visits on day {', '.join(visits)}"] * bool(visits)
    if what:
        yield Finding(
            "note",
            "ratings",
            f"{'; '.join(what)}: read before the dose of that day, so nothing of that dose is in"
            " them. A part of a day reads later: _day_7.03 is 43 minutes into day 7.",
        )


def _before_a_dose(day: float, doses: Collection[float]) -> bool:
    return any(day <= dose < math.floor(day) + 1.0 for dose in doses)
