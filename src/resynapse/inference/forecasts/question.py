"""What is asked of a trial that has not been read out, written down before it is simulated?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from resynapse.input_error import InputError
from resynapse.protocol import Protocol
from resynapse.trial.comparison import MEASURES
from resynapse.trial.endpoint_name import parse

Benefit = Literal["higher", "lower"]
LESS_IS_BETTER = ("craving", "mood", "withdrawal", "lapse", "relapse", "dropout")
"""how the endpoints begin that a treatment is meant to lower"""


@dataclass(frozen=True)
class Question:
    """A level of one arm, a contrast of two, or the interaction of four (``of``)."""

    endpoint: str
    arm: str
    measure: str
    reference: str | None = None
    of: tuple[str, ...] = ()
    benefit: Benefit | None = None
    """the direction that favours the arm; None for a level"""


@dataclass(frozen=True)
class Questions:
    """All that is asked of one trial."""

    protocol: str
    primary: str
    """what stands between the trial's primary endpoint and what is asked"""
    assumed: tuple[str, ...]
    """details of the design that are not public"""
    pools: dict[str, tuple[str, ...]]
    quantities: tuple[Question, ...]


@cache
def pending() -> dict[str, Questions]:
    """The pending trials of the package, by the name of their protocol."""
    from ruamel.yaml import YAML

    place = resources.files("resynapse.inference.forecasts").joinpath("questions.yaml")
    rows = YAML(typ="safe", pure=True).load(place.read_text("utf-8"))
    return {row["protocol"]: _questions(row) for row in rows}


def _questions(row: dict) -> Questions:
    quantities = (one | {"of": tuple(one.get("of", ()))} for one in row["quantities"])
    return Questions(
        row["protocol"], row["primary"].strip(), tuple(row["assumed"]),
        {name: tuple(arms) for name, arms in row["pools"].items()},
        tuple(Question(**one) for one in quantities),
    )  # fmt: skip


def questions(protocol: Protocol) -> Questions:
    """What was written down for a trial, or every endpoint of a protocol of the user's own."""
    known = pending().get(protocol.name)
    if known is not None:
        return known
    sizeless = [arm.id for arm in protocol.arms if arm.n is None]
    if sizeless:
        raise InputError(
            f"{protocol.name}: arm {sizeless[0]!r} has no `n`, so the sampling of the trial cannot"
            " be forecast. Add the planned number of people to every arm."
        )
    return Questions(protocol.name, "", (), {}, tuple(_by_rule(protocol)))


def _by_rule(protocol: Protocol) -> Iterator[Question]:
    """Levels in every arm, and every arm against the reference."""
    for name in protocol.endpoints:
        contrast = MEASURES.get(parse(name).kind)
        if contrast is None:
            continue
        level = "mean" if contrast == "mean_difference" else "proportion"
        yield from (Question(name, arm.id, level) for arm in protocol.arms)
        for arm in protocol.arms:
            if arm.id != protocol.reference:
                better: Benefit = "lower" if name.startswith(LESS_IS_BETTER) else "higher"
                yield Question(name, arm.id, contrast, protocol.reference, (), better)
