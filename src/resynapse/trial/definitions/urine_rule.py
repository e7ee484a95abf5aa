"""How does a published rule read a person's weekly urines?

A person's urines are a word, one letter a week from the first of treatment: ``+`` positive, ``-``
negative, ``o`` missing, ``*`` mixed, ``_`` none required. A rule says what a missing and a mixed
week count as, which weeks it looks at, and what it asks of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.definitions.urine_measure import AbstractMeasure, Weeks
from resynapse.trial.urine_word import checked

Missing = Literal["positive", "negative", "skipped", "missing", "neighbours", "usual"]
MISSING_IN_WORDS: Final[dict[str, str]] = {
    "positive": "missing counts as positive",
    "negative": "missing counts as negative",
    "skipped": "missing weeks are left out",
    "missing": "missing stays missing",
    "neighbours": "a single missing week becomes the mean of its neighbours, rounded towards use",
    "usual": "missing becomes what the person had most often, positive in a tie",
}


@dataclass(frozen=True)
class UrineRule:
    """One rule: recoding, weeks, measure, and whose it is."""

    name: str
    measure: AbstractMeasure
    citation: str
    missing: Missing = "positive"
    mixed: float = 1.0
    """Use that a mixed week counts as, 0 to 1"""
    first: int = 1
    last: int | None = None
    """None: to the end of the word"""
    visits: tuple[int, ...] = ()
    """Calendar weeks that a urine is asked for; none: every week"""
    carried: bool = False
    """Whether weeks between visits take the last visit's result; else they do not count"""
    stayed: int = 0
    """A person whose last urine came before this week gets the worst answer"""
    while_seen: bool = False
    """Whether weeks after the last urine do not count"""
    note: str = ""

    @property
    def sentence(self) -> str:
        """The whole rule in words, made from its own fields."""
        parts = [self.measure.words + self._span()]
        if self.visits:
            between = "carried forward" if self.carried else "not counted"
            parts.append(f"visits in weeks {_listed(self.visits)}, weeks between {between}")
        if (self.missing, self.mixed) == ("positive", 1.0):
            parts.append("missing and mixed count as positive")
        else:
            parts.append(MISSING_IN_WORDS[self.missing])
            parts.append(f"mixed counts as {'positive' if self.mixed == 1.0 else 'half'}")
        if self.stayed:
            parts.append(f"worst if the last urine comes before week {self.stayed}")
        return "; ".join(parts) + (f" ({self.note})" if self.note else "")

    def of(
        self,
        word: str,
        from_week: int | None = None,
        to_week: int | None = None,
        missing: Missing | None = None,
    ) -> Any:
        """What the rule says of a word, with other weeks or another reading of missing if asked.

        Raises InputError for a letter that is none, or a word that ends before the rule's weeks.
        """
        rule = replace(
            self,
            first=self.first if from_week is None else _whole("from_week", from_week),
            last=self.last if to_week is None else _whole("to_week", to_week),
            missing=missing or self.missing,
        )
        return rule._answer(checked(word))

    def _answer(self, word: str) -> Any:
        last_seen = max((k for k, one in enumerate(word, 1) if one not in "o_"), default=0)
        self._require(len(word))
        if last_seen < self.stayed:
            return self.measure.worst
        last = last_seen if self.while_seen else self.last
        return self.measure(self._weeks(word).between(self.first, last))

    def _require(self, length: int) -> None:
        if self.last is not None and self.last < self.first:
            raise InputError(
                f"from_week {self.first} comes after to_week {self.last}; turn them round."
            )
        needed = max(self.last or 1, self.first, *(self.visits or (1,)))
        if length < needed:
            raise InputError(
                f"{self.name} looks at week {needed} and the urine word has {length} weeks; give "
                "from_week and to_week that it has, or choose another definition."
            )

    def _weeks(self, word: str) -> Weeks:
        number = np.arange(1, len(word) + 1)
        use = np.array([{"-": 0.0, "+": 1.0, "*": self.mixed}.get(one, np.nan) for one in word])
        missing = np.array([one == "o" for one in word])
        counts = np.array([one != "_" for one in word])
        if self.missing in ("positive", "negative"):
            use[missing] = 1.0 if self.missing == "positive" else 0.0
        elif self.missing == "skipped":
            counts &= ~missing
        elif self.missing == "neighbours":
            use = _as_neighbours(use, missing)
        elif self.missing == "usual":
            use[missing] = _usual(word)
        if self.visits:
            at_visit = np.isin(number, self.visits)
            if self.carried:
                use = use[np.maximum.accumulate(np.where(at_visit, number - 1, 0))]
            else:
                counts &= at_visit
        return Weeks(number[counts], use[counts])

    def _span(self) -> str:
        if self.while_seen:
            return ", until the last urine"
        if self.last is None:
            return f", from week {self.first} on" if self.first > 1 else ""
        weeks = f"weeks {self.first} to {self.last}" if self.first < self.last else ""
        return f", {weeks or f'week {self.last}'}"


def _whole(name: str, week: float) -> int:
    if week != int(week) or week < 1:
        raise InputError(f"{name} is {week:g}; write a whole number, 1 for the first week.")
    return int(week)


def _as_neighbours(use: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Each missing week between two known ones filled with their mean, to 0, 1/2 or 1, up."""
    filled = use.copy()
    for k in np.flatnonzero(missing[1:-1]) + 1:
        filled[k] = np.ceil(use[k - 1] + use[k + 1]) / 2.0
    return filled


def _listed(weeks: tuple[int, ...]) -> str:
    """The weeks, a run of four or more as a span."""
    head = next((k for k, week in enumerate(weeks) if week != weeks[0] + k), len(weeks))
    said = [f"{weeks[0]} to {weeks[head - 1]}"] if head > 3 else [str(w) for w in weeks[:head]]
    return ", ".join([*said, *map(str, weeks[head:])])


def _usual(word: str) -> float:
    """0 where negative weeks outnumber positive and mixed ones."""
    return 0.0 if word.count("-") > word.count("+") + word.count("*") else 1.0
