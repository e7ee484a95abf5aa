"""How does what an infusion would do to people become a file for a spreadsheet?"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from resynapse.trial.infusion import Prediction

HEADS = ("minute", "quantity", "unit", "percentile_10", "median", "percentile_90")
UNITS = {
    "arterial": "ng/mL", "venous": "ng/mL", "effect_site": "ng/mL", "rate": "mg/min",
    "dissociation": "CADSS 0-84", "pressure_rise": "mmHg", "believed_plasma": "ng/mL",
    "believed_effect": "ng/mL",
}  # fmt: skip
"""quantity -> unit; concentrations are those of S and R together"""
SHARES = (10.0, 50.0, 90.0)


def infusion_csv(found: Prediction) -> str:
    """A row a quantity and minute, over people; the target, where there is one, in every column."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEADS)
    for name, unit in UNITS.items():
        values = np.percentile(getattr(found, name), SHARES, axis=1).T
        for minute, row in zip(found.minutes, values, strict=True):
            writer.writerow([f"{minute:g}", name, unit, *(f"{x:.6g}" for x in row)])
    for minute, target in zip(found.minutes, found.target, strict=True):
        if np.isfinite(target):
            writer.writerow([f"{minute:g}", "target", "ng/mL", *[f"{target:.6g}"] * 3])
    return stream.getvalue()
