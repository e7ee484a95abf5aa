"""What do a urine and a person's own report tell of days of use?"""

from __future__ import annotations

import numpy as np
from scipy import special

from resynapse.protocol.conduct import FollowBack, Urine


def urine_positive(
    use_days: np.ndarray, day: np.ndarray, urine: Urine, draw: np.random.Generator
) -> np.ndarray:
    """Whether the urine of each person on each day is positive: [people, visits].

    Pr(positive) = sensitivity        with a day of use d in  day - detection_days <= d <= day
                 = 1 - specificity    without
    """
    total = np.zeros((len(use_days), use_days.shape[1] + 1), dtype=int)
    np.cumsum(use_days > 0, axis=1, out=total[:, 1:])
    last = np.clip(np.floor(day) + 1, 0, use_days.shape[1]).astype(int)
    first = np.clip(np.ceil(day - urine.detection_days), 0, use_days.shape[1]).astype(int)
    used = np.take_along_axis(total, last, 1) - np.take_along_axis(
        total, np.minimum(first, last), 1
    )
    chance = np.where(used > 0, urine.sensitivity, 1.0 - urine.specificity)
    return draw.random(day.shape) < chance


def reported(
    use_days: np.ndarray, follow_back: FollowBack, every_days: float, draw: np.random.Generator
) -> np.ndarray:
    """Days of use as people tell them, 1 for any use: a denied day is told as one without.

    logit(share denied of person i) = a + denied_sd z_i,   z_i ~ Normal(0, 1)

    a is set so that the mean share is ``denied``. The days between two visits due, ``every_days``
    apart, are told or denied together: a person who denies a positive urine denies what led to
    it, so that a relapse of a week stays a week. Nobody tells of use that was not.
    """
    people, days = use_days.shape
    share = denied_shares(follow_back, draw.standard_normal(people))
    interval = (np.arange(days) // every_days).astype(int)
    told = draw.random((people, int(interval.max(initial=0)) + 1)) >= share[:, None]
    return ((use_days > 0) & told[:, interval]).astype(np.uint8)


def denied_shares(follow_back: FollowBack, z: np.ndarray) -> np.ndarray:
    """The share of days with use that each person denies."""
    denied, sd = follow_back.denied, follow_back.denied_sd
    if denied in (0.0, 1.0) or sd == 0.0:
        return np.full(len(z), denied)
    node, weight = np.polynomial.hermite_e.hermegauss(40)
    weight = weight / weight.sum()
    low, high = special.logit(denied) - 4 * sd, special.logit(denied) + 4 * sd
    for _ in range(60):
        middle = 0.5 * (low + high)
        above = np.sum(weight * special.expit(middle + sd * node)) > denied
        low, high = (low, middle) if above else (middle, high)
    return special.expit(0.5 * (low + high) + sd * z)
