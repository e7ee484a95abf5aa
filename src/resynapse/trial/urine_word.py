"""When did a person relapse, or leave, as published trials of opioid use read weekly urines?

A person's urines are a word, one letter a week from the first of treatment: ``+`` positive, ``-``
negative, ``o`` missing, ``*`` mixed, ``_`` none required (CTNote, Odom and others). Definitions are
those that CTNote's library of outcomes gives for each publication; mixed counts as positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from resynapse.input_error import InputError

LETTERS: Final = "+-o*_"
Missing = Literal["positive", "negative", "skipped"]


@dataclass(frozen=True)
class RunDefinition:
    """The event is the first of so many weeks in a row with one of these letters."""

    letters: str
    weeks: int
    from_week: int
    """Weeks before it are not looked at; the first is 1"""
    source: str


DEFINITIONS: Final[dict[str, RunDefinition]] = {
    "relapse_ctn0094": RunDefinition("+*o", 4, 1, "CTN-0094: 4 consecutive weeks positive"),
    "dropout_ctn0094": RunDefinition("o", 4, 1, "CTN-0094: 4 consecutive weeks missing"),
    "relapse_johnson1992": RunDefinition(
        "+*o", 2, 5, "Johnson, Jaffe and Fudala 1992: 2 consecutive positive after 4 weeks"
    ),
    "relapse_krupitsky2004": RunDefinition(
        "+*o", 3, 1, "Krupitsky 2004 and 2006: 3 consecutive positive"
    ),
    "relapse_ctn0051": RunDefinition(
        "+*o", 4, 3, "Lee 2018, CTN-0051: from day 21, 4 consecutive weeks positive"
    ),
    "relapse_schottenfeld2008": RunDefinition(
        "+*o", 3, 1, "Schottenfeld 2008: 3 consecutive positive"
    ),
}
"""Name -> definition; ``o`` among the letters is missing counted as positive"""


@dataclass(frozen=True)
class WordEvent:
    """Whether it happened, and in which week; without it, the last week in which it could begin."""

    week: int
    event: bool


def first_run(word: str, definition: RunDefinition | str) -> WordEvent:
    """The first run that the definition asks for; weeks with none required are passed over.

    A word too short for one run is censored in week 1.
    """
    rule = DEFINITIONS[definition] if isinstance(definition, str) else definition
    weeks = [k for k, letter in enumerate(checked(word), start=1) if letter != "_"]
    hit = [word[k - 1] in rule.letters and k >= rule.from_week for k in weeks]
    for start in range(len(hit) - rule.weeks + 1):
        if all(hit[start : start + rule.weeks]):
            return WordEvent(weeks[start], True)
    last = len(weeks) - rule.weeks
    return WordEvent(weeks[last] if last >= 0 else 1, False)


def longest_negative_run(word: str, missing: Missing = "positive") -> int:
    """Weeks in the longest unbroken run of negative urines."""
    longest = now = 0
    for negative in _negative(word, missing):
        now = now + 1 if negative else 0
        longest = max(longest, now)
    return longest


def share_negative(word: str, missing: Missing = "positive") -> float:
    """Share of weeks negative, of all weeks that required a urine; NaN without any."""
    found = _negative(word, missing)
    return float(np.mean(found)) if found else float("nan")


def negative_at_the_end(word: str, weeks: int, missing: Missing = "positive") -> bool:
    """Whether each of the last so many required weeks was negative."""
    found = _negative(word, missing)
    return len(found) >= weeks > 0 and all(found[-weeks:])


def responder(
    word: str, from_week: int = 9, least_share: float = 0.8, missing: Missing = "positive"
) -> bool:
    """Whether such a share of the urines required from a week on was negative."""
    later = checked(word)[from_week - 1 :]
    if not later.strip("_"):
        raise InputError(
            f"The urine word {word!r} requires no urine from week {from_week} on; "
            "choose an earlier week."
        )
    found = _negative(later, missing)
    return bool(found) and float(np.mean(found)) >= least_share - 1e-12


def _negative(word: str, missing: Missing) -> list[bool]:
    letters = [one for one in checked(word) if one != "_"]
    if missing == "skipped":
        letters = [one for one in letters if one != "o"]
    return [one == "-" or (one == "o" and missing == "negative") for one in letters]


def checked(word: str) -> str:
    """The word; refused where it is empty or holds another letter."""
    wrong = sorted(set(word) - set(LETTERS))
    if wrong or not word:
        said = f"the letter {wrong[0]!r}" if wrong else "no letter"
        raise InputError(
            f"The urine word {word!r} holds {said}; write + positive, - negative, o missing, "
            "* mixed, _ none required, one a week."
        )
    return word
