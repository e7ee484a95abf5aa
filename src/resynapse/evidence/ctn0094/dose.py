"""How often is a weekly urine positive, by the dose of that week (CTN-0027, weeks 3 to 21)?

The dose is the mean over the days of the week on which study medication was taken. It was chosen
by clinician and patient, so the table is an association: people who do badly are raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resynapse.evidence.ctn0094.records import START, Person
from resynapse.evidence.ctn0094.sampling import FEWEST, bootstrap_band, shown
from resynapse.evidence.ctn0094.weekly import WEEKS, states

FIRST_WEEK = 3
BANDS = {
    "methadone": ((1, 39), (40, 59), (60, 79), (80, 99), (100, 1000)),
    "buprenorphine": ((1, 7), (8, 15), (16, 23), (24, 1000)),
}
"""mg a day, whole numbers, both ends included"""

HEADER = ("arm", "dose_mg", "people", "tested_weeks", "positive", "share", "low", "high")

PersonWeeks = tuple[int, int]
"""Tested and positive weeks of one person at one dose"""


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Share of tested weeks that were positive at each dose; people are resampled."""
    found: list[tuple[str, ...]] = []
    for arm in START:
        chosen = [list(weeks(one)) for one in people if one.arm == arm]
        for low, high in BANDS[arm]:
            counted = [_at(one, low, high) for one in chosen]
            name = f"{low}-{high}" if high < 1000 else f"{low} and more"
            found.append((arm, name, *_row([one for one in counted if one[0]])))
    return found


def weeks(person: Person) -> Iterator[tuple[float, bool]]:
    """Mean daily dose and whether the urine was positive, of every tested week with a dose."""
    path = states(person)
    for week in range(FIRST_WEEK - 1, min(WEEKS, len(path))):
        begin = person.randomised[1] + 7 * week
        doses = [person.doses[day] for day in range(begin, begin + 7) if day in person.doses]
        if doses and path[week] != "missing":
            yield sum(doses) / len(doses), path[week] == "positive"


def positive_share(counted: Sequence[PersonWeeks]) -> list[float]:
    """Positive weeks as a share of tested ones."""
    return [sum(one[1] for one in counted) / sum(one[0] for one in counted)]


def _at(found: Sequence[tuple[float, bool]], low: int, high: int) -> PersonWeeks:
    inside = [positive for dose, positive in found if low <= round(dose) <= high]
    return len(inside), sum(inside)


def _row(counted: list[PersonWeeks]) -> tuple[str, ...]:
    positive = sum(one[1] > 0 for one in counted)
    if len(counted) < FEWEST or positive < FEWEST:
        return ("",) * 6
    ((low, high),) = bootstrap_band(counted, positive_share)
    sums = (len(counted), sum(one[0] for one in counted), sum(one[1] for one in counted))
    return (*map(str, sums), shown(positive_share(counted)[0]), shown(low), shown(high))
