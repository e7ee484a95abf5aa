"""What came out of one arm under one hypothesis?"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import Through
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.patient.observe import NAMES, QUANTITIES
from resynapse.protocol import Arm, Protocol, describe
from resynapse.protocol.opioids_alone import opioids
from resynapse.protocol.rule import SCALES
from resynapse.protocol.without_use import uses
from resynapse.trial.conduct import Chunk, Conduct
from resynapse.trial.depression import SHOWN
from resynapse.trial.estimate import Estimate, mean, proportion, rate
from resynapse.trial.everyone import Everyone, Keep, arm_endpoints, left_behind
from resynapse.trial.interruptions import COLUMNS
from resynapse.trial.opioids_alone import UNIT, of_a_point
from resynapse.trial.plan import ArmPlan, kept_days
from resynapse.trial.result import ArmResult
from resynapse.trial.table import joined, patients_columns
from resynapse.trial.time_to_event import EVENTS

CHUNK = 4096
"""people of a chunk; no result depends on it"""
STATES = ("craving", "mood", "withdrawal", "recovery", "drug_memory", "control", "window")
HIGH_PRESSURE = 40.0
"""mmHg, a rise that the label of nasal esketamine counts"""
STRONG_DISSOCIATION = 40.0
"""CADSS of 84, a cut-off of ours"""
UNRESPONSIVE = 0.5


def _bounds() -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value that each quantity can have, in the order of ``observe``."""
    shares = (
        "block_interneuron", "block_pyramidal", "block_resting", "sedation", "window",
        "habenula_block", "drug_memory", "extinction", "recovery", "control", "opioid_effect",
        "using", "enrolled", "on_medication",
    )  # fmt: skip
    scales = {name: SCALES[name][0] for name in ("dissociation", "withdrawal", "craving")}
    most = dict.fromkeys(shares, 1.0) | scales
    signed = {"surge", "expectancy"}
    least = [-np.finfo(np.float32).max if name in signed else 0.0 for name in NAMES]
    return np.array(least), np.array([most.get(name, np.finfo(np.float32).max) for name in NAMES])


LEAST, MOST = _bounds()
SLACK = 1.0e-3
"""what rounding to 32 bits may add, in the units of the quantities"""


def most_of(patient: Patient) -> np.ndarray:
    """Greatest values; both scores of mood are a whole state in this patient's points.

    A Hamilton score before error may lie above 52 where it runs higher than MADRS.
    """
    most, scales = MOST.copy(), patient.scales
    most[NAMES.index("mood")] = float(scales.madrs(1.0))
    most[NAMES.index("mood_hamd17")] = float(scales.hamd(1.0))
    return most


class DivergenceError(InputError):
    """Parameters with which the model cannot be computed, for the person with this number."""

    def __init__(self, message: str, key: int | None = None) -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class ArmRun:
    """An arm's result, and the records from which percentiles are taken."""

    result: ArmResult
    minutes: np.ndarray
    """[minutes, quantities, people]"""
    days: np.ndarray
    """[days, quantities, people]"""


@dataclass(frozen=True)
class Passage:
    """How people go through one arm: its plan, and the engine made ready for it."""

    conduct: Conduct
    arm: Arm
    plan: ArmPlan
    through: Through

    @classmethod
    def of(cls, conduct: Conduct, arm: Arm, felt: ArmsFelt) -> Passage:
        """The passage through this arm."""
        plan = conduct.plan(arm)
        return cls(conduct, arm, plan, conduct.prepared(arm, felt, plan))

    def take(self, first: int, count: int, keep: Keep) -> dict[str, np.ndarray]:
        """What so many people leave behind, from this number on."""
        conduct, tables, chunks = self.conduct, [], []
        protocol, patient = conduct.protocol, conduct.patient
        for chunk in self._sent(first, count):
            ensure_sound(chunk, self.plan, self.arm, patient)
            tables.append(
                patients_columns(
                    protocol, self.arm, patient, self.plan, chunk, conduct.seed, conduct.memory
                )
            )
            chunks.append(chunk)
        table = {name: joined([columns[name] for columns in tables]) for name in tables[0]}
        return left_behind(protocol, self.arm, self.plan, first, chunks, table, keep)

    def _sent(self, first: int, count: int) -> Iterator[Chunk]:
        """People through the arm; where the engine gives up, whom it cannot compute."""
        try:
            yield from self.conduct.sent(self.through, self.plan, first, count)
        except InputError as error:
            key = self._lost(first, count)
            raise DivergenceError(
                f"Arm {self.arm.id}, person {key}: {error.message}", key
            ) from error

    def _lost(self, first: int, count: int) -> int:
        """The first of so many people who cannot be computed."""
        while count > 1:
            half = count // 2
            try:
                deque(self.conduct.sent(self.through, self.plan, first, half), maxlen=0)
            except InputError:
                count = half
            else:
                first, count = first + half, count - half
        return first


