"""Which endpoints did somebody mean who wrote one that no run gives?"""

from __future__ import annotations

import difflib

from resynapse.trial.endpoint_name import nearest

MANY, COUNT = 100, 3
ALIKE = 0.75
"""From this ratio on two words are one, written otherwise"""
PLAIN = frozenset({
    "day", "days", "week", "weeks", "month", "months", "time", "to", "or", "per", "percent", "last",
    "two", "median",
})  # fmt: skip
"""Words of a name that do not say what is counted"""


def not_known(name: str) -> str:
    """That there is no such endpoint, and the nearest that there are."""
    close = near(name)
    hint = f" Nearest: {', '.join(close)}." if close else ""
    return f"Endpoint {name!r} is not known.{hint}"


def near(name: str) -> list[str]:
    """Names that look like this one and share a word with it that says what is counted."""
    return [one for one in nearest(name, MANY) if _share_a_word(name, one)][:COUNT]


def _share_a_word(name: str, other: str) -> bool:
    asked, told = (
        [word for word in one.lower().split("_") if word not in PLAIN and not word.isdigit()]
        for one in (name, other)
    )
    return any(difflib.get_close_matches(word, told, n=1, cutoff=ALIKE) for word in asked)
