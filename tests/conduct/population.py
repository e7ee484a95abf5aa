"""A small made-up population with known outcomes in each arm, so that no engine has to run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resynapse.trial.potential_outcomes import PotentialOutcomes

DAYS = 168


def population(people: int = 400, seed: int = 1, effect: float = 0.5) -> PotentialOutcomes:
    """Two arms, ``ketamine`` and ``saline``; use begins at a hazard and then goes on for a week."""
    draw = np.random.default_rng(seed)
    shared = {
        "patient": np.arange(people),
        "weight_kg": draw.normal(75, 10, people),
        "age_years": draw.uniform(20, 60, people),
        "female": (draw.random(people) < 0.3).astype(int),
        "committed": np.ones(people, dtype=bool),
    }
    u, leave = draw.exponential(size=people), draw.exponential(size=people)
    made = {
        "saline": _arm(shared, 40.0 * u, 300.0 * leave, draw),
        "ketamine": _arm(shared, 40.0 * u / effect, 300.0 * leave, draw),
    }
    return PotentialOutcomes(
        {name: table for name, (table, _) in made.items()},
        {name: used for name, (_, used) in made.items()},
        "saline",
    )


def _arm(shared, first, dropout, draw):
    people = len(first)
    day = np.arange(DAYS)
    used = (day >= np.floor(first)[:, None]) & (day < np.floor(first)[:, None] + 10)
    table = pd.DataFrame(
        {
            **shared,
            "first_use_day": np.where(first < DAYS, first, np.nan),
            "relapse_day": np.where(first < DAYS - 10, np.floor(first), np.nan),
            "dropout_day": np.where(dropout < DAYS, dropout, np.nan),
            "medication_stop_day": np.nan,
            "sessions_attended": 1.0,
            "belief": draw.random(people),
            "overdose_deaths_expected": np.full(people, 0.05),
            "days_in_community": float(DAYS),
            "origin_day": 0.0,
            "community_day": 0.0,
            "end_day": float(DAYS),
            "craving_vas_day_7": draw.uniform(0, 100, people),
            "craving_vas_day_28": draw.uniform(0, 100, people),
        }
    )
    return table, used.astype(np.uint8)
