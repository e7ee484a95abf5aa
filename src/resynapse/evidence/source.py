"""Where does a number come from?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Status = Literal["measured", "derived", "assumed"]


@dataclass(frozen=True)
class Source:
    """A publication, a calculation from publications, or a stated assumption.

    ``seen`` says how its number reached us (table, abstract, figure, label, secondary,
    unread); ``status`` is what a number from it counts as unless the parameter says otherwise.
    Where it can be read: ``doi``, ``url``, or those of ``study`` (``located``).
    """

    key: str
    citation: str
    doi: str | None = None
    url: str | None = None
    seen: str = "unread"
    status: Status = "measured"
    study: str | None = None
    """The study of ours that this publication is, where there is one; not every key is an id"""

    @property
    def address(self) -> str:
        """Where a reader finds it: its DOI as an address, or another; empty if none is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url or ""

    def __str__(self) -> str:
        return self.citation


def located(source: Source) -> Source:
    """The source with the DOI and the address of its study, where it has none of its own."""
    if source.study is None:
        return source
    from resynapse.evidence.study import study

    found = study(source.study)
    return replace(source, doi=source.doi or found.doi, url=source.url or found.url)


def assumption(reason: str) -> Source:
    """A number nobody measured, and why its value is reasonable."""
    return Source(key="assumption", citation=reason, seen="no measurement", status="assumed")


def derivation(reason: str) -> Source:
    """A number computed from other numbers, and how."""
    return Source(key="derivation", citation=reason, seen="computed", status="derived")
