"""What does the name of an endpoint ask for, and does the follow-up reach far enough for it?

A name is a quantity with its horizon, such as ``abstinence_6_months``, ``lapse_7_days`` or
``craving_vas_day_7``; ``_observed`` and ``_committed`` may follow.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from resynapse.input_error import InputError
from resynapse.trial.time_to_event import EVENTS

MONTH_DAYS = 30.4375
"""d, a twelfth of a mean year"""

UNIT_DAYS = {"days": 1.0, "weeks": 7.0, "months": MONTH_DAYS}

SCALES = {
    "craving_vas": "VAS 0-100",
    "mood_madrs": "MADRS 0-60",
    "mood_hamd17": "HAM-D17 0-52",
    "withdrawal_cows": "COWS 0-48",
    "dissociation_cadss": "CADSS 0-84",
}
"""What can be read on a visit day, with the unit of its scale"""

STATES = {
    "window": "plasticity window, 0-1",
    "drug_memory": "old pathway, drug memory, 0-1",
    "extinction": "inhibition of the old pathway, 0-1",
    "recovery": "new pathway, recovery, 0-1",
    "control": "control over use, 0-1",
}
"""States of the model that no study has measured in people, with their scale"""

TWO_WEEKS = 14.0

PATTERNS = {
    "abstinence_<N>_months": "share without use from the origin on; missing counted as use",
    "retention_<N>_months": "share that has not dropped out",
    "lapse_<N>_days": "share with any use (Kaplan-Meier; also relapse, dropout, "
    "lapse_or_dropout, relapse_or_dropout)",
    "time_to_lapse_median": "median time to the first use (also to relapse, dropout, ...)",
    "days_abstinent_percent": "days without use among days in the community "
    "(also days_abstinent_percent_<N>_months)",
    "last_two_weeks_abstinent": "share without use in the last two weeks of follow-up",
    "sessions_attended_percent": "sessions attended among sessions offered",
    "overdose_per_100_person_years": "expected deaths from overdose of people who use opioids",
    "<scale>_day_<N>": "mean on a visit day, before a dose of that day; scales: "
    + ", ".join(SCALES)
    + "; COWS of people who use opioids alone",
    "<state>_day_<N>": "mean of a state of the model, 0 to 1; states: " + ", ".join(STATES),
}
"""Every name that is understood; N is a whole number of days, weeks or months."""

_ALSO = {
    "lapse_<N>_days": ", relapse_<N>_months, and so for dropout, lapse_or_dropout and "
    "relapse_or_dropout",
    "time_to_lapse_median": ", and so for these events",
    "days_abstinent_percent": ", days_abstinent_percent_<N>_months",
}
"""Patterns -> what a message says after them"""
ALLOWED = (
    f"Allowed are {'; '.join(name + _ALSO.get(name, '') for name in PATTERNS)} (N a whole number "
    f"of days, weeks or months; scales: {', '.join(SCALES)}; states: {', '.join(STATES)}), where "
    "_committed may follow and, where missing people matter, _observed."
)
"""Every name that is understood, in a sentence"""

_CHOSEN = "this package's definition (decisions, section 8)"
SOURCES = {
    "abstinence_<N>_months": "abstinence at 12 months of Krupitsky 2002, as its abstract has it",
    "sessions_attended_percent": f"{_CHOSEN}; no trial in the evidence reports it by arm",
    "overdose_per_100_person_years": "rate per 100 person-years as in Santo 2021; expected, not"
    " counted",
    "<scale>_day_<N>": "the scales' own ranges; error of rating in docs/model.md",
    "<state>_day_<N>": "states of the model (docs/model.md); no human study has shown them",
}
"""From where a definition is, where it is not this package's own"""

DEFAULTS = (
    *("abstinence_1_months", "abstinence_3_months", "abstinence_6_months"),
    *("abstinence_12_months", "abstinence_24_months"),
    *("lapse_7_days", "lapse_30_days", "relapse_1_months", "relapse_6_months"),
    *("relapse_12_months", "time_to_lapse_median", "time_to_relapse_median"),
    *("days_abstinent_percent", "last_two_weeks_abstinent", "overdose_per_100_person_years"),
)
"""What a report shows beside what a protocol asks for, as far as the follow-up reaches"""


