"""What is each quantity called in a report?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from resynapse.report.wording import NARROW, sentence_case
from resynapse.trial.endpoint_name import Endpoint, EndpointError, parse

if TYPE_CHECKING:
    from resynapse.trial.estimate import Estimate

MINUTES_PER_DAY, STEP_MINUTES = 1440.0, 5
"""A name of an endpoint holds a share of a day in three digits, 0.021 for half an hour"""

SPOKEN = {
    "ket": "ketamine",
    "pla": "placebo",
    "ther": "and therapy",
    "edu": "and education",
    "xr": "XR",
}
"""Parts of the identifiers of arms that nobody says aloud"""

PEOPLE = {
    "heroin": "people who use heroin",
    "fentanyl": "people who use fentanyl",
    "alcohol": "people with alcohol use disorder",
    "cocaine": "people who use cocaine",
    "methamphetamine": "people who use methamphetamine",
    "depression": "people with depression who use no drug",
}

EVENTS = {
    "lapse": "First use",
    "relapse": "Relapse",
    "dropout": "Leaving follow-up",
    "lapse_or_dropout": "First use, missing counted as use",
    "relapse_or_dropout": "Relapse, missing counted as relapse",
}

CENSORED = {
    "lapse": "First use, leaving censored",
    "relapse": "Relapse, leaving censored",
}
"""What the hazards of an event are called: those who leave are at risk until then"""

SCALES = {
    "craving_vas": "Craving",
    "mood_madrs": "Depression, MADRS",
    "mood_hamd17": "Depression, HAM-D17",
    "withdrawal_cows": "Withdrawal, COWS",
    "dissociation_cadss": "Dissociation, CADSS",
}

STATES = {
    "window": "Plasticity window, 0 to 1, not measured in people",
    "drug_memory": "Old pathway, 0 to 1, not measured in people",
    "extinction": "Inhibition of the old pathway, 0 to 1, not measured in people",
    "recovery": "New pathway, 0 to 1, not measured in people",
    "control": "Control over use, 0 to 1, not measured in people",
}

ROLES = {
    "calibration": "calibration",
    "held-out": "held out",
    "held out": "held out",
    "held-out-site": "fitted with sites left out",
    "leave-one-study-out": "fitted, judged by leaving it out",
    "retrospective": "retrospective, informed the structure",
    "forecast": "forecast",
}

SEEN = {
    "table": "read in a table",
    "abstract": "read in the abstract",
    "excerpt": "read in an excerpt of the paper",
    "figure": "read from a figure",
    "press": "from a press release",
    "secondary": "reported by others",
    "recalled": "recalled, not seen",
    "unread": "recalled, not seen",
    "computed": "computed from published numbers",
}

MEASURES = {
    "hazard_ratio": "ratio of hazards",
    "risk_difference": "difference of shares",
    "mean_difference": "difference of means",
    "mean_change": "mean change",
    "odds_ratio": "odds ratio",
    "log_survival_ratio": "ratio of log shares",
    "percent_difference": "difference in per cent",
    "proportion": "share of people",
    "hedges_g": "Hedges g, standard deviations",
    "cohens_d": "Cohen d, standard deviations",
    "standardised_mean_difference": "difference in standard deviations",
}

SAFETY = {
    "overdose_deaths": "Deaths from overdose expected, per 1000 people a year",
    "dissociation_peak": "Highest dissociation, CADSS 0 to 84, mean",
    "dissociation_above_40": "Dissociation above 40 at any time",
    "pressure_peak_rise": "Highest rise of systolic pressure, mmHg, mean",
    "pressure_rise_above_40": f"Rise of systolic pressure above 40{NARROW}mmHg",
    "unresponsive": "Not responding at any time",
    "nausea": "Chance of nausea",
    "rescue_medication": "Given rescue medication",
    "incarceration": "Incarcerated",
    "death": "Died from overdose, drawn",
}


def endpoint(name: str) -> str:
    """An endpoint in words, with its horizon."""
    if name in EVENTS:
        return EVENTS[name]
    if name.removesuffix("_committed") in EVENTS:
        return f"{EVENTS[name.removesuffix('_committed')]} (people who intend to abstain)"
    try:
        found = parse(name)
    except EndpointError:
        return SAFETY.get(name, sentence_case(name))
    among = " (people who intend to abstain)" if found.committed else ""
    seen = " (people observed)" if found.observed else ""
    return _KINDS[found.kind](found) + seen + among


def times(name: str) -> float:
    """What the number of an endpoint is multiplied by where ``endpoint`` tells it in words.

    Files have deaths per 100 people a year, as the endpoint's name says; readers get 1000.
    """
    try:
        return 10.0 if parse(name).kind == "overdose" else 1.0
    except EndpointError:
        return 1.0


def in_words_of(name: str, found: Estimate) -> Estimate:
    """An endpoint's estimate in the unit that its words tell, which then does not follow it."""
    by = times(name)
    if by == 1.0:
        return found
    ends = (None if x is None else by * x for x in (found.value, found.low, found.high))
    value, low, high = ends
    return replace(found, value=value, unit="", low=low, high=high)


def hazard_of(name: str) -> str:
    """An event whose hazards are compared, with what leaving follow-up counts as."""
    return CENSORED.get(name, endpoint(name))


def _within(found: Endpoint) -> str:
    match = re.search(r"_(\d+)_(days|weeks|months)", found.name)
    if match is None:
        return ""
    count, unit = match.groups()
    return f"{count}{NARROW}{unit.removesuffix('s') if count == '1' else unit}"


def _event(found: Endpoint) -> str:
    return EVENTS.get(found.subject, sentence_case(found.subject))


def _when(day: float) -> str:
    """A day since entry; minutes where it is less than one."""
    if 0.0 < day < 1.0:
        minutes = day * MINUTES_PER_DAY
        near = STEP_MINUTES * round(minutes / STEP_MINUTES)
        return f"{near if abs(minutes - near) < 1.0 else round(minutes)}{NARROW}min"
    return f"day{NARROW}{day:g}"


_KINDS = {
    "abstinence": lambda found: f"No use for {_within(found)}",
    "retention": lambda found: f"Still in follow-up at {_within(found)}",
    "incidence": lambda found: f"{_event(found)} within {_within(found)}",
    "median": lambda found: f"{_event(found)}, days until half of the people",
    "days_abstinent": lambda found: (
        f"Days without use, of days in the community{', ' + w if (w := _within(found)) else ''}"
    ),
    "last_weeks": lambda _: "No use in the last two weeks",
    "overdose": lambda _: SAFETY["overdose_deaths"],
    "scale": lambda found: f"{SCALES[found.subject]}, {_when(found.horizon)}",
    "state": lambda found: f"{STATES[found.subject]}, {_when(found.horizon)}",
    "attendance": lambda _: "Sessions attended, of sessions offered",
}


def spoken(arm: str) -> str:
    """The identifier of an arm as words: "ket_ther" is ketamine and therapy."""
    words = " ".join(SPOKEN.get(part, part) for part in arm.split("_"))
    return words.removeprefix("and ")
