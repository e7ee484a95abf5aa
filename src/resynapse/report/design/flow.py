"""Where do the people of a typical trial go?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.report.design.told import Told
from resynapse.trial.power.batch import CONTROL, TREATED
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.testable import Kind


@dataclass(frozen=True)
class Box:
    """A box of the flow: a heading and lines."""

    head: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """The boxes, from top to bottom."""

    all: Box
    arms: tuple[tuple[Box, ...], ...]


def flow(told: Told) -> Flow:
    """The CONSORT flow of the typical trial of the first design."""
    example = told.examples[told.first].trials["typical"]
    labels = {CONTROL: told.reference.label, TREATED: told.arm(told.first).label}
    kind = told.found.asked.kind
    arms = tuple(
        (
            Box("Allocated", (labels[name], f"n = {len(example.outcomes[name])}")),
            Box("Follow-up", _followed(example.outcomes[name], kind)),
            Box("Analysed", (f"n = {_analysed(example.outcomes[name], kind)}",)),
        )
        for name in (CONTROL, TREATED)
    )
    total = sum(len(one) for one in example.outcomes.values())
    return Flow(Box("Randomised", (f"n = {total}",)), arms)


def _followed(one: Outcome, kind: Kind) -> tuple[str, ...]:
    if kind == "time":
        end = float(np.max(one.seen))
        left = np.count_nonzero(~one.event & (one.seen < end - 1e-9))
        events = np.count_nonzero(one.event)
        ended = len(one) - events - left
        return f"event seen: {events}", f"left before it: {left}", f"followed, no event: {ended}"
    if kind == "number":
        return (
            f"measured: {np.count_nonzero(one.event)}",
            f"missing: {np.count_nonzero(~one.event)}",
        )
    return (f"yes: {np.count_nonzero(one.seen > 0.5)}", "missing counts as no")


def _analysed(one: Outcome, kind: Kind) -> int:
    return int(np.count_nonzero(one.event)) if kind == "number" else len(one)
