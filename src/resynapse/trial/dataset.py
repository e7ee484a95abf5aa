"""How are percentiles over people kept, with labels and units?"""

from __future__ import annotations

import numpy as np

from resynapse.patient.observe import QUANTITIES, Quantity
from resynapse.trial.courses import PERCENTILES, Courses
from resynapse.trial.plan import MINUTES

ACUTE = (
    "arterial_ketamine", "venous_ketamine", "venous_norketamine", "venous_hydroxynorketamine",
    "block_interneuron", "block_pyramidal", "block_resting", "surge", "dissociation",
    "pressure_rise", "sedation",
)  # fmt: skip
CHRONIC = (
    "window", "sustained", "habenula_block", "drug_memory", "extinction", "recovery", "control",
    "withdrawal", "craving", "mood", "mood_hamd17", "opioid_effect", "using", "enrolled",
    "on_medication", "expectancy",
)  # fmt: skip
FELT = ("craving", "withdrawal", "mood", "control")
"""what people feel, which is kept where only expectancy acts too"""
SHARES = ("using", "enrolled", "on_medication")
"""kept as the share of people, the same at every percentile"""


def minutes_courses(records: dict[str, np.ndarray]) -> Courses:
    """Arm, minute after the first dose, percentile; from [minutes, quantities, people] by arm."""
    return _courses(records, ACUTE, "minute", np.array(MINUTES, float), "min after the first dose")


def recorded_minutes(records: dict[str, np.ndarray], quantities: tuple[Quantity, ...]) -> Courses:
    """The same of what another observer recorded: [minutes, quantities, people] by arm."""
    names = tuple(quantity.name for quantity in quantities)
    times = np.array(MINUTES, float)
    return _courses(records, names, "minute", times, "min after the first dose", quantities)


def days_courses(
    records: dict[str, np.ndarray], days: np.ndarray, names: tuple[str, ...] = CHRONIC
) -> Courses:
    """Arm, day from entry, percentile of these; from [days, quantities, people] by arm."""
    return _courses(records, names, "day", days, "d from entry")


def _courses(
    records: dict[str, np.ndarray], names: tuple[str, ...], axis: str, times: np.ndarray,
    unit: str, quantities: tuple[Quantity, ...] = QUANTITIES,
) -> Courses:  # fmt: skip
    about = {quantity.name: quantity for quantity in quantities}
    places = {quantity.name: k for k, quantity in enumerate(quantities)}
    kept = names if records else ()
    values = {
        name: np.stack(
            [_percentiles(one[:, places[name], :], name, len(times)) for one in records.values()]
        )
        for name in kept
    }
    said = {name: {"units": about[name].unit, "long_name": about[name].words} for name in kept}
    return Courses(tuple(records), axis, times, unit, values, said)


def _percentiles(values: np.ndarray, name: str, length: int) -> np.ndarray:
    """[times, percentiles]; missing where the follow-up ended before."""
    if name in SHARES:
        found = np.repeat(values.mean(axis=1, keepdims=True), len(PERCENTILES), axis=1)
    else:
        found = np.percentile(values, PERCENTILES, axis=1).T
    missing = np.full((length - len(found), len(PERCENTILES)), np.nan)
    return np.concatenate([found, missing]) if len(missing) else found
