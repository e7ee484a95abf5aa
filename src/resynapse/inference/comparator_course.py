"""What do simulated people of the naltrexone trials show, by the estimator of each trial?

    in study at a day          last day in the study is that day or later
    confirmed abstinence       in the study at 24 weeks, and no use in the 3 days before the end
                               of any of weeks 5 to 24 (Krupitsky 2011), every urine seen
    relapse                    10 days of use within 28; a urine every 14 days that is positive
                               or missing counts as 5, so two such in a row (Lee 2016, abstract)
    retained without relapse   in the study at 24 weeks, and no 7 days of use in a row
                               (Krupitsky 2012)

Kept on disk by everything it depends on, so that nothing is simulated twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.inference.kept import kept
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, dump
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.model_hash import model_hash
from resynapse.trial.table import relapse_day

SEED = 4
DAYS = 168
URINE_DAYS = 3
HALF = 0.5

Estimator = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""days of use [people, days] and the last day in the study -> whether it is so of each"""


def in_study(day: float) -> Estimator:
    """Still in the study on a day."""
    return lambda use, left: left >= day


def confirmed_abstinence(use: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Every weekly urine of weeks 5 to 24 seen and negative."""
    positive = [use[:, 7 * w - URINE_DAYS : 7 * w].any(axis=1) for w in range(5, DAYS // 7 + 1)]
    return np.asarray((left >= DAYS) & ~np.any(positive, axis=0))


def relapse_10_of_28(use: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Ten days of use within 28, or two urines in a row positive or missing."""
    due = range(14, DAYS + 1, 14)
    bad = np.stack([use[:, d - URINE_DAYS : d].any(axis=1) | (left < d) for d in due], axis=1)
    known = np.where(np.arange(DAYS) < left[:, None], use[:, :DAYS], 0)
    total = np.concatenate([np.zeros((len(use), 1)), np.cumsum(known, axis=1)], axis=1)
    often = (total[:, 28:] - total[:, :-28] >= 10).any(axis=1)
    return np.asarray(often | (bad[:, 1:] & bad[:, :-1]).any(axis=1))


def retained_without_relapse(use: np.ndarray, left: np.ndarray) -> np.ndarray:
    """In the study at 24 weeks, without seven days of use in a row."""
    relapse = np.nan_to_num(relapse_day(use), nan=np.inf)
    return np.asarray((left >= DAYS) & (relapse > DAYS))


def shares(
    protocol: Protocol, values: Mapping[str, float], people: int,
    asked: Mapping[str, tuple[str, Estimator]], backend: str = DEFAULT,
) -> np.ndarray:  # fmt: skip
    """Share of each thing asked (name -> arm and estimator), [asked], between 0 and 1."""

    def simulated() -> np.ndarray:
        arms = {arm: _arm(protocol, arm, values, people, backend) for arm, _ in asked.values()}
        seen = [estimator(*arms[arm]) for arm, estimator in asked.values()]
        return np.array([(one.sum() + HALF) / (len(one) + 2.0 * HALF) for one in seen])

    key = [model_hash(), dump(protocol), sorted(values.items()), people, list(asked), SEED]
    return kept("comparator", key, simulated)


def _arm(
    protocol: Protocol, name: str, values: Mapping[str, float], people: int, backend: str
) -> tuple[np.ndarray, np.ndarray]:
    """Days of use and the last day in the study of everybody in an arm."""
    keep_compiled()
    short = protocol.model_copy(
        update={"follow_up_days": float(DAYS), "visits": (), "endpoints": ()}
    )
    patient = replace(apply(Patient(), protocol.disorder), dict(values))
    conduct, arm = Conduct(short, patient, SEED, backend=backend), short.arm(name)
    chunks = list(conduct.chunks(arm, unknown_arms(short, arm), people))
    use = np.concatenate([chunk.use_days for chunk in chunks])
    return use, np.concatenate([chunk.marks.dropout for chunk in chunks])
