"""What was seen week by week in CTN-0027, on the scales on which it is fitted, with its covariance?

Of everybody, of the sites that are left when a fold is out, or of the fold alone. The covariance is
that of resampled people; of a part of them it is larger as they are fewer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.evidence.ctn0094 import shipped
from resynapse.evidence.ctn0094.in_treatment import NOTHING, QUANTITIES, scaled

ARMS = ("methadone", "buprenorphine")
FITTED = np.array([not name.startswith("missing after") for name in QUANTITIES])
"""People who missed a week come more often the next, which nothing in a screen says: what follows
a tested week is compared and not fitted."""
RETAINED = np.array([name.startswith("retained") for name in QUANTITIES])


@dataclass(frozen=True)
class Treated:
    """Shares of both arms on their scales, an arm after the other, and their covariance."""

    scaled: np.ndarray
    """[arms, quantities]"""
    covariance: np.ndarray
    """[arms, quantities, quantities]; people of different arms are different people"""

    @property
    def shares(self) -> np.ndarray:
        """[arms, quantities], 0 to 1"""
        return np.where(RETAINED, np.exp(-np.exp(self.scaled)), 1.0 / (1.0 + np.exp(-self.scaled)))


def everybody() -> Treated:
    """All sites."""
    return _treated({arm: _counts(arm, NOTHING) for arm in ARMS})


def without(fold: str) -> Treated:
    """The sites of the other folds."""
    return _treated({arm: _counts(arm, fold) for arm in ARMS})


def alone(fold: str) -> Treated:
    """The sites of one fold."""
    return _treated({arm: _counts(arm, NOTHING) - _counts(arm, fold) for arm in ARMS})


def _treated(counts: dict[str, np.ndarray]) -> Treated:
    """``counts`` by arm are count and n of each quantity; n of the first are all people."""
    rows = [
        [scaled(name, int(seen), int(n)) for name, (seen, n) in zip(QUANTITIES, part, strict=True)]
        for part in counts.values()
    ]
    known = {arm: _covariance(arm) for arm in counts}
    covariance = [known[arm][0] * known[arm][1] / counts[arm][0, 1] for arm in counts]
    return Treated(np.array(rows), np.array(covariance))


def _counts(arm: str, left_out: str) -> np.ndarray:
    rows = {
        row["quantity"]: (int(row["count"]), int(row["n"]))
        for row in shipped("weeks_in_treatment")
        if row["arm"] == arm and row["left_out"] == left_out
    }
    return np.array([rows[name] for name in QUANTITIES])


def _covariance(arm: str) -> tuple[np.ndarray, int]:
    """Covariance of scaled shares, and the people resampled."""
    found, people = np.zeros((len(QUANTITIES), len(QUANTITIES))), 0
    for row in shipped("weeks_in_treatment_covariance"):
        if row["arm"] == arm:
            i, j = QUANTITIES.index(row["quantity"]), QUANTITIES.index(row["other"])
            found[i, j] = found[j, i] = float(row["covariance"])
            people = int(row["people"])
    return found, people
