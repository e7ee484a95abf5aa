"""At which instants does something happen in an arm, and what?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from resynapse.engine.schedule import ABSORBED, ONSET, STARTED, Edge
from resynapse.patient import Patient
from resynapse.patient.events import DEPOTS, THERAPIES
from resynapse.patient.state import RULES
from resynapse.pharmacology import route
from resynapse.protocol import Arm, Dose, Medication, Protocol
from resynapse.protocol.vocabulary import AGONISTS, OPIOID_MEDICATIONS

RUN_IN_DAYS = 40.0
"""days of heavy use that are simulated; more changes no state by more than its own time constant"""
BELIEF_DELAY = 1.0
"""days from a dose to the guess of one's arm (decisions 7)"""
SEPARATE = 5.0 / 1440.0
"""days between two doses written for the same instant under different rules"""
QUANTITIES = ("lapsed", "craving", "withdrawal", "pressure", "dissociation")
"""what a rule may ask, in the order of patient.events.decide"""


def empty_node() -> dict[str, np.ndarray]:
    """A node at which nothing happens."""
    scalars = (
        "time entry cease discharge dose rule medication_start medication_end medication_rule"
        " medication_failure agonist_mg antagonist_mg session session_number session_type"
        " session_hours session_exposure retrieval guess guess_delay experience visit"
    )
    node = {name: np.zeros(()) for name in scalars.split()}
    node |= {name: np.zeros((len(DEPOTS), 3)) for name in ("s_ketamine", "r_ketamine")}
    node["benzodiazepine"] = np.zeros(3)
    rules = ("rule_now", "rule_kind", "rule_limit", "rule_withholds")
    return node | {name: np.zeros(RULES) for name in rules}


@dataclass(frozen=True)
class Infusion:
    """A constant inflow between two times."""

    begin: float
    end: float
    rates: np.ndarray
    """per hour into the three linear blocks: absolute, per kg, per ideal kg; [3, 3]"""
    rule: int


@dataclass
class Timeline:
    """An arm as a list of instants, infusions and spans."""

    nodes: dict[float, dict[str, np.ndarray]] = field(
        default_factory=lambda: defaultdict(empty_node)
    )
    infusions: list[Infusion] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    """of acute drugs"""
    given: list[tuple[Edge, tuple[bool, ...]]] = field(default_factory=list)
    """which of S-ketamine, R-ketamine and a benzodiazepine each of them brings; none is saline"""
    medicated: list[Edge] = field(default_factory=list)
    antidepressant: list[tuple[float, float]] = field(default_factory=list)
    last_treatment: float = 0.0

    def bringing(self, block: int) -> list[Edge]:
        """Doses that bring drug to this block."""
        return [edge for edge, brings in self.given if brings[block]]

    def at(self, time: float) -> dict[str, np.ndarray]:
        """The node of this instant, made when first asked for."""
        return self.nodes[round(time, 9)]


def first_dose(arm: Arm) -> float:
    """Day of the arm's first dose of an acute drug; 0 without any."""
    return min((day for dose in arm.doses for day in dose.days), default=0.0)


def timeline(protocol: Protocol, arm: Arm, patient: Patient) -> Timeline:
    """Everything that happens in one arm, from the run-in to the end of follow-up."""
    line = Timeline()
    setting, rules = protocol.setting, [rule.name for rule in protocol.rules]
    if not setting.starts_using:
        line.at(-setting.detoxification_days)["cease"] = np.array(1.0)
    line.at(0.0)["entry"] = np.array(1.0)
    if setting.community_day > 0.0:
        line.at(setting.community_day)["discharge"] = np.array(1.0)
    for dose in arm.doses:
        _add_dose(line, dose, patient, rules, protocol.follow_up_days)
    for medication in arm.medications:
        _add_medication(line, arm, medication, rules, protocol.follow_up_days)
    _add_sessions(line, arm)
    _add_rules(line, protocol)
    return line


def treatment_ends(protocol: Protocol, patient: Patient) -> float:
    """Day of the last dose or session of any arm: until then every arm is seen as often."""
    return max(last_treatment(protocol, arm, patient) for arm in protocol.arms)


def last_treatment(protocol: Protocol, arm: Arm, patient: Patient) -> float:
    """Day of the last dose or session of an arm."""
    return timeline(protocol, arm, patient).last_treatment


def _number(rule: str | None, rules: list[str]) -> int:
    return 0 if rule is None else 1 + rules.index(rule)


def _add_dose(line: Timeline, dose: Dose, patient: Patient, rules: list[str], end: float) -> None:
    rule = _number(dose.if_rule, rules)
    for day in dose.days:
        time = day
        while line.at(time)["dose"] > 0.0 and line.at(time)["rule"] != rule:
            time += SEPARATE
        node = line.at(time)
        node["dose"], node["rule"] = np.array(1.0), np.array(float(rule))
        given = _deposits(dose, patient)
        until = time + dose.minutes / 1440.0
        brings = tuple(bool(given[drug].any()) for drug in ("s", "r", "b"))
        if dose.minutes > 0.0:
            rates = np.stack([given["s"][0], given["r"][0], given["b"]]) / (dose.minutes / 60.0)
            line.infusions.append(Infusion(time, until, rates, rule))
            given = {"s": _not_central(given["s"]), "r": _not_central(given["r"]), "b": np.zeros(3)}
        node["s_ketamine"] = node["s_ketamine"] + given["s"]
        node["r_ketamine"] = node["r_ketamine"] + given["r"]
        node["benzodiazepine"] = node["benzodiazepine"] + given["b"]
        line.edges.append(Edge(time, until, onset=ONSET))
        line.given.append((line.edges[-1], brings))
        line.last_treatment = max(line.last_treatment, time)
        asked = time + BELIEF_DELAY
        if asked < end:
            then = line.at(asked)
            then["guess"], then["guess_delay"] = np.array(1.0), np.array(BELIEF_DELAY)
            then["experience"] = np.array(float(dose.prepared))


