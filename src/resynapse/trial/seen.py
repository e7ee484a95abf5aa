"""What does a trial see of each person: until when, and what happened by then?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.interruptions import YEAR_DAYS, death_days
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.time_to_event import time_to_event

BELIEF_UNKNOWN = "not asked"
GUESSES = ("active", "control", "do not know")


@dataclass(frozen=True)
class Run:
    """Who is in a trial and which arm each was given; people in the order of entry."""

    outcomes: PotentialOutcomes
    how: TrialConduct
    chosen: np.ndarray
    """Row of each person in the population"""
    arm: np.ndarray
    """Number of the arm"""
    streams: Streams

    @cached_property
    def patients(self) -> pd.DataFrame:
        """What became of each, had the trial seen everything."""
        return self.outcomes.row(self.arm, self.chosen)

    @cached_property
    def use_days(self) -> np.ndarray:
        """[people, days]"""
        return self.outcomes.days_of_use(self.arm, self.chosen)

    @cached_property
    def death_day(self) -> np.ndarray:
        """Day of death from overdose, d from entry; infinite for most, and for all where off.

        That of the run, where its protocol asks for deaths. Else drawn: a person dies with
        probability 1 - exp(-expected deaths), on one of the days of use.
        """
        if not self.how.interruptions.deaths:
            return np.full(len(self.chosen), np.inf)
        if "death_day" in self.patients:
            return self.patients["death_day"].fillna(np.inf).to_numpy(dtype=float)
        draw = self.streams.of(Draw.DEATH)
        expected = self.patients["overdose_deaths_expected"].to_numpy(dtype=float)
        dies = draw.random(len(expected)) < -np.expm1(-expected)
        day = death_days(dies, draw.random(len(expected)), self.use_days)
        return np.nan_to_num(day, nan=np.inf)

    @cached_property
    def incarcerated(self) -> np.ndarray:
        """First day of each person's incarceration, d from entry; infinite for none."""
        rate = self.how.interruptions.incarcerations_per_year / YEAR_DAYS
        if rate == 0.0:
            return np.full(len(self.chosen), np.inf)
        if "incarceration_day" in self.patients:
            return self.patients["incarceration_day"].fillna(np.inf).to_numpy(dtype=float)
        free = self.patients["community_day"].to_numpy(dtype=float)
        wait = self.streams.of(Draw.INCARCERATION).exponential(1 / rate, len(self.chosen))
        return free + wait

    @cached_property
    def left_day(self) -> np.ndarray:
        """The day on which a person was last in the trial: drop-out or death; else infinite."""
        dropout = self.patients["dropout_day"].to_numpy(dtype=float)
        return np.fmin(dropout, self.death_day)


def people_table(run: Run, entered: pd.DataFrame, event: str) -> pd.DataFrame:
    """A row a person, with the time to an event that the trial saw; death censors it."""
    patients, death = run.patients, run.death_day
    dropout = patients["dropout_day"].to_numpy(dtype=float)
    end = np.minimum(patients["end_day"].to_numpy(dtype=float), death)
    died = death <= np.fmin(patients["end_day"].to_numpy(dtype=float), dropout)
    left = np.where(dropout <= end, dropout, np.nan)
    seen = time_to_event(event, patients.assign(end_day=end), run.use_days)
    return entered.assign(
        time=seen.time,
        event=seen.event.astype(int),
        dropped_out=np.isfinite(left).astype(int),
        dropout_day=left,
        died=died.astype(int),
        death_day=np.where(died, death, np.nan),
        **_other_events(run, np.fmin(end, dropout)),
        medication_stop_day=patients["medication_stop_day"].to_numpy(dtype=float),
        sessions_attended=patients["sessions_attended"].to_numpy(dtype=float),
        guess=guesses(run),
    )


def _other_events(run: Run, until: np.ndarray) -> dict[str, np.ndarray]:
    """Rescue medication and incarceration, as far as they can happen and the trial saw them."""
    days = {"incarceration_day": run.incarcerated}
    if "rescue_medication_day" in run.patients:
        days["rescue_medication_day"] = run.patients["rescue_medication_day"].to_numpy(dtype=float)
    if run.how.interruptions.incarcerations_per_year == 0.0:
        del days["incarceration_day"]
    return {name: np.where(day <= until, day, np.nan) for name, day in days.items()}


def guesses(run: Run) -> np.ndarray:
    """What people would answer when asked which arm they are in; ``not asked`` without a dose.

    Belief b is the model's probability of having got an active arm. Within ``unsure_within`` of
    one half people say that they do not know, above it active, below it control.
    """
    belief = run.patients["belief"].to_numpy(dtype=float)
    found = np.full(len(belief), GUESSES[2], dtype=object)
    found[belief > 0.5 + run.how.unsure_within] = GUESSES[0]
    found[belief < 0.5 - run.how.unsure_within] = GUESSES[1]
    found[np.isnan(belief)] = BELIEF_UNKNOWN
    return found
