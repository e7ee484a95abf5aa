"""How probable are published statistics at given free numbers?

One block a study, of statistics on their scales (``scale``), through the emulator:

    eta   = m(x) + sd(x) C^(1/2) e1 + sampling^(1/2) e2 + u baseline + v benefit
    counts k: Binomial(n, exp(-exp(eta_k))), exactly, seen through the reading error of a figure
    others: eta itself was published

e1 carries what is uncertain and not fitted, e2 the sampling of a trial of that size (counts
have theirs in the binomial), u (sd 0.7) the baseline and v (sd 0.3) the effect of a study. A
number that may be zero is on or off; the indicators are summed over, so that a sampler with
gradients never sees a spike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import gammaln, logsumexp

from resynapse.evidence.likelihood import may_be_fitted
from resynapse.evidence.study import Number
from resynapse.inference.between_studies import BETWEEN_BASELINES, BETWEEN_EFFECTS, READING
from resynapse.inference.design import Design
from resynapse.inference.emulator import Emulator, fit
from resynapse.inference.free import World
from resynapse.inference.scale import benefit, is_log, to_scale

EXACT = 1e-6


@dataclass(frozen=True)
class Wanted:
    """One published statistic that a stage is fitted to."""

    protocol: str
    endpoint: str
    arm: str
    measure: str
    treated: bool = True
    """whether the arm is the one whose effect differs between studies"""
    reference: str | None = None
    """the other arm, where an arm is compared with more than one"""


@dataclass(frozen=True)
class Target:
    """A wanted statistic with its number, and where it stands in a design."""

    wanted: Wanted
    number: Number
    column: int

    @property
    def is_count(self) -> bool:
        return self.wanted.measure == "proportion"


@dataclass(frozen=True)
class Problem:
    """Statistics, counts first, with their emulator and the spread that it has not."""

    world: World
    targets: tuple[Target, ...]
    emulator: Emulator
    noise: np.ndarray
    """covariance of sampling and of studies, on the scales"""

    @property
    def counts(self) -> int:
        """How many of the statistics are counts; they come first."""
        return sum(target.is_count for target in self.targets)

    @property
    def sizes(self) -> np.ndarray:
        """People of each count."""
        return np.array([target.number.n for target in self.targets if target.is_count])


@dataclass(frozen=True)
class Seen:
    """What was published, or simulated in its place."""

    counts: np.ndarray
    """ln P(seen | j of n), [counts, 1 + greatest n]; -inf beyond n"""
    values: np.ndarray
    """the other statistics, on their scales"""


def target(wanted: Wanted, designs: dict[str, Design]) -> Target:
    """Where a wanted statistic stands; a number that was only recalled never gets here."""
    numbers = designs[wanted.protocol].numbers
    for column, number in enumerate(numbers):
        same = (wanted.endpoint, wanted.arm, wanted.measure)
        against = wanted.reference in (None, number.reference)
        if (number.endpoint, number.arm, number.measure) == same and against:
            return Target(wanted, may_be_fitted(number, wanted.protocol), column)
    raise LookupError(f"{wanted.protocol} published no {wanted.measure} of {wanted.endpoint}.")


def problem(
    world: World, wanted: Sequence[Wanted], designs: dict[str, Design],
    between_effects: float = BETWEEN_EFFECTS, between_baselines: float = BETWEEN_BASELINES,
    draws: slice = slice(None),
) -> Problem:  # fmt: skip
    """Emulate the wanted statistics together, over the draws that all of their designs have."""
    found = [target(one, designs) for one in wanted]
    found = [t for t in found if t.is_count] + [t for t in found if not t.is_count]
    used = {t.wanted.protocol: designs[t.wanted.protocol] for t in found}
    draws = slice(draws.start, min(len(d.free) for d in used.values()) if draws.stop is None
                  else draws.stop)  # fmt: skip
    columns = [scaled(t, used[t.wanted.protocol], draws) for t in found]
    free = next(iter(used.values())).free[draws]
    return Problem(
        world, tuple(found), fit(world.free, free, np.array(columns).T),
        _sampling(found, used, draws) + _between(found, between_effects, between_baselines),
    )  # fmt: skip


def scaled(t: Target, design: Design, draws: slice) -> np.ndarray:
    """A statistic among all simulated people, by draw, on its scale."""
    return to_scale(t.wanted.measure, design.among_all[draws, t.column], design.people)


def _sampling(found: list[Target], used: dict[str, Design], draws: slice) -> np.ndarray:
    """Covariance within a study of what a trial of the published size adds, without counts."""
    size = len(found)
    cov = np.zeros((size, size))
    for protocol, design in used.items():
        mine = [k for k, t in enumerate(found)
                if t.wanted.protocol == protocol and not t.is_count]  # fmt: skip
        if not mine:
            continue
        trials = np.stack(
            [to_scale(found[k].wanted.measure, design.in_trials[draws, :, found[k].column])
             for k in mine], axis=-1,
        )  # fmt: skip
        middle = np.stack([scaled(found[k], design, draws) for k in mine], axis=-1)
        off = (trials - middle[:, None, :]).reshape(-1, len(mine))
        off = off[np.isfinite(off).all(axis=1)]
        cov[np.ix_(mine, mine)] = off.T @ off / len(off)
    return cov


def _between(found: list[Target], effects: float, baselines: float) -> np.ndarray:
    """Covariance of what differs between studies; nothing is shared by two of them."""
    cov = np.eye(len(found)) * EXACT
    for protocol in {t.wanted.protocol for t in found}:
        mine = np.array([t.wanted.protocol == protocol for t in found])
        counts = np.array([t.is_count for t in found])
        v = np.array([effect_sign(t) for t in found])
        effect, base = np.where(mine, v, 0.0), np.where(mine & counts, 1.0, 0.0)
        cov += effects**2 * np.outer(effect, effect) + baselines**2 * np.outer(base, base)
    return cov


def effect_sign(t: Target) -> float:
    """How a study's own effect enters: in treated arms and log effects, by their direction."""
    if not t.wanted.treated or not (t.is_count or is_log(t.wanted.measure)):
        return 0.0
    return benefit(t.number)


