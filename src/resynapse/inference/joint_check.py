"""Are all published contrasts together such as worlds drawn from the priors show?

A world is one draw of the parameters, true for every trial, and one other study of each. Its
contrasts are ranked among the studies of all other draws, the published ones among all:

    F     = P(X < x) + P(X = x) / 2                               by contrast
    tail  = 2 min(F, 1 - F)                                       by contrast
    worst = min over contrasts of tail                            by world
    lean  = mean over trials of the mean over contrasts of F      by world
    level = the 5 % (10 %) quantile of worst over worlds

In lean, F is turned where lower values are the benefit. Ties count half, as counts of few people
tie often; a contrast that is undefined in a world is not judged there. Errors are those of the
draws (bootstrap, all studies of a draw together).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.inference.other_studies import OtherStudies
from resynapse.inference.scale import benefit

SHARES = (0.95, 0.90)
"""of worlds in which all contrasts shall hold"""
POINTWISE = 0.05
"""tail below which a contrast misses by itself"""
BOOTSTRAPS = 200
SEED = 7
ALL = "all"
ROUNDING = 1e-9
"""of a sum of ranks, which may tie"""


@dataclass(frozen=True)
class Estimated:
    """A share with its Monte-Carlo standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Level:
    """The tail that every contrast must reach, for all to hold in this share of worlds."""

    share_of_worlds: float
    tail: Estimated
    holds_published: bool


@dataclass(frozen=True)
class Misses:
    """Contrasts that miss 95 % by themselves: of those published, and in worlds of the prior."""

    published: int
    none: float
    """share of worlds without any"""
    as_many: float
    """share of worlds with at least as many as were published"""


@dataclass(frozen=True)
class Power:
    """How often a world in which published effects are the truth is found out."""

    planted: str
    """the trial whose effects are planted, or ``all``"""
    jointly: float
    """share of worlds with a contrast beyond the joint 95 % level"""
    pointwise: float
    """share of worlds with a contrast beyond 95 % by itself"""
    leaning: float
    """share of worlds that lean further to benefit than 97.5 % of worlds of the prior"""


@dataclass(frozen=True)
class Joint:
    """All published contrasts of all trials together."""

    protocols: tuple[str, ...]
    contrasts: int
    draws: int
    worlds: int
    undefined: float
    """share of worlds in which any contrast is undefined"""
    worst: str
    """the published contrast that lies farthest out"""
    worst_tail: Estimated
    p: Estimated
    """share of worlds whose worst contrast lies as far out"""
    lean: float
    """0.5: published values lie in the middle; 1: all lie beyond, on the side of benefit"""
    p_lean: Estimated
    """share of worlds that lean as far to benefit"""
    levels: tuple[Level, ...]
    misses: Misses
    power: tuple[Power, ...]


def tails(other: OtherStudies) -> tuple[Estimated, ...]:
    """The two-sided tail probability of every published contrast by itself."""
    weights = _weights(len(other.values))
    return tuple(
        _estimated(_tail(_rank(other.published[k : k + 1], other.values[..., k], weights)[0]))
        for k in range(len(other.contrasts))
    )


def joint_check(others: Sequence[OtherStudies]) -> Joint | None:
    """The published contrasts of these trials beside worlds of the prior; None without any."""
    if not others:
        return None
    values = np.concatenate([one.values for one in others], axis=2)
    draws, studies, size = values.shape
    weights, own = _weights(draws), np.repeat(np.arange(draws), studies)
    published = np.concatenate([one.published for one in others])
    seen = np.stack([_rank(published[k : k + 1], values[..., k], weights)[0] for k in range(size)])
    turn, share = _toward_benefit(others)
    worst, lean = np.ones((len(own), weights.shape[1])), np.zeros((len(own), weights.shape[1]))
    alone = np.empty((size, len(own)))
    for k in range(size):
        ranked = _rank(values[..., k].ravel(), values[..., k], weights, own)
        worst = np.minimum(worst, _tail(ranked))
        lean += share[k] * np.abs(turn[k] - ranked)
        alone[k] = ranked[:, 0]
    far, leans, counted = _tail(seen).min(axis=0), _lean(others, seen), weights[own]
    limits = [np.array([_limit(w, c, share) for w, c in zip(worst.T, counted.T, strict=True)])
              for share in SHARES]  # fmt: skip
    return Joint(
        tuple(one.protocol for one in others), size, draws, len(own),
        float(np.isnan(values).any(axis=2).mean()),
        _name(others, int(_tail(seen[:, 0]).argmin())), _estimated(far),
        _estimated(np.average(worst <= far, axis=0, weights=counted)), float(leans[0]),
        _estimated(np.average(lean >= leans - ROUNDING, axis=0, weights=counted)),
        tuple(Level(share, _estimated(limit), bool(far[0] >= limit[0]))
              for share, limit in zip(SHARES, limits, strict=True)),
        _misses(_tail(seen[:, 0]), _tail(alone)),
        tuple(_power(others, values, alone, float(limits[0][0]))),
    )  # fmt: skip


