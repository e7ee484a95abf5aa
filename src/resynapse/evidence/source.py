"""Where does a number come from?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["measured", "derived", "assumed"]


@dataclass(frozen=True)
class Source:
    """A publication, a calculation from publications, or a stated assumption.

    ``seen`` says how its number reached us (table, abstract, figure, label, secondary,
    unread); ``status`` is what a number from it counts as unless the parameter says otherwise.
    """

    key: str
    citation: str
    doi: str | None = None
    url: str | None = None
    seen: str = "unread"
    status: Status = "measured"

    def __str__(self) -> str:
        return self.citation


def assumption(reason: str) -> Source:
    """A number nobody measured, and why its value is reasonable."""
    return Source(key="assumption", citation=reason, seen="no measurement", status="assumed")


def derivation(reason: str) -> Source:
    """A number computed from other numbers, and how."""
    return Source(key="derivation", citation=reason, seen="computed", status="derived")
