"""What was simulated, for whom, and what may it not be used for?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resynapse.protocol.as_published import changed
from resynapse.protocol.findings import beyond
from resynapse.protocol.opioids_alone import opioids
from resynapse.protocol.without_use import uses
from resynapse.report.arms import ArmStyle
from resynapse.report.drawing.ticks import MONTH
from resynapse.report.names import PEOPLE
from resynapse.report.wording import NARROW, arms_in_words, counted, listed, thousands
from resynapse.trial.result import IMPLAUSIBLE, RIVALS_NOT_RUN

if TYPE_CHECKING:
    from resynapse.protocol import Arm, Protocol
    from resynapse.trial.result import Result

RESEARCH = "Research, not for dosing a patient."
APPROVAL = "Ketamine is not approved for any addiction."
NOT_FOR_DEPRESSION = (
    "Ketamine is not approved for depression; a nasal spray of esketamine is, for some of it."
)
HISTORICAL = "Historical comparator:"
FAR = "Implausible numbers, set by hand:"
WITHHELD = (
    "withholding methadone or buprenorphine raises mortality (on against off treatment, rate "
    f"ratio{NARROW}0.47, Santo 2021)."
)
BEYOND = "Beyond evidence:"
"""Begins what is said of doses and medication beyond what was given or studied in people"""
MOST_NAMED = 3
"""Fitted studies that the notice names; of more it says how many"""
FORMS = {
    "iv": "intravenous injection", "im": "intramuscular injection",
    "sc": "subcutaneous injection", "intranasal": "intranasal dose",
    "intranasal-spray": "nasal spray dose", "oral": "oral dose", "sublingual": "sublingual dose",
    "inhaled": "inhaled dose",
}  # fmt: skip
"""A dose by its route; into a vein over some time it is an infusion"""
FEW = 10.0
"""A follow-up of fewer days than this is told with parts of a day"""
LONG = 100.0
"""A follow-up of more days than this is told in months"""


@dataclass(frozen=True)
class Sentence:
    """A bold beginning and what follows it."""

    bold: str
    rest: str = ""


WITHOUT_USE = Sentence(
    "People with depression who use no drug:",
    "what comes to them without ketamine, with time or a placebo, is not in the model. The level "
    "of an arm may not be held against a trial's; the difference between arms may.",
)
NOT_RUN = Sentence(
    f"{RIVALS_NOT_RUN[0].upper()}{RIVALS_NOT_RUN[1:]}:",
    "how much expectancy alone would bring, or a run without a window, is not shown here.",
)


def lead(result: Result) -> str:
    """One sentence about the whole run."""
    protocol, n = result.protocol, thousands(result.patients_per_arm)
    people = _people(protocol.disorder, n)
    count = arms_in_words(len(result.arms)).lower()
    each = ", each of" if len(result.arms) > 1 else " of"
    pending = protocol.state == "pending" and not changed(protocol)
    which = "a forecast of a pending trial, " if pending else ""
    return (
        f"Simulation of {_name(protocol)}: {which}{count}{each} {n}{NARROW}{people}; "
        f"{given(protocol)}; followed for {span(protocol.follow_up_days)}."
    )


def _name(protocol: Protocol) -> str:
    """What it is called, and from which trial it was changed, if it was."""
    apart = changed(protocol)
    if not apart:
        return protocol.name
    if apart.trial == protocol.name:
        return f"{protocol.name}, changed"
    return f"{protocol.name} ({apart.trial}, changed)"


def _people(disorder: str, n: str) -> str:
    """Who is simulated, as it stands behind how many."""
    words = PEOPLE.get(disorder, f"people with {disorder} use disorder")
    whom = counted(n, "people")
    if whom != "people":
        words = words.replace("who use ", "who uses ")
    return words.replace("people", whom, 1)


def given(protocol: Protocol) -> str:
    """Doses and sessions of all arms, each said once."""
    doses = list(dict.fromkeys(_doses(arm) for arm in protocol.arms))
    sessions = sorted({sum(len(one.days) for one in arm.therapies) for arm in protocol.arms})
    told = (
        f"{len(doses)}{NARROW}programmes of doses"
        if len(doses) > MOST_NAMED
        else " or ".join(doses)
    )
    many = "no therapy" if sessions == [0] else (
        f"{sessions[0]} to {sessions[-1]} therapy sessions" if len(sessions) > 1
        else f"{sessions[0]}{NARROW}therapy session{'s' if sessions[0] > 1 else ''}"
    )  # fmt: skip
    return f"{told}, {many}"


def _doses(arm: Arm) -> str:
    found = []
    for dose in arm.doses:
        count, what = len(dose.days), FORMS[dose.route]
        if dose.route == "iv" and dose.minutes > 0.0:
            what = "infusion"
        amount = "" if dose.drug == "saline" else f" {dose.amount}".replace(" ", NARROW)
        found.append(f"{count}{NARROW}{what}{'s' if count > 1 else ''} of {dose.drug}{amount}")
    return listed(found) or f"no{NARROW}ketamine"


def span(days: float) -> str:
    """A length of time in days, or in months where it is long."""
    if days <= LONG:
        said = f"{days:.3g}" if days < FEW else f"{days:.0f}"
        return f"{said}{NARROW}{counted(said, 'days')}"
    return f"{days / MONTH:.0f}{NARROW}months"


def notice(result: Result, arms: tuple[ArmStyle, ...]) -> tuple[Sentence, ...]:
    """The sentences that stand above everything."""
    sentences = [
        Sentence(RESEARCH, APPROVAL if uses(result.protocol) else NOT_FOR_DEPRESSION),
        Sentence(parameters_said(result)),
    ]
    if not uses(result.protocol):
        sentences.append(WITHOUT_USE)
    if result.alone:
        sentences.append(NOT_RUN)
    historical = _historical(result.protocol, arms)
    if historical:
        sentences.append(historical)
    if far := result.manifest.get(IMPLAUSIBLE):
        sentences.append(Sentence(FAR, " ".join(far)))
    if found := beyond_words(result.protocol, {arm.id: arm.name for arm in arms}):
        sentences.append(Sentence(BEYOND, found))
    return tuple(sentences)


def of_played_out(protocol: Protocol, arms: Iterable[Arm], far: Sequence[str]) -> str:
    """What stands above trials that are played out, of these arms and numbers set by hand.

    What care today goes beyond, what no study gave or tells, and ``far``, a sentence for each
    implausible number; empty where there is none of it.
    """
    found = []
    if any(arm.historical_comparator for arm in arms):
        said = f"no medication; {WITHHELD}" if opioids(protocol) else "what care today goes beyond."
        found.append(f"{HISTORICAL} an arm has {said}")
    if said := beyond_words(protocol):
        found.append(f"{BEYOND} {said}")
    if far:
        found.append(" ".join([FAR, *far]))
    return " ".join(found)


def beyond_words(protocol: Protocol, names: Mapping[str, str] | None = None) -> str:
    """Doses and medication beyond the evidence, each once with its arms; empty without any.

    ``names`` are those by which a reader knows the arms, by id.
    """
    places: dict[str, list[str]] = {}
    for one in beyond(protocol):
        places.setdefault(one.message, []).append(_where(one.where, names or {}))
    return " ".join(f"{'; '.join(where)}: {said}" for said, where in places.items())


def _where(where: str, names: Mapping[str, str]) -> str:
    """The place of a finding, "arm ID, dose 2", with the name of its arm."""
    id, comma, rest = where.removeprefix("arm ").partition(", ")
    name = names.get(id, id)
    return where if name == id else f"arm \u201c{name}\u201d{comma}{rest}"


def parameters_said(result: Result) -> str:
    """How many parameters were calibrated, and to what; or that none was."""
    own = _of_site(result)
    if result.parameters == "prior":
        return f"Parameters: prior, not calibrated{own}."
    studies = result.manifest.get("calibrated_to") or ()
    words = studies if isinstance(studies, str) else _to(studies)
    paths = result.manifest.get("calibrated_parameters")
    if words and paths:
        if (result.manifest.get("parameter_set") or {}).get("quick"):
            words += " by a quick calibration (few simulated people)"
        return (
            f"Parameters: {len(paths)} of {len(result.parameters_table)} calibrated to"
            f" {words}{own}; all others prior, not calibrated."
        )
    return f"Parameters: calibrated to {words}." if words else "Parameters: calibrated."


def _of_site(result: Result) -> str:
    """How many numbers are of the protocol's site alone, and how many of them draws move."""
    own = result.manifest.get("site_numbers") or {}
    drawn = sum(1 for one in own.values() if one["draws"])
    if not own:
        return ""
    how = "at one value each"
    if drawn and (result.manifest.get("draws") or result.knowledge):
        how = "drawn as fitted" if drawn == len(own) else f"{drawn} of them drawn as fitted"
    return f", {len(own)} of the site's own, {how}"


def _to(studies: Sequence[str]) -> str:
    """Few studies by name; many are named with where the report comes from."""
    return listed(studies) if len(studies) <= MOST_NAMED else f"{len(studies)} published studies"


def _historical(protocol: Protocol, arms: tuple[ArmStyle, ...]) -> Sentence | None:
    names = [arm.name for arm in arms if arm.historical]
    if not names:
        return None
    if not opioids(protocol):
        return Sentence(HISTORICAL, f"{listed(names)}, which care today goes beyond.")
    whom = "no arm has" if len(names) == len(arms) else f"{listed(names)}: no"
    return Sentence(HISTORICAL, f"{whom} medication for opioid use disorder; {WITHHELD}")
