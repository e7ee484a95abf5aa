"""How did one hypothesis do on published trials that it was not fitted to?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from resynapse.inference.forecast import Forecast
from resynapse.inference.scale import to_scale
from resynapse.inference.score import brier, crps, energy, interval, log_score

PRIMARY = {
    "krupitsky-2002": ("abstinence_12_months", "log_survival_ratio"),
    "krupitsky-2007": ("abstinence_12_months", "log_survival_ratio"),
    "dakwar-2019": ("lapse_or_dropout", "hazard_ratio"),
    "grabski-2022": ("relapse_6_months", "odds_ratio"),
}
"""one ratio of use a study, by which models and baselines are compared; below 1 favours ketamine"""

Forecasts = Mapping[str, tuple[Forecast, ...]]
Units = Mapping[str, np.ndarray]
"""by study, what one unit of each of its numbers is on its scale"""


@dataclass(frozen=True)
class Score:
    """How one hypothesis did on the primary ratios of all studies, on the log scale."""

    coverage: float
    """share of ``values`` within their 90 % interval: all numbers of the scored studies; for a
    baseline, which forecasts nothing else, the primary ratios"""
    crps: float
    """mean over the primary ratios"""
    log_scores: tuple[float, ...]
    """a study each"""
    crps_by_study: tuple[float, ...]
    width90: float
    """mean width of the 90 % interval of the primary log ratios"""
    weight: float = 0.0
    favours: tuple[float, ...] = ()
    """by study, the probability given beforehand that the ratio favours ketamine"""
    brier: float | None = None
    """mean Brier score of these probabilities; 0.25 for a coin"""
    energy_by_study: tuple[float, ...] | None = None
    """energy score of all numbers of a study together; None for a baseline, which has one"""
    values: int = 0
    """numbers that ``coverage`` is the share of"""

    @property
    def hits(self) -> int:
        """How many of ``values`` lie within their 90 % interval."""
        return round(self.coverage * self.values)


def primary(made: tuple[Forecast, ...], study: str) -> Forecast:
    """The ratio of use by which a study is scored."""
    for one in made:
        if (one.number.endpoint, one.number.measure) == PRIMARY[study]:
            return one
    raise LookupError(f"{study} published no {PRIMARY[study]}.")


def log_ratios(made: Forecasts) -> list[tuple[np.ndarray, float]]:
    """Forecast and published primary ratios on the log scale, a study each."""
    ratios = [primary(made[name], name) for name in PRIMARY]
    return [(np.log(one.samples), float(np.log(one.number.value))) for one in ratios]


def within90(one: Forecast) -> bool:
    """Whether the published value lies within the 90 % interval."""
    low, high = interval(one.samples, 90)
    return low <= one.number.value <= high


def score(made: Forecasts, unit: Units | None = None) -> Score:
    """All scores of one hypothesis; joint ones where the ``unit`` of each number is given."""
    logs = log_ratios(made)
    hits = [within90(one) for name in PRIMARY for one in made[name]]
    each = tuple(crps(samples, value) for samples, value in logs)
    ends = [interval(samples, 90) for samples, _ in logs]
    favours = tuple(below_one(samples) for samples, _ in logs)
    squares = [brier(p, value < 0.0) for p, (_, value) in zip(favours, logs, strict=True)]
    return Score(
        float(np.mean(hits)), float(np.mean(each)),
        tuple(log_score(samples, value) for samples, value in logs), each,
        float(np.mean([high - low for low, high in ends])), 0.0, favours,
        float(np.mean(squares)),
        None if unit is None else tuple(joint(made[name], unit[name]) for name in PRIMARY),
        len(hits),
    )  # fmt: skip


def below_one(logs: np.ndarray) -> float:
    """Share of a forecast of a log ratio on the side of ketamine; ties count half."""
    return float(np.mean(logs < 0.0) + 0.5 * np.mean(logs == 0.0))


def joint(made: tuple[Forecast, ...], unit: np.ndarray) -> float:
    """Energy score of all numbers of a study that do not follow from others."""
    samples, value = on_scales(made)
    return energy(samples / unit, value / unit)


def on_scales(made: tuple[Forecast, ...]) -> tuple[np.ndarray, np.ndarray]:
    """[draws, numbers] and [numbers], each number on the scale on which it is near normal."""
    free = [one for one in made if not one.follows]
    columns = [_scaled(one, one.samples) for one in free]
    values = [_scaled(one, np.array(one.number.value)) for one in free]
    return np.array(columns).T, np.array(values, float)


def _scaled(one: Forecast, value: np.ndarray) -> np.ndarray:
    people = float(one.number.n or 0) if one.number.measure == "proportion" else np.inf
    return to_scale(one.number.measure, value, people)


def units(made: Forecasts) -> dict[str, np.ndarray]:
    """The spread of each number under one hypothesis, as the same unit for all hypotheses."""
    return {name: on_scales(made[name])[0].std(axis=0) for name in PRIMARY}
