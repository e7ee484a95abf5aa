"""What did an arm's endpoints come to?

Definitions are those of the decisions, section 8: a month is 30.4375 d, abstinence is continuous
from the origin with missing counted as use, lapse is any use, relapse is use on 7 consecutive
days, retention ends at drop-out, and days abstinent are a share of days in the community.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.trial.endpoint_name import (
    MONTH_DAYS,
    SCALES,
    STATES,
    TWO_WEEKS,
    Endpoint,
    EndpointError,
    parse,
)
from resynapse.trial.estimate import Estimate, mean, proportion, rate, undefined
from resynapse.trial.kaplan_meier import kaplan_meier
from resynapse.trial.time_to_event import Columns, TimeToEvent, first_use, time_to_event

PERSON_YEARS = 100
"""Deaths are given per so many person-years."""
YEAR_DAYS = 12 * MONTH_DAYS
PERCENT = 100.0

INTERVALS = {
    "abstinence": "Wilson",
    "retention": "Wilson",
    "last_weeks": "Wilson",
    "incidence": "Kaplan-Meier, Greenwood on the log-log scale",
    "median": "Brookmeyer and Crowley on the log-log scale",
    "days_abstinent": "Student's t, kept within 0 and 100",
    "scale": "Student's t",
    "state": "Student's t",
    "attendance": "Student's t, kept within 0 and 100",
    "overdose": "log-normal, error of a ratio",
}
"""How the 95 % interval of each kind of endpoint is made"""

TIMED = ("incidence", "median")
"""Kinds that need the times of an event"""


def estimates(names: Iterable[str], patients: Columns, use_days: np.ndarray) -> dict[str, Estimate]:
    """The endpoints of one arm, in the order of their names."""
    return {name: estimate(name, patients, use_days) for name in names}


@dataclass(frozen=True)
class Told:
    """What people of an arm tell about one endpoint; parts of an arm are told one by one."""

    values: np.ndarray
    """Of everyone who counts: yes or no, a number, or deaths and exposure; none for a time"""
    day: float = np.nan
    """For a share with an event: the day from the origin on which it is read; none: not a number"""


def estimate(name: str, patients: Columns, use_days: np.ndarray) -> Estimate:
    """One endpoint of one arm: ``patients`` has a row a person, ``use_days`` a row a person too."""
    endpoint, times = parse(name), None
    if endpoint.kind in TIMED:
        times = time_to_event(endpoint.subject, *_chosen(endpoint, patients, use_days))
    return summary(name, told(name, patients, use_days), times)


def told(name: str, patients: Columns, use_days: np.ndarray) -> Told:
    """What these people tell about an endpoint."""
    endpoint = parse(name)
    return _TOLD[endpoint.kind](endpoint, *_chosen(endpoint, patients, use_days))


def joined(parts: Sequence[Told]) -> Told:
    """What parts of an arm, in the order of people, tell together."""
    values = np.concatenate([part.values for part in parts])
    return Told(values, float(np.fmax.reduce([part.day for part in parts])))


def summary(name: str, found: Told, times: TimeToEvent | None = None) -> Estimate:
    """The endpoint from what everyone tells; ``times`` for endpoints of a kind in ``TIMED``."""
    kind = parse(name).kind
    if kind == "incidence":
        return _incidence(times, found.day)
    if kind == "median":
        return _median(times)
    return _SUMMARY[kind](parse(name), found.values)


def _chosen(
    endpoint: Endpoint, patients: Columns, use_days: np.ndarray
) -> tuple[Columns, np.ndarray]:
    """The people whom an endpoint is about."""
    if not endpoint.committed:
        return patients, use_days
    chosen = np.asarray(patients["committed"], dtype=bool)
    return {name: np.asarray(patients[name])[chosen] for name in patients}, use_days[chosen]


def definition(name: str) -> str:
    """An endpoint in one sentence, with how its interval is made."""
    endpoint = parse(name)
    sentence = _SENTENCES[endpoint.kind].format(
        event=endpoint.subject.replace("_", " ").replace("dropout", "drop-out"),
        scale=(SCALES | STATES).get(endpoint.subject, ""),
        days=f"{endpoint.horizon:g}" if endpoint.horizon else "all",
    )
    missing = ""
    if endpoint.kind in ("abstinence", "last_weeks"):
        missing = (
            ", among people whose status was observed"
            if endpoint.observed
            else "; missing counted as use"
        )
    if endpoint.kind == "days_abstinent" and endpoint.observed:
        missing = ", counted until drop-out"
    committed = ", among people who intend to abstain" if endpoint.committed else ""
    return f"{sentence}{missing}{committed} (95 % interval: {INTERVALS[endpoint.kind]})."


_SENTENCES = {
    "abstinence": "Share of people without any use in the {days} days from the origin",
    "retention": "Share of people who had not dropped out {days} days after the origin",
    "incidence": "Share of people with {event} within {days} days of the origin, "
    "censored at drop-out",
    "median": "Days from the origin by which half of the people had {event}, censored at drop-out",
    "days_abstinent": "Mean share of days without use among {days} days in the community",
    "last_weeks": "Share of people without any use in the last {days} days of follow-up",
    "overdose": "Expected deaths from overdose per 100 person-years in the community",
    "scale": "Mean {scale} {days} days after entry, among people measured",
    "state": "Mean {scale}, {days} days after entry; a quantity of the model that no study has "
    "measured",
    "attendance": "Mean share of the sessions offered to a person that they attended; who left "
    "attends none",
}


def _abstinence(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    """Missing counts as use; observed means still there when due, or seen to use before leaving."""
    due, followed = _due(endpoint, patients)
    use_day, dropout = first_use(patients, use_days), _dropout(patients)
    missing = dropout < due
    known = ~missing | (use_day <= dropout)
    abstinent = (use_day > due) & ~missing
    return Told(abstinent[followed & known] if endpoint.observed else abstinent[followed])


def _last_weeks(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    end = np.asarray(patients["end_day"], dtype=float)
    used = _days_of_use(use_days, end - TWO_WEEKS, end) > 0
    missing = _dropout(patients) < end
    return Told(~used[~missing] if endpoint.observed else ~used & ~missing)


def _retention(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    due, followed = _due(endpoint, patients)
    return Told((_dropout(patients) >= due)[followed])


def _reached(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    if endpoint.horizon is None:
        return Told(np.zeros(0))
    due, followed = _due(endpoint, patients)
    origin = np.asarray(patients["origin_day"], dtype=float)
    return Told(np.zeros(0), float(np.max(due - origin)) if followed.any() else np.nan)


def _incidence(times: TimeToEvent, day: float) -> Estimate:
    """Undefined where the follow-up, or the last person in it, does not reach the horizon."""
    n = len(times.time)
    if np.isnan(day):
        return undefined("proportion", n)
    curve = kaplan_meier(times.time, times.event)
    value = 1.0 - float(curve.at(day))
    if curve.at_risk(day) == 0 and value < 1.0:
        return undefined("proportion", n)
    low, high = curve.interval(day)
    return Estimate(value, "proportion", 1.0 - float(high), 1.0 - float(low), n)


def _median(times: TimeToEvent) -> Estimate:
    n = len(times.time)
    if n == 0:
        return undefined("days")
    value, low, high = kaplan_meier(times.time, times.event).median
    return Estimate(value, "days", low, high, n)


def _days_abstinent(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    share = share_abstinent(endpoint, patients, use_days)
    return Told(share[~np.isnan(share)])


def share_abstinent(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> np.ndarray:
    """Share of days without use, 0 to 1, a row a person; NaN where no day counts."""
    origin = np.asarray(patients["origin_day"], dtype=float)
    start = np.maximum(origin, np.asarray(patients["community_day"], dtype=float))
    stop = np.asarray(patients["end_day"], dtype=float)
    followed = np.ones(len(origin), dtype=bool)
    if endpoint.horizon is not None:
        stop, followed = _due(endpoint, patients)
    if endpoint.observed:
        stop = np.minimum(stop, _dropout(patients))
    days = np.maximum(np.floor(stop) - np.ceil(start), 0.0)
    known = followed & (days > 0)
    share = 1.0 - _days_of_use(use_days, start, stop) / np.maximum(days, 1.0)
    return np.where(known, share, np.nan)


def _overdose(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    exposure = np.asarray(patients["days_in_community"], dtype=float) / (PERSON_YEARS * YEAR_DAYS)
    deaths = np.asarray(patients["overdose_deaths_expected"], dtype=float)
    return Told(np.stack([deaths, exposure], axis=1))


def _attendance(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    """Of people to whom sessions were offered."""
    share = np.asarray(patients["sessions_attended"], dtype=float)
    return Told(share[~np.isnan(share)])


def _state(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    return Told(np.asarray(patients[f"{endpoint.subject}_day_{endpoint.horizon:g}"], dtype=float))


def _scale(endpoint: Endpoint, patients: Columns, use_days: np.ndarray) -> Told:
    column = f"{endpoint.subject}_day_{endpoint.horizon:g}"
    if column not in patients:
        prefix = f"{endpoint.subject}_day_"
        days = [name.removeprefix(prefix) for name in patients if name.startswith(prefix)]
        raise EndpointError(
            f"Endpoint {endpoint.name!r} needs a visit on day {endpoint.horizon:g}, but "
            f"{endpoint.subject} was measured on days {', '.join(days) or 'none'}. "
            "Add the day to visits."
        )
    return Told(np.asarray(patients[column], dtype=float))


def _share(endpoint: Endpoint, values: np.ndarray) -> Estimate:
    return proportion(values)


def _mean_share(endpoint: Endpoint, values: np.ndarray) -> Estimate:
    return mean(PERCENT * values, "percent", bounds=(0.0, PERCENT))


def _deaths(endpoint: Endpoint, values: np.ndarray) -> Estimate:
    deaths, exposure = np.ascontiguousarray(values.T)
    return rate(deaths, exposure, f"expected deaths per {PERSON_YEARS} person-years")


def _score(endpoint: Endpoint, values: np.ndarray) -> Estimate:
    return mean(values, SCALES[endpoint.subject])


def _strength(endpoint: Endpoint, values: np.ndarray) -> Estimate:
    return mean(values, STATES[endpoint.subject])


def _due(endpoint: Endpoint, patients: Columns) -> tuple[np.ndarray, np.ndarray]:
    """The day on which the horizon is read, and who was to be followed that far.

    Follow-up that ends within half a unit of the horizon meets it, and is read where it ends.
    """
    end = np.asarray(patients["end_day"], dtype=float)
    due = np.asarray(patients["origin_day"], dtype=float) + endpoint.horizon
    return np.minimum(due, end), end >= due - endpoint.window


def _dropout(patients: Columns) -> np.ndarray:
    days = np.asarray(patients["dropout_day"], dtype=float)
    return np.where(np.isnan(days), np.inf, days)


def _days_of_use(use_days: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Whole days with use, from ``start`` up to ``stop``, a row a person."""
    day = np.arange(use_days.shape[1])
    within = (day >= np.ceil(start)[:, None]) & (day < np.floor(stop)[:, None])
    return np.count_nonzero((use_days > 0) & within, axis=1)


_TOLD = {
    "abstinence": _abstinence,
    "retention": _retention,
    "incidence": _reached,
    "median": _reached,
    "days_abstinent": _days_abstinent,
    "last_weeks": _last_weeks,
    "overdose": _overdose,
    "scale": _scale,
    "state": _state,
    "attendance": _attendance,
}
_SUMMARY = {
    "abstinence": _share,
    "retention": _share,
    "days_abstinent": _mean_share,
    "last_weeks": _share,
    "overdose": _deaths,
    "scale": _score,
    "state": _strength,
    "attendance": _mean_share,
}
