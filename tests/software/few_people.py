"""A dozen days of two arms, for tests of how a run is made and not of what comes of it."""

from __future__ import annotations

PROTOCOL = """
name: few
title: A few people
disorder: heroin
blinding: open
setting: {detoxification_days: 3, use_days_before: 3}
arms:
  - {id: none, label: Nothing}
  - id: ketamine
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1]}]
follow_up: 12 d
visits: [7]
reference: none
"""
