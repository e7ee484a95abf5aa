"""What does a simulated trial return?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from resynapse.input_error import InputError
from resynapse.trial.comparison import Comparison, Measure
from resynapse.trial.courses import Courses, Late
from resynapse.trial.estimate import Estimate
from resynapse.trial.time_to_event import TimeToEvent, time_to_event

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import xarray as xr

    from resynapse.protocol import Protocol
    from resynapse.trial.everyone import Everyone
    from resynapse.trial.over_draws import OverDraws

__all__ = ["ArmResult", "Comparison", "Estimate", "Measure", "PublishedValue", "Result", "Singles"]

RIVALS_RUN, RIVALS_NOT_RUN = "run", "the rival hypotheses were not run"
"""what a result says of them"""
IMPLAUSIBLE = "implausible"
"""field of the manifest that names numbers set by hand which their priors hardly hold, if any"""


@dataclass(frozen=True)
class ArmResult:
    """One arm: a row a person, and what was estimated from them."""

    id: str
    label: str
    sentence: str
    patients: pd.DataFrame
    """A row a person; the first people where the run is large"""
    use_days: np.ndarray
    """uint8, people by days, 1 = any use that day; day 0 is the day of entry"""
    endpoints: dict[str, Estimate]
    states: dict[str, dict[str, Any]]
    """name -> {"days": [...], "values": [...], "unit": str}"""
    safety: dict[str, Estimate]
    everyone: Everyone | None = field(default=None, repr=False, compare=False)
    """Where a large run has more people than ``patients`` and ``use_days`` hold: all of them"""
    _seen: dict[str, TimeToEvent] = field(default_factory=dict, repr=False, compare=False)
    """times to events that were asked for before"""

    def __repr__(self) -> str:
        """A line: who, how many, and what was estimated from them."""
        held = "" if self.everyone is None else " in its tables"
        people, count = f"{len(self.patients)} people{held}", len(self.endpoints)
        return f"<ArmResult {self.id}: {self.label}; {people}; {count} endpoints>"

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Rows of everyone, some thousand at a time; all columns, or these alone."""
        if self.everyone is not None:
            return self.everyone.tables(columns)
        return iter([self.patients if columns is None else self.patients[list(columns)]])

    def times(self, event: str, committed: bool = False) -> TimeToEvent:
        """Times to an event, of everyone or of people who intend to abstain."""
        if self.everyone is not None:
            return self.everyone.times(event, committed)
        found = self.held_times(event)
        if not committed:
            return found
        chosen = self.patients["committed"].to_numpy(dtype=bool)
        return TimeToEvent(found.time[chosen], found.event[chosen])

    def held_times(self, event: str) -> TimeToEvent:
        """Times to an event of the people in ``patients``, found once."""
        if event not in self._seen:
            self._seen[event] = time_to_event(event, self.patients, self.use_days)
        return self._seen[event]


@dataclass(frozen=True)
class Singles:
    """The first people of an arm over time, at the times of ``acute`` and ``chronic``."""

    minutes: np.ndarray
    """[minutes, quantities, people], quantities in the order of ``patient.observe``"""
    days: np.ndarray
    """[days, quantities, people]"""

    def course(self, short: bool, name: str) -> np.ndarray:
        """One quantity, [people, times], over minutes or over days."""
        from resynapse.patient.observe import NAMES

        kept = self.minutes if short else self.days
        return kept[:, NAMES.index(name), :].T.astype(float)


@dataclass(frozen=True)
class PublishedValue:
    """What a study reported, beside which a simulated value is shown."""

    endpoint: str
    """Our name of it, or free text where we have none"""
    arm: str
    reference: str | None
    measure: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    n: int | None
    day: float | None
    role: str
    """calibration or held out"""
    seen: str
    """Where the number was read: table, abstract, figure, secondary, unread"""
    source: str
    comparable: bool = True
    """Whether the model has this quantity, so that it may be held against it"""
    interval: str | None = None
    """What ``low`` and ``high`` are: 95 % confidence, observed range"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A simulated trial."""

    protocol: Protocol
    seed: int
    patients_per_arm: int
    parameters: Literal["prior", "calibrated"]
    backend: str
    arms: dict[str, ArmResult]
    comparisons: list[Comparison]
    rival: dict[str, ArmResult]
    """The same arms where ketamine acts by expectancy alone"""
    window_off: dict[str, ArmResult]
    """The same arms where the window gains nothing for learning"""
    published: list[PublishedValue]
    acute: Late = Late()  # noqa: RUF009
    """arm, minute from the start of the arm's first dose, percentile"""
    chronic: Late = Late()  # noqa: RUF009
    """arm, day from entry, percentile"""
    knowledge: dict[str, dict[str, Any]]
    """endpoint or comparison -> {"low", "median", "high", "draws", "unit"} over parameter draws"""
    wall_seconds: float
    reference_kinetics: Late = Late()  # noqa: RUF009
    """minute, percentile: the acute variables of the reference dose in the reference patient"""
    parameter_counts: dict[str, tuple[int, float | None]]
    """status -> number of parameters, and their share of the result's uncertainty where known"""
    parameters_table: list[dict[str, Any]]
    manifest: dict[str, Any]
    events: pd.DataFrame = field(repr=False)
    """arm, patient, day, event, detail"""
    singles: dict[str, Singles] = field(default_factory=dict, repr=False)
    """arm -> a few of its people, one by one, where they were asked for"""
    bands: OverDraws | None = field(default=None, repr=False)
    """What bands of figures show instead of people under one set of parameters"""
    rival_days: xr.Dataset | None = field(default=None, repr=False)
    """As ``chronic``, of what people feel where ketamine acts by expectancy alone, if it was run"""

    def __repr__(self) -> str:
        """A line: protocol, arms, people, draws, endpoints."""
        draws, fitted = self.manifest.get("draws"), self.manifest.get("calibrated_parameters", ())
        drawn = "" if draws is None else f", {draws} draws of the parameters"
        known = f"{len(fitted)} of {len(self.parameters_table)} parameters calibrated"
        return (
            f"<Result {self.protocol.name}: arms {', '.join(self.arms)}; {self.patients_per_arm}"
            f" people in each{drawn}, seed {self.seed}; {known}; endpoints"
            f" {', '.join(self.named) or 'none'}. Research, not for dosing a patient.>"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows; the report's words, so made there."""
        return str(import_module("resynapse").report.notebook(self))

    @property
    def named(self) -> list[str]:
        """The endpoints that the protocol names; where none was computed, all that were."""
        computed = list(dict.fromkeys(one for arm in self.arms.values() for one in arm.endpoints))
        return [one for one in self.protocol.endpoints if one in computed] or computed

    @property
    def reference(self) -> Courses | xr.Dataset:
        """``reference_kinetics`` as it was given, of which no dataset may have been made yet."""
        return vars(self)["reference_kinetics"]

    @property
    def alone(self) -> bool:
        """Whether the run was asked to leave the rival hypotheses out."""
        return self.manifest.get("rivals") == RIVALS_NOT_RUN

    @property
    def comparable(self) -> list[PublishedValue]:
        """The published values that a simulated one may be held against."""
        return [value for value in self.published if value.comparable]


class NoResult(InputError):
    """Something else where a result was wanted."""


def ensure_result(given: object) -> None:
    """Refuse, in a sentence, what is not the result of a simulation."""
    if not isinstance(given, Result):
        raise NoResult(
            f"{type(given).__name__} is no result: give what resynapse.simulate returned."
        )
