"""Could the published trials have told two hypotheses apart, had one of them been right?

A trial is simulated under the first; both have forecast it, without the study itself; the share of
such trials in which the first has the better log score is the power to tell them apart. A half is
a coin. Log scores of several trials are added up.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import gaussian_kde

from resynapse.inference.scored import PRIMARY, Forecasts, log_ratios

TRIALS = 1000
TOGETHER = "all together"


def power(right: Forecasts, other: Forecasts, trials: int = TRIALS) -> dict[str, float]:
    """By study, and for all together, how often the right hypothesis scores better."""
    gained = {}
    pairs = zip(PRIMARY, log_ratios(right), log_ratios(other), strict=True)
    for number, (name, (own, _), (theirs, _)) in enumerate(pairs):
        seen = np.random.default_rng([1, number]).choice(own, trials)
        gained[name] = gaussian_kde(own).logpdf(seen) - gaussian_kde(theirs).logpdf(seen)
    gained[TOGETHER] = np.sum(list(gained.values()), axis=0)
    return {name: _share(gain) for name, gain in gained.items()}


def _share(gain: np.ndarray) -> float:
    """Ties count half."""
    return float(np.mean(gain > 0.0) + 0.5 * np.mean(gain == 0.0))
