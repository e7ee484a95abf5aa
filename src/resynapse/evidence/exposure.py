"""What was given to whom, and which summaries of its concentrations were published?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Quantity = Literal["cmax", "tmax", "auc", "clearance", "bioavailability", "auc_ratio"]
Sample = Literal["arterial", "venous"]

IN_UNIT = {
    "ng/mL": 1.0, "min": 1.0, "1": 1.0, "L/h": 1.0, "ng h/mL": 1.0, "ug h/L": 1.0,
    "ng min/mL": 1.0 / 60.0, "mL/min": 0.06, "mL/min/kg": 0.06,
}  # fmt: skip
"""factor that turns a published unit into ng/mL, min, 1, L/h (or L/h/kg) or ng h/mL"""


@dataclass(frozen=True)
class Regimen:
    """Doses of one drug by one route in one person as studied.

    ``doses`` are rows of start (min), amount (mg, or mg/kg if ``per_kg``) and duration (min, 0 for
    a bolus or any other route than an infusion).
    """

    arm: str
    drug: str
    route: str
    doses: tuple[tuple[float, float, float], ...]
    per_kg: bool = False
    weight_kg: float = 70.0
    age_years: float = 30.0
    inhibitor: str = "none"


@dataclass(frozen=True)
class Exposure:
    """One published summary of a course of concentrations, in ``arm``.

    cmax and tmax are of the mean course; auc runs to ``hours`` or to infinity; clearance is dose
    over auc; bioavailability and auc_ratio compare with the arm ``reference``, the former per mg.
    ``role`` where it is not the study's. ``informed`` says which part of the model was set with
    this value in view: then it tests nothing. ``reported_only`` says why a value is shown and not
    judged.
    """

    arm: str
    quantity: Quantity
    analyte: str
    site: Sample
    value: float
    unit: str
    seen: str
    place: str
    reference: str | None = None
    low: float | None = None
    high: float | None = None
    interval: str | None = None
    sd: float | None = None
    n: int | None = None
    hours: float | None = None
    role: str | None = None
    informed: str | None = None
    reported_only: str | None = None
    note: str | None = None
