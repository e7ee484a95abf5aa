"""Which small protocol do the tests of messages change?"""

from __future__ import annotations

EXAMPLE = """\
name: example
title: Example
disorder: heroin
blinding: masked
follow_up: day 7 + 24 months
reference: low
arms:
  - id: high
    label: High dose
    doses:
      - drug: ketamine
        dose: 2 mg/kg im
        days: day 3
    therapies:
      - type: KPT
        days: days 1 to 6
        hours: 2.5 h
  - id: low
    label: Low dose
    control: low-dose
    doses:
      - drug: ketamine
        dose: 0.2 mg/kg im
        days: [3]
"""


def changed(old: str, new: str) -> str:
    """The example with its first ``old`` replaced."""
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new, 1)
