"""What is left of each trial when a third of its sites is left out?

Sites of a trial, in the order of their masked numbers, are dealt to folds 1, 2, 3, 1, 2 and so on.
A site with fewer than 5 people on an arm stays in every part. A figure is blank where it, or what
all people less it would give away, stands for fewer than 5 people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resynapse.evidence.ctn0094 import first_use, retention
from resynapse.evidence.ctn0094.first_use import Course, courses, share_without_use
from resynapse.evidence.ctn0094.records import POATS, START, Person
from resynapse.evidence.ctn0094.sampling import FEWEST, shown
from resynapse.evidence.ctn0094.weekly import NAMES, WEEKS, states

FOLDS = (1, 2, 3)
CURVE_HEADER = ("phase", "left_out", "day", "n", "at_risk", "no_use")
COUNT_HEADER = ("arm", "left_out", "quantity", "time", "n", "count")


def fold_of_sites(people: Sequence[Person], arms: Sequence[str]) -> dict[int, int]:
    """The fold of each site of a trial, by masked number."""
    chosen = [one for one in people if one.arm in arms]
    sites = [
        site
        for site in sorted({one.site for one in chosen})
        if all(sum(one.site == site and one.arm == arm for one in chosen) >= FEWEST for arm in arms)
    ]
    return {site: FOLDS[k % len(FOLDS)] for k, site in enumerate(sites)}


def curve_rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """CTN-0030: Kaplan-Meier share without use among people of the other folds."""
    folds = fold_of_sites(people, POATS)
    found: list[tuple[str, ...]] = []
    for phase in first_use.TAPER_ENDS:
        for fold in FOLDS:
            here, away = (
                courses([one for one in people if (folds.get(one.site) == fold) is chosen], phase)
                for chosen in (False, True)
            )
            found += [(str(phase), str(fold), *row) for row in _curve(here, away)]
    return found


def count_rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """CTN-0027: retention and weekly urines among people of the other folds."""
    folds = fold_of_sites(people, START)
    found: list[tuple[str, ...]] = []
    for arm in START:
        chosen = [one for one in people if one.arm == arm]
        for fold in FOLDS:
            here, away = (
                [one for one in chosen if (folds.get(one.site) == fold) is wanted]
                for wanted in (False, True)
            )
            found += [(arm, str(fold), *row) for row in _counts(here, away)]
    return found


def _curve(here: list[Course], away: list[Course]) -> Iterator[tuple[str, ...]]:
    for day, share in zip(first_use.DAYS, share_without_use(here), strict=True):
        at_risk, elsewhere = (sum(time > day for time, _ in part) for part in (here, away))
        shown_here = min(at_risk, elsewhere) >= FEWEST
        values = (str(at_risk), shown(share)) if shown_here else ("", "")
        yield (str(day), str(len(here)), *values)


def _counts(here: list[Person], away: list[Person]) -> Iterator[tuple[str, ...]]:
    for day in retention.DAYS:
        stayed = ([retention.retained(one, day) for one in part] for part in (here, away))
        yield ("retained", str(day), *_pair(*stayed))
    for week in range(1, WEEKS + 1):
        seen = [_seen(part, week) for part in (here, away)]
        parts = [_pair(*([state == name for state in part] for part in seen)) for name in NAMES]
        whole = all(count for _, count in parts)
        for name, (n, count) in zip(NAMES, parts, strict=True):
            yield (f"urine {name}", str(week), n, count if whole else "")


def _seen(people: list[Person], week: int) -> list[str]:
    """The state of a week in everybody of whom it is known."""
    return [path[week - 1] for path in map(states, people) if len(path) >= week]


def _pair(here: Sequence[bool], away: Sequence[bool]) -> tuple[str, str]:
    """n and count among those who are here; blank where a part or its complement is small."""
    small = any(min(sum(part), len(part) - sum(part)) < FEWEST for part in (here, away))
    return (str(len(here)), "" if small else str(sum(here)))
