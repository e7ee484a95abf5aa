"""How far does a quantity move over draws of the parameters, where enough were drawn to say?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from resynapse.report.wording import NARROW

if TYPE_CHECKING:
    from resynapse.trial.result import Result

ENOUGH = 4
"""Fewer draws have no interval that means anything"""
LENGTHS = {"days": 1.0, "weeks": 7.0, "months": 30.4375}


def draws(result: Result) -> int:
    """How many sets of parameters were drawn."""
    return max((found["draws"] for found in result.knowledge.values()), default=0)


def over_draws(result: Result, whose: str, what: str) -> dict[str, Any] | None:
    """The entry of "arm: endpoint" or "arm against arm: endpoint measure", if drawn enough."""
    found = result.knowledge.get(f"{whose}: {what}")
    return found if found is not None and found["draws"] >= ENOUGH else None


def by_horizon(result: Result, arm: str, subject: str) -> dict[float, tuple[float, float]]:
    """Day of the horizon -> limits, for every endpoint such as ``subject_6_months``."""
    found = {}
    start = re.compile(rf"{re.escape(arm)}: {subject}_(\d+)_(days|weeks|months)")
    for name, interval in result.knowledge.items():
        match = start.fullmatch(name)
        if match and interval["draws"] >= ENOUGH:
            day = float(match[1]) * LENGTHS[match[2]]
            found[day] = (interval["low"], interval["high"])
    return found


def said(result: Result) -> str:
    """What the thick bars of a figure are."""
    return f"Thick bars: 90{NARROW}% over {draws(result)} draws of the parameters."


def both_kinds(result: Result) -> str:
    """Where the uncertainty of knowledge is shown beside that between people."""
    if draws(result) < ENOUGH:
        why = "this run drew too few of them" if draws(result) else "this run did not draw them"
        return f"What the parameters add is not shown: {why}."
    return f"Over parameters: 90{NARROW}%, below values in tables, as thick bars on curves."
