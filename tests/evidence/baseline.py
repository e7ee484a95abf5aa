"""How far is the model from what is known without ketamine? One table: target, prototype, ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from evidence import estimators as seen
from evidence.cohorts import (
    MEDICATIONS,
    SMYTH,
    START,
    Cohort,
    after_taper,
    comparators,
    detoxified,
    protocol,
    simulated,
    started_while_using,
)
from resynapse.protocol import load

AGONISTS = ("methadone", "buprenorphine")


class Row(NamedTuple):
    """One line of the table."""

    quantity: str
    target: float | None
    """None where no study published this estimator"""
    prototype: float | None
    ours: float


def smyth(run: Callable[..., Cohort]) -> list[Row]:
    """Detoxification alone, unselected."""
    c = run(detoxified(900))
    first = zip((7, 30, 730), (0.66, 0.80, 0.94), (0.667, 0.777, 0.963), strict=True)
    daily = zip((7, 30, 730), (0.59, 0.71, 0.91), (0.617, 0.701, 0.910), strict=True)
    late = (1 - c.used_by(365)) / (1 - c.used_by(180))
    return [
        *(Row(f"Smyth, first use by {d} d", t, p, c.used_by(d)) for d, t, p in first),
        *(Row(f"Smyth, daily use by {d} d", t, p, c.relapsed_by(d)) for d, t, p in daily),
        Row("abstinent at 365 d of those at 180 d", 0.70, 0.65, late),
    ]


def ctn_0030(run: Callable[..., Cohort]) -> list[Row]:
    """First use after a buprenorphine taper; stabilised for two weeks and for twelve."""
    short, long = run(after_taper(14, 14, 180)), run(after_taper(84, 28, 180))
    days = (1, 7, 14, 30, 90)
    first = zip(days, (0.12, 0.45, 0.60, 0.76, 0.88), (0.18, 0.47, 0.56, 0.67, 0.82), strict=True)
    after = zip(days, (0.055, 0.20, 0.39, 0.53, 0.72), (None, 0.43, None, None, None), strict=True)
    return [
        *(
            Row(f"CTN-0030, 2 weeks, first use by {d} d", t, p, short.used_by(d))
            for d, t, p in first
        ),
        *(
            Row(f"CTN-0030, 12 weeks, first use by {d} d", t, p, long.used_by(d))
            for d, t, p in after
        ),
    ]


def ctn_0027(run: Callable[..., Cohort]) -> list[Row]:
    """Outpatients who start while using: urines of those seen, and who stays."""
    known = {
        "methadone": ((0.175, 0.131), (0.721, 0.846), (0.92, 0.90), (0.74, 0.70)),
        "buprenorphine": ((0.148, 0.117), (0.738, 0.738), (0.75, 0.68), (0.46, 0.46)),
    }
    rows = []
    for drug, (up, stay, month, half_year) in known.items():
        c = run(started_while_using(drug, 175))
        kept = [float((seen.left(c) > day).mean()) for day in (30, 168)]
        rows += [
            Row(f"CTN-0027 {drug}, negative to positive", *up, seen.next_urine(c, 0, 1)),
            Row(f"CTN-0027 {drug}, positive to positive", *stay, seen.next_urine(c, 1, 1)),
            Row(f"CTN-0027 {drug}, in treatment at 30 d", *month, kept[0]),
            Row(f"CTN-0027 {drug}, in treatment at 168 d", *half_year, kept[1]),
        ]
    return rows


def treatments(run: Callable[..., Cohort]) -> list[Row]:
    """Hazard ratios after detoxification, against counselling, by each trial's estimator."""
    trial = comparators()
    none, talked = (run(trial, id=id) for id in ("none", "counselling"))
    arm = {drug: run(trial, id=drug.replace(" ", "-")) for drug in MEDICATIONS}

    def relapse(c: Cohort) -> np.ndarray:
        return np.floor(c.table["relapse_day"].fillna(np.inf).to_numpy(float))

    def first(c: Cohort) -> np.ndarray:
        return c.table["first_use_day"].fillna(np.inf).to_numpy(float)

    def weeks(a: Cohort, b: Cohort) -> float:
        return seen.ratio(seen.three_bad_weeks(a), seen.three_bad_weeks(b), 22)

    oral = seen.log_survival_ratio(
        *(seen.retained_without_relapse(c) for c in (arm["oral naltrexone"], talked))
    )
    return [
        Row(
            "counselling v none, relapse",
            0.88,
            0.876,
            seen.ratio(relapse(talked), relapse(none), 168),
        ),
        Row(
            "counselling v none, first use",
            0.93,
            0.925,
            seen.ratio(first(talked), first(none), 168),
        ),
        *(
            Row(f"{drug}, 3 weeks positive or missing", t, p, weeks(arm[drug], talked))
            for drug, t, p in zip(
                MEDICATIONS, (0.45, 0.46, 0.49, 0.83), (0.37, 0.51, 0.51, None), strict=True
            )
        ),
        *(
            Row(
                f"{drug}, 7 days of use in a row",
                t,
                p,
                seen.ratio(relapse(arm[drug]), relapse(talked), 168),
            )
            for drug, t, p in zip(MEDICATIONS, (None,) * 4, (None, 0.41, 0.29, None), strict=True)
        ),
        *(
            Row(f"{drug}, first use", t, p, seen.ratio(first(arm[drug]), first(talked), 168))
            for drug, t, p in zip(
                MEDICATIONS, (None, 0.50, None, 0.93), (None, 0.62, 0.53, 0.78), strict=True
            )
        ),
        Row("oral naltrexone, retained without relapse, ln S / ln S", 0.83, 0.81, oral),
        *(
            Row(f"{id}, urines confirmed negative in weeks 5 to 24", t, None, seen.confirmed(c))
            for id, t, c in (
                ("counselling", 0.226, talked),
                ("monthly naltrexone", 0.357, arm["monthly naltrexone"]),
            )
        ),
        Row(
            "placebo and counselling, retained without relapse at 168 d",
            0.108,
            None,
            seen.retained_without_relapse(talked),
        ),
        Row("counselling, in study at 96 d", 0.50, None, float((seen.left(talked) > 96).mean())),
        Row(
            "monthly naltrexone, in study at 168 d",
            0.53,
            None,
            float((seen.left(arm["monthly naltrexone"]) > 168).mean()),
        ),
    ]


