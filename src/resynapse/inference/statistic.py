"""Which value would a published statistic have in a simulated trial, by its own estimator?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.evidence.study import Number, Study
from resynapse.inference.weekly_rule import is_weekly_rule, relapsed_by_weeks
from resynapse.trial.endpoint import estimate
from resynapse.trial.hazard_ratio import hazard_ratio
from resynapse.trial.time_to_event import time_to_event

RATIOS = ("hazard_ratio", "log_survival_ratio", "odds_ratio")
CONTRASTS = (
    *RATIOS,
    *("risk_difference", "mean_difference", "interaction", "mean_change", "percent_difference"),
)
"""measures that compare, and so have a value that means no effect"""
COUNTED = ("risk_difference", "odds_ratio", "log_survival_ratio")
"""those that follow from the shares of two arms"""
HALF = 0.5
"""added to a count of none or of all before a ratio is taken"""


@dataclass(frozen=True)
class Arm:
    """People of one arm: a row a person, and their days of use."""

    table: pd.DataFrame
    use_days: np.ndarray

    def some(self, rows: np.ndarray) -> Arm:
        """Only these people."""
        return Arm(self.table.iloc[rows].reset_index(drop=True), self.use_days[rows])


def no_effect(measure: str) -> float:
    """The value of a contrast when nothing differs."""
    return 1.0 if measure in RATIOS else 0.0


def pooled(arms: Mapping[str, Arm], study: Study, id: str) -> Arm:
    """An arm of the study; one that pools others holds the people of all of them."""
    parts = [arms[name] for name in study.arm(id).pools or (id,)]
    return Arm(
        pd.concat([part.table for part in parts], ignore_index=True),
        np.concatenate([part.use_days for part in parts]),
    )


def statistic(number: Number, study: Study, arms: Mapping[str, Arm]) -> float | None:
    """The value of a published contrast in these people; None where it is not defined."""
    treated = pooled(arms, study, number.arm)
    if number.measure == "interaction":
        return _interaction(number.endpoint, arms)
    if number.measure == "mean_change":
        return _value(number.endpoint, treated) - _value(_at_entry(number.endpoint), treated)
    assert number.reference is not None
    reference = pooled(arms, study, number.reference)
    if number.measure == "hazard_ratio":
        return _hazard_ratio(number.endpoint, treated, reference)
    if number.measure == "percent_difference":
        return 100.0 * (_craving(treated) / _craving(reference) - 1.0)
    shares = number.measure in RATIOS
    one, other = (_value(number.endpoint, arm, shares) for arm in (treated, reference))
    if number.measure == "log_survival_ratio":
        return math.log(one) / math.log(other)
    if number.measure == "odds_ratio":
        return one / (1.0 - one) * (1.0 - other) / other
    return one - other


def of_counts(
    one: Number, shares: Mapping[tuple[str, str], tuple[np.ndarray, float]]
) -> np.ndarray:
    """A contrast of counts by the study's estimator, from each arm's share and number of people."""
    treated, n = shares[one.endpoint, one.arm]
    other, m = shares[one.endpoint, one.reference or ""]
    if one.measure == "risk_difference":
        return treated - other
    p, q = _inside(treated, n), _inside(other, m)
    if one.measure == "odds_ratio":
        return p / (1.0 - p) * (1.0 - q) / q
    return np.log(p) / np.log(q)


def _inside(share: np.ndarray, n: float) -> np.ndarray:
    """A share of none or all moved by half a person, as the estimator does."""
    edge = (share <= 0.0) | (share >= 1.0)
    return np.where(edge, (share * n + HALF) / (n + 2.0 * HALF), share)


def level(number: Number, study: Study, arms: Mapping[str, Arm]) -> float:
    """The value of a share or mean that was published of one arm, in these people."""
    return _value(number.endpoint, pooled(arms, study, number.arm))


def _value(endpoint: str, arm: Arm, inside: bool = False) -> float:
    """The endpoint; ``inside`` keeps a share of none or all off 0 and 1, by half a person."""
    if is_weekly_rule(endpoint):
        return float(np.mean(relapsed_by_weeks(arm.table, arm.use_days)))
    found = estimate(endpoint, arm.table, arm.use_days)
    value = math.nan if found.value is None else found.value
    if inside and not 0.0 < value < 1.0:
        return (value * found.n + HALF) / (found.n + 2.0 * HALF)
    return value


def _hazard_ratio(event: str, treated: Arm, reference: Arm) -> float | None:
    seen = [time_to_event(event, arm.table, arm.use_days) for arm in (treated, reference)]
    sizes = [len(one.time) for one in seen]
    return hazard_ratio(
        np.concatenate([one.time for one in seen]),
        np.concatenate([one.event for one in seen]),
        np.repeat([True, False], sizes),
    ).value


def _interaction(endpoint: str, arms: Mapping[str, Arm]) -> float:
    """(ketamine and therapy - ketamine alone) - (therapy - neither), of a factorial trial."""
    kt, k, t, neither = (
        _value(endpoint, arms[id]) for id in ("ket_ther", "ket_edu", "pla_ther", "pla_edu")
    )
    return (kt - k) - (t - neither)


def _at_entry(endpoint: str) -> str:
    return endpoint.rsplit("_", 1)[0] + "_0"


def _craving(arm: Arm) -> float:
    """Mean craving over the visits from discharge on, VAS 0-100."""
    home = float(arm.table["community_day"].iloc[0])
    prefix = "craving_vas_day_"
    asked = [name for name in arm.table if name.startswith(prefix)]
    seen = [name for name in asked if float(name.removeprefix(prefix)) >= home]
    return float(np.nanmean(arm.table[seen].to_numpy(float)))
