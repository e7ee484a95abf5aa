"""What happens in each arm, in one sentence that a clinician could say aloud?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from resynapse.protocol.arm import Arm
from resynapse.protocol.treatment import Dose, Medication, Therapy
from resynapse.protocol.trial_protocol import Protocol
from resynapse.protocol.vocabulary import OPIOID_DISORDERS

MORTALITY: Final = (
    "withholding methadone or buprenorphine raises mortality"
    " (on against off treatment, rate ratio 0.47)"
)
"""Santo 2021: 0.47 (0.42 to 0.53), all causes, during any agonist treatment against out of it."""

_COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FORMS: Final = {
    "iv": ("intravenous {drug} injection", "intravenous {drug} injections"),
    "im": ("intramuscular {drug} injection", "intramuscular {drug} injections"),
    "sc": ("subcutaneous {drug} injection", "subcutaneous {drug} injections"),
    "intranasal": ("intranasal dose of {drug}", "intranasal doses of {drug}"),
    "intranasal-spray": ("{drug} nasal spray dose", "{drug} nasal spray doses"),
    "oral": ("oral dose of {drug}", "oral doses of {drug}"),
    "sublingual": ("sublingual dose of {drug}", "sublingual doses of {drug}"),
    "inhaled": ("inhaled dose of {drug}", "inhaled doses of {drug}"),
}
_THERAPIES: Final = {
    "KPT": "existential ketamine psychotherapy",
    "MBRP": "mindfulness-based relapse prevention",
    "MET": "motivational enhancement therapy",
    "CBT": "cognitive behavioural therapy",
    "existential": "existential psychotherapy",
    "counselling": "counselling",
    "education": "education",
}
_MEDICATIONS: Final = {
    "methadone": "methadone",
    "buprenorphine": "buprenorphine",
    "buprenorphine-monthly": "buprenorphine by injection,",
    "naltrexone": "naltrexone by mouth,",
    "naltrexone-monthly": "naltrexone by injection,",
    "naltrexone-implant": "naltrexone by implant,",
    "antidepressant": "an antidepressant,",
}
_PREPARING: Final = ("KPT", "existential")
"""Therapies that prepare for a ketamine session, so that the sentence need not say so again."""
_DAYS_NAMED: Final = 7
"""Evenly spaced days are named one by one up to this many."""
_RUN: Final = 3
"""Days in a row that are spoken as a range."""


def describe(protocol: Protocol) -> list[str]:
    """One sentence an arm, in the order of the protocol."""
    return [f"{arm.id}: {_sentence(arm, protocol)}." for arm in protocol.arms]


def _sentence(arm: Arm, protocol: Protocol) -> str:
    said = any(therapy.type in _PREPARING for therapy in arm.therapies)
    given = _joined([_dose(dose, protocol, said) for dose in arm.doses]) or "no ketamine"
    if arm.control not in ("none", "historical"):
        given = f"as control, {given}"
    therapies = _joined([_therapy(therapy) for therapy in arm.therapies])
    given += f", with {therapies}" if therapies else ", without therapy"
    return "; ".join([given, *_medication_clauses(arm, protocol)])


def _medication_clauses(arm: Arm, protocol: Protocol) -> Iterator[str]:
    taken = [_medication(medication, protocol) for medication in arm.medications]
    if taken:
        yield _joined(taken)
    if arm.historical_comparator:
        start = (
            "a historical comparator"
            if taken
            else "no medication afterwards, a historical comparator"
        )
        yield f"{start}: {MORTALITY}"
    elif not taken and protocol.disorder in OPIOID_DISORDERS:
        yield "no medication"


def _dose(dose: Dose, protocol: Protocol, preparation_said: bool) -> str:
    many = len(dose.days) > 1
    form = _FORMS[dose.route][many].format(drug=dose.drug)
    if dose.route == "iv" and dose.minutes > 0.0:
        form = form.replace("injection", "infusion")
    amount = "" if dose.drug == "saline" else f"{dose.amount} "
    words = [f"{_count(len(dose.days))} {amount}{form}"]
    if dose.ideal_body_weight:
        words.append("by ideal body weight")
    if dose.minutes > 0.0:
        words.append(f"over {_minutes(dose.minutes)}")
    words.append(_on(_days(dose.days)))
    if dose.prepared and not preparation_said:
        words.append(f"in {'prepared sessions' if many else 'a prepared session'}")
    return " ".join(words) + _only_if(dose.if_rule, protocol)


def _therapy(therapy: Therapy) -> str:
    count = len(therapy.days)
    sessions = "1 session" if count == 1 else f"{count} sessions"
    notes = [f"{sessions} of {therapy.hours:g} h", _days(therapy.days)]
    if therapy.retrieval:
        notes.append("recalling drug memories")
    if therapy.exposure > 0.0:
        notes.append(f"{100.0 * therapy.exposure:g} % cue exposure")
    return f"{_THERAPIES[therapy.type]} ({', '.join(notes)})"


def _medication(medication: Medication, protocol: Protocol) -> str:
    start = _day(medication.start_day)
    words = [f"{_MEDICATIONS[medication.drug]} {medication.amount}"]
    if medication.every_days is None:
        words.append(_on(start))
    else:
        words.append(f"{_interval(medication.every_days)} from {start}")
    if medication.stop_day is not None:
        words.append(f"until {_day(medication.stop_day)}")
    said = " ".join(words)
    if medication.induction_failure > 0.0:
        said += f", which {100.0 * medication.induction_failure:g} % never get started on"
    return said + _only_if(medication.if_rule, protocol)


def _interval(days: float) -> str:
    return "daily" if days == 1.0 else f"every {days:g} days"


def _only_if(name: str | None, protocol: Protocol) -> str:
    if name is None:
        return ""
    rule = next(rule for rule in protocol.rules if rule.name == name)
    when = "has lapsed" if rule.when == "lapsed" else f"has {rule.when}"
    return f", only for a person who {when} at the visit {_on(_days(rule.visits, ' or '))}"


def _count(count: int) -> str:
    return _COUNTS[count] if count < len(_COUNTS) else str(count)


def _minutes(minutes: float) -> str:
    return f"{minutes:g} min" if minutes <= 120.0 else f"{minutes / 60.0:g} h"


def _on(days: str) -> str:
    return f"on {days}" if days.startswith("day") else days


def _days(days: Sequence[float], last: str = " and ") -> str:
    """Days in words: one, a range, a rhythm, or a list in which runs are ranges."""
    if len(days) == 1:
        return _day(days[0])
    if any(day != math.floor(day) for day in days):
        return _joined([_day_listed(day) for day in days], last)
    steps = {later - earlier for earlier, later in pairwise(days)}
    if len(steps) == 1 and steps != {1.0} and len(days) > _DAYS_NAMED:
        return f"every {steps.pop():g} days from {_day(days[0])} to {_day(days[-1])}"
    return "days " + _joined(list(_runs(days)), last)


def _runs(days: Sequence[float]) -> Iterator[str]:
    start = 0
    for index in range(1, len(days) + 1):
        if index < len(days) and days[index] == days[index - 1] + 1.0:
            continue
        if index - start >= _RUN:
            yield f"{days[start]:g} to {days[index - 1]:g}"
        else:
            yield from (f"{day:g}" for day in days[start:index])
        start = index


def _day(day: float) -> str:
    """Whole days as they are; a part of a day as the time into it."""
    whole = math.floor(day + 1e-6)
    minutes = round((day - whole) * 24.0 * 60.0)
    if minutes == 0:
        return f"day {whole}"
    hours, rest = divmod(minutes, 60)
    if minutes <= 120:
        return f"{minutes} min into day {whole}"
    return f"{hours} h {rest} min into day {whole}" if rest else f"{hours} h into day {whole}"


def _day_listed(day: float) -> str:
    """A day among others, as a protocol writes it: "day 1 + 12 h"."""
    into, part, whole = _day(day).partition(" into ")
    return f"{whole} + {into}" if part else into


def _joined(words: Sequence[str], last: str = " and ") -> str:
    return ", ".join(words[:-1]) + last + words[-1] if len(words) > 1 else "".join(words)