def published(problem: Problem) -> Seen:
    """What the studies published."""
    counts, values = [], []
    for one in problem.targets:
        number = one.number
        if one.is_count:
            assert number.n is not None
            error = READING * number.n if number.seen == "figure" else 0.0
            counts.append(_read(round(number.value * number.n), number.n, error))
        else:
            values.append(float(to_scale(number.measure, np.array(number.value))))
    return Seen(_padded(counts), np.array(values))


def in_trial(problem: Problem, designs: dict[str, Design], draw: int, trial: int) -> Seen:
    """What a simulated trial of the published size showed, as if it had been published."""
    counts, values = [], []
    for one in problem.targets:
        value = designs[one.wanted.protocol].in_trials[draw, trial, one.column]
        if one.is_count:
            size = int(one.number.n or 0)
            counts.append(_read(round(value * size), size, 0.0))
        else:
            values.append(float(to_scale(one.wanted.measure, value)))
    return Seen(_padded(counts), np.array(values))


def _read(count: int, size: int, error: float) -> np.ndarray:
    """ln P(read ``count`` | j of ``size``), j = 0 to ``size``."""
    true = np.arange(size + 1)
    if error == 0.0:
        return np.where(true == count, 0.0, -np.inf)
    log = -0.5 * ((np.arange(size + 1)[:, None] - true) / error) ** 2
    log = np.asarray(log - logsumexp(log, axis=0))
    return np.asarray(log[count])


def _padded(rows: list[np.ndarray]) -> np.ndarray:
    longest = max((len(row) for row in rows), default=1)
    found = np.full((len(rows), longest), -1e6)
    for k, row in enumerate(rows):
        found[k, : len(row)] = np.maximum(row, -1e6)
    return found


def log_choose(sizes: np.ndarray, longest: int) -> np.ndarray:
    """ln of n over j, [counts, 1 + longest]; j beyond n counts nothing as ``Seen`` excludes it."""
    j = np.minimum(np.arange(longest)[None, :], sizes[:, None])
    n = sizes[:, None]
    return np.asarray(gammaln(n + 1.0) - gammaln(j + 1.0) - gammaln(n - j + 1.0))


def masks(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Every combination of indicators [combinations, free numbers], and its ln probability."""
    choices = [(1.0,) if free.on == 1.0 else (0.0, 1.0) for free in world.free]
    rows = np.array(list(product(*choices)))
    on = np.array([free.on for free in world.free])
    chance = np.where(rows == 1.0, on, 1.0 - on)
    return rows, np.log(chance).sum(axis=1)


__all__ = [
    "BETWEEN_BASELINES", "BETWEEN_EFFECTS", "Problem", "Seen", "Target", "Wanted", "in_trial",
    "log_choose", "masks", "problem", "published", "target",
]  # fmt: skip
