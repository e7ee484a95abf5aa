"""What does an analysis read from the table, under the names that the plan gives its columns?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.plan import (
    AnyAnalysis,
    CauseAnalysis,
    PlainValueAnalysis,
    Plan,
    RiskDifferencePlan,
    SurvivalAnalysis,
)


@dataclass(frozen=True)
class SurvivalData:
    """A row a person, or an interval of a person's time."""

    time: np.ndarray
    event: np.ndarray
    """Whether it happened; with competing causes, their number, 0 where censored"""
    arm: np.ndarray
    """Number of the arm, 0 the reference"""
    arms: list[str]
    rows: pd.DataFrame

    def reached(self, times: Sequence[float], arm: int) -> list[float]:
        """Those times to which someone of the arm was followed, or by which all had an event."""
        here = self.arm == arm
        last, all_ended = self.time[here].max(), bool(self.event[here].all())
        return [one for one in times if one <= last or all_ended]

    def not_reached(self, times: Sequence[float]) -> tuple[str, ...]:
        """A sentence for each arm and time without an estimate."""
        return tuple(
            f"no one of arm {name} was followed to {one:g}, so no share is given there"
            for arm, name in enumerate(self.arms)
            for one in times
            if one not in self.reached(times, arm)
        )


@dataclass(frozen=True)
class Columns:
    """Names of the table's columns: the analysis' own, the plan's, ADaM's, or the plain word."""

    plan: Plan
    analysis: AnyAnalysis
    adam: bool

    def __call__(self, word: str) -> str:
        own = getattr(self.analysis, word, None) or getattr(self.plan, word, None)
        return own or (tables.ADAM[word] if self.adam else word)

    @property
    def person_of_plan(self) -> str:
        """The column that names people, whatever an analysis clusters by."""
        return self.plan.person or (tables.ADAM["person"] if self.adam else "person")

    @property
    def reference(self) -> str | None:
        return self.analysis.reference or self.plan.reference


def rows_of(table: pd.DataFrame, plan: Plan, analysis: AnyAnalysis) -> tuple[pd.DataFrame, Columns]:
    """The rows that an analysis uses, and the names of their columns."""
    names = Columns(plan, analysis, tables.is_adam(table))
    return tables.with_parameter(table, analysis.parameter or plan.parameter), names


def survival_data(
    table: pd.DataFrame, plan: Plan, analysis: SurvivalAnalysis, *, once: bool = True
) -> SurvivalData:
    """Times, events and arms; ``once``: a person may have one row only."""
    rows, names = rows_of(table, plan, analysis)
    person = names("person")
    if once and person in rows.columns:
        tables.require_once(rows, [person])
    elif names.analysis.person or names.plan.person:
        tables.column(rows, person)
    time = tables.times(rows, names("time"))
    event = _causes(rows, names) if isinstance(analysis, CauseAnalysis) else _events(rows, names)
    arm, arms = tables.arms(rows, names("arm"), names.reference)
    return SurvivalData(time, event, arm, arms, rows)


def require_intervals(
    data: SurvivalData, names: Columns, start: str, within: Sequence[str] = (), gap: bool = False
) -> None:
    """Refuse rows that end before they begin, or overlap with others of the same person.

    A person may have one row at a time in each stratum, ``within`` these columns. What an analysis
    of its own calls its person may be a clinic, of whom many are there at once; in ``gap`` time
    every row may begin at 0.
    """
    backward = tables.times(data.rows, start) >= data.time
    tables.refuse_rows(data.rows, backward, start, "is not before the end", "Write start < time.")
    person = names.person_of_plan
    if person in data.rows.columns and names("person") == person and not gap:
        tables.refuse_overlaps(data.rows, [person, *within], start, names("time"))


def require_one_arm(rows: pd.DataFrame, names: Columns) -> None:
    """Refuse a person who changes arm; an analysis may call its groups of rows persons."""
    own = names("person") == names.person_of_plan
    if names.person_of_plan in rows.columns and (own or names.plan.person):
        tables.require_one_arm(rows, names.person_of_plan, names("arm"))


def _events(rows: pd.DataFrame, names: Columns) -> np.ndarray:
    """CNSR of an ADTTE table is 0 where the event happened and any other number where not."""
    name = names("event")
    if names.adam and name == tables.ADAM["event"]:
        return tables.numbers(rows, name) == 0
    return tables.indicator(rows, name)


