"""At which look does each simulated trial stop, and with what?

With several looks, a trial whose endpoint is a time is
looked at when so many events have been seen; with any other endpoint, when so many people have
theirs; or on calendar days that were asked for, whatever has been seen by then. Bounds are those of
the information that each look of each trial has seen (``design.looks_seen``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.design.looks_seen import Seen, parts, seen
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power.batch import Sizes
from resynapse.trial.power.method import STRATIFIED, Answers, Question, answers
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.power.seating import NOT_YET

ONE_LOOK_ONLY = ("restricted_mean", "max_combo")
"""Their increments are not independent from look to look, so the bounds do not hold"""


@dataclass(frozen=True)
class Calendar:
    """How the trial is recruited and looked at."""

    looks: Looks
    known: float = 0.0
    """d from a person's entry until the endpoint is known, where it is no time"""
    planned: float = 0.0
    """Events, or ``in_even_arms`` people with a value, expected at the end of a trial as asked"""
    origin: float = 0.0
    """d from a person's entry to day 0 of a time"""
    days: tuple[float, ...] = ()
    """Calendar days of the looks before the last; by events or people where there are none"""

    @property
    def count(self) -> int:
        """Looks."""
        return len(self.looks.information)


@dataclass(frozen=True)
class Stops:
    """How each trial ends; a row a trial."""

    benefit: np.ndarray
    """Stopped, or ended, for efficacy"""
    harm: np.ndarray
    """Crossed on the other side, where the test has two"""
    futility: np.ndarray
    look: np.ndarray
    """From 1"""
    people: np.ndarray
    """Who had entered by then"""
    day: np.ndarray
    """From the first person in"""
    information: np.ndarray
    """[trials, looks] At each look, had no trial stopped, as a share of what was planned for the
    last: events, or ``in_even_arms`` people with a value"""
    final: np.ndarray
    """At which look, from 1, all that is left is spent"""
    critical_values: np.ndarray
    """[trials, looks] By what was seen; infinite after the last"""
    last: Answers
    """At the look at which it ended"""


def ensure_possible(methods: Sequence[str], looks: Looks) -> None:
    """Refuse tests whose increments the bounds do not describe."""
    wrong = [name for name in methods if name.removeprefix(STRATIFIED) in ONE_LOOK_ONLY]
    if len(looks.information) > 1 and wrong:
        raise InputError(
            f"--analysis {wrong[0]} has one look: its values at several looks do not have "
            "independent increments, so the bounds would not hold. Take log_rank or cox."
        )


def played(
    methods: Sequence[str], treated: Outcome, control: Outcome, asked: Question,
    calendar: Calendar, entry: np.ndarray,
) -> dict[str, Stops]:  # fmt: skip
    """Every trial looked at in turn by every method; ``entry`` is [trials, people], d.

    An entry that never comes is an empty chair.
    """
    size = Sizes(treated.seen.shape[1], control.seen.shape[1])
    views, days, people = [], [], []
    for place in range(calendar.count):
        day = _day(place, treated, control, asked, calendar, entry)
        views.append(_seen_by(day, treated, control, asked, entry, size, calendar))
        days.append(day)
        people.append(np.count_nonzero(entry <= day[:, None], axis=1))
    found = [answers(methods, *view, asked) for view in views]
    told = _information(views, days, calendar, asked)
    bounds = bounds_of(calendar.looks, told)
    return {
        method: _stops([one[method] for one in found], days, people, told, bounds)
        for method in methods
    }


def _information(
    views: list[tuple[Outcome, Outcome]],
    days: list[np.ndarray],
    calendar: Calendar,
    asked: Question,
) -> Seen:  # fmt: skip
    """What each look has seen of what was planned, and which is the last.

    It is the last when everybody has been followed, or when it has seen all that was planned.
    """
    known = np.stack([_known(*view, asked) for view in views], axis=1)
    over = np.stack(days, axis=1) >= days[-1][:, None] - 1e-9
    return seen(known / max(calendar.planned, 1.0), over)


@dataclass(frozen=True)
class Bounds:
    """Of every trial; [trials, looks] each."""

    efficacy: np.ndarray
    futility: np.ndarray
    """Minus infinite without any"""
    harm: np.ndarray
    """At or below which the other side is claimed; minus infinite in a test of one side"""


def bounds_of(looks: Looks, told: Seen) -> Bounds:
    """The bounds that hold in trials whose looks have seen this."""
    shape = told.information.shape
    efficacy, futility = np.full(shape, looks.critical_values[-1]), np.full(shape, -np.inf)
    if len(looks.information) > 1:
        for trials, row, _, part in parts(looks, told):
            efficacy[trials] = part.critical_values[row]
            futility[trials] = part.futility_bounds[row]
    harm = -efficacy if looks.sided == 2 else np.full(shape, -np.inf)
    return Bounds(efficacy, futility, harm)


