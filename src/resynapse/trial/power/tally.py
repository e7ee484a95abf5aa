"""What do the trials of one batch come to, at each size, by each method, in each world?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from resynapse.trial.power.batch import CONTROL, TREATED, Batch, Sizes, orders, seats, sizes
from resynapse.trial.power.looking import Calendar, Stops, played
from resynapse.trial.power.method import ESTIMATES, Question, answers
from resynapse.trial.power.outcome import Outcome, higher_is_better
from resynapse.trial.power.question import Asked

NORMAL_QUANTILE = 1.959963984540054
AT_ONCE = 4_000_000
"""People of trials in memory at once"""


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


def tallies(batch: Batch, asked: Asked, known: float, horizon: float, each: int) -> Iterator[Tally]:
    """Every world, size and method; ``each`` trials of each size are drawn from the batch.

    ``known`` is the day from entry on which a value is known, ``horizon`` that of restricted means.
    """
    order = orders(asked.seed, batch.number, batch.people, each)
    question = Question(asked.kind, higher_is_better(asked.endpoint), horizon, _two_sided(asked))
    for world, arms in batch.worlds.items():
        truths = _truths(arms, question, asked)
        for n in asked.n:
            size = sizes(n, asked.ratio)
            calendar = Calendar(asked.looks, asked.accrual, known, _events(batch, size))
            found = _played(arms, order, size, asked, question, calendar, batch.number)
            for method, stops in found.items():
                yield _tally(world, n, method, stops, batch, size, truths[method], calendar)


def _two_sided(asked: Asked) -> float:
    return 2 * asked.looks.side


def _events(batch: Batch, size: Sizes) -> float:
    """Expected at the end of a trial as asked; 0 without events."""
    arms = batch.worlds["as asked"]
    return float(
        size.treated * arms[TREATED].event.mean() + size.control * arms[CONTROL].event.mean()
    )


def _played(
    arms: dict[str, Outcome], order: np.ndarray, size: Sizes, asked: Asked, question: Question,
    calendar: Calendar, number: int,
) -> dict[str, Stops]:  # fmt: skip
    """All trials of one size, some at a time."""
    parts: dict[str, list[Stops]] = {method: [] for method in asked.methods}
    rows = max(1, AT_ONCE // size.total)
    draw = np.random.default_rng([asked.seed, number, 2])
    for start in range(0, len(order), rows):
        treated, control = seats(order[start : start + rows], size)
        entry = asked.accrual * draw.random((len(treated), size.total))
        both = arms[TREATED].some(treated), arms[CONTROL].some(control)
        for method, stops in played(asked.methods, *both, question, calendar, entry).items():
            parts[method].append(stops)
    return {method: _joined(stops) for method, stops in parts.items()}


def _joined(parts: list[Stops]) -> Stops:
    if len(parts) == 1:
        return parts[0]
    plain = [name for name in vars(parts[0]) if name != "last"]
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in plain}
    last = [np.concatenate([vars(p.last)[name] for p in parts]) for name in vars(parts[0].last)]
    return Stops(**columns, last=type(parts[0].last)(*last))


def _truths(arms: dict[str, Outcome], question: Question, asked: Asked) -> dict[str, float]:
    """What each method estimates in everybody, had nobody left; NaN where it only tests."""
    whole = [
        arms[name].if_whole.some(np.arange(len(arms[name]))[None]) for name in (TREATED, CONTROL)
    ]
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
    )