def _causes(rows: pd.DataFrame, names: Columns) -> np.ndarray:
    """Whole numbers, 0 where censored."""
    name = names("event")
    found = tables.numbers(rows, name)
    wrong = (found < 0) | (found != np.round(found))
    tables.refuse_rows(rows, wrong, name, "is no whole number from 0 on", "Write 0 for censored.")
    return found.astype(int)


@dataclass(frozen=True)
class Covariates:
    """Columns of a design: numbers as they are, words as one column for each but the first."""

    names: list[str]
    values: np.ndarray
    """[rows, columns]"""


def covariates(rows: pd.DataFrame, names: Sequence[str]) -> Covariates:
    """The design columns of these covariates; refused where one does not vary."""
    labels: list[str] = []
    columns: list[np.ndarray] = []
    for name in names:
        if pd.to_numeric(tables.column(rows, name), errors="coerce").notna().all():
            found = {name: tables.numbers(rows, name)}
        else:
            tables.refuse_half_numbers(rows, name)
            words = tables.groups(rows, name)
            found = {f"{name}={one}": (words == one) * 1.0 for one in sorted(set(words))[1:]}
        if not found or any(np.ptp(column) == 0.0 for column in found.values()):
            raise InputError(f"Covariate {name!r} has the same value in every row; leave it out.")
        labels += found
        columns += found.values()
    values = np.column_stack(columns) if columns else np.empty((len(rows), 0))
    return Covariates(labels, values)


def stratum_columns(stratum: np.ndarray | None, people: int) -> np.ndarray:
    """One column for every stratum but the first; none without strata."""
    if stratum is None:
        return np.empty((people, 0))
    return (stratum[:, None] == np.arange(1, stratum.max() + 1)).astype(float)


def arm_columns(arm: np.ndarray, arms: Sequence[str]) -> np.ndarray:
    """One column for every arm but the reference."""
    return (arm[:, None] == np.arange(1, len(arms))).astype(float)


def stratum(rows: pd.DataFrame, names: Sequence[str]) -> np.ndarray | None:
    """A number for every combination of the strata; None without any."""
    if not names:
        return None
    words = np.stack([tables.groups(rows, name).astype(str) for name in names], axis=1)
    return np.unique(words, axis=0, return_inverse=True)[1].ravel()


@dataclass(frozen=True)
class Design:
    """Columns for arms, then covariates, with what a report calls them."""

    columns: np.ndarray
    arms: list[str]
    covariates: list[str]

    def labels(self, quantity: str) -> list[str]:
        """ "hazard ratio, high against low", "hazard ratio, age", ..."""
        first, *others = self.arms
        named = [f"{arm} against {first}" for arm in others] + self.covariates
        return [f"{quantity}, {one}" for one in named]


def design(arm: np.ndarray, arms: list[str], rows: pd.DataFrame, names: Sequence[str]) -> Design:
    """The design of arms against the reference with these covariates."""
    also = covariates(rows, names)
    return Design(np.hstack([arm_columns(arm, arms), also.values]), arms, also.names)


@dataclass(frozen=True)
class ValueData:
    """A row a person, or a person and visit."""

    value: np.ndarray
    design: Design
    arm: np.ndarray
    rows: pd.DataFrame
    names: Columns


def value_data(
    table: pd.DataFrame, plan: Plan, analysis: PlainValueAnalysis, *, once: bool = True
) -> ValueData:
    """Values and arms; ``once``: a person may have one row only."""
    rows, names = rows_of(table, plan, analysis)
    person = names("person")
    if once and person in rows.columns:
        tables.require_once(rows, [person])
    value = tables.numbers(rows, names("value"))
    if np.ptp(value) == 0.0 and not _held_alike(analysis):
        raise InputError(f"Column {names('value')!r} has the same value in every row.")
    arm, arms = tables.arms(rows, names("arm"), names.reference)
    also = getattr(analysis, "covariates", ())
    return ValueData(value, design(arm, arms, rows, also), arm, rows, names)


def _held_alike(analysis: PlainValueAnalysis) -> bool:
    """Whether values that are all the same can be tested, as shares at a margin can."""
    return isinstance(analysis, RiskDifferencePlan) and analysis.margin is not None
