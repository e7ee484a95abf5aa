"""How far do sites differ (masked numbers of the source)?

For CTN-0027: retained at 161 d and the urine of week 12, of all randomised people. For CTN-0030:
first use within 7, 14 and 28 d of the planned end of the taper of phase 1, among people followed
that long or with a use before; a plain share, so not the Kaplan-Meier curve of first_use. The fold
of a site is that of ``folds``; blank for one that is never left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resynapse.evidence.ctn0094.first_use import courses
from resynapse.evidence.ctn0094.folds import fold_of_sites
from resynapse.evidence.ctn0094.records import POATS, START, Person
from resynapse.evidence.ctn0094.retention import retained
from resynapse.evidence.ctn0094.sampling import partition_rows, share_row
from resynapse.evidence.ctn0094.weekly import NAMES, states

HEADER = ("trial", "site", "fold", "arm", "quantity", "n", "count", "share", "low", "high")
WEEK, RETENTION_DAY = 12, 161
FIRST_USE_DAYS = (7, 14, 28)


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """A row for every site, arm and quantity; blank where a cell holds fewer than 5 people."""
    found: list[tuple[str, ...]] = []
    start, poats = fold_of_sites(people, START), fold_of_sites(people, POATS)
    for site in sorted({one.site for one in people}):
        here = [one for one in people if one.site == site]
        for arm in START:
            chosen = [one for one in here if one.arm == arm]
            found += [
                ("CTN-0027", str(site), _fold(start, site), arm, *row) for row in _start(chosen)
            ]
        chosen = [one for one in here if one.arm in POATS]
        found += [
            ("CTN-0030", str(site), _fold(poats, site), "both", *row) for row in _poats(chosen)
        ]
    return found


def _fold(folds: dict[int, int], site: int) -> str:
    return str(folds[site]) if site in folds else ""


def _start(chosen: list[Person]) -> Iterator[tuple[str, ...]]:
    if not chosen:
        return
    staying = sum(retained(one, RETENTION_DAY) for one in chosen)
    yield (f"retained at {RETENTION_DAY} d", *share_row(staying, len(chosen)))
    paths = [path for path in map(states, chosen) if len(path) >= WEEK]
    parts = partition_rows([sum(path[WEEK - 1] == name for path in paths) for name in NAMES])
    for name, part in zip(NAMES, parts, strict=True):
        yield (f"urine {name} in week {WEEK}", *part)


def _poats(chosen: list[Person]) -> Iterator[tuple[str, ...]]:
    if not chosen:
        return
    followed = courses(chosen, 1)
    for day in FIRST_USE_DAYS:
        known = [one for one in followed if one[1] or one[0] >= day]
        count = sum(used and time <= day for time, used in known)
        yield (f"first use by {day} d", *share_row(count, len(known)))