def _not_central(amounts: np.ndarray) -> np.ndarray:
    """What is not infused into the blood itself enters its depot at the start."""
    return np.concatenate([np.zeros((1, 3)), amounts[1:]])


def _deposits(dose: Dose, patient: Patient) -> dict[str, np.ndarray]:
    """umol of S and R by depot, mg of a benzodiazepine; absolute, per kg, per kg ideal weight."""
    scale = 0 if dose.amount.unit == "mg" else (2 if dose.ideal_body_weight else 1)
    mg = dose.amount.value * (dose.minutes / 60.0 if dose.amount.unit == "mg/kg/h" else 1.0)
    found = {name: np.zeros((len(DEPOTS), 3)) for name in ("s", "r")} | {"b": np.zeros(3)}
    if dose.drug == "saline" or mg == 0.0:
        return found
    typical = mg if scale == 0 else mg * patient.people.typical_weight
    place = route.bioavailable(
        dose.route, dose.drug, typical, patient.absorption, patient.benzodiazepine_absorption
    )
    if dose.drug in route.BENZODIAZEPINES:
        found["b"][scale] = mg * float(place.central)
        return found
    split = route.split(dose.drug, mg, patient.molar_mass)
    for k, depot in enumerate(DEPOTS):
        found["s"][k, scale] = float(split.s) * float(getattr(place, depot))
        found["r"][k, scale] = float(split.r) * float(getattr(place, depot))
    return found


def _add_medication(
    line: Timeline, arm: Arm, medication: Medication, rules: list[str], end: float
) -> None:
    stop = _until(medication, end)
    line.last_treatment = max(line.last_treatment, stop)
    if medication.drug == "antidepressant":
        line.antidepressant.append((medication.start_day, stop))
        return
    kind = "agonist_mg" if medication.drug in AGONISTS else "antagonist_mg"
    every = medication.every_days
    days = [medication.start_day] if every is None else np.arange(medication.start_day, stop, every)
    for day in days:
        node = line.at(float(day))
        node[kind] = node[kind] + medication.amount.value
        fine = STARTED if day == medication.start_day else ABSORBED
        line.medicated.append(Edge(float(day), float(day), fine))
    first = line.at(medication.start_day)
    first["medication_start"] = np.array(1.0)
    first["medication_rule"] = np.array(float(_number(medication.if_rule, rules)))
    first["medication_failure"] = np.array(medication.induction_failure)
    off = _off(medication, arm, end)
    if off is not None:
        line.at(off)["medication_end"] = np.array(1.0)


def _until(medication: Medication, end: float) -> float:
    """Day on which a medication stops, at the end of follow-up at the latest."""
    return end if medication.stop_day is None else min(end, medication.stop_day)


def _off(medication: Medication, arm: Arm, end: float) -> float | None:
    """When people are on none any more as this one stops; None where another carries on.

    Another drug that begins at that instant is begun anew, so people are off for a moment before.
    """
    stop = _until(medication, end)
    others = [
        one
        for one in arm.medications
        if one.drug in OPIOID_MEDICATIONS and one.start_day <= stop < _until(one, end)
    ]
    if stop >= end or any(m.start_day < stop or m.drug == medication.drug for m in others):
        return None
    return stop - SEPARATE if others else stop


def _add_sessions(line: Timeline, arm: Arm) -> None:
    planned = sorted(
        ((day, therapy) for therapy in arm.therapies for day in therapy.days),
        key=lambda pair: pair[0],
    )
    for number, (day, therapy) in enumerate(planned):
        while line.at(day)["session"] > 0.0:
            day += therapy.hours / 24.0
        node = line.at(day)
        node["session"], node["session_number"] = np.array(1.0), np.array(float(number))
        node["session_type"] = np.array(float(THERAPIES.index(therapy.type.lower())))
        node["session_hours"] = np.array(therapy.hours)
        node["session_exposure"] = np.array(therapy.exposure)
        node["retrieval"] = np.array(float(therapy.retrieval))
        line.last_treatment = max(line.last_treatment, day)


def _add_rules(line: Timeline, protocol: Protocol) -> None:
    for k, rule in enumerate(protocol.rules):
        for visit in rule.visits:
            node = line.at(visit)
            node["visit"] = np.array(1.0)
            node["rule_now"][k] = 1.0
            node["rule_kind"][k] = float(QUANTITIES.index(rule.quantity))
            node["rule_limit"][k] = 0.5 if rule.threshold is None else rule.threshold
            node["rule_withholds"][k] = float(rule.then == "withhold")
