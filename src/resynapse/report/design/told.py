"""What does a report of a design need to know?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resynapse.report.names import endpoint as endpoint_in_words

if TYPE_CHECKING:
    from resynapse.protocol import Arm, Protocol
    from resynapse.trial.power.example import Examples
    from resynapse.trial.power.found import Found


@dataclass(frozen=True)
class Told:
    """Everything that is told."""

    protocol: Protocol
    found: Found
    examples: Mapping[str, Examples]
    """By design"""
    parameters: str
    command: str
    version: str
    date: str
    counts: Mapping[str, int]
    """Parameters by status"""
    implausible: Sequence[str] = ()
    """A sentence for each number that was set where its prior hardly has it"""

    @property
    def designs(self) -> list[str]:
        """In order."""
        return list(self.examples)

    @property
    def first(self) -> str:
        """The design that pictures show."""
        return self.designs[0]

    @property
    def method(self) -> str:
        """The analysis that comes first."""
        return self.found.asked.methods[0]

    @property
    def endpoint(self) -> str:
        """In words."""
        return endpoint_in_words(self.found.asked.endpoint)

    def arm(self, design: str) -> Arm:
        """The arm of a design."""
        return self.protocol.arm(design)

    @property
    def reference(self) -> Arm:
        """The arm that others are set against."""
        return self.protocol.arm(self.protocol.reference)
