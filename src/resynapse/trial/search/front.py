"""Which designs offer most for their burden, and how sure is that?

The burden of a design is known before anybody is simulated; its benefit is a mean over draws of the
parameters. Drawing the draws again (the bootstrap) tells how often the same design would be on the
front, or be the best, had other draws come up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

RESAMPLES = 1000
ALPHA = 0.05
BAND = (2.5, 97.5)


@dataclass(frozen=True)
class Standing:
    """How designs stand to one another: [designs] each; all of them keep the limits."""

    benefit: np.ndarray
    error: np.ndarray
    """Monte Carlo error of the benefit: spread over draws / sqrt(draws)"""
    on_front: np.ndarray
    front_share: np.ndarray
    """Share of resampled sets of draws in which it is on the front"""
    best_share: np.ndarray
    """Share of resampled sets of draws in which its mean is the highest"""
    best_in_draw: np.ndarray
    """Share of single draws in which it is the best: were the parameters known"""
    loss: np.ndarray
    """Expected loss against the best of each draw; too large by chance among people"""
    loss_least: np.ndarray
    """The same with the best chosen in one half of the people and read in the other; too small"""
    equal: np.ndarray
    """Whether it cannot be told from the best"""
    elsewhere: float
    """Benefit of what one half of the draws chooses, read in the other half"""

    @property
    def best(self) -> int:
        """The design with the highest benefit."""
        return int(np.argmax(self.benefit))


def standing(gain: np.ndarray, halves: np.ndarray, burden: np.ndarray, seed: int) -> Standing:
    """From ``gain`` [designs, draws] and ``halves`` [designs, draws, 2 halves of the people]."""
    k, draws = gain.shape
    again = _resampled(gain, seed)
    benefit = gain.mean(axis=1)
    winner = np.argmax(again, axis=1)
    top = np.argmax(gain, axis=0)
    return Standing(
        benefit=benefit,
        error=gain.std(axis=1, ddof=1) / np.sqrt(draws),
        on_front=front(benefit[None], burden)[0],
        front_share=front(again, burden).mean(axis=0),
        best_share=np.bincount(winner, minlength=k) / RESAMPLES,
        best_in_draw=np.bincount(top, minlength=k) / draws,
        loss=(gain.max(axis=0) - gain).mean(axis=1),
        loss_least=np.maximum(_honest(halves) - benefit, 0.0),
        equal=equal(gain),
        elsewhere=_elsewhere(gain),
    )


@dataclass(frozen=True)
class Frontier:
    """The highest benefit that so much burden buys; 0 is what no ketamine gives."""

    burden: np.ndarray
    """rising"""
    benefit: np.ndarray
    low: np.ndarray
    """95 % of resampled sets of draws lie between this"""
    high: np.ndarray


def frontier(gain: np.ndarray, burden: np.ndarray, seed: int) -> Frontier:
    """From ``gain`` [designs, draws] and ``burden`` [designs]."""
    steps = np.unique(burden)
    within = burden[None, :] <= steps[:, None]

    def most(benefit: np.ndarray) -> np.ndarray:
        held = np.where(within, benefit[:, None, :], -np.inf).max(axis=2)
        return np.maximum(held, 0.0)

    again = most(_resampled(gain, seed))
    low, high = np.percentile(again, BAND, axis=0)
    return Frontier(steps, most(gain.mean(axis=1)[None])[0], low, high)


def _resampled(gain: np.ndarray, seed: int) -> np.ndarray:
    """[sets, designs]: benefits, had other draws come up."""
    draws = gain.shape[1]
    chance = np.random.default_rng([seed, 7])
    return chance.multinomial(draws, np.full(draws, 1 / draws), RESAMPLES) / draws @ gain.T


def front(benefit: np.ndarray, burden: np.ndarray) -> np.ndarray:
    """[sets, designs]: whether nothing of no more burden does better; no ketamine gives 0 for 0."""
    cheaper = burden[None, :] <= burden[:, None]
    strictly = burden[None, :] < burden[:, None]
    more = benefit[:, None, :] > benefit[:, :, None]
    same = benefit[:, None, :] >= benefit[:, :, None]
    beaten = np.any((more & cheaper) | (same & strictly), axis=2)
    return ~beaten & (benefit > 0.0)


def equal(gain: np.ndarray) -> np.ndarray:
    """[designs]: which cannot be told from the best by a t-test of the differences over draws.

    The truly best design is among them with probability 1 - alpha: it is missed only where another
    beats it beyond chance, and there are k - 1 others (Bonferroni).
    """
    k, draws = gain.shape
    gap = gain[None, :, :] - gain[:, None, :]
    error = gap.std(axis=2, ddof=1) / np.sqrt(draws)
    quantile = stats.t.ppf(1 - ALPHA / max(k - 1, 1), draws - 1)
    return ~np.any(gap.mean(axis=2) > quantile * error, axis=1)


def _honest(halves: np.ndarray) -> float:
    """The best of each draw, chosen in one half of its people and read in the other."""
    first, second = halves[..., 0], halves[..., 1]
    draws = np.arange(first.shape[1])
    crossed = second[first.argmax(axis=0), draws] + first[second.argmax(axis=0), draws]
    return float(crossed.mean() / 2)


def _elsewhere(gain: np.ndarray) -> float:
    """What the best of even draws comes to in odd ones, and the other way round, averaged."""
    parts = gain[:, 0::2].mean(axis=1), gain[:, 1::2].mean(axis=1)
    return float((parts[1][parts[0].argmax()] + parts[0][parts[1].argmax()]) / 2)
