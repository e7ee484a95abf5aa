"""Does more counselling help on buprenorphine (CTN-0030, standard against enhanced)?

First use after taper, by counselling, stands in first_use. Here: study medication taken on or
after a day, and the urine of a week, of all people randomised to phase 1 or 2, in that phase.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resynapse.evidence.ctn0094.records import POATS, Person
from resynapse.evidence.ctn0094.sampling import share_row
from resynapse.evidence.ctn0094.weekly import STATES

HEADER = ("phase", "counselling", "quantity", "n", "count", "share", "low", "high")
DOSE_DAYS = {1: (7, 14), 2: (28, 56, 77)}
WEEKS = {1: (2, 4, 8), 2: (4, 8, 12, 16, 24)}
"""Weeks of a phase whose urine is counted"""


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """A row for each phase, intensity and quantity, with Wilson intervals."""
    return [
        (str(phase), arm, *row)
        for phase in DOSE_DAYS
        for arm in POATS
        for row in _phase([one for one in people if one.arm == arm], phase)
    ]


def _phase(people: list[Person], phase: int) -> Iterator[tuple[str, ...]]:
    chosen = [one for one in people if phase in one.randomised]
    for day in DOSE_DAYS[phase]:
        count = sum(_last_dose(one, phase) >= day for one in chosen)
        yield (f"on medication at {day} d", *share_row(count, len(chosen)))
    for week in WEEKS[phase]:
        count = sum(_urine(one, phase, week) == "negative" for one in chosen)
        yield (f"urine negative in week {week}, missing counted", *share_row(count, len(chosen)))


def _last_dose(person: Person, phase: int) -> int:
    """d after randomisation to the phase, counted to the start of the next one."""
    begin = person.randomised[phase]
    end = person.randomised.get(phase + 1, 100_000)
    return max((day for day in person.doses if begin <= day < end), default=begin - 1) - begin


def _urine(person: Person, phase: int, week: int) -> str:
    gap = (person.randomised[phase] - person.randomised[1]) // 7
    place = gap + week - 1
    letters = person.urine_weeks
    return STATES.get(letters[place], "missing") if place < len(letters) else "missing"
