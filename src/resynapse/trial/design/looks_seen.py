"""Which bounds hold in trials whose looks saw more or less than was planned?

Alpha is spent by what each look has seen of the information that was planned (Lan and DeMets
1983); the joint distribution of the looks is that of the information seen; the last look spends
what is left, whether it sees less than was planned or more (overrunning). Bounds with a fixed shape
and spending of the user name no function of information: theirs goes straight from what the plan
spends by one look to what it spends by the next, as gsDesign's sfLinear. Haybittle and Peto's Z
before the last look stays. Beta is spent likewise at the drift of the plan; futility bounds given
in Z stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.trial.design.boundary import HAYBITTLE_PETO
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.joint_density import crossing
from resynapse.trial.design.many_paths import AT_ONCE, Paths, begin, node_count
from resynapse.trial.design.sequential import SHAPES, Looks
from resynapse.trial.design.spending import FUNCTIONS, spending
from resynapse.trial.design.validity import information_seen

LEAST = 1e-9
"""Information of a look that has seen nothing"""
APART = 1e-9
"""Two looks whose information is closer than this share have seen the same"""


@dataclass(frozen=True)
class Seen:
    """What the looks of many trials have seen."""

    information: np.ndarray
    """[trials, looks] As a fraction of what was planned in all, never falling"""
    last: np.ndarray
    """[trials] At which look each ends, from 0: what is left is spent there"""

    @property
    def finest(self) -> np.ndarray:
        """[trials] The smallest standard deviation of Z at a look, given Z at the look before."""
        before = self.information[:, :-1] / self.information[:, 1:]
        step = 1 - np.where(before < 1 - APART, before, 0.0)
        return np.sqrt(step.min(axis=1, initial=1.0))

    def some(self, rows: np.ndarray) -> Seen:
        """These trials."""
        return Seen(self.information[rows], self.last[rows])


def seen(information: np.ndarray, over: np.ndarray) -> Seen:
    """Of [trials, looks]; a look is the last where all that was planned is known, or is ``over``.

    ``over`` says at which looks everybody had been followed to the end.
    """
    t = np.maximum.accumulate(np.maximum(information, LEAST), axis=1)
    ends = over | (t >= 1.0)
    ends[:, -1] = True
    return Seen(t, ends.argmax(axis=1))


@dataclass(frozen=True)
class Part:
    """Bounds of some trials, and their paths before each look."""

    critical_values: np.ndarray
    """[trials, looks] Infinite after the last"""
    futility_bounds: np.ndarray
    """[trials, looks] Minus infinite without any"""
    moved: np.ndarray
    """[trials, looks] Whether a look has seen more than the look before"""
    before: list[Paths]
    """Paths on which a trial goes on for certain, a look each"""

    def as_extreme(
        self, look: int, z: np.ndarray, information: np.ndarray, drift: np.ndarray,
        rows: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Probability of an outcome as extreme as Z at a look, from 0, or more; stage-wise.

        sum over j < k of P(cross above at j) + P(go on to k, Z_k >= z)            1
        """
        found = self.before[look].above(z, information[rows, look], drift, rows)
        for j in range(look):
            past = self.before[j].above(
                self.critical_values[rows, j], information[rows, j], drift, rows
            )
            found += np.where(self.moved[rows, j + 1], past, 0.0)
        return found


