"""What do all people of an arm leave behind, and how is one quantity of all of them read?

People are sent through an arm in chunks. What a chunk leaves behind is a set of named arrays, kept
in memory or in a file; reading one quantity of everyone takes no more than that quantity needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.protocol import Arm, Protocol
from resynapse.protocol.opioids_alone import refused
from resynapse.protocol.without_use import uses
from resynapse.trial.conduct import Chunk
from resynapse.trial.endpoint import TIMED, Told, joined, summary, told
from resynapse.trial.endpoint_name import endpoints_for, parse
from resynapse.trial.estimate import Estimate
from resynapse.trial.interruptions import COLUMNS
from resynapse.trial.plan import ArmPlan
from resynapse.trial.time_to_event import EVENTS, TimeToEvent, time_to_event

SAMPLED = 2048
"""people from whom percentiles over time are taken; memory does not grow with more"""
NEEDED = (
    "committed", "days_in_community", "overdose_deaths_expected", "cadss_peak",
    "pressure_peak_rise_mmHg", "unresponsive_probability", "nausea_probability",
)  # fmt: skip
"""columns of everyone that estimates are made from, beside endpoints and times"""

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Keep:
    """How much is kept of people: the first so many with their days of use, and rows of whom."""

    held: int
    rows: bool = True
    """whether the table keeps a row of everyone, or of those held only"""


def left_behind(
    protocol: Protocol, arm: Arm, plan: ArmPlan, first: int, chunks: Sequence[Chunk],
    table: Arrays, keep: Keep,
) -> dict[str, np.ndarray]:  # fmt: skip
    """The named arrays of a chunk of people, the first of whom is the arm's number ``first``.

    ``table`` holds their columns.
    """
    use_days = np.concatenate([chunk.use_days for chunk in chunks])
    held = min(len(use_days), max(0, keep.held - first))
    sampled = min(len(use_days), max(0, SAMPLED - first))
    rows = len(use_days) if keep.rows else held
    found = {f"row/{name}": table[name][:rows] for name in table}
    others = [name for name in COLUMNS.values() if name in table]
    found |= {f"all/{name}": table[name] for name in (*NEEDED, *others)}
    found["used"] = np.packbits(use_days[:held], axis=1)
    found["days"] = np.array(plan.days)
    for name in arm_endpoints(protocol, arm):
        one = told(name, table, use_days)
        found[f"told/{name}"], found[f"read/{name}"] = one.values, np.array(one.day)
    for event in EVENTS:
        times = time_to_event(event, table, use_days)
        found[f"time/{event}"], found[f"event/{event}"] = times.time, times.event
    if sampled:
        records = np.concatenate([chunk.records for chunk in chunks], axis=2)[:, :, :sampled]
        found["minutes"], found["chronic"] = records[plan.minutes], records[plan.chronic]
    return found


def arm_endpoints(protocol: Protocol, arm: Arm) -> tuple[str, ...]:
    """The endpoints of one arm."""
    end, origin = protocol.follow_up_days, protocol.origin_day(arm)
    found = endpoints_for(protocol.endpoints, end, origin, beside=uses(protocol))
    return tuple(name for name in found if not refused(name, protocol.disorder))


@dataclass(frozen=True)
class Everyone:
    """All people of one arm, chunk by chunk in the order of people."""

    chunks: Sequence[Callable[[], Arrays]]
    """each reads what one chunk left behind"""

    def column(self, name: str) -> np.ndarray:
        """One of ``NEEDED``, or the days of an intercurrent event, of everyone."""
        return self._joined(f"all/{name}")

    @property
    def events(self) -> tuple[str, ...]:
        """Intercurrent events beside drop-out that can happen."""
        there = next(iter(self._read()))
        return tuple(event for event, name in COLUMNS.items() if f"all/{name}" in there)

    def estimate(self, name: str) -> Estimate:
        """An endpoint of everyone."""
        found = joined(
            [Told(chunk[f"told/{name}"], float(chunk[f"read/{name}"])) for chunk in self._read()]
        )
        asked = parse(name)
        timed = asked.kind in TIMED
        return summary(name, found, self.times(asked.subject, asked.committed) if timed else None)

    def times(self, event: str, committed: bool = False) -> TimeToEvent:
        """Times to an event, of everyone or of people who intend to abstain."""
        time, happened = self._joined(f"time/{event}"), self._joined(f"event/{event}")
        if not committed:
            return TimeToEvent(time, happened)
        chosen = self.column("committed")
        return TimeToEvent(time[chosen], happened[chosen])

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The table of people, as many rows at a time as a chunk has; all columns, or these."""
        return (_table(chunk, columns) for chunk in self._read())

    def held(self, count: int) -> tuple[pd.DataFrame, np.ndarray]:
        """Table and days of use of the first people: [people, days]."""
        tables, used, have = [], [], 0
        for chunk in self._read():
            if have >= count:
                break
            used.append(np.unpackbits(chunk["used"], axis=1, count=int(chunk["days"])))
            tables.append(_table(chunk).head(len(used[-1])))
            have += len(used[-1])
        return pd.concat(tables, ignore_index=True), np.concatenate(used)

    def sampled(self, clock: str) -> np.ndarray:
        """[times, quantities, people] of the first people; ``minutes`` or ``chronic`` times."""
        parts, have = [], 0
        for chunk in self._read():
            if have >= SAMPLED:
                break
            parts.append(chunk[clock])
            have += parts[-1].shape[2]
        return np.concatenate(parts, axis=2)

    def _joined(self, name: str) -> np.ndarray:
        return np.concatenate([chunk[name] for chunk in self._read()])

    def _read(self) -> Iterable[Arrays]:
        return (read() for read in self.chunks)


def _table(chunk: Arrays, columns: Sequence[str] | None = None) -> pd.DataFrame:
    if columns is None:
        columns = [name.removeprefix("row/") for name in chunk if name.startswith("row/")]
    return pd.DataFrame({name: chunk[f"row/{name}"] for name in columns})
