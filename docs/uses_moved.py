"""Which results does a run move that uses what was fitted? Simulated for build_uses_page.py.

Everybody goes through twice, with the prior and at the medians of the sets that ship: the same
people and the same chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from evidence import baseline, cohorts
from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.evidence import study as study_of
from resynapse.inference.design import asked
from resynapse.inference.prior_draws import simulated
from resynapse.inference.stages import natural_history
from resynapse.inference.statistic import Arm, level, statistic
from resynapse.inference.treated_course import treated_course
from resynapse.inference.treated_data import ARMS, FITTED, RETAINED, everybody
from resynapse.inference.weekly_urines import shown
from resynapse.inference.weeks_judged.judged import judged, screen
from resynapse.patient import Patient, configured
from resynapse.protocol import Protocol, load
from resynapse.trial.endpoint import estimate
from resynapse.trial.endpoint_name import MONTH_DAYS
from resynapse.trial.estimate import wilson
from resynapse.trial.fitted import fitted_at
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import CALIBRATED, FILES, PRIOR, middle, shipped_set
from resynapse.trial.site_numbers import at_site

SEED, PEOPLE, WEEKS = 1, 1000, 6144
FIRST = 5_000_000
"""number of the first person of ctn-0027: in no fit, nor in those that judged one"""
TWICE = {"prior": PRIOR, "calibrated": CALIBRATED}
KETAMINE = {
    "krupitsky-2002": ("proportion", "risk_difference", "log_survival_ratio"),
    "dakwar-2019": ("proportion", "risk_difference", "hazard_ratio", "percent_difference"),
}
"""fitted by stage e -> the measures that are shown; odds ratios say the same again"""
KINDS = {
    "proportion": "share", "risk_difference": "points", "percent_difference": "percent",
    "log_survival_ratio": "ratio", "hazard_ratio": "ratio",
}  # fmt: skip
NEARLY = 0.05
"""five points"""
SCENARIO = "scenario-heroin-standard-care"
DAYS = {
    "smyth-2010": (7, 30, 900), "gossop-1989": (42,), "ctn-0030-short": (7, 14, 28, 56),
    "ctn-0030-long": (7, 14, 28, 56),
}  # fmt: skip
"""of a first use, that stage b is fitted to; those of CTN-0030 are four of many"""
ASKED = {
    "relapse_6_months": ("relapse", "share"), "retention_6_months": ("retention", "share"),
    "overdose_per_100_person_years": ("deaths per 100 person-years", "rate"),
}  # fmt: skip

Arms = Mapping[str, Arm]
Row = dict[str, Any]


def moved() -> dict[str, Any]:
    """All rows, with what says of which model and sets they are."""
    keep_compiled()
    parts = (_ketamine, _first_use, _held_out, _without_ketamine, _weeks)
    rows = [row for part in parts for row in part()]
    return {
        "model_hash": model_hash(),
        "sets": {name: shipped_set(name).content for name in FILES},
        "made": {"seed": SEED, "people": PEOPLE, "weeks": WEEKS},
        "rows": rows, "scenario": _scenario(),
    }  # fmt: skip


def _row(
    quantity: str, kind: str, seen: tuple[float | None, float | None, float | None], role: str,
    prior: float, calibrated: float,
) -> Row:  # fmt: skip
    published, low, high = seen
    return {
        "quantity": quantity, "kind": kind, "published": published, "low": low, "high": high,
        "prior": float(prior), "calibrated": float(calibrated), "role": role,
    }  # fmt: skip


def patient(protocol: Protocol, parameters: str) -> Patient:
    """Whom a run without draws simulates."""
    fitted = fitted_at(parameters, protocol)
    chosen = protocol.switches.chosen
    return at_site(protocol, configured(middle(protocol.disorder, fitted), chosen))


def both(protocol: Protocol) -> dict[str, Arms]:
    """Every arm with the prior and with what a run uses."""
    return {
        name: simulated(protocol, patient(protocol, given), PEOPLE, SEED, DEFAULT)
        for name, given in TWICE.items()
    }


def _until(protocol: Protocol, days: float) -> Protocol:
    """Cut so many days after the origin, without endpoints of its own."""
    end = min(protocol.follow_up_days, max(map(protocol.origin_day, protocol.arms)) + days)
    visits = tuple(day for day in protocol.visits if day <= end)
    return protocol.model_copy(update={"follow_up_days": end, "visits": visits, "endpoints": ()})


def _ketamine() -> Iterator[Row]:
    """The trials that stage e was fitted to."""
    for name, measures in KETAMINE.items():
        study = study_of(load(name).study or "")
        plan = _until(load(name), 12 * MONTH_DAYS)
        arms = both(plan)
        for one in asked(study):
            if one.measure in measures:
                of = level if one.measure == "proportion" else statistic
                found = {given: of(one, study, arms[given]) for given in TWICE}
                who = f"{one.arm} against {one.reference}" if one.reference else one.arm
                label = f"{name}, {one.endpoint}, {who}, {one.measure}".replace("_", " ")
                yield _row(
                    label, KINDS[one.measure], (one.value, one.low, one.high), "fitted (e)", **found
                )


def _first_use() -> Iterator[Row]:
    """The cohorts that stage b was fitted to, at the sites of their protocols."""
    for cohort in natural_history.cohorts():
        table, plan = cohort.table, load(cohort.protocol)
        arms = both(_until(plan, max(DAYS[cohort.protocol])))
        id = plan.arms[0].id
        for day, S, (low, high) in zip(table.day, table.survival, table.bands, strict=True):
            if day in DAYS[cohort.protocol]:
                found = _each(arms, id, f"lapse_{day:g}_days")
                label = f"{cohort.protocol}, first use by {day:g} d"
                yield _row(label, "share", (1.0 - S, low, high), "fitted (b)", **found)
        if cohort.protocol == "smyth-2010":
            seen = next(
                one for one in study_of(plan.study or "").numbers
                if one.endpoint == "daily use by 30 days"
            )  # fmt: skip
            found = _each(arms, id, "relapse_30_days")
            yield _row(
                "smyth-2010, daily use by 30 d", "share", (seen.value, seen.low, seen.high),
                "not fitted", **found,
            )  # fmt: skip


def _each(arms: Mapping[str, Arms], id: str, endpoint: str) -> dict[str, float]:
    """An endpoint of one arm with each of the two."""
    found = {}
    for given, of in arms.items():
        value = estimate(endpoint, of[id].table, of[id].use_days).value
        assert value is not None
        found[given] = value
    return found


def _held_out() -> Iterator[Row]:
    """X:BOT by its own rule."""
    plan = load("lee-2018")
    study, arms = study_of(plan.study or ""), both(plan)
    for one in asked(study):
        n = one.n or study.arm(one.arm).n or 0
        seen = (one.value, *wilson(one.value * n, n))
        found = {given: level(one, study, arms[given]) for given in TWICE}
        label = f"lee-2018, relapse by the trial's rule, {one.arm}".replace("_", " ")
        yield _row(label, "share", seen, study.role.replace("-", " "), **found)


def _without_ketamine() -> Iterator[Row]:
    """Rows of docs/baseline.md on treatment and death."""
    parts = (baseline.treatments, baseline.deaths)
    values = {
        "prior": {}, "calibrated": fitted_at(CALIBRATED, cohorts.comparators()).medians()
    }  # fmt: skip
    tables = [baseline.table(PEOPLE, SEED, parts, **values[given]) for given in TWICE]
    for prior, used in zip(*tables, strict=True):
        name = prior.quantity
        if prior.target is None:
            continue
        share = any(word in name for word in ("urines", "retained without relapse at", "in study"))
        kind = "share" if share else "rate" if name.startswith("deaths per") else "ratio"
        yield _row(
            name, kind, (prior.target, None, None), "not fitted, baseline.md", prior.ours, used.ours
        )


def _weeks() -> Iterator[Row]:
    """CTN-0027 in a run of its protocol: shares within five points, and half chi-squared."""
    protocol = load("ctn-0027")
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for given, name in TWICE.items():
        fitted = fitted_at(name, protocol)
        course = treated_course(protocol, fitted.medians() if fitted else {}, WEEKS, FIRST)
        found[given] = _within(course)
    for label, (_, of) in found["prior"].items():
        counted = of > 0
        yield _row(
            f"ctn-0027, {label}", "count" if counted else "misfit",
            (float(of) if counted else None, None, None), "fitted (c)",
            **{given: one[label][0] for given, one in found.items()},
        )  # fmt: skip


def _within(course: np.ndarray) -> dict[str, tuple[float, int]]:
    """How many shares lie within five points, of how many; 0 for what is no count."""
    known, seen = judged(course[None], WEEKS), everybody()
    shares = np.array([np.asarray(shown(one, screen())) for one in course])
    weeks = np.broadcast_to(FITTED & ~RETAINED, shares.shape)
    near = np.abs(shares - seen.shares)[weeks] <= NEARLY
    off = seen.scaled - _scaled(shares)
    half = 0.5 * sum(
        off[k][FITTED] @ np.linalg.solve(seen.covariance[k][np.ix_(FITTED, FITTED)], off[k][FITTED])
        for k in range(len(ARMS))
    )
    return {
        "days of retention within 5 points": _count(known.retention),
        "cells of weekly urines within 5 points": _count(known.urines),
        "shares of weeks in treatment within 5 points": (float(near.sum()), near.size),
        "half chi-squared of all fitted shares": (float(half), 0),
    }


def _count(checks: Any) -> tuple[float, int]:
    return float(sum(bool(one.within) for one in checks)), len(checks)


def _scaled(shares: np.ndarray) -> np.ndarray:
    return np.where(RETAINED, np.log(-np.log(shares)), np.log(shares / (1.0 - shares)))


def _scenario() -> dict[str, Any]:
    """Arms of standard care over six months."""
    plan = load(SCENARIO)
    arms = both(_until(plan, 6 * MONTH_DAYS))
    rows = []
    for arm in plan.arms:
        each = [_each(arms, arm.id, endpoint) for endpoint in ASKED]
        rows.append({"label": arm.label, "values": [[e["prior"], e["calibrated"]] for e in each]})
    return {
        "protocol": SCENARIO, "people": PEOPLE, "arms": rows,
        "endpoints": [label for label, _ in ASKED.values()],
        "kinds": [kind for _, kind in ASKED.values()],
    }  # fmt: skip