def parts(looks: Looks, all_of: Seen) -> Iterator[tuple[np.ndarray, np.ndarray, Seen, Part]]:
    """Trials with the bounds that hold in them, some at a time.

    Gives the trials, the row of each in what follows, what was seen there, and the bounds:
    trials that saw the same share a row.
    """
    columns = np.column_stack([all_of.information, all_of.last])
    _, first, row = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    once, row = all_of.some(first), row.ravel()
    count = node_count(once.finest)
    order = np.argsort(count, kind="stable")
    start = 0
    while start < len(order):
        stop = start + max(1, AT_ONCE // int(count[order[start]]) ** 2)
        widest = count[order[start:stop]].max()
        stop = min(stop, start + max(1, AT_ONCE // int(widest) ** 2))
        here = order[start:stop]
        place = np.full(len(order), -1)
        place[here] = np.arange(len(here))
        trials = np.flatnonzero(place[row] >= 0)
        yield trials, place[row][trials], once.some(here), bounds(looks, once.some(here))
        start = stop


def bounds(looks: Looks, told: Seen) -> Part:
    """Efficacy and futility bounds of these trials, look by look.

    Looks that have seen the same are one: what both may spend is spent by the bounds at either.
    """
    t, trials = told.information, len(told.last)
    alpha, beta = spent(looks, told), _beta_spent(looks, told)
    fixed = _fixed(looks)
    finest, moved = float(told.finest.min()), np.ones(t.shape, dtype=bool)
    moved[:, 1:] = t[:, 1:] > t[:, :-1] * (1 + APART)
    upper, lower = np.full(t.shape, np.inf), np.full(t.shape, -np.inf)
    now = idle = begin(trials)
    spent_before, idle_before = np.zeros(trials), np.zeros(trials)
    before = []
    for k in range(t.shape[1]):
        if k:
            on = moved[:, k]
            ends = _certain_lower(looks, upper[:, k - 1], lower[:, k - 1])
            now = now.go_on(ends, upper[:, k - 1], t[:, k - 1], on, finest)
            spent_before = np.where(on, alpha[:, k - 1], spent_before)
            if beta is not None:
                idle = idle.go_on(lower[:, k - 1], upper[:, k - 1], t[:, k - 1], on, finest)
                idle_before = np.where(on, beta[:, k - 1], idle_before)
        before.append(now)
        if fixed is not None:
            more = np.minimum(_crosses(now, fixed, t[:, k]), looks.side - spent_before)
            alpha[:, k] = np.where(k < told.last, spent_before + more, alpha[:, k])
        upper[:, k] = now.upper_bound(t[:, k], alpha[:, k] - spent_before)
        if beta is not None:
            lower[:, k] = idle.lower_bound(t[:, k], beta[:, k] - idle_before, looks.drift)
        elif looks.futility.bounds and k < t.shape[1] - 1:
            lower[:, k] = looks.futility.bounds[k]
        lower[:, k] = np.minimum(lower[:, k], upper[:, k])
    after = np.arange(t.shape[1]) > told.last[:, None]
    return Part(np.where(after, np.inf, upper), np.where(after, -np.inf, lower), moved, before)


def _crosses(now: Paths, bound: float, information: np.ndarray) -> np.ndarray:
    """[trials] Probability of Z at or above a bound at the next look, without any effect."""
    trials = len(information)
    return now.above(np.full(trials, bound), information, np.zeros(trials), np.arange(trials))


def _certain_lower(looks: Looks, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Bounds below that end a trial for certain: those of the other side, or that bind."""
    if looks.sided == 2:
        return -upper
    return lower if looks.futility.binding else np.full(len(upper), -np.inf)


def spent(looks: Looks, told: Seen) -> np.ndarray:
    """[trials, looks] Cumulative alpha of one side."""
    by_look = looks.spending in SHAPES or looks.spending == "user"
    if len(looks.information) == 1 or by_look:
        found = _interpolated(looks, looks.alpha_spent / looks.sided, told)
    else:
        found = _function(looks.spending, looks.parameter, looks.side, told)
    return _all_at_last(found, told, looks.side)


def _beta_spent(looks: Looks, told: Seen) -> np.ndarray | None:
    """[trials, looks] Cumulative beta; none is left to spend at the last look."""
    rule = looks.futility
    if not rule.spending:
        return None
    beta = 1 - looks.power
    if rule.spending == "user":
        found = _interpolated(looks, np.asarray(rule.spent, dtype=float), told)
    else:
        found = _function(rule.spending, rule.parameter, beta, told)
    return _all_at_last(found, told, beta)


def _interpolated(looks: Looks, planned: np.ndarray, told: Seen) -> np.ndarray:
    """[trials, looks] Straight from 0 to what is spent by each planned look, and on to the next."""
    knots = np.concatenate([[0.0], looks.information]), np.concatenate([[0.0], planned])
    return np.interp(told.information, *knots)


def _fixed(looks: Looks) -> float | None:
    """Z at every look before the last whatever it has seen; None where bounds move."""
    if looks.spending != "haybittle-peto":
        return None
    return HAYBITTLE_PETO if looks.parameter is None else looks.parameter


def _function(name: str, parameter: float | None, rate: float, told: Seen) -> np.ndarray:
    assert name in FUNCTIONS
    return spending(name, parameter)(rate, np.minimum(told.information, 1.0))


def _all_at_last(found: np.ndarray, told: Seen, whole: float) -> np.ndarray:
    """The whole from the last look on."""
    after = np.arange(found.shape[1]) >= told.last[:, None]
    return np.where(after, whole, np.minimum(found, whole))


def replanned(looks: Looks, information: Sequence[float]) -> Looks:
    """The looks with the bounds that hold where the first of them have seen this.

    ``information`` is the share of all that was planned, look by look; looks to come see what was
    planned for them. Rates of the looks returned are shares of what the last sees.
    """
    information_seen(information, looks.information)
    t = np.concatenate([information, looks.information[len(information) :]])
    part = bounds(looks, Seen(t[None], np.array([len(t) - 1])))
    upper, lower = part.critical_values[0], part.futility_bounds[0]
    ends = _certain_lower(looks, upper, lower)
    alpha = np.cumsum(crossing(t / t[-1], np.zeros(len(t)), ends, upper).upper) * looks.sided
    futility = Futility(tuple(lower[:-1]), binding=looks.futility.binding)
    return Looks(
        looks.alpha, looks.sided, looks.power, tuple(t / t[-1]), "user",
        spent=(*alpha[:-1], looks.alpha),
        futility=futility if looks.futility.any else Futility(),
    )  # fmt: skip
