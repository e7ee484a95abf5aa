"""What does a trial see of each person: until when, and what happened by then?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.time_to_event import time_to_event

YEAR_DAYS = 365.25
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

        A person dies with probability 1 - exp(-expected deaths), on one of the days of use.
        """
        day = np.full(len(self.chosen), np.inf)
        if not self.how.interruptions.deaths:
            return day
        draw = self.streams.of(Draw.DEATH)
        expected = self.patients["overdose_deaths_expected"].to_numpy(dtype=float)
        dies, when = draw.random(len(day)) < -np.expm1(-expected), draw.random(len(day))
        for row in np.flatnonzero(dies):
            used = np.flatnonzero(self.use_days[row])
            if len(used):
                day[row] = used[int(when[row] * len(used))] + 0.5
        return day

    @cached_property
    def incarcerated(self) -> np.ndarray:
        """First day of each person's incarceration, d from entry; infinite for none."""
        rate = self.how.interruptions.incarcerations_per_year / YEAR_DAYS
        if rate == 0.0:
            return np.full(len(self.chosen), np.inf)
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
        medication_stop_day=patients["medication_stop_day"].to_numpy(dtype=float),
        sessions_attended=patients["sessions_attended"].to_numpy(dtype=float),
        guess=guesses(run),
    )


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
