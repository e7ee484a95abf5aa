"""How far do sites differ (masked numbers of the source)?

For CTN-0027: retained at 161 d and the urine of week 12, of all randomised people. For CTN-0030:
first use within 28 d of the planned end of the taper of phase 1, among people followed that long or
with a use before; a plain share, so not the Kaplan-Meier curve of first_use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resynapse.evidence.ctn0094.first_use import courses
from resynapse.evidence.ctn0094.records import POATS, START, Person
from resynapse.evidence.ctn0094.retention import retained
from resynapse.evidence.ctn0094.sampling import partition_rows, share_row
from resynapse.evidence.ctn0094.weekly import NAMES, states

HEADER = ("trial", "site", "arm", "quantity", "n", "count", "share", "low", "high")
WEEK, RETENTION_DAY, FIRST_USE_DAY = 12, 161, 28


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """A row for every site, arm and quantity; blank where a cell holds fewer than 5 people."""
    found: list[tuple[str, ...]] = []
    for site in sorted({one.site for one in people}):
        here = [one for one in people if one.site == site]
        for arm in START:
            chosen = [one for one in here if one.arm == arm]
            found += [("CTN-0027", str(site), arm, *row) for row in _start(chosen)]
        chosen = [one for one in here if one.arm in POATS]
        found += [("CTN-0030", str(site), "both", *row) for row in _poats(chosen)]
    return found


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
    known = [one for one in followed if one[1] or one[0] >= FIRST_USE_DAY]
    count = sum(used and time <= FIRST_USE_DAY for time, used in known)
    yield (f"first use by {FIRST_USE_DAY} d", *share_row(count, len(known)))
