"""What do a person's drinks a day come to, by the definitions of regulators?

``drinks`` is one person's standard drinks a day in order, NaN where nothing is known; a standard
drink of the United States holds 14 g of ethanol, and other countries' drinks are given in grams by
``grams_a_drink``.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from resynapse.input_error import InputError

Missing = Literal["heavy", "not_heavy", "skipped"]

GRAMS_A_DRINK: Final = 14.0
"""g of ethanol of a standard drink of the United States (NIAAA, recalled)"""
HEAVY_FROM: Final = {"male": 5.0, "female": 4.0}
"""Drinks a day: above 4 for men and above 3 for women (FDA draft guidance 2015, secondary)"""
RISK_LEVELS: Final = ("abstinent", "low", "medium", "high", "very high")
WHO_UPPER_GRAMS: Final = {"male": (40.0, 60.0, 100.0), "female": (20.0, 40.0, 60.0)}
"""g of ethanol a day up to which risk is low, medium, high (WHO, from a table of BMJ Open)"""


def heavy_drinking_days(drinks: np.ndarray, sex: str, missing: Missing = "skipped") -> int:
    """Number of heavy drinking days."""
    return int(np.sum(_heavy(drinks, sex, missing)))


def percent_heavy_drinking_days(
    drinks: np.ndarray, sex: str, missing: Missing = "skipped"
) -> float:
    """Heavy drinking days, % of days that count; NaN without any."""
    heavy = _heavy(drinks, sex, missing)
    return float(100.0 * np.mean(heavy)) if len(heavy) else float("nan")


def no_heavy_drinking_days(
    drinks: np.ndarray, sex: str, grace_days: int = 0, missing: Missing = "heavy"
) -> bool:
    """No heavy drinking day after a grace period at the beginning; missing counts as heavy."""
    if grace_days >= len(drinks):
        raise InputError(
            f"A grace period of {grace_days} days leaves none of {len(drinks)} days to judge; "
            "shorten it."
        )
    return not np.any(_heavy(np.asarray(drinks, dtype=float)[grace_days:], sex, missing))


def who_risk_level(
    drinks: np.ndarray, sex: str, grams_a_drink: float = GRAMS_A_DRINK
) -> int | None:
    """Place in ``RISK_LEVELS`` of the mean g of ethanol a day over the days known; None without."""
    known = _checked(drinks)[~np.isnan(drinks)]
    if not len(known):
        return None
    grams = float(known.mean()) * grams_a_drink
    if grams == 0.0:
        return 0
    return 1 + int(np.searchsorted(WHO_UPPER_GRAMS[_sex(sex)], grams, side="left"))


def who_risk_fall(
    before: np.ndarray, after: np.ndarray, sex: str, levels: int = 2,
    grams_a_drink: float = GRAMS_A_DRINK,
) -> bool | None:  # fmt: skip
    """Whether risk fell by so many levels or more; nothing known after counts as no fall.

    None where the level before is too low to fall so far, or is not known.
    """
    start = who_risk_level(before, sex, grams_a_drink)
    if start is None or start < levels:
        return None
    end = who_risk_level(after, sex, grams_a_drink)
    return end is not None and start - end >= levels


def _heavy(drinks: np.ndarray, sex: str, missing: Missing) -> np.ndarray:
    days = _checked(drinks)
    unknown, heavy = np.isnan(days), days >= HEAVY_FROM[_sex(sex)]
    if missing == "skipped":
        return heavy[~unknown]
    return np.where(unknown, missing == "heavy", heavy)


def _checked(drinks: np.ndarray) -> np.ndarray:
    days = np.asarray(drinks, dtype=float)
    if np.any(days < 0):
        raise InputError(f"{np.nanmin(days):g} drinks on a day cannot be; write 0 or more.")
    return days


def _sex(sex: str) -> str:
    if sex not in HEAVY_FROM:
        raise InputError(f"Sex {sex!r} is not known here; limits are given for male and female.")
    return sex
