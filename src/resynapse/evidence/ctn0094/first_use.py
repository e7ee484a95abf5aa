"""After a buprenorphine taper (CTN-0030), how long until the first use of an opioid?

The clock starts when the taper was planned to end: 28 d after randomisation to phase 1 (2 weeks of
buprenorphine, 2 of taper), 112 d after that to phase 2 (12 and 4). People count who reported no
use in the 7 d before and have a record after it. A use on the first day of the clock is one by
1 d. Censored at the last record, and in phase 1 also at randomisation to phase 2; that censoring
is informative, so the curve is too favourable.
"""

from __future__ import annotations

from collections.abc import Sequence

from resynapse.evidence.ctn0094.records import POATS, Person
from resynapse.evidence.ctn0094.sampling import FEWEST, bootstrap_band, shown

DAYS = (1, 3, 7, 14, 21, 28, 42, 56, 84)
TAPER_ENDS = {1: 28, 2: 112}
"""Phase to the planned end of taper, d after randomisation to it"""

ABSTINENT_BEFORE = 7
"""d without reported use before the clock starts"""

HEADER = ("phase", "counselling", "day", "n", "at_risk", "no_use", "low", "high")

Course = tuple[int, bool]
"""Days to the end of the day of the first use, or of the last record; whether it was a use"""


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Kaplan-Meier share without use at each of DAYS, with its bootstrap band."""
    found: list[tuple[str, ...]] = []
    for phase in TAPER_ENDS:
        for counselling in ("all", *POATS):
            chosen = [one for one in people if counselling in ("all", one.arm)]
            found += _curve(phase, counselling, courses(chosen, phase))
    return found


def courses(people: Sequence[Person], phase: int) -> list[Course]:
    """The course of everybody whose clock starts in a phase."""
    followed = (course(one, phase) for one in people if one.arm in POATS)
    return [one for one in followed if one is not None]


def course(person: Person, phase: int) -> Course | None:
    """The course of a person; None for those whose clock does not start."""
    if phase not in person.randomised:
        return None
    origin = person.randomised[phase] + TAPER_ENDS[phase]
    end = person.last_record
    if phase == 1 and 2 in person.randomised:
        end = min(end, person.randomised[2])
    if end <= origin or any(origin - ABSTINENT_BEFORE <= day < origin for day in person.uses):
        return None
    first = min((day for day in person.uses if origin <= day <= end), default=None)
    return (end - origin + 1, False) if first is None else (first - origin + 1, True)


def share_without_use(followed: Sequence[Course], days: Sequence[int] = DAYS) -> list[float]:
    """The Kaplan-Meier share without use just after each day.

    S(t) = product over times u <= t of (1 - uses(u) / at_risk(u))           share
    """
    at_risk, uses = [0] * (max(days) + 2), [0] * (max(days) + 2)
    for time, used in followed:
        at_risk[min(time, max(days) + 1)] += 1
        if used and time <= max(days):
            uses[time] += 1
    for time in range(max(days), -1, -1):
        at_risk[time] += at_risk[time + 1]
    share, found = 1.0, []
    for time in range(max(days) + 1):
        share *= 1.0 - uses[time] / at_risk[time] if at_risk[time] else 1.0
        found.append(share)
    return [found[day] for day in days]


def _curve(phase: int, counselling: str, followed: list[Course]) -> list[tuple[str, ...]]:
    shares = share_without_use(followed)
    bands = bootstrap_band(followed, share_without_use)
    found: list[tuple[str, ...]] = []
    for day, share, (low, high) in zip(DAYS, shares, bands, strict=True):
        at_risk = sum(time > day for time, _ in followed)
        start = (str(phase), counselling, str(day), str(len(followed)))
        values = (str(at_risk), shown(share), shown(low), shown(high))
        found.append((*start, *(values if at_risk >= FEWEST else ("", "", "", ""))))
    return found