def _rank(
    values: np.ndarray, among: np.ndarray, weights: np.ndarray, own: np.ndarray | None = None
) -> np.ndarray:
    """F, [values, 1 + bootstraps], among [draws, studies]; ``own``: a value's draw, left out."""
    defined = np.isfinite(among).sum(axis=1)
    below = np.empty((len(values), len(among)))
    for d, row in enumerate(np.sort(among, axis=1)):
        kept = row[: defined[d]]
        below[:, d] = 0.5 * (kept.searchsorted(values) + kept.searchsorted(values, "right"))
    less, of = below @ weights, np.tile(defined @ weights, (len(values), 1))
    if own is not None:
        less -= below[np.arange(len(values)), own][:, None] * weights[own]
        of -= defined[own][:, None] * weights[own]
    judged = np.isfinite(values)[:, None] & (of > 0)
    return np.divide(less, of, out=np.full_like(less, 0.5), where=judged)


def _tail(rank: np.ndarray) -> np.ndarray:
    return 2.0 * np.minimum(rank, 1.0 - rank)


def _toward_benefit(others: Sequence[OtherStudies]) -> tuple[np.ndarray, np.ndarray]:
    """By contrast: 1 where lower values are the benefit, else 0; and its share in lean."""
    turn = [float(benefit(one) > 0.0) for other in others for one in other.contrasts]
    share = [1.0 / len(other.contrasts) for other in others for _ in other.contrasts]
    return np.array(turn), np.array(share) / len(others)


def _lean(others: Sequence[OtherStudies], ranks: np.ndarray) -> np.ndarray:
    turn, share = _toward_benefit(others)
    return np.asarray(share @ np.abs(turn[:, None] - ranks))


def _limit(worst: np.ndarray, counted: np.ndarray, share: float) -> float:
    """The greatest tail that at most 1 - share of worlds fail to reach."""
    order = np.argsort(worst, kind="stable")
    fail = np.cumsum(counted[order])
    place = np.searchsorted(fail, (1.0 - share) * fail[-1], "right")
    return float(worst[order][min(place, len(order) - 1)])


def _misses(seen: np.ndarray, alone: np.ndarray) -> Misses:
    published = int(np.sum(seen < POINTWISE))
    found = np.sum(alone < POINTWISE, axis=0)
    return Misses(published, float(np.mean(found == 0)), float(np.mean(found >= published)))


def _power(
    others: Sequence[OtherStudies], values: np.ndarray, alone: np.ndarray, limit: float
) -> Iterator[Power]:
    """One trial planted at a time, the others from the prior; then all of them."""
    planted = np.concatenate([one.planted for one in others], axis=2)
    draws, studies, size = values.shape
    one, own = np.ones((draws, 1)), np.repeat(np.arange(draws), studies)
    moved = np.stack([
        _rank(planted[..., k].ravel(), values[..., k], one, own)[:, 0] for k in range(size)
    ])  # fmt: skip
    trial = np.repeat([other.protocol for other in others], [len(o.contrasts) for o in others])
    most = np.quantile(_lean(others, alone), 1.0 - POINTWISE / 2.0)
    for name in [*(other.protocol for other in others), ALL]:
        ranks = np.where(((trial == name) | (name == ALL))[:, None], moved, alone)
        worst, leans = _tail(ranks).min(axis=0), _lean(others, ranks)
        caught = (worst < limit, worst < POINTWISE, leans > most)
        yield Power(name, *(float(np.mean(one)) for one in caught))


def _name(others: Sequence[OtherStudies], place: int) -> str:
    named = [(other.protocol, one) for other in others for one in other.contrasts]
    protocol, one = named[place]
    against = f" against {one.reference}" if one.reference else ""
    return f"{protocol}: {one.endpoint}, {one.arm}{against}, {one.measure}"


def _weights(draws: int) -> np.ndarray:
    """How often each draw counts: once, and in every bootstrap; [draws, 1 + bootstraps]."""
    again = np.random.default_rng(SEED).multinomial(draws, np.full(draws, 1 / draws), BOOTSTRAPS)
    return np.concatenate([np.ones((draws, 1)), again.T], axis=1)


def _estimated(found: np.ndarray) -> Estimated:
    """The value, and its standard error over bootstraps."""
    return Estimated(float(found[0]), float(np.std(found[1:])))