def _known(treated: Outcome, control: Outcome, asked: Question) -> np.ndarray:
    """Information of each trial, to a factor: events, or ``in_even_arms`` people with a value."""
    n, m = (np.count_nonzero(arm.event, axis=1) for arm in (treated, control))
    return n + m if asked.kind == "time" else in_even_arms(n, m)


def in_even_arms(n: np.ndarray, m: np.ndarray) -> np.ndarray:
    """How many people in arms of one size tell as much of a difference of means or shares.

    1 / error^2 = (n m / (n + m)) / s^2 = people / (4 s^2)      n and m people, s^2 of both arms
    """
    return 4 * n * m / np.maximum(n + m, 1)


def _day(
    place: int, treated: Outcome, control: Outcome, asked: Question, calendar: Calendar,
    entry: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Calendar day of a look of each trial; the last is when everybody has been followed."""
    told, event = (np.concatenate(pair, axis=1) for pair in (
        (_told(treated), _told(control)), (treated.event, control.event)))  # fmt: skip
    if place < len(calendar.days):
        return np.full(len(entry), calendar.days[place])
    if asked.kind != "time":
        known = np.sort(entry + calendar.known, axis=1)
        people = np.count_nonzero(np.isfinite(entry[0]))
        wanted = int(np.ceil(calendar.looks.information[place] * people - 1e-9))
        return known[:, wanted - 1]
    start = entry + calendar.origin
    end = np.where(np.isfinite(start), start + told, -np.inf).max(axis=1)
    if place == calendar.count - 1:
        return end
    happens = np.sort(np.where(event, start + told, np.inf), axis=1)
    wanted = max(int(np.ceil(calendar.looks.information[place] * calendar.planned - 1e-9)), 1)
    if wanted > happens.shape[1]:
        return end
    return np.minimum(happens[:, wanted - 1], end)


def _told(arm: Outcome) -> np.ndarray:
    """The time from the origin at which the trial knows how each person's time ended, d."""
    return arm.seen if arm.learned is None else arm.learned


def _seen_by(
    day: np.ndarray, treated: Outcome, control: Outcome, asked: Question, entry: np.ndarray,
    size: Sizes, calendar: Calendar,
) -> tuple[Outcome, Outcome]:  # fmt: skip
    """What is known on a day of each trial."""
    left = day[:, None] - entry - (calendar.origin if asked.kind == "time" else 0.0)
    parts = left[:, : size.treated], left[:, size.treated :]
    return tuple(
        cut(arm, past, asked, calendar.known)
        for arm, past in zip((treated, control), parts, strict=True)
    )


def cut(arm: Outcome, past: np.ndarray, asked: Question, known: float) -> Outcome:
    """An arm as it stands so many days, ``past``, after each person's entry, or origin of time."""
    if asked.kind == "time":
        known = arm.event & (_told(arm) <= past + 1e-9)
        before = arm.seen if arm.before is None else np.where(known, arm.seen, arm.before)
        return replace(arm, seen=np.where(past < 0, NOT_YET, np.minimum(before, past)), event=known)
    return replace(arm, event=arm.event & (past >= known - 1e-9))


def _stops(
    found: list[Answers], days: list[np.ndarray], people: list[np.ndarray], told: Seen,
    bounds: Bounds,
) -> Stops:  # fmt: skip
    """Bounds, look by look; a look without an answer crosses nothing."""
    trials = len(told.last)
    ended, going = told.last.copy(), np.ones(trials, dtype=bool)
    benefit, harm, futility = (np.zeros(trials, dtype=bool) for _ in range(3))
    for place, one in enumerate(found):
        z, bound = np.nan_to_num(one.z, nan=0.0), bounds.efficacy[:, place]
        above, below = going & (z >= bound), going & (z <= bounds.harm[:, place])
        idle = going & ~above & (place < told.last) & (z < bounds.futility[:, place])
        benefit |= above
        harm |= below
        futility |= idle
        ended = np.where(above | below | idle, place, ended)
        going &= ~(above | below | idle | (told.last == place))
    row = np.arange(trials)

    def at_end(columns: list[np.ndarray]) -> np.ndarray:
        return np.stack(columns, axis=1)[row, ended]

    last = Answers(*(at_end([getattr(a, name) for a in found]) for name in vars(found[0])))
    return Stops(
        benefit, harm, futility, ended + 1, at_end(people), at_end(days), told.information,
        told.last + 1, bounds.efficacy, last,
    )  # fmt: skip
