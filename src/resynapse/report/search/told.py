"""What does a report of a search need to know?"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from resynapse.report.names import endpoint as endpoint_in_words
from resynapse.trial.fitted import in_words

if TYPE_CHECKING:
    from resynapse.trial.search import Found
    from resynapse.trial.search.found import Answer

BURDENS = {
    "cumulative_dose": "ketamine in all, mg/kg",
    "infusions": "doses of ketamine",
    "sessions": "sessions of therapy",
    "cost": "cost a person",
}


@dataclass(frozen=True)
class Told:
    """Everything that is told."""

    found: Found
    command: str
    version: str
    date: str

    @property
    def answer(self) -> Answer:
        """As asked."""
        return next(iter(self.found.answers.values()))

    @property
    def endpoint(self) -> str:
        """In words."""
        return endpoint_in_words(self.found.asked.benefit)

    @property
    def burden(self) -> str:
        """In words, with its unit."""
        return BURDENS[self.found.asked.burden]

    @property
    def letters(self) -> dict[int, str]:
        """Design of the front -> the letter that stands for it, in the order of burden."""
        shown = self.answer.shown
        return {k: ascii_uppercase[n] if n < 26 else str(n + 1) for n, k in enumerate(shown)}

    @property
    def parameters(self) -> str:
        """Where the draws come from."""
        return in_words(self.found.asked.fitted)
