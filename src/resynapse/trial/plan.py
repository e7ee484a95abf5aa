"""How does an arm become arrays that the engine can step through?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from resynapse.engine.noise import KNOT
from resynapse.engine.plan import Plan, Segments
from resynapse.engine.schedule import TICK, Edge, distinct_steps, time_grid
from resynapse.patient import Patient
from resynapse.patient.events import Node
from resynapse.patient.model import ACUTE_BLOCKS, Around
from resynapse.protocol import Arm, Protocol
from resynapse.trial.endpoint_name import measurement_days, states_asked
from resynapse.trial.timeline import (
    RUN_IN_DAYS,
    Timeline,
    empty_node,
    first_dose,
    timeline,
    treatment_ends,
)

AFTER_DOSE = (0.0, 1.0, 2.0, 4.0, 7.0)
"""days after a dose on which states are kept too: the window opens and closes between weeks"""
BUCKET = 512
"""arrays are padded to multiples of this, so that one compiled loop serves many protocols"""
SEGMENT_BUCKET = 256
NEAR = 1.0e-7
"""days within which two instants count as one"""
KNOT_OFFSET = 4096
"""knots are numbered from well before the run-in"""
DRUG_DAYS = 4.0
"""days after a dose at which less than 1e-8 of it is left, and it is dropped"""
DRIVEN_DAYS = 42.0
"""days after a dose until which what it drives changes fast: later, only by steady decay"""
ACUTE_DAYS = 4.0 / 24.0
"""days after a dose over which peaks of acute effects are followed (decisions 7)"""
MINUTES = (*range(0, 60, 5), *range(60, 240, 10), *range(240, 1441, 60))
"""minutes after the first dose that are kept"""


@dataclass(frozen=True)
class ArmPlan:
    """A plan, how long its steps are, and which times its records stand for."""

    plan: Plan
    segments: Segments
    count: int
    """segments"""
    lengths: np.ndarray
    steps: int
    days: int
    record_days: np.ndarray
    """day from entry of each record"""
    minutes: np.ndarray
    """which records are the minutes after the first dose, in order"""
    chronic: np.ndarray
    """which records are the days and visits, in order"""

    def segments_until(self, day: float) -> int:
        """How many segments begin before this day."""
        first = self.segments.first[: self.count]
        return int(np.searchsorted(self.plan.time[first], day))


def measured_days(protocol: Protocol) -> list[float]:
    """Days from entry on which symptoms are rated: visits, and what endpoints ask for."""
    asked = measurement_days(protocol.endpoints)
    return sorted({*protocol.visits, *(d for d in asked if d <= protocol.follow_up_days)})


def dose_days(protocol: Protocol) -> set[float]:
    """Whole days of the doses of every arm."""
    doses = (dose for arm in protocol.arms for dose in arm.doses)
    return {float(np.floor(day)) for dose in doses for day in dose.days}


def kept_days(protocol: Protocol) -> list[float]:
    """Days from entry at which symptoms and states are kept."""
    end = protocol.follow_up_days
    days = {float(day) for day in range(0, 15) if day <= end}
    days |= {float(day) for day in np.arange(14.0, end, 7.0)}
    asked = (day for _, day in states_asked(protocol.endpoints))
    days |= {day for day in (*measured_days(protocol), *asked) if day <= end}
    after = {day + later for day in dose_days(protocol) for later in AFTER_DOSE}
    days |= {day for day in after if day <= end}
    days.add(float(np.floor(end)))
    return sorted(days)


def arm_plan(
    protocol: Protocol, arm: Arm, patient: Patient, ends: float | None = None, cut: int = 1
) -> ArmPlan:
    """The whole plan of one arm; ``ends`` is the day on which treatment ends, where known.

    Every step of the grid's rule is cut into ``cut``.
    """
    ends = treatment_ends(protocol, patient) if ends is None else ends
    line = timeline(protocol, arm, patient)
    end = float(np.ceil(protocol.follow_up_days))
    detox = protocol.setting.detoxification_days
    run_in = min(RUN_IN_DAYS, protocol.setting.use_days_before)
    start = -KNOT * np.ceil((run_in + detox) / KNOT)
    origin = first_dose(arm)
    minutes = [origin + m / 1440.0 for m in MINUTES if origin + m / 1440.0 <= end]
    records = sorted({round(t, 9) for t in [*minutes, *kept_days(protocol)]})
    stops = [*minutes, *kept_days(protocol), protocol.setting.community_day, *line.nodes]
    grid = time_grid(start, end + KNOT, [*line.edges, *line.medicated], stops, cut)
    lengths, which = distinct_steps(grid)
    plan = _steps(protocol, patient, line, grid, which, ends)
    segments, count = _segments(line, grid[:-1], np.array(records), int(end))
    place = {t: k for k, t in enumerate(records)}
    return ArmPlan(
        plan=_padded(plan, BUCKET),
        segments=segments,
        count=count,
        lengths=_spread(lengths),
        steps=len(grid) - 1,
        days=int(end),
        record_days=np.array(records),
        minutes=np.array([place[round(t, 9)] for t in minutes], int),
        chronic=np.array([place[round(t, 9)] for t in kept_days(protocol)], int),
    )


def _spread(lengths: np.ndarray) -> np.ndarray:
    """Padded to a multiple of 8 with the last length, so that few shapes are compiled."""
    missing = -len(lengths) % 8
    return np.concatenate([lengths, np.repeat(lengths[-1], missing)])


def _steps(
    protocol: Protocol, patient: Patient, line: Timeline, grid: np.ndarray, which: np.ndarray,
    ends: float,
) -> Plan:  # fmt: skip
    begin = grid[:-1]
    knots = np.round(begin / KNOT)
    infusion, rule = _infusions(line, begin)
    return Plan(
        time=begin,
        step=np.diff(grid),
        length=which.astype(np.int32),
        knot=np.where(_near(begin, knots * KNOT), knots + KNOT_OFFSET, -1).astype(np.int32),
        last_knot=np.floor(begin / KNOT + NEAR) * KNOT,
        drug=_drug(line, begin),
        driven=_after(line.edges, begin, DRIVEN_DAYS),
        infusion=infusion,
        infusion_rule=rule,
        around=_around(protocol, patient, line, begin, ends),
    )


def _segments(
    line: Timeline, begin: np.ndarray, records: np.ndarray, days: int
) -> tuple[Segments, int]:
    """A new segment wherever something is planned, a day ends, or something is kept; how many."""
    whole = np.round(begin)
    closes = _near(begin, whole) & (whole >= 1) & (whole <= days)
    record = _places(begin, records)
    nodes, has = _nodes(line, begin)
    acute = _after(line.edges, begin, ACUTE_DAYS)
    first = np.flatnonzero(closes | (record >= 0) | has | acute | (begin == begin[0]))
    made = Segments(
        first=first,
        day=np.where(closes, whole - 1, -1)[first],
        closes=closes[first],
        record=record[first],
        has_node=has[first],
        nodes=jax.tree.map(lambda x: x[first], nodes),
    )
    padded = _padded(made, SEGMENT_BUCKET)
    ends = np.full(len(padded.first) + 1, len(begin))
    ends[: len(first)] = first
    rest = padded._replace(first=ends.astype(np.int32))
    kept = rest._replace(day=rest.day.astype(np.int32), record=rest.record.astype(np.int32))
    return kept, len(first)


def _near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a - b) < NEAR


def _drug(line: Timeline, begin: np.ndarray) -> np.ndarray:
    """Each acute drug for some days after its doses, medications whenever there are any."""
    acute = (_after(line.bringing(b), begin, DRUG_DAYS) for b in range(ACUTE_BLOCKS))
    agonist = np.full(len(begin), any(node["agonist_mg"] > 0 for node in line.nodes.values()))
    antagonist = np.full(len(begin), any(node["antagonist_mg"] > 0 for node in line.nodes.values()))
    return np.stack([*acute, agonist, antagonist], axis=1)


def _after(edges: list[Edge], begin: np.ndarray, days: float) -> np.ndarray:
    found = np.zeros(len(begin), bool)
    for edge in edges:
        found |= (begin > edge.time - TICK) & (begin < edge.end + days - TICK)
    return found


def _places(begin: np.ndarray, records: np.ndarray) -> np.ndarray:
    place = np.searchsorted(records, begin - 1.0e-7)
    safe = np.minimum(place, len(records) - 1)
    return np.where(_near(records[safe], begin), safe, -1)


def _nodes(line: Timeline, begin: np.ndarray) -> tuple[Node, np.ndarray]:
    steps, blank = len(begin), empty_node()
    arrays = {name: np.zeros((steps, *value.shape)) for name, value in blank.items()}
    has = np.zeros(steps, bool)
    for time, node in line.nodes.items():
        k = int(np.argmin(np.abs(begin - time)))
        if abs(begin[k] - time) > 1.0e-6:
            continue
        has[k] = True
        for name, value in node.items():
            arrays[name][k] = value
        arrays["time"][k] = begin[k]
    return Node(**arrays), has


def _infusions(line: Timeline, begin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rates, rule = np.zeros((len(begin), 5, 3)), np.zeros(len(begin))
    for one in line.infusions:
        inside = (begin > one.begin - TICK) & (begin < one.end - TICK)
        rates[inside, :3] += one.rates
        rule[inside] = one.rule
    return rates, rule


def _around(
    protocol: Protocol, patient: Patient, line: Timeline, begin: np.ndarray, ends: float
) -> Around:
    observed = (begin > -TICK).astype(float)
    available = (begin > protocol.setting.community_day - TICK).astype(float)
    in_treatment = begin < ends - TICK
    losing = np.where(in_treatment, 1.0, float(patient.dropout.follow_up_factor)) * available
    taking = np.zeros(len(begin))
    for first, last in line.antidepressant:
        taking[(begin > first - TICK) & (begin < last - TICK)] = 1.0
    return Around(available=available, observed=observed, losing=losing, antidepressant=taking)


def _padded(tree: Any, size: int) -> Any:
    """Every array extended to a multiple of ``size`` by its last entry."""

    def one(values: np.ndarray) -> np.ndarray:
        missing = -len(values) % size
        return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)])

    return jax.tree.map(one, tree)
