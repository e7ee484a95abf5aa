"""What do courses over time look like over all draws of the parameters?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from resynapse.trial.dataset import ACUTE, CHRONIC, SHARES

Kind = Literal["knowledge", "both"]
Limits = tuple[np.ndarray, np.ndarray]
PARTS = 16
LEVELS = (np.arange(PARTS) + 0.5) / PARTS
"""the middle of each sixteenth of people"""
MIDDLE_80, MIDDLE_90 = (10.0, 90.0), (5.0, 95.0)
FOLLOWED = ("lapse_or_dropout", "relapse", "dropout")
"""events whose curves are kept"""
LEAST, MOST = 1e-9, 1.0 - 1e-9
"""shares between which the log-log scale is finite"""


@dataclass(frozen=True)
class OverDraws:
    """Courses of all draws of the parameters, as ``one_draw_over_time`` leaves them."""

    kind: Kind
    """``knowledge``: 90 % of draws, of the middle person. ``both``: the middle 80 % of people of
    all draws together; of a curve of events 90 %, over draws and over which people take part"""
    draws: Sequence[Mapping[str, np.ndarray]]
    people: int
    """in each arm of a draw"""

    def course(self, short: bool, name: str, arm: str) -> Limits | None:
        """Lower and upper limit of a quantity over minutes or days; None where it is not kept."""
        names, clock = (ACUTE, "minutes") if short else (CHRONIC, "days")
        if name not in names:
            return None
        kept = np.stack([one[f"{clock}/{arm}"][:, names.index(name)] for one in self.draws])
        if self.kind == "knowledge" or name in SHARES:
            return _ends(kept[:, 0], MIDDLE_90)
        return _ends(np.concatenate(kept[:, 1:]), MIDDLE_80)

    def curve(self, event: str, arm: str) -> Limits | None:
        """Limits of the share without the event at each day; None where it is not kept.

        theta = ln(-ln S)                                                 1
        se    = error / (S |ln S|)                                        1
        S_z   = exp(-exp(theta + z se)), z at each of LEVELS              1
        """
        if event not in FOLLOWED:
            return None
        kept = np.stack([one[f"events/{arm}"][FOLLOWED.index(event)] for one in self.draws])
        S, error = kept[:, 0].astype(float), kept[:, 1].astype(float)
        if self.kind == "both":
            inside = np.clip(S, LEAST, MOST)
            theta = np.log(-np.log(inside))
            se = error / (inside * np.abs(np.log(inside)))
            S = np.concatenate([np.exp(-np.exp(theta + z * se)) for z in ndtri(LEVELS)])
        return _ends(S, MIDDLE_90)


def _ends(values: np.ndarray, ends: tuple[float, float]) -> Limits:
    """Two percentiles over the first axis."""
    low, high = np.percentile(values, ends, axis=0)
    return low, high
