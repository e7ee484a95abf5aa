"""What do the trials of one batch come to, at each size, by each method, in each world?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from resynapse.trial.power.after_stopping import adjusted
from resynapse.trial.power.batch import CONTROL, TREATED, Batch, Sizes, sizes
from resynapse.trial.power.looking import Calendar, Stops, in_even_arms, played
from resynapse.trial.power.method import ESTIMATES, Question, answers
from resynapse.trial.power.outcome import Outcome, higher_is_better
from resynapse.trial.power.question import Asked
from resynapse.trial.power.seating import Seating

NORMAL_QUANTILE = 1.959963984540054


@dataclass(frozen=True)
class Tally:
    """Means over the trials of one batch."""

    world: str
    n: int
    method: str
    trials: int
    independent: int
    """Trials of this size that the batch holds without common people"""
    benefit: float
    harm: float
    futility: float
    failed: float
    """Trials in which the method had no answer at its last look"""
    people: float
    day: float
    stopped: tuple[float, ...]
    """Share that ended at each look"""
    estimate: float
    spread: float
    """Mean square of the estimates less ``estimate`` squared"""
    stated_error: float
    """Mean of the errors that trials state"""
    covered: float
    """Share of 95 % intervals that hold the truth"""
    truth: float
    """The estimate in everybody of the batch, had nobody left"""
    above: float
    """Share of estimates that lie above the truth"""
    information: tuple[float, ...]
    """At each look as a share of what was planned for the last: events, or people in even arms"""
    critical_values: tuple[float, ...]
    """At each look by what it has seen, median"""
    adjusted: Adjusted | None = None
    """The same of median-unbiased estimates; None with one look or where a method only tests"""


@dataclass(frozen=True)
class Adjusted:
    """Means over the trials of one batch, of estimates that allow for stopping."""

    estimate: float
    spread: float
    covered: float
    above: float


@dataclass(frozen=True)
class Clock:
    """When what happens to a person becomes known, and over which time it is read."""

    known: float
    """d from entry until a value is known"""
    horizon: float
    """d, of restricted means"""
    origin: float = 0.0
    """d from entry to day 0 of a time"""


Heard = Callable[[str, int, dict[str, Stops]], None]


def unheard(world: str, n: int, found: dict[str, Stops]) -> None:
    """Nobody asks for single trials."""


def tallies(
    batch: Batch, asked: Asked, clock: Clock, seating: Seating, heard: Heard = unheard
) -> Iterator[Tally]:
    """Every world, size and method, over the trials that are drawn from the batch.

    ``heard`` is told how each single trial of a world and size ended, by method.
    """
    question = Question(
        asked.kind, higher_is_better(asked.endpoint), clock.horizon, _two_sided(asked)
    )
    for world, arms in batch.worlds.items():
        truths = _truths(arms, question, asked, seating.everybody)
        for n in asked.n:
            size = sizes(n, asked.ratio)
            calendar = Calendar(
                asked.looks,
                clock.known,
                _planned(batch, size, asked),
                clock.origin,
                asked.look_days,
            )
            found = _played(arms, size, asked, question, calendar, seating)
            heard(world, n, found)
            for method, stops in found.items():
                one = _tally(world, n, method, stops, batch, size, truths[method], calendar)
                yield replace(one, adjusted=_adjusted(asked, stops, truths[method], question))


def _two_sided(asked: Asked) -> float:
    return 2 * asked.looks.side


def _planned(batch: Batch, size: Sizes, asked: Asked) -> float:
    """Information expected at the end of a trial as asked, as ``looking`` counts it."""
    arms = batch.worlds["as asked"]
    n, m = size.treated * arms[TREATED].event.mean(), size.control * arms[CONTROL].event.mean()
    return float(n + m if asked.kind == "time" else in_even_arms(n, m))


def _played(
    arms: dict[str, Outcome], size: Sizes, asked: Asked, question: Question, calendar: Calendar,
    seating: Seating,
) -> dict[str, Stops]:  # fmt: skip
    """All trials of one size, some at a time."""
    parts: dict[str, list[Stops]] = {method: [] for method in asked.methods}
    for seated in seating.parts(size, arms):
        both = seated.outcomes(arms)
        for method, stops in played(asked.methods, *both, question, calendar, seated.entry).items():
            parts[method].append(stops)
    return {method: _joined(stops) for method, stops in parts.items()}


def _joined(parts: list[Stops]) -> Stops:
    if len(parts) == 1:
        return parts[0]
    plain = [name for name in vars(parts[0]) if name != "last"]
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in plain}
    last = [np.concatenate([vars(p.last)[name] for p in parts]) for name in vars(parts[0].last)]
    return Stops(**columns, last=type(parts[0].last)(*last))


def _truths(
    arms: dict[str, Outcome], question: Question, asked: Asked, strata: np.ndarray | None
) -> dict[str, float]:
    """What each method estimates in everybody, had nobody left; NaN where it only tests."""
    everybody = [replace(arms[name].if_whole, stratum=strata) for name in (TREATED, CONTROL)]
    whole = [one.some(np.arange(len(one))[None]) for one in everybody]
    named = [name for name in asked.methods if name in ESTIMATES]
    found = answers(named, whole[0], whole[1], question)
    return {
        name: float(found[name].estimate[0]) if name in found else np.nan for name in asked.methods
    }


def _tally(
    world: str, n: int, method: str, stops: Stops, batch: Batch, size: Sizes, truth: float,
    calendar: Calendar,
) -> Tally:  # fmt: skip
    last = stops.last
    known = ~np.isnan(last.estimate)
    estimate = float(last.estimate[known].mean()) if known.any() else np.nan
    within = np.abs(last.estimate - truth) <= NORMAL_QUANTILE * last.error
    return Tally(
        world=world,
        n=n,
        method=method,
        trials=len(stops.benefit),
        independent=batch.people // size.total,
        benefit=float(stops.benefit.mean()),
        harm=float(stops.harm.mean()),
        futility=float(stops.futility.mean()),
        failed=float(np.isnan(last.z).mean()),
        people=float(stops.people.mean()),
        day=float(stops.day.mean()),
        stopped=tuple((stops.look == k + 1).mean().item() for k in range(calendar.count)),
        estimate=estimate,
        spread=float(last.estimate[known].var()) if known.any() else np.nan,
        stated_error=float(last.error[known].mean()) if known.any() else np.nan,
        covered=float(within[known].mean()) if known.any() else np.nan,
        truth=truth,
        above=float((last.estimate[known] > truth).mean()) if known.any() else np.nan,
        information=tuple(stops.information.mean(axis=0).tolist()),
        critical_values=tuple(np.median(stops.critical_values, axis=0).tolist()),
    )


def _adjusted(asked: Asked, stops: Stops, truth: float, question: Question) -> Adjusted | None:
    """None with one look, or where a method only tests."""
    if len(asked.looks.information) == 1 or np.isnan(truth):
        return None
    found = adjusted(asked.looks, stops, 1.0 if question.higher_is_better else -1.0)
    known = np.isfinite(found.estimate)
    if not known.any():
        return Adjusted(np.nan, np.nan, np.nan, np.nan)
    estimate = found.estimate[known]
    within = (found.low[known] <= truth) & (truth <= found.high[known])
    return Adjusted(
        float(estimate.mean()),
        float(estimate.var()),
        float(within.mean()),
        float((estimate > truth).mean()),
    )
