"""What is decided at a visit, and from what that is known then?"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from resynapse.protocol.fields import AbstractRecord, Identifier, SomeDays
from resynapse.protocol.vocabulary import did_you_mean

SCALES: Final = {
    "craving": (100.0, "visual analogue scale, 0 to 100"),
    "withdrawal": (48.0, "COWS, 0 to 48"),
    "pressure": (300.0, "systolic blood pressure, mmHg"),
    "dissociation": (84.0, "CADSS, 0 to 84"),
}
"""What a rule may look at: highest value, and scale."""

_ABOVE: Final = re.compile(r"(\S+)\s+above\s+(\d+(?:\.\d+)?)")
_HELP: Final = "Write `lapsed`, or for example `craving above 60`."


def _condition(text: str) -> str:
    words = " ".join(text.split())
    if words == "lapsed":
        return words
    match = _ABOVE.fullmatch(words)
    if match is None:
        raise ValueError(f'"{text}" is not a condition. {_HELP}')
    quantity, threshold = match[1], float(match[2])
    if quantity not in SCALES:
        names = ", ".join(SCALES)
        guess = did_you_mean(quantity, SCALES)
        raise ValueError(f"{quantity} is not known at a visit. Allowed: {names}. {_HELP}{guess}")
    highest, scale = SCALES[quantity]
    if threshold >= highest:
        raise ValueError(
            f"{quantity} above {threshold:g} cannot happen: {scale}. Write a lower threshold."
        )
    return words


class DecisionRule(AbstractRecord):
    """At each of these visits, those of whom ``when`` is true are given or refused something."""

    name: Identifier
    visits: SomeDays
    when: Annotated[str, AfterValidator(_condition)] = Field(
        description="`lapsed`, or craving, withdrawal, pressure or dissociation above a number"
    )
    then: Literal["give", "withhold"] = Field(
        description="give what names this rule in if_rule; or withhold later doses"
    )

    @property
    def quantity(self) -> str:
        """What is looked at: lapsed, or a name of SCALES."""
        return self.when.split()[0]

    @property
    def threshold(self) -> float | None:
        """The value above which the rule fires; None for `lapsed`."""
        match = _ABOVE.fullmatch(self.when)
        return float(match[2]) if match else None