def run_arm(
    conduct: Conduct, arm: Arm, felt: ArmsFelt, count: int, done: Callable[[int], None]
) -> ArmRun:
    """Send ``count`` people through an arm; ``done`` hears how many have arrived."""
    passage, parts = Passage.of(conduct, arm, felt), []
    for first in range(0, count, CHUNK):
        many = min(CHUNK, count - first)
        parts.append(passage.take(first, many, Keep(count)))
        done(many)
    return reduced(conduct.protocol, arm, Everyone([lambda part=part: part for part in parts]))


def reduced(protocol: Protocol, arm: Arm, everyone: Everyone, held: int | None = None) -> ArmRun:
    """The result of an arm; its tables hold everyone, or the first ``held`` people."""
    sentences = dict(zip((a.id for a in protocol.arms), describe(protocol), strict=True))
    table, used = everyone.held(np.iinfo(int).max if held is None else held)
    days = everyone.sampled("chronic")
    seen = {} if held is not None else {event: everyone.times(event) for event in EVENTS}
    result = ArmResult(
        id=arm.id,
        label=arm.label,
        sentence=sentences[arm.id],
        patients=table,
        use_days=used,
        endpoints={name: everyone.estimate(name) for name in arm_endpoints(protocol, arm)},
        states=_states(protocol, days),
        safety=_safety(everyone, opioids(protocol)),
        everyone=None if held is None else everyone,
        _seen=seen,
    )
    return ArmRun(result, everyone.sampled("minutes"), days)


def ensure_sound(chunk: Chunk, plan: ArmPlan, arm: Arm, patient: Patient) -> None:
    """Refuse a result in which a state is not a number, or lies where none can: no endpoint of it
    would mean anything.
    """
    least, most = (find(chunk.records, axis=(0, 2)) for find in (np.min, np.max))
    highest = most_of(patient)
    if (least >= LEAST - SLACK).all() and (most <= highest + SLACK).all():
        return
    low, high = (LEAST - SLACK)[:, None], (highest + SLACK)[:, None]
    wrong = ~((chunk.records >= low) & (chunk.records <= high))
    record, quantity, place = np.argwhere(wrong)[0]
    key, value = int(np.asarray(chunk.person.key)[place]), chunk.records[record, quantity, place]
    lies = f"{value:.4g}, beyond {LEAST[quantity]:g} to {highest[quantity]:g},"
    raise DivergenceError(
        f"Arm {arm.id}, person {key}: {NAMES[quantity]} is "
        f"{lies if np.isfinite(value) else 'not a finite number'} on day "
        f"{plan.record_days[record]:.3g}, so the model cannot be computed with these "
        "parameters. Choose values nearer to their priors; resynapse parameters lists them.",
        key,
    )


def _states(protocol: Protocol, by_day: np.ndarray) -> dict[str, dict]:
    """Means over people at the visits, or at all kept days where there are no visits."""
    kept = kept_days(protocol)
    wanted = [d for d in (protocol.visits or kept) if d <= protocol.follow_up_days]
    rows = [kept.index(day) for day in wanted]
    units = {quantity.name: quantity.unit for quantity in QUANTITIES}
    found = {}
    for name in (one for one in STATES if uses(protocol) or one in SHOWN):
        values = by_day[rows, NAMES.index(name), :].mean(axis=1)
        found[name] = {
            "days": [float(day) for day in wanted],
            "values": [float(value) for value in values],
            "unit": units[name],
        }
    if "withdrawal" in found and not opioids(protocol):
        values = [value * of_a_point(protocol) for value in found["withdrawal"]["values"]]
        found["withdrawal"] |= {"values": values, "unit": UNIT}
    return found


def _safety(everyone: Everyone, deaths_told: bool) -> dict[str, Estimate]:
    """What the model carries of harm; the report names what it does not carry."""
    column = everyone.column
    exposed = column("days_in_community") / 36525.0
    deaths = {
        "overdose_deaths": rate(
            column("overdose_deaths_expected"), exposed, "expected deaths per 100 person-years"
        )
    } if deaths_told else {}  # fmt: skip
    return deaths | {
        "dissociation_peak": mean(column("cadss_peak"), "CADSS 0-84"),
        "dissociation_above_40": proportion(column("cadss_peak") > STRONG_DISSOCIATION),
        "pressure_peak_rise": mean(column("pressure_peak_rise_mmHg"), "mmHg"),
        "pressure_rise_above_40": proportion(column("pressure_peak_rise_mmHg") > HIGH_PRESSURE),
        "unresponsive": proportion(column("unresponsive_probability") > UNRESPONSIVE),
        "nausea": mean(column("nausea_probability"), "proportion", bounds=(0.0, 1.0)),
        **{event: proportion(~np.isnan(column(COLUMNS[event]))) for event in everyone.events},
    }  # fmt: skip
