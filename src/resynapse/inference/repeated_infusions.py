"""Does the mood that stage d learned from one infusion hold for six? Compared, and not fitted.

Six infusions of 0.5 mg/kg in 12 days are followed with the numbers of one. Belief counts from the
first dose, as everywhere in this model. With R(t) the share responding and T the end of the course:

    still well a time s after the last infusion = R(T + s) / R(T)           1

as the effect falls for everybody alike, so whoever responds late responded before. Trials without
masking show gross response: what would have come without ketamine is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from resynapse.evidence import study, usable
from resynapse.inference.mood_course import MoodCourse, mood_course
from resynapse.inference.stage_fit import Check, check
from resynapse.trial.estimate import wilson

if TYPE_CHECKING:
    from resynapse.inference.stages.mood import Mood

SIX = (0.0, 2.0, 4.0, 7.0, 9.0, 11.0)
"""days of the infusions: three a week, six in 12 days; the days themselves are assumed"""
END = 12.0
"""the day after the last"""
UNTIL = 101.0
OPEN = {"murrough2013_repeated": 12.0, "phillips2019": 14.0}
"""open courses of six, and the day on which response was read"""
POOL, POOL_DAY = "kryst2020", 17.0
"""randomised trials of repeated doses, read in the second or third week"""
WELL, QUARTILES, WELL_DAY, WELL_SHARE = 18.0, (11.0, 27.0), 83.0, 0.25
"""murrough2013_repeated: median days to relapse of 17 responders and its quartiles, which of 17 are
about the 95 % interval of a median; the share still well, from a digest of the paper"""
DAYS = np.arange(0.0, 89.5, 0.5)


def course() -> MoodCourse:
    """Means over people, from the first of six infusions."""
    return mood_course(given=SIX, until=UNTIL)


def checks(stage: Mood, draws: np.ndarray) -> Iterator[Check]:
    """Response after six infusions, the difference in masked trials, and how long it lasts."""
    for name, day in OPEN.items():
        (one,) = (
            number for number in usable(study(name))
            if number.measure == "proportion" and number.day == day
        )  # fmt: skip
        n = one.n or 0
        yield check(
            f"{name}, six infusions, share responding, day {day:g}", one.value,
            wilson(float(round(one.value * n)), n), stage.shares(draws, day), False,
        )  # fmt: skip
    (pool,) = (one for one in study(POOL).numbers if one.day == POOL_DAY)
    yield check(
        f"{POOL}, repeated doses, ketamine better by, SD, day {POOL_DAY:g}", -pool.value,
        (-(pool.high or 0.0), -(pool.low or 0.0)), stage.effects(draws, POOL_DAY), False,
    )  # fmt: skip
    yield from _lasting(stage, draws)


def _lasting(stage: Mood, draws: np.ndarray) -> Iterator[Check]:
    """Time to loss of response after the last of six."""
    last, name = SIX[-1], "murrough2013_repeated, after six infusions"
    n = next(
        one.n for one in study("murrough2013_repeated").numbers if one.arm == "after_last_infusion"
    ) or 0  # fmt: skip
    responding = np.stack([stage.shares(draws, day) for day in last + DAYS], axis=1)
    well = responding / responding[:, [int(np.searchsorted(DAYS, END - last))]]
    median = np.array([half_lost(DAYS, row) for row in well])
    yield check(f"{name}, median days to loss of response", WELL, QUARTILES, median, False)
    left = well[:, int(np.searchsorted(DAYS, WELL_DAY))]
    yield check(
        f"{name}, share of responders still well at {WELL_DAY:g} d", WELL_SHARE,
        wilson(float(round(WELL_SHARE * n)), n), left, False,
    )  # fmt: skip


def half_lost(days: np.ndarray, well: np.ndarray) -> float:
    """The first of ``days`` by which half of responders do not respond; the last if none."""
    below = np.flatnonzero(well <= 0.5)
    return float(days[below[0]] if len(below) else days[-1])
