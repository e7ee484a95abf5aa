"""How severe is withdrawal, by the days since the last reported use (all randomised people)?

Each rating (0 none, 1 mild, 2 moderate, 3 severe) on or after randomisation counts, and stands by
the days since the last reported use; people without a report of use before it are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from resynapse.evidence.ctn0094.records import Person
from resynapse.evidence.ctn0094.sampling import FEWEST, bootstrap_band, shown

BINS = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 7), (8, 14), (15, 28), (29, 84))
HEADER = (
    *("trial", "days_since_use", "people", "ratings", "mean", "low", "high"),
    *("none", "mild", "none_or_mild", "moderate_or_severe"),
)
TRIALS = {"CTN-0027": ("methadone", "buprenorphine"), "CTN-0030": ("standard", "enhanced")}


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Ratings in each bin of days, with the mean and its band over resamples of people.

    Moderate and severe are one, since severe was rare; none and mild are one where fewer than
    FEWEST people were rated none.
    """
    found: list[tuple[str, ...]] = []
    for trial, arms in TRIALS.items():
        rated = [ratings(one) for one in people if one.arm in arms]
        for first, last in BINS:
            chosen = [_inside(one, first, last) for one in rated]
            name = str(first) if first == last else f"{first}-{last}"
            found.append((trial, name, *_row([one for one in chosen if one])))
    return found


def _inside(rated: list[tuple[int, int]], first: int, last: int) -> list[int]:
    return [severity for days, severity in rated if first <= days <= last]


def ratings(person: Person) -> list[tuple[int, int]]:
    """Days since the last reported use, and severity, of every rating from randomisation on."""
    found = []
    for day, severity in person.withdrawal:
        before = [used for used in person.uses if used <= day]
        if before and day >= person.randomised[1]:
            found.append((day - max(before), severity))
    return found


def mean_severity(people: Sequence[list[int]]) -> list[float]:
    """Mean of all ratings of all people, 0 to 3."""
    return [sum(map(sum, people)) / sum(map(len, people))]


def _row(people: list[list[int]]) -> tuple[str, ...]:
    if len(people) < FEWEST:
        return ("",) * 9
    ((low, high),) = bootstrap_band(people, mean_severity)
    n = (str(len(people)), str(sum(map(len, people))))
    means = (shown(mean_severity(people)[0]), shown(low), shown(high))
    return (*n, *means, *_levels(people))


def _levels(people: list[list[int]]) -> tuple[str, str, str, str]:
    """Ratings at each level; blank where a level, or what is left of it, holds too few people."""
    ratings_at = [
        sum(min(value, 2) == level for one in people for value in one) for level in range(3)
    ]
    people_at = [
        sum(level in [min(value, 2) for value in one] for one in people) for level in range(3)
    ]
    if min(people_at) >= FEWEST:
        none, mild, more = map(str, ratings_at)
        return none, mild, str(ratings_at[0] + ratings_at[1]), more
    lower = sum(min(one) < 2 for one in people)
    if min(lower, people_at[2]) >= FEWEST:
        return "", "", str(ratings_at[0] + ratings_at[1]), str(ratings_at[2])
    return "", "", "", ""
