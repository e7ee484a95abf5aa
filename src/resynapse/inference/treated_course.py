"""What do simulated people on an agonist do week by week: who stays, who uses, and for how long?

    retained(d)  = share whose last day in treatment is d or later             1
    used(w)      = share with use in the days that a urine at the end of week w shows
    used(w + k) after use, and after none, of pairs of weeks k apart           1
    begun(w)    = share still in treatment when week w begins                  1
    used(w) of those

Treatment ends where the medication is stopped or the study left, as in a run of the package. Of
weeks, those in treatment at the end of the week (of pairs, of the later one) count, but for the
last two lines: who leaves in the course of a week mostly still gives its urine (docs/ctn0094.md).
Kept on disk by everything it depends on, so that nothing is simulated twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.inference.kept import kept
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, dump
from resynapse.protocol.conduct import Urine
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Chunk, Conduct
from resynapse.trial.model_hash import model_hash

SEED = 4
DAYS = (7, 14, 28, 56, 84, 112, 140, 161)
WEEKS = (2, 4, 8, 12, 16, 20)
PAIRS = ((1, 2, 8), (1, 8, 21), (8, 2, 21), (1, 2, 21))
"""weeks between, first week of the first, last week of the second"""
WHILE_IN_TREATMENT = len(DAYS) + len(WEEKS) + 3 * len(PAIRS)
"""statistics of an arm: retained, used, and of each kind of pair used in the first week, then used
in the second after none, and after use"""
SIZE = WHILE_IN_TREATMENT + 2 * len(WEEKS)
"""those, then begun, then used of them"""
HALF = 0.5
VERSION = 4
"""of the statistics, so that what was kept of others is not taken"""


def treated_course(
    protocol: Protocol, values: dict[str, float], people: int, first: int = 0,
    backend: str = DEFAULT,
) -> np.ndarray:  # fmt: skip
    """The statistics of every arm at these values, [arms, SIZE], each between 0 and 1.

    Of so many people from number ``first`` on, the same in both arms.
    """
    key = [model_hash(), dump(protocol), sorted(values.items()), people, first, SEED, VERSION]
    return kept("treated", key, lambda: _simulated(protocol, values, people, first, backend))


def _simulated(
    protocol: Protocol, values: dict[str, float], people: int, first: int, backend: str
) -> np.ndarray:
    keep_compiled()
    end = float(max(*DAYS, 7 * max(last for _, _, last in PAIRS)))
    short = protocol.model_copy(update={"follow_up_days": end, "visits": (), "endpoints": ()})
    patient = replace(apply(Patient(), protocol.disorder), values)
    conduct = Conduct(short, patient, SEED, first, backend=backend)
    urine = Urine()
    rows = []
    for arm in short.arms:
        chunks = list(conduct.chunks(arm, unknown_arms(short, arm), people))
        use = np.concatenate([chunk.use_days for chunk in chunks])
        rows.append(statistics(use, left(chunks), urine))
    return np.array(rows, float)


def left(chunks: Sequence[Chunk]) -> np.ndarray:
    """Last day in treatment of each, [people]."""
    return np.concatenate(
        [np.minimum(chunk.marks.dropout, chunk.marks.medication_stop) for chunk in chunks]
    )


def statistics(use: np.ndarray, left: np.ndarray, urine: Urine) -> np.ndarray:
    """[SIZE], of days of use [people, days] and the last day in treatment [people]."""
    weeks = range(1, 1 + max(last for _, _, last in PAIRS))
    first = {week: int(np.ceil(7 * week - urine.detection_days)) for week in weeks}
    used = {week: np.asarray(use[:, first[week] : 7 * week + 1].any(axis=1)) for week in weeks}
    here = {week: left >= 7 * week for week in weeks}
    found = [_share(left >= day) for day in DAYS]
    found += [_share(used[week][here[week]]) for week in WEEKS]
    for lag, begin, end in PAIRS:
        later = [week for week in weeks if begin + lag <= week <= end]
        a = np.concatenate([used[week - lag][here[week]] for week in later])
        b = np.concatenate([used[week][here[week]] for week in later])
        found += [_share(a), _share(b[~a]), _share(b[a])]
    begun = {week: left > 7 * (week - 1) for week in WEEKS}
    found += [_share(begun[week]) for week in WEEKS]
    found += [_share(used[week][begun[week]]) for week in WEEKS]
    return np.array(found)


def _share(seen: np.ndarray) -> float:
    """Half a person is added to either side, so that no share is 0 or 1."""
    return float((seen.sum() + HALF) / (len(seen) + 2.0 * HALF))
