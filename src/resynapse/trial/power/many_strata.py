"""What do trials of two arms say of a yes or no, stratum by stratum, a row a trial?"""

from __future__ import annotations

import numpy as np

from resynapse.trial.power.outcome import Outcome


def strata_of(treated: Outcome, control: Outcome) -> np.ndarray | None:
    """[trials, people of both arms] The stratum of everybody; None without strata."""
    if treated.stratum is None or control.stratum is None:
        return None
    return np.concatenate([treated.stratum, control.stratum], axis=1)


def shares(treated: Outcome, control: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cochran-Mantel-Haenszel z without correction; Mantel and Haenszel's difference, its error.

    n_1, n_0 people and x_1, x_0 yes of a stratum, N = n_1 + n_0, x = x_1 + x_0
    z        = sum(x_1 - n_1 x / N) / sqrt(sum(n_1 n_0 x (N - x) / (N^2 (N - 1))))
    w        = n_1 n_0 / N
    estimate = sum(w (x_1 / n_1 - x_0 / n_0)) / sum(w)
    P        = (n_1^2 x_0 - n_0^2 x_1 + n_1 n_0 (n_0 - n_1) / 2) / N^2
    Q        = (x_1 (n_0 - x_0) + x_0 (n_1 - x_1)) / (2 N)
    error^2  = (estimate sum(P) + sum(Q)) / sum(w)^2              Sato 1989
    """
    n_1, x_1 = _counts(treated, control, treated)
    n_0, x_0 = _counts(treated, control, control)
    N, x = n_1 + n_0, x_1 + x_0
    there = (n_1 > 0) & (n_0 > 0)
    whole = np.maximum(N, 2)
    excess = np.sum(np.where(there, x_1 - n_1 * x / whole, 0.0), axis=1)
    spread = np.where(there, n_1 * n_0 * x * (N - x) / (whole**2 * (whole - 1)), 0.0).sum(axis=1)
    w = np.where(there, n_1 * n_0 / whole, 0.0)
    gap = x_1 / np.maximum(n_1, 1) - x_0 / np.maximum(n_0, 1)
    P = (n_1**2 * x_0 - n_0**2 * x_1 + n_1 * n_0 * (n_0 - n_1) / 2) / whole**2
    Q = (x_1 * (n_0 - x_0) + x_0 * (n_1 - x_1)) / (2 * whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = w.sum(axis=1)
        estimate = np.sum(w * gap, axis=1) / total
        square = estimate * np.sum(P * there, axis=1) + np.sum(Q * there, axis=1)
        z = np.where(spread > 0, excess / np.sqrt(spread), np.nan)
        return z, estimate, np.sqrt(square) / total


def _counts(treated: Outcome, control: Outcome, arm: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """[trials, strata] People of an arm with an answer, and those among them with yes."""
    every = strata_of(treated, control)
    strata = 1 if every is None else int(every.max()) + 1
    own = np.zeros(arm.seen.shape, dtype=int) if arm.stratum is None else arm.stratum
    found = [arm.event & (own == k) for k in range(strata)]
    yes = arm.seen > 0.5
    people = np.stack([np.count_nonzero(one, axis=1) for one in found], axis=1)
    return people.astype(float), np.stack(
        [np.count_nonzero(one & yes, axis=1) for one in found], axis=1
    ).astype(float)
