"""What is the world in which only expectancy acts, and in which figures does it stand?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.protocol.vocabulary import KETAMINES
from resynapse.report.arms import ArmStyle
from resynapse.report.panel import CROWDED

if TYPE_CHECKING:
    from resynapse.trial.result import Result

MEANING = (
    "Dotted, expectancy alone: the same people in the same arms, where ketamine does nothing but "
    "what people expect of it; medication and therapy act as before."
)
SAME = (
    "Expectancy alone is no rival here: no arm is given ketamine, so nothing changes where only "
    "expectancy acts, and dotted lines lie on the others."
)
TOO_MANY = (
    "Expectancy alone is not drawn here: with more than {} arms its lines would cover the curves. "
    "Its values stand in the tables."
)
NONE_HERE = (
    "Expectancy alone has no dotted lines in this section: it is a rival of what came of people, "
    "not of what ketamine does in the body."
)


def rival_words(result: Result, arms: tuple[ArmStyle, ...]) -> str:
    """What the dotted lines are, or why there are none; nothing where the rival was not run."""
    if not result.rival:
        return ""
    if len(arms) > CROWDED:
        return TOO_MANY.format("three")
    given = any(dose.drug in KETAMINES for arm in result.protocol.arms for dose in arm.doses)
    return MEANING if given else SAME
