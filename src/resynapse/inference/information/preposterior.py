"""How much would a planned trial tell of which mechanisms act, before it is done?

Truths x are drawn from the prior (each number zero with its probability), a trial of n people an
arm is drawn at each, and every draw of the prior is weighted by how probable it makes that trial:

    y | x        ~ Normal(m(x), sd(x) C sd(x) + V / n)
    P(on | y)    = sum of the weights of draws in which the number is not zero
    information  = H(P(on)) - mean over trials of H(P(on | y))                             bits

m, sd and C are the emulator's: the spread holds all that is uncertain and not asked for, and the
chance in the simulation itself. V is the chance of one person in each arm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from resynapse.inference.emulator import Emulator, fit, standard
from resynapse.inference.free import Free
from resynapse.inference.information.planned import WORLD, Planned

TRUTHS, DRAWS = 600, 4000
SURE = 10.0
"""posterior odds, from even ones, that are called strong (Kass and Raftery 1995: 10 times)"""
SEED = 4


@dataclass(frozen=True)
class Told:
    """What a trial of one size is expected to tell of one number."""

    name: str
    people: int
    """in each arm"""
    information: float
    """expected fall of the entropy of whether it acts, bits, of at most 1"""
    probability_if_on: float
    """expected posterior probability that it acts, where it does"""
    probability_if_off: float
    """the same, where it does not"""
    found: float
    """share of trials that end with odds of at least 10 that it acts, where it does"""
    cleared: float
    """share that end with odds of at least 10 against, where it does not"""
    misled: float
    """share that end with odds of at least 10 for the wrong answer"""


def told(
    trial: Planned, people: tuple[int, ...], free: tuple[Free, ...] = WORLD.free
) -> list[Told]:
    """What trials with so many people an arm are expected to tell of each number."""
    emulator = fit(free, trial.free, trial.values)
    return [row for n in people for row in _of_size(trial, emulator, n)]


def prior(free: tuple[Free, ...], count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the numbers, and which of them are not zero, both [count, free numbers]."""
    chance = np.random.default_rng([SEED, seed])
    uniform = chance.random((count, len(free)))
    on = chance.random((count, len(free))) < np.array([one.on for one in free])
    slabs = np.array(
        [[one.slab.quantile(float(u)) for one, u in zip(free, row, strict=True)] for row in uniform]
    )
    return np.where(on, slabs, 0.0), on


def _of_size(trial: Planned, emulator: Emulator, n: int) -> list[Told]:
    free = emulator.free
    truth, acts = prior(free, TRUTHS, 1)
    guess, guessed = prior(free, DRAWS, 2)
    mean, spread = _at(trial, emulator, truth, n)
    chance = np.random.default_rng([SEED, 3])
    noise = chance.standard_normal(mean.shape)
    y = mean + np.einsum("tij,tj->ti", np.linalg.cholesky(spread), noise)
    after = _posterior(y, *_at(trial, emulator, guess, n), guessed)
    return [_told(one, n, after[:, k], acts[:, k]) for k, one in enumerate(free)]


def _at(
    trial: Planned, emulator: Emulator, values: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the statistics at these numbers, in a trial of n an arm."""
    x = standard(emulator.free, values)
    sd = emulator.sd(x)
    known = sd[:, :, None] * emulator.correlation * sd[:, None, :]
    return emulator.mean(x), _inflation(trial) * known + trial.covariance / n


def _inflation(trial: Planned) -> float:
    """For a covariance that is known from few draws (Wishart): (N - 1) / (N - d - 2)."""
    draws, size = trial.values.shape
    return (draws - 1.0) / (draws - size - 2.0)


def _posterior(y: np.ndarray, mean: np.ndarray, spread: np.ndarray, on: np.ndarray) -> np.ndarray:
    """Probability that each number is not zero, of every trial, [trials, free numbers]."""
    log = np.empty((len(y), len(mean)))
    for k, (m, S) in enumerate(zip(mean, spread, strict=True)):
        factor = cho_factor(S, lower=True)
        gap = (y - m).T
        log[:, k] = -0.5 * np.sum(gap * cho_solve(factor, gap), axis=0)
        log[:, k] -= np.sum(np.log(np.diag(factor[0])))
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(weight @ on / weight.sum(axis=1, keepdims=True))


def _told(free: Free, n: int, after: np.ndarray, acts: np.ndarray) -> Told:
    odds = np.clip(after, 1e-12, 1.0 - 1e-12) / np.clip(1.0 - after, 1e-12, 1.0)
    beside = odds / (free.on / (1.0 - free.on))
    wrong = np.where(acts, beside <= 1.0 / SURE, beside >= SURE)
    return Told(
        free.name, n, float(_bits(np.array(free.on)) - _bits(after).mean()),
        float(after[acts].mean()), float(after[~acts].mean()),
        float(np.mean(beside[acts] >= SURE)), float(np.mean(beside[~acts] <= 1.0 / SURE)),
        float(wrong.mean()),
    )  # fmt: skip


def _bits(p: np.ndarray) -> np.ndarray:
    q = np.clip(p, 1e-12, 1.0 - 1e-12)
    return np.asarray(-q * np.log2(q) - (1.0 - q) * np.log2(1.0 - q))
