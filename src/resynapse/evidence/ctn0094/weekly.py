"""Week by week on medication (CTN-0027): negative, positive or missing, and what follows what?

Weeks count from randomisation, by the weekly pattern of the source; a mixed week counts as
positive. The last weeks are missing for people randomised late, so weeks 1 to 21 are used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from resynapse.evidence.ctn0094.records import START, Person
from resynapse.evidence.ctn0094.sampling import bootstrap_band, partition_rows, shown

STATES = {"-": "negative", "+": "positive", "*": "positive", "o": "missing"}
NAMES = ("negative", "positive", "missing")
WEEKS = 21
STATE_HEADER = ("arm", "week", "state", "n", "count", "share", "low", "high")
TRANSITION_HEADER = ("arm", "from", "to", "people", "person_weeks", "share", "low", "high")


def state_rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Share of all randomised people in each state, each week, with Wilson intervals."""
    found: list[tuple[str, ...]] = []
    for arm in START:
        weeks = [states(one) for one in people if one.arm == arm]
        for week in range(WEEKS):
            seen = Counter(path[week] for path in weeks if week < len(path))
            parts = partition_rows([seen[name] for name in NAMES])
            for name, part in zip(NAMES, parts, strict=True):
                found.append((arm, str(week + 1), name, *part))
    return found


def transition_rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Share that goes from one state to each other the week after; people are resampled."""
    found: list[tuple[str, ...]] = []
    for arm in START:
        counts = [transitions(states(one)) for one in people if one.arm == arm]
        shares, bands = transition_shares(counts), bootstrap_band(counts, transition_shares)
        weeks = [sum(column) for column in zip(*counts, strict=True)]
        pairs = [(before, after) for before in NAMES for after in NAMES]
        for place, (before, after) in enumerate(pairs):
            low, high = bands[place]
            numbers = (len(counts), weeks[place])
            values = (shares[place], low, high)
            found.append((arm, before, after, *map(str, numbers), *map(shown, values)))
    return found


def states(person: Person) -> list[str]:
    """The states of a person in weeks 1 to 21, as far as they go."""
    return [STATES[letter] for letter in person.urine_weeks[:WEEKS] if letter in STATES]


def transitions(path: Sequence[str]) -> tuple[int, ...]:
    """How often each of the nine pairs of states followed each other."""
    seen = Counter(pairwise(path))
    return tuple(seen[before, after] for before in NAMES for after in NAMES)


def transition_shares(counts: Sequence[tuple[int, ...]]) -> list[float]:
    """Each pair as a share of what left its first state."""
    total = [sum(column) for column in zip(*counts, strict=True)]
    leaving = [sum(total[3 * row : 3 * row + 3]) for row in range(3)]
    return [total[place] / leaving[place // 3] for place in range(9)]
