"""What may a design not do to people, or ask of them?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean

ACUTE = {
    "dissociation": ("cadss_peak", "peak CADSS", ""),
    "pressure": ("pressure_peak_rise_mmHg", "peak rise of systolic pressure", " mmHg"),
}
"""What is simulated: column of a person, words, unit"""
PLANNED = {
    "cumulative_dose": "mg/kg of ketamine in all",
    "infusions": "doses of ketamine",
    "sessions": "sessions",
    "cost": "cost a person",
}
"""What a design says of itself"""


@dataclass(frozen=True)
class Limit:
    """No more than so much of something planned, or an acute effect above so much in few people."""

    name: str
    value: float
    probability: float | None = None
    """share of people, over draws of the parameters, who may pass an acute limit"""

    @property
    def acute(self) -> bool:
        """Whether it is a probability that has to be simulated."""
        return self.probability is not None

    def __str__(self) -> str:
        if self.probability is None:
            return f"{PLANNED[self.name]} up to {self.value:g}"
        _, words, unit = ACUTE[self.name]
        return f"Pr({words} above {self.value:g}{unit}) up to {self.probability:g}"


def limits(given: Iterable[str]) -> tuple[Limit, ...]:
    """What ``--limit NAME=VALUE`` or ``--limit NAME=VALUE@PROBABILITY`` says."""
    return tuple(_limit(text) for text in given)


def _limit(text: str) -> Limit:
    name, _, rest = text.partition("=")
    value, at, share = rest.partition("@")
    if name not in ACUTE and name not in PLANNED:
        known = (*ACUTE, *PLANNED)
        raise InputError(
            f"--limit {text}: write NAME=VALUE with a name from {', '.join(known)}."
            f"{did_you_mean(name, known)}"
        )
    numbers = _numbers(value, share if at else "0.5")
    if name in ACUTE:
        if not at or numbers is None or not 0.0 < numbers[1] < 1.0:
            raise InputError(
                f"--limit {text}: an acute effect differs between people, so say how many may pass "
                f"the limit: {name}=VALUE@PROBABILITY, as {name}=40@0.1."
            )
        return Limit(name, *numbers)
    if at or numbers is None:
        raise InputError(f"--limit {text}: write {name}=NUMBER, from 0 on.")
    return Limit(name, numbers[0])


def _numbers(value: str, share: str) -> tuple[float, float] | None:
    try:
        found = float(value), float(share)
    except ValueError:
        return None
    return found if 0.0 <= found[0] < float("inf") else None
