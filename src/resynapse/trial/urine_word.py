"""How much abstinence do a person's weekly urines show?

A person's urines are a word, one letter a week from the first of treatment: ``+`` positive, ``-``
negative, ``o`` missing, ``*`` mixed, ``_`` none required (CTNote, Odom and others); mixed counts as
positive. Rules of published trials stand in ``definitions.urine_rules``.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from resynapse.input_error import InputError

LETTERS: Final = "+-o*_"
Missing = Literal["positive", "negative", "skipped"]


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
