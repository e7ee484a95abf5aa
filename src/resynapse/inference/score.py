"""How good was a forecast, once the value is known?"""

from __future__ import annotations

import numpy as np
from scipy.stats import gaussian_kde

SHARES = (50, 80, 90, 95)


def crps(samples: np.ndarray, value: float) -> float:
    """Continuous ranked probability score, E|X - y| - E|X - X'| / 2; smaller is better."""
    ordered = np.sort(samples)
    n = len(ordered)
    spread = 2.0 * np.sum((2.0 * np.arange(1, n + 1) - n - 1.0) * ordered) / n**2
    return float(np.mean(np.abs(ordered - value)) - 0.5 * spread)


def log_score(samples: np.ndarray, value: float) -> float:
    """ln of the density of the forecast at the value, smoothed; larger is better."""
    return float(gaussian_kde(samples).logpdf(value)[0])


def pit(samples: np.ndarray, value: float) -> float:
    """Share of the forecast below the value; ties count half."""
    return float(np.mean(samples < value) + 0.5 * np.mean(samples == value))


def interval(samples: np.ndarray, share: float) -> tuple[float, float]:
    """The central interval that holds this share of the forecast, in percent."""
    low, high = np.percentile(samples, [50.0 - 0.5 * share, 50.0 + 0.5 * share])
    return float(low), float(high)


def energy(samples: np.ndarray, value: np.ndarray) -> float:
    """Energy score, E||X - y|| - E||X - X'|| / 2, of [draws, numbers]; smaller is better.

    Of one number it is the CRPS. X' is X in another order, so that no draw meets itself often.
    """
    chance = np.random.default_rng(1)
    pairs = [chance.permutation(len(samples)) for _ in range(8)]
    apart = np.mean([np.linalg.norm(samples - samples[p], axis=1).mean() for p in pairs])
    return float(np.linalg.norm(samples - value, axis=1).mean() - 0.5 * apart)


def brier(probability: float, happened: bool) -> float:
    """Squared error of a probability, 0 to 1; 0.25 for a coin; smaller is better."""
    return (probability - float(happened)) ** 2
