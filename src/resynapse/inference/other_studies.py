"""What would other studies of the published size have shown, all contrasts of a study together?

A study has one baseline and one effect of its own, and counts its people once, so that contrasts
of one study move together. Planted studies are those in which the published effect is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy.special import expit, logit

from resynapse.evidence.study import Number
from resynapse.inference.another_study import (
    Share,
    counted,
    in_another_study,
    published_shares,
    spread,
)
from resynapse.inference.prior_draws import PriorDraws
from resynapse.inference.scale import from_scale, is_log, to_scale
from resynapse.inference.statistic import HALF, of_counts

STUDIES = 6
"""tells the chance of studies from that of trials"""
SMALLEST = 1e-3
"""the nearest to 0 or 1 that a planted share may come"""


@dataclass(frozen=True)
class OtherStudies:
    """Replicates of one study, read to as many digits as were published; NaN where undefined."""

    protocol: str
    contrasts: tuple[Number, ...]
    published: np.ndarray
    """[contrasts]"""
    values: np.ndarray
    """[draws, studies, contrasts], under draws from the priors"""
    planted: np.ndarray
    """the same, where the published effect is the truth"""


def other_studies(found: PriorDraws) -> OtherStudies:
    """One other study for each simulated trial of the published size."""
    numbers = found.contrasts
    published = np.array([one.value for one in numbers], float)
    return OtherStudies(
        found.protocol, numbers, _as_printed(published, numbers),
        _as_printed(_values(found, planted=False), numbers),
        _as_printed(_values(found, planted=True), numbers),
    )  # fmt: skip


def _values(found: PriorDraws, planted: bool) -> np.ndarray:
    """[draws, studies, contrasts]; a study with more effect of its own has more in each of them."""
    chance = np.random.default_rng([found.seed, STUDIES, int(planted)])
    baseline, less = spread(chance, found.in_trials.shape[:2])
    read = _read(found, baseline, less, planted, chance)
    columns = np.empty_like(found.in_trials)
    for k, one in enumerate(found.contrasts):
        if published_shares(found.study, one):
            columns[..., k] = of_counts(one, read)
            continue
        values = found.in_trials[..., k]
        if planted:
            values = _moved(one, values, found.among_all[:, k, None])
        columns[..., k] = in_another_study(one, values, less if is_log(one.measure) else -less)
    return columns


def _read(
    found: PriorDraws, baseline: np.ndarray, less: np.ndarray, planted: bool,
    chance: np.random.Generator,
) -> dict[Share, tuple[np.ndarray, float]]:  # fmt: skip
    """The shares that contrasts follow from, counted and read once in each study, with people."""
    read: dict[Share, tuple[np.ndarray, float]] = {}
    for one in sorted(found.contrasts, key=lambda one: one.measure != "odds_ratio"):
        for arm, share in (published_shares(found.study, one) or {}).items():
            if (one.endpoint, arm) in read:
                continue
            treated = arm == one.arm
            true = found.shares[one.endpoint, one.reference or "" if planted and treated else arm]
            true = (true * found.people + HALF) / (found.people + 2.0 * HALF)
            if planted and treated:
                true = _treated(one, true)
            eta = to_scale("proportion", true)[:, None] + baseline + (less if treated else 0.0)
            read[one.endpoint, arm] = counted(share, eta, chance), float(share.n or 0)
    return read


def _treated(number: Number, reference: np.ndarray) -> np.ndarray:
    """The share of the treated that makes the published contrast true beside this reference."""
    if number.measure == "odds_ratio":
        return np.asarray(expit(logit(reference) + np.log(number.value)))
    if number.measure == "log_survival_ratio":
        return np.asarray(reference**number.value)
    return np.clip(reference + number.value, SMALLEST, 1.0 - SMALLEST)


def _moved(number: Number, in_trials: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Trials with their chance kept and the published value put in place of the true one."""
    scaled = [to_scale(number.measure, np.asarray(x)) for x in (in_trials, number.value, true)]
    return from_scale(number.measure, scaled[0] + scaled[1] - scaled[2])


def _as_printed(values: np.ndarray, numbers: tuple[Number, ...]) -> np.ndarray:
    """Each contrast rounded as its published value is, for like to be ranked with like."""
    digits = [-int(Decimal(repr(one.value)).as_tuple().exponent) for one in numbers]
    columns = [np.round(values[..., k], places) for k, places in enumerate(digits)]
    return np.stack(columns, axis=-1) if columns else values
