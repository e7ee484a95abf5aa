"""How long do people stay on methadone or buprenorphine (CTN-0027)?

Somebody is retained at a day if a dose of study medication was taken on it or later. Treatment
was planned for 24 weeks and ended for many a few days before 168 d, so the last row is 161 d.
"""

from __future__ import annotations

from collections.abc import Sequence

from resynapse.evidence.ctn0094.records import START, Person
from resynapse.evidence.ctn0094.sampling import share_row

DAYS = (7, 14, 28, 30, 56, 84, 112, 140, 161)
HEADER = ("arm", "day", "n", "count", "share", "low", "high")


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Share of all randomised people retained at each of DAYS, with Wilson intervals."""
    found: list[tuple[str, ...]] = []
    for arm in START:
        chosen = [one for one in people if one.arm == arm]
        for day in DAYS:
            count = sum(retained(one, day) for one in chosen)
            found.append((arm, str(day), *share_row(count, len(chosen))))
    return found


def retained(person: Person, day: int) -> bool:
    """Whether a dose was taken on this day after randomisation or later."""
    return max(person.doses, default=-1000) - person.randomised[1] >= day
