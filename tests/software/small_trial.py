"""A month of everything that the engine can meet in one arm, for tests of the engine."""

from __future__ import annotations

TEXT = """
name: small-trial
title: A small trial for tests
disorder: heroin
blinding: open
setting: {detoxification_days: 7, community_day: 3, use_days_before: 3}
arms:
  - id: all
    label: Ketamine, therapy and buprenorphine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1, 4]}]
    therapies: [{type: CBT, days: [2, 5], hours: 1 h, retrieval: true}]
    medications: [{drug: buprenorphine, amount: 16 mg, start_day: 3, every: 1 d}]
follow_up: 30 d
visits: [2, 8]
endpoints: [abstinence_1_months]
reference: all
"""
