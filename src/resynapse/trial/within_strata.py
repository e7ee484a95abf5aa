"""How far do the means of two arms lie apart, within the strata in which people were randomised?"""

from __future__ import annotations

import numpy as np


def mean_within_strata(
    own: np.ndarray, stratum: np.ndarray, other: np.ndarray, other_stratum: np.ndarray
) -> tuple[float, float]:
    """Difference of means and its error; values NaN, and strata of one arm only, are left out.

    n, m     = people of each arm in a stratum
    w        = n m / (n + m)
    estimate = sum(w (mean - mean_other)) / sum(w)
    s^2      = sum of squares within strata / (people - strata), of each arm
    error^2  = sum(w^2 (s^2 / n + s_other^2 / m)) / sum(w)^2

    No number where an arm has no more people than strata.
    """
    there = [~np.isnan(one) for one in (own, other)]
    words = stratum[there[0]].astype(str), other_stratum[there[1]].astype(str)
    shared = np.intersect1d(*words)
    n, mean, square = _by_stratum(own[there[0]], words[0], shared)
    m, mean_other, square_other = _by_stratum(other[there[1]], words[1], shared)
    if len(shared) == 0 or not np.isfinite(square + square_other):
        return np.nan, np.nan
    w = n * m / (n + m)
    estimate = np.sum(w * (mean - mean_other)) / w.sum()
    variance = np.sum(w**2 * (square / n + square_other / m)) / w.sum() ** 2
    return float(estimate), float(np.sqrt(variance))


def _by_stratum(
    values: np.ndarray, stratum: np.ndarray, shared: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """People and mean in each stratum, and the variance within strata."""
    known = np.isin(stratum, shared)
    place, values = np.searchsorted(shared, stratum[known]), values[known]
    n = np.bincount(place, minlength=len(shared)).astype(float)
    mean = np.bincount(place, values, minlength=len(shared)) / np.maximum(n, 1.0)
    free = len(values) - len(shared)
    return n, mean, np.sum((values - mean[place]) ** 2) / free if free > 0 else np.nan
