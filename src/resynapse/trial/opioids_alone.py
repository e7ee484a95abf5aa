"""What does a run of people who use no opioids leave out, or show as a quantity of the model?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from resynapse.protocol.opioids_alone import COWS_HIGHEST, opioids
from resynapse.protocol.without_use import uses
from resynapse.trial.depression import not_theirs

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.trial.courses import Courses

WITHDRAWAL: Final = "withdrawal"
UNIT: Final = "model quantity, 0-1"
"""of withdrawal where COWS is no scale of it"""
DEATHS: Final = "overdose_deaths_expected"
"""column of the table of people"""


def of_a_point(protocol: Protocol) -> float:
    """What one point of a run's withdrawal is where it is shown: a point of COWS, or UNIT."""
    return 1.0 if opioids(protocol) else 1.0 / COWS_HIGHEST


def model_quantity(protocol: Protocol, courses: Courses) -> Courses:
    """Courses with withdrawal as a quantity of the model, where COWS is no scale of it."""
    if opioids(protocol) or WITHDRAWAL not in courses.values:
        return courses
    found = courses.values[WITHDRAWAL] * of_a_point(protocol)
    about = {**courses.about[WITHDRAWAL], "units": UNIT}
    return replace(
        courses, values={**courses.values, WITHDRAWAL: found},
        about={**courses.about, WITHDRAWAL: about},
    )  # fmt: skip


def hidden(protocol: Protocol, column: str) -> bool:
    """Whether a column of the table of people says nothing of the people of a protocol."""
    if not uses(protocol):
        return not_theirs(column)
    return column == DEATHS and not opioids(protocol)
