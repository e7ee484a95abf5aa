"""What is said of ketamine for addiction, which studies bear on it, and how far do they carry?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, get_args

from resynapse.evidence import study
from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import Degree

Verdict = Literal["supported", "plausible", "unresolved", "contradicted"]
Direction = Literal["for", "against", "neither"]
Grade = Literal["review", "randomised", "randomised-indirect", "laboratory", "uncontrolled"]
CONTROLLED: tuple[Grade, ...] = ("review", "randomised")
"""what a strong verdict may rest on; a review is one of randomised trials or of cohorts"""
ENOUGH = 2
"""controlled studies for a claim, and none against it, before it may be called supported"""
UNSHOWN: Final = "Model quantity. No human study has shown this."
"""what stands beside a quantity that no study has measured in people"""


class ClaimError(InputError):
    """A claim that is not there, or whose verdict goes beyond its studies."""


@dataclass(frozen=True)
class Bearing:
    """A study that bears on a claim."""

    id: str
    bears: Direction
    grade: Grade
    says: str


@dataclass(frozen=True)
class Asked:
    """A quantity of a simulated trial: one arm's endpoint, or its comparison with another arm's."""

    arm: str
    endpoint: str
    reference: str | None = None
    severity: Degree | None = None
    """of craving and of withdrawal at entry, where it is not the protocol's"""
    than: Degree | None = None
    """where the comparison itself is compared: with the same one at this severity"""
    protocol: str | None = None
    """where it is not the claim's"""
    shown: bool = True
    """whether any study has measured this in people"""

    @property
    def severities(self) -> tuple[Degree | None, ...]:
        """At which severities people are sent through the trial for it."""
        return (self.severity, self.than) if self.than else (self.severity,)


@dataclass(frozen=True)
class Claim:
    """One claim with its verdict, and the trial that the model runs for it."""

    id: str
    claim: str
    protocol: str
    asked: tuple[Asked, ...]
    studies: tuple[Bearing, ...]
    verdict: Verdict
    why: str
    settled_by: str


def allowed(studies: tuple[Bearing, ...]) -> tuple[Verdict, ...]:
    """The verdicts that studies carry; "unresolved" always, "plausible" with any study for it.

    What the model finds is not asked.

    "supported" needs two controlled studies for it and no study against it; "contradicted" a
    controlled study against it and none for it.
    """
    found: list[Verdict] = ["unresolved"]
    pro = [one for one in studies if one.bears == "for"]
    con = [one for one in studies if one.bears == "against"]
    controlled = [one for one in pro if one.grade in CONTROLLED]
    if pro:
        found.append("plausible")
    if len(controlled) >= ENOUGH and not con:
        found.append("supported")
    if not pro and any(one.grade in CONTROLLED for one in con):
        found.append("contradicted")
    return tuple(found)


@cache
def claims() -> tuple[Claim, ...]:
    """All claims of the package, in the order in which people make them."""
    from ruamel.yaml import YAML

    text = resources.files("resynapse.inference.claims").joinpath("claims.yaml").read_text("utf-8")
    return tuple(checked(row) for row in YAML(typ="safe", pure=True).load(text))


def claim(id: str) -> Claim:
    """The claim of this id."""
    for one in claims():
        if one.id == id:
            return one
    known = ", ".join(one.id for one in claims())
    raise ClaimError(f"There is no claim {id!r}. There are {known}.")


def checked(row: dict[str, Any]) -> Claim:
    """The claim, or an error that says why it may not be made."""
    parts = {
        "asked": tuple(Asked(**one) for one in row["asked"]),
        "studies": tuple(Bearing(**one) for one in row["studies"]),
    }
    made = Claim(**row | parts)
    for one in made.studies:
        study(one.id)
        if one.bears not in get_args(Direction) or one.grade not in get_args(Grade):
            raise ClaimError(f"{made.id}: {one.id} bears {one.bears!r}, grade {one.grade!r}.")
    if made.verdict not in allowed(made.studies):
        raise ClaimError(
            f"{made.id} is called {made.verdict}, but its studies carry no more than"
            f" {', '.join(allowed(made.studies))}. Change the verdict, or add the evidence."
        )
    if made.verdict in ("plausible", "supported") and not any(one.shown for one in made.asked):
        raise ClaimError(
            f"{made.id} is called {made.verdict}, but no study has measured in people what the"
            " model is asked. Call it unresolved, or ask for something that was measured."
        )
    return made
