"""A study file that has nothing wrong, to break in one place at a time."""

from __future__ import annotations

EXAMPLE = """\
id: mine2025
authors: [Doe J, others]
year: 2025
title: "A trial of two doses"
role: calibration
role_reason: "Added before any fit."
design: "Randomised, double-blind."
population: "40 people dependent on heroin."
origin: "first dose"
arms:
  - {id: high, label: High dose, n: 20}
  - {id: low, label: Low dose, n: 20}
numbers:
  - {endpoint: abstinence_6_months, arm: high, measure: proportion, value: 0.5, unit: proportion,
     n: 20, count: 10, day: 183, seen: table, place: Table 2, comparable: true}
  - {endpoint: lapse, arm: high, reference: low, measure: hazard_ratio, value: 0.6, low: 0.3,
     high: 1.2, interval: "95 % confidence, reported", unit: ratio, n: 40, seen: table,
     place: Table 3, comparable: true}
concentrations:
  - {regimen: ketamine 0.5 mg/kg iv over 40 min, analyte: ketamine, site: venous, unit: ng/mL,
     n: 20, seen: table, place: Table 4, comparable: true, points: [[40, 180, 150, 220], [80, 90]]}
"""


def changed(old: str, new: str) -> str:
    """The example with one place changed."""
    assert EXAMPLE.count(old) >= 1, old
    return EXAMPLE.replace(old, new, 1)
