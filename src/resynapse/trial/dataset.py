"""How are percentiles over people kept, with labels and units?"""

from __future__ import annotations

import numpy as np
import xarray as xr

from resynapse.patient.observe import QUANTITIES, Quantity
from resynapse.trial.plan import MINUTES

PERCENTILES = (10, 50, 90)
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


def minutes_dataset(records: dict[str, np.ndarray]) -> xr.Dataset:
    """Arm, minute after the first dose, percentile; from [minutes, quantities, people] by arm."""
    return _dataset(records, ACUTE, "minute", np.array(MINUTES, float), "min after the first dose")


def recorded_minutes(
    records: dict[str, np.ndarray], quantities: tuple[Quantity, ...]
) -> xr.Dataset:
    """The same of what another observer recorded: [minutes, quantities, people] by arm."""
    names = tuple(quantity.name for quantity in quantities)
    times = np.array(MINUTES, float)
    return _dataset(records, names, "minute", times, "min after the first dose", quantities)


def days_dataset(
    records: dict[str, np.ndarray], days: np.ndarray, names: tuple[str, ...] = CHRONIC
) -> xr.Dataset:
    """Arm, day from entry, percentile of these; from [days, quantities, people] by arm."""
    return _dataset(records, names, "day", days, "d from entry")


def _dataset(
    records: dict[str, np.ndarray], names: tuple[str, ...], axis: str, times: np.ndarray,
    unit: str, quantities: tuple[Quantity, ...] = QUANTITIES,
) -> xr.Dataset:  # fmt: skip
    about = {quantity.name: quantity for quantity in quantities}
    places = {quantity.name: k for k, quantity in enumerate(quantities)}
    variables = {}
    for name in names if records else ():
        values = [
            _percentiles(part[:, places[name], :], name, len(times)) for part in records.values()
        ]
        attributes = {"units": about[name].unit, "long_name": about[name].words}
        variables[name] = (("arm", axis, "percentile"), np.stack(values), attributes)
    coordinates = {
        "arm": list(records),
        axis: (axis, times, {"units": unit}),
        "percentile": list(PERCENTILES),
    }
    return xr.Dataset(variables, coords=coordinates)


def _percentiles(values: np.ndarray, name: str, length: int) -> np.ndarray:
    """[times, percentiles]; missing where the follow-up ended before."""
    if name in SHARES:
        found = np.repeat(values.mean(axis=1, keepdims=True), len(PERCENTILES), axis=1)
    else:
        found = np.percentile(values, PERCENTILES, axis=1).T
    missing = np.full((length - len(found), len(PERCENTILES)), np.nan)
    return np.concatenate([found, missing]) if len(missing) else found
