"""In which words does the page say what a trial tests?"""

from __future__ import annotations

from resynapse.report.names import endpoint as endpoint_words
from resynapse.trial.endpoint_name import parse

TIMES = {
    "lapse": "Time to first use",
    "relapse": "Time to relapse",
    "dropout": "Time to leaving follow-up",
    "lapse_or_dropout": "Time to first use, missing counted as use",
    "relapse_or_dropout": "Time to relapse, missing counted as relapse",
}


def asked_words(name: str) -> str:
    """What a trial tests, in words."""
    asked = parse(name)
    return TIMES[asked.subject] if asked.kind == "median" else endpoint_words(name)
