"""Tables of simulated trials, as records for R and as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as R reads them."""
    return table.to_dict(orient="records")


def survival_table(seed: int = 1, n: int = 150) -> pd.DataFrame:
    """Whole days, so that many are tied; a late start, a weight and a person for every row."""
    draw = np.random.default_rng(seed)
    arm, age, site = draw.integers(0, 2, n), draw.normal(40, 10, n), draw.integers(0, 3, n)
    lapse = np.ceil(draw.weibull(0.8, n) * 20 * np.exp(-0.5 * arm))
    left = np.ceil(draw.exponential(30, n))
    stop = np.minimum(lapse, left)
    return pd.DataFrame(
        {
            "start": np.floor(stop * draw.random(n) * 0.5),
            "time": stop,
            "event": (lapse <= left).astype(int),
            "arm": arm,
            "age": age,
            "site": site,
            "weight": draw.uniform(0.5, 2.0, n),
            "person": draw.integers(0, 60, n),
        }
    )


def repeated_table(seed: int = 3, n: int = 40) -> pd.DataFrame:
    """Four visits, a baseline, some visits missed and a third of people lost."""
    draw = np.random.default_rng(seed)
    arm, baseline = np.arange(n) % 2, draw.normal(50, 10, n)
    sigma = [[100, 60, 50, 40], [60, 120, 70, 60], [50, 70, 140, 90], [40, 60, 90, 150]]
    y = draw.normal(size=(n, 4)) @ np.linalg.cholesky(np.array(sigma, dtype=float)).T
    y += 0.5 * baseline[:, None] - np.arange(4) * arm[:, None]
    y[draw.random((n, 4)) < 0.1] = np.nan
    for row in np.flatnonzero(draw.random(n) < 0.3):
        y[row, draw.integers(1, 4) :] = np.nan
    wide = pd.DataFrame(y, columns=pd.Index([1, 2, 3, 4], name="visit"))
    wide = wide.assign(person=np.arange(n), arm=arm, baseline=baseline)
    long = wide.melt(["person", "arm", "baseline"], var_name="visit", value_name="value")
    return long.dropna().astype({"visit": int}).sort_values(["person", "visit"])
