"""What do simulated people on an agonist show week by week: who stays, and whose urine is positive?

    retained(d) = share whose last day in treatment is d or later                      1
    positive(w) = share with use in the 3 days before the end of week w, of those in treatment then

Kept on disk by everything it depends on, so that nothing is simulated twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import folder, keep_compiled
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, dump
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.model_hash import model_hash

SEED = 4
URINE_DAYS = 3
"""days of use that a weekly urine shows"""


def treated_course(
    protocol: Protocol, values: dict[str, float], people: int, days: Sequence[float],
    weeks: Sequence[int], backend: str = DEFAULT,
) -> np.ndarray:  # fmt: skip
    """Retained on each day, then positive in each week, [arms, days + weeks], at these values."""
    store = folder("treated")
    key = json.dumps([model_hash(), dump(protocol), sorted(values.items()), people, list(days),
                      list(weeks), SEED])  # fmt: skip
    kept = store / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy" if store else None
    if kept is not None and kept.exists():
        return np.asarray(np.load(kept))
    found = _simulated(protocol, values, people, days, weeks, backend)
    if kept is not None:
        part = kept.with_suffix(".part.npy")
        np.save(part, found)
        part.rename(kept)
    return found


def _simulated(
    protocol: Protocol, values: dict[str, float], people: int, days: Sequence[float],
    weeks: Sequence[int], backend: str,
) -> np.ndarray:  # fmt: skip
    keep_compiled()
    end = max(max(days), 7.0 * max(weeks))
    short = protocol.model_copy(
        update={"follow_up_days": float(np.ceil(end)), "visits": (), "endpoints": ()}
    )
    patient = replace(apply(Patient(), protocol.disorder), values)
    conduct = Conduct(short, patient, SEED, backend=backend)
    rows = []
    for arm in short.arms:
        chunks = list(conduct.chunks(arm, unknown_arms(short, arm), people))
        left = np.concatenate([chunk.marks.dropout for chunk in chunks])
        use = np.concatenate([chunk.use_days for chunk in chunks])
        rows.append([*(np.mean(left >= day) for day in days), *_positive(use, left, weeks)])
    return np.array(rows, float)


def _positive(use: np.ndarray, left: np.ndarray, weeks: Sequence[int]) -> list[float]:
    shares = []
    for week in weeks:
        day = 7 * week
        here = left >= day
        positive = use[here, day - URINE_DAYS : day].any(axis=1)
        shares.append(float((positive.sum() + 0.5) / (here.sum() + 1.0)))
    return shares
