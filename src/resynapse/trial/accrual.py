"""On which calendar day does each person enter, and at which site?

People come to the sites that are open at rates that hold from one day to the next; each is
screened, and those who pass are randomised until the trial has its people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.input_error import InputError


@dataclass(frozen=True)
class Recruitment:
    """Who was randomised, in the order of entry, and how many were screened at each site."""

    entry_day: np.ndarray
    """Calendar day of each person, from the opening of the trial, d, rising"""
    site: np.ndarray
    """Number of the site, from 0"""
    screened: np.ndarray
    """People screened at each site up to the last entry"""

    @property
    def randomised(self) -> np.ndarray:
        """People randomised at each site."""
        return np.bincount(self.site, minlength=len(self.screened))


@dataclass(frozen=True)
class Rates:
    """People screened a day over all sites, were all open: a rate from each of these days on."""

    from_day: tuple[float, ...]
    per_day: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.from_day or self.from_day[0] != 0.0 or np.any(np.diff(self.from_day) <= 0):
            raise InputError(
                f"Accrual from days {', '.join(f'{d:g}' for d in self.from_day)} does not fit; "
                "begin on day 0 and let days rise."
            )
        if min(self.per_day) < 0 or self.per_day[-1] <= 0:
            raise InputError(
                "The last accrual rate must be above 0 and none below, or the trial never fills."
            )


@dataclass(frozen=True)
class Site:
    """A site takes its share of the rate from the day on which it opens."""

    name: str
    share: float = 1.0
    opens_day: float = 0.0


def recruit(
    people: int, rates: Rates, sites: Sequence[Site], screening_failure: float,
    draw: np.random.Generator,
) -> Recruitment:  # fmt: skip
    """Arrivals as a Poisson process at rate ``rates(t)`` times the share of open sites.

    A share ``screening_failure`` of those screened is not randomised, whoever they are.
    """
    if not 0.0 <= screening_failure < 1.0:
        raise InputError(
            f"A screening failure of {screening_failure:g} does not fit; give a share from 0 to "
            "less than 1."
        )
    share = np.array([site.share for site in sites], dtype=float)
    share /= share.sum()
    order = np.cumsum(draw.geometric(1.0 - screening_failure, size=people))
    screened = _arrivals(int(order[-1]), rates, sites, share, draw)
    open_ = np.array([site.opens_day for site in sites]) <= screened[:, None]
    weight = np.cumsum(np.where(open_, share, 0.0), axis=1)
    u = draw.random(len(screened))[:, None] * weight[:, -1:]
    place = np.minimum((weight <= u).sum(axis=1), len(sites) - 1)
    return Recruitment(
        screened[order - 1], place[order - 1], np.bincount(place, minlength=len(sites))
    )


def _arrivals(
    count: int, rates: Rates, sites: Sequence[Site], share: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """Days of the first so many arrivals, by inverting the cumulated rate."""
    opens = np.array([site.opens_day for site in sites])
    edges = np.unique(np.concatenate([rates.from_day, opens]))
    rate = np.array(rates.per_day)[np.searchsorted(rates.from_day, edges, side="right") - 1]
    rate = rate * np.array([share[opens <= edge].sum() for edge in edges])
    expected = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(edges))])
    target = np.cumsum(draw.exponential(size=count))
    within = np.interp(target, expected, edges)
    beyond = edges[-1] + (target - expected[-1]) / rate[-1]
    return np.where(target > expected[-1], beyond, within)