def deaths(run: Callable[..., Cohort]) -> list[Row]:
    """Expected overdose deaths per 100 person-years."""
    rows = []
    for drug, on, off in (
        ("methadone", (0.26, 0.23), (1.27, 0.94)),
        ("buprenorphine", (0.14, 0.18), (0.46, 0.96)),
    ):
        stays = {**MEDICATIONS[drug], "may_stop": False}
        using = {"detoxification_days": 0}
        taken = run(protocol(START, using, 168, medications=[stays]))
        ended = [
            run(protocol(START, using, d, medications=[{**stays, "stop_day": 84}]))
            for d in (365, 85)
        ]
        rows += [
            Row(f"deaths per 100 py on {drug}", *on, seen.deaths_per_100_years(taken)),
            Row(f"deaths per 100 py after {drug}", *off, seen.deaths_per_100_years(*ended)),
        ]
    ward = {"detoxification_days": 10, "community_day": 90}
    soon, later = (run(protocol(SMYTH, ward, 90 + d)) for d in (14, 84))
    ratio = seen.deaths_per_100_years(soon) / seen.deaths_per_100_years(later, soon)
    return [*rows, Row("deaths, weeks 1-2 over 3-12 after 90 d without use", 6.0, 3.7, ratio)]


def xbot(run: Callable[..., Cohort]) -> list[Row]:
    """Monthly naltrexone or buprenorphine started in hospital, all who were randomised."""
    arms = {"monthly naltrexone": ("xr_naltrexone", 0.65), "buprenorphine": ("buprenorphine", 0.57)}
    return [
        Row(f"X:BOT {drug}, relapse by its rule", share, None,
            seen.relapse_of_xbot(run(load("lee-2018"), id=id)))
        for drug, (id, share) in arms.items()
    ]  # fmt: skip


PARTS = (smyth, ctn_0030, ctn_0027, treatments, xbot, deaths)


def table(people: int = 256, seed: int = 1, parts: tuple = PARTS, **values: float) -> list[Row]:
    """All rows, simulated; ``values`` replace parameters."""
    run = partial(simulated, people=people, seed=seed, **values)
    return [row for part in parts for row in part(run)]


def text(rows: list[Row]) -> str:
    """The table in Markdown."""

    def number(x: float | None) -> str:
        return "-" if x is None else f"{x:.3g}"

    head = ["| quantity | target | prototype | ours |", "| --- | --- | --- | --- |"]
    body = [
        f"| {r.quantity} | {number(r.target)} | {number(r.prototype)} | {number(r.ours)} |"
        for r in rows
    ]
    return "\n".join(head + body)


if __name__ == "__main__":
    import sys

    print(text(table(int(sys.argv[1]) if len(sys.argv) > 1 else 256)))