class EndpointError(InputError):
    """An endpoint that cannot be computed: what was asked, what is allowed, what to do."""


@dataclass(frozen=True)
class Given:
    """An endpoint that a run gives: its name's pattern, what it is, and from where."""

    name: str
    words: str
    source: str


def given() -> tuple[Given, ...]:
    """Every endpoint that a protocol can ask for."""
    return tuple(Given(name, words, SOURCES.get(name, _CHOSEN)) for name, words in PATTERNS.items())


@dataclass(frozen=True)
class Endpoint:
    """A name, understood."""

    name: str
    kind: str
    """abstinence, retention, incidence, median, days_abstinent, last_weeks, attendance, overdose,
    scale or state"""
    subject: str = ""
    """The event, the scale or the state"""
    horizon: float | None = None
    """Days after the origin; for a scale or a state, days from entry"""
    window: float = 0.0
    """A horizon is met within half of its own unit, d"""
    observed: bool = False
    """Missing people are left out, not counted as use"""
    committed: bool = False
    """Only people who intend to abstain"""


_HORIZON = r"_(?P<count>[1-9]\d*)_(?P<unit>days|weeks|months)"
_EVENT = "(?P<subject>" + "|".join(sorted(EVENTS, key=len, reverse=True)) + ")"
_SCALE = "(?P<subject>" + "|".join(SCALES) + ")"
_STATE = "(?P<subject>" + "|".join(STATES) + ")"
_DAY = r"_day_(?P<day>\d+(?:\.\d+)?)"
_GRAMMAR = {
    "abstinence": re.compile("abstinence" + _HORIZON),
    "retention": re.compile("retention" + _HORIZON),
    "incidence": re.compile(_EVENT + _HORIZON),
    "median": re.compile("time_to_" + _EVENT + "_median"),
    "days_abstinent": re.compile(f"days_abstinent_percent(?:{_HORIZON})?"),
    "last_weeks": re.compile("last_two_weeks_abstinent"),
    "attendance": re.compile("sessions_attended_percent"),
    "overdose": re.compile("overdose_per_100_person_years"),
    "scale": re.compile(_SCALE + _DAY),
    "state": re.compile(_STATE + _DAY),
}
FROM_ENTRY = ("scale", "state")
"""Kinds whose day is counted from entry, not from the origin"""
_MISSING_MATTERS = ("abstinence", "days_abstinent", "last_weeks")


@lru_cache(maxsize=512)
def parse(name: str) -> Endpoint:
    """The endpoint of this name, or an EndpointError with the nearest names."""
    stem = name.removesuffix("_committed")
    committed, stem_seen = stem != name, stem.removesuffix("_observed")
    observed = stem_seen != stem
    for kind, pattern in _GRAMMAR.items():
        match = pattern.fullmatch(stem_seen)
        if match and (kind in _MISSING_MATTERS or not observed):
            return _endpoint(name, kind, match.groupdict(), observed, committed)
    raise EndpointError(f"{not_known(name)} {ALLOWED}")


def is_endpoint(name: str) -> bool:
    """Whether this is the name of an endpoint of a run."""
    try:
        parse(name)
    except EndpointError:
        return False
    return True


def _endpoint(
    name: str, kind: str, found: dict[str, str | None], observed: bool, committed: bool
) -> Endpoint:
    horizon, window = None, 0.0
    count, unit, day = found.get("count"), found.get("unit"), found.get("day")
    if count and unit:
        horizon, window = int(count) * UNIT_DAYS[unit], 0.5 * UNIT_DAYS[unit]
    if day:
        horizon = float(day)
    if kind == "last_weeks":
        horizon = TWO_WEEKS
    subject = found.get("subject") or ""
    return Endpoint(name, kind, subject, horizon, window, observed, committed)


