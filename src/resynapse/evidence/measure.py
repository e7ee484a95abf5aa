"""Which units and values can a published measure have?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """The units that a measure may carry (none named: any of ``UNITS``) and its range."""

    units: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf


_SHARE = Measure(("proportion", "percent"), 0.0, 100.0)
_RATIO = Measure(("ratio",), 0.0)
_STANDARDISED = Measure(("SD",))
_QUANTITY = Measure()

MEASURES = {
    **dict.fromkeys(("proportion", "transition_probability"), _SHARE),
    "risk_difference": Measure(("proportion", "percent"), -100.0, 100.0),
    **dict.fromkeys(
        ("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "log_survival_ratio"), _RATIO
    ),
    **dict.fromkeys(("cohens_d", "hedges_g", "standardised_mean_difference"), _STANDARDISED),
    "standardised_beta": _STANDARDISED,
    **dict.fromkeys(("percent_change", "percent_difference"), Measure(("percent",), -100.0)),
    "rate": Measure(("per 100 person-years", "per 1000 person-years", "per day"), 0.0),
    **dict.fromkeys(
        ("mean", "median", "mean_change", "mean_difference", "interaction", "slope"), _QUANTITY
    ),
}
"""Every measure of the study files, with what it may be"""

UNITS = {
    *("proportion", "percent", "ratio", "SD", "choices", "USD", "UK units/week"),
    *("minutes", "h", "days", "weeks", "months", "days/week", "points", "mmHg", "mg", "mg/kg"),
    *("per 100 person-years", "per 1000 person-years", "per day"),
    *("ng/mL", "ug/mL", "nmol/mL"),
}
"""Units of quantities; points of a named scale ("COWS points") are one too"""

_POINTS = re.compile(r"[A-Z][\w .()-]* points")

ENDPOINT_UNITS = (
    ("days_abstinent_percent", "percent"),
    ("withdrawal_cows", "COWS points"),
    ("mood_madrs", "MADRS points"),
    ("mood_hamd17", "HAM-D17 points"),
    ("craving_vas", "VAS points"),
    ("dissociation_cadss", "CADSS points"),
    ("abstinence_", "proportion"),
    ("retention_", "proportion"),
    ("lapse_", "proportion"),
    ("relapse_", "proportion"),
    ("last_two_weeks_abstinent", "proportion"),
)
"""The unit of a mean, median, share or difference of an endpoint that a simulated trial computes"""

_RELATIVE = (
    *("hazard_ratio", "odds_ratio", "risk_ratio", "rate_ratio", "log_survival_ratio"),
    *("cohens_d", "hedges_g", "standardised_mean_difference", "standardised_beta"),
    *("percent_change", "percent_difference"),
)
"""Measures whose unit says nothing about that of the endpoint"""


def unit_fault(endpoint: str, measure: str, unit: str) -> str | None:
    """What is wrong with the unit of a number; None if it fits."""
    allowed = MEASURES[measure].units
    if allowed and unit not in allowed:
        return f"the unit of a {measure} is {' or '.join(allowed)}, not {unit!r}"
    expected = _endpoint_unit(endpoint)
    if expected and measure not in _RELATIVE and unit != expected:
        return f"{endpoint} is in {expected}, not in {unit!r}"
    if not allowed and unit not in UNITS and not _POINTS.fullmatch(unit):
        known = ", ".join(sorted(UNITS))
        return (
            f"the unit {unit!r} is not known; known are {known}, and points of a named scale, as"
            " 'OCDS points'"
        )
    return None


def _endpoint_unit(endpoint: str) -> str | None:
    if " " in endpoint:
        return None
    return next((unit for stem, unit in ENDPOINT_UNITS if endpoint.startswith(stem)), None)


def value_fault(measure: str, unit: str, value: float) -> str | None:
    """What is wrong with a value of a measure in a unit; None if it can be."""
    known = MEASURES[measure]
    scale = 0.01 if unit == "proportion" else 1.0
    low, high = known.low * scale, known.high * scale
    if low <= value <= high and not (known is _RATIO and value == 0.0):
        return None
    limits = f"between {low:g} and {high:g}" if math.isfinite(high) else f"above {low:g}"
    return f"a {measure} in {unit} lies {limits}; {value:g} does not"
