"""Does an arm give ketamine more often than trials tell how its effect adds up?

In the model it adds up dose by dose: the sustained state of a dose comes on top of what is left of
the one before, and nothing wears out. The trials that the effect on use was fitted to gave one
dose, so this is the model's own; those of more doses that it is held against gave three at most,
a week apart or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resynapse.protocol import limits
from resynapse.protocol.vocabulary import KETAMINES

if TYPE_CHECKING:
    from resynapse.protocol.arm import Arm
    from resynapse.protocol.treatment import Dose

MOST_COMPARED: Final = 3
"""Doses above control dose to one person in a trial of addiction whose results are held against the
model: grabski-2022, krupitsky-2007."""
NEAREST_COMPARED: Final = 7.0
"""Days between two of them: grabski-2022."""
CONTROL_SHARE: Final = 0.08
"""Up to this share of the highest dose a dose is that of a control: 0.2 of 2.5 mg/kg im (Krupitsky
2002); 0.05 of 0.8 mg/kg iv (MORE-KARE) is less."""
_ON_TIME: Final = 1.0 / 24.0
"""Days by which a dose may come early and be a week apart (assumed)"""
_ONE_OCCASION: Final = 1.0 / 24.0
"""Days from the end of a dose within which the next counts as its continuation, as the infusion
right after a bolus in dakwar-2014 (assumed)"""
_TRIALS: Final = (
    "The trials of addiction that the effect on use was fitted to gave one (Krupitsky 2002, Dakwar"
    " 2019), those it is held against three at most, a week apart or more (Grabski 2022, Krupitsky"
    " 2007); in the model the effect adds up from dose to dose: extrapolated."
)


def occasions(arm: Arm, weight_kg: float) -> tuple[float, ...]:
    """Days on which ketamine above control dose begins, each occasion once.

    Doses under a decision rule count: the most that one person can get.
    """
    given = sorted(
        (day, day + dose.minutes / 1440.0)
        for dose in arm.doses
        if _counts(dose, weight_kg)
        for day in dose.days
    )
    begun: list[float] = []
    ended = -float("inf")
    for begin, end in given:
        if begin > ended + _ONE_OCCASION:
            begun.append(begin)
        ended = max(ended, end)
    return tuple(begun)


def _counts(dose: Dose, weight_kg: float) -> bool:
    if dose.drug not in KETAMINES or dose.amount.value <= 0.0:
        return False
    known = limits.limit_of(dose) is not None
    return not known or limits.times_limit(dose, weight_kg) > CONTROL_SHARE * (1.0 + 1e-9)


def repeated(arm: Arm, weight_kg: float) -> Iterator[str]:
    """A sentence where doses are more, or nearer together, than in any of those trials."""
    days = occasions(arm, weight_kg)
    if len(days) < 2:
        return
    gap = min(later - earlier for earlier, later in pairwise(days))
    if len(days) > MOST_COMPARED or gap < NEAREST_COMPARED - _ON_TIME:
        yield f"{len(days)} doses of ketamine, {_apart(gap)} apart at the least. {_TRIALS}"


def _apart(gap: float) -> str:
    """Some days, or hours below one."""
    if gap < 1.0:
        return f"{gap * 24.0:.3g} h"
    return f"{gap:.3g} day{'' if f'{gap:.3g}' == '1' else 's'}"