def nearest(name: str, count: int = 3) -> list[str]:
    """Names that are understood and look like this one, with its own number in them."""
    number = next(iter(re.findall(r"[1-9]\d*", name)), "6")
    events = [f"{event}_{number}_{unit}" for event in EVENTS for unit in UNIT_DAYS]
    known = [
        *(f"{kind}_{number}_{unit}" for kind in ("abstinence", "retention") for unit in UNIT_DAYS),
        *events,
        *(f"time_to_{event}_median" for event in EVENTS),
        *(f"{one}_day_{number}" for one in (*SCALES, *STATES)),
        *("days_abstinent_percent", f"days_abstinent_percent_{number}_months"),
        *("last_two_weeks_abstinent", "overdose_per_100_person_years"),
        "sessions_attended_percent",
    ]
    return difflib.get_close_matches(name, known, n=count, cutoff=0.5)


def not_known(name: str) -> str:
    """That there is no such endpoint, and the nearest that there are."""
    close = nearest(name)
    hint = f" Nearest: {', '.join(close)}." if close else ""
    return f"Endpoint {name!r} is not known.{hint}"


def endpoints_for(
    protocol_endpoints: Iterable[str], follow_up_days: float, origin_day: float = 0.0,
    beside: bool = True,
) -> tuple[str, ...]:  # fmt: skip
    """What the protocol asks for, then what a report shows ``beside`` it, each once, in order.

    Beside every abstinence stand its variant among the people observed, and retention.
    """
    return _endpoints_for(tuple(protocol_endpoints), follow_up_days, origin_day, beside)


@lru_cache(maxsize=64)
def _endpoints_for(
    asked: tuple[str, ...], follow_up_days: float, origin_day: float, beside: bool
) -> tuple[str, ...]:
    for name in asked:
        _reaches(parse(name), follow_up_days, origin_day)
    usual = DEFAULTS if beside else ()
    fitting = (name for name in usual if _fits(parse(name), follow_up_days, origin_day))
    names = [one for name in (*asked, *fitting) for one in _with_companions(name)]
    return tuple(dict.fromkeys(names))


def _with_companions(name: str) -> tuple[str, ...]:
    endpoint = parse(name)
    if endpoint.kind != "abstinence" or endpoint.observed or endpoint.committed:
        return (name,)
    return (name, f"{name}_observed", name.replace("abstinence", "retention"))


def _fits(endpoint: Endpoint, follow_up_days: float, origin_day: float) -> bool:
    start = 0.0 if endpoint.kind in FROM_ENTRY else origin_day
    return start + _needed(endpoint) - endpoint.window <= follow_up_days


def _needed(endpoint: Endpoint) -> float:
    """Days of follow-up; a week where the name gives none."""
    return UNIT_DAYS["weeks"] if endpoint.horizon is None else endpoint.horizon


def _reaches(endpoint: Endpoint, follow_up_days: float, origin_day: float) -> None:
    if not _fits(endpoint, follow_up_days, origin_day):
        start = 0.0 if endpoint.kind in FROM_ENTRY else origin_day
        raise EndpointError(
            f"Endpoint {endpoint.name!r} needs {_needed(endpoint):g} days "
            f"after its day 0 (day {start:g} from entry)"
            f", but people are followed to day {follow_up_days:g}. "
            "Lengthen follow_up or take the endpoint out."
        )


def measurement_days(names: Iterable[str]) -> tuple[float, ...]:
    """Days from entry on which a visit is needed for these endpoints."""
    return tuple(sorted({day for _, day in _on_days(names, "scale")}))


def states_asked(names: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """States of the model, each with a day from entry, that these endpoints are means of."""
    return tuple(dict.fromkeys(_on_days(names, "state")))


def _on_days(names: Iterable[str], kind: str) -> Iterator[tuple[str, float]]:
    for one in map(parse, names):
        if one.kind == kind and one.horizon is not None:
            yield one.subject, one.horizon
