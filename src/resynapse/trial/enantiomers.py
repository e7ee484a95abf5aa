"""How much of ketamine in blood is S, and how much is R?

Every run has both and records their sum. Where they are asked for apart, the first people of each
arm are sent through it once more, as far as the last minute that is kept, with another observer:
people, steps and chance are the same, so S and R add up to what the run recorded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.parameter import Scalar
from resynapse.patient import ArmSetting
from resynapse.patient.observe import Quantity
from resynapse.patient.state import Amounts, Person
from resynapse.protocol import Arm
from resynapse.protocol.vocabulary import KETAMINES
from resynapse.trial.conduct import Conduct
from resynapse.trial.dataset import recorded_minutes
from resynapse.trial.everyone import SAMPLED
from resynapse.trial.observer import Observed
from resynapse.trial.plan import MINUTES
from resynapse.trial.result import Result
from resynapse.trial.timeline import first_dose

LATER = 1.0 / 1440.0
"""days after the last kept minute at which the run may end"""


class Pair(NamedTuple):
    """A quantity of a run, and the words for its two parts."""

    name: str
    words: str

    def of(self, enantiomer: str) -> Quantity:
        """The part of it that is ``s`` or ``r``."""
        place, drug = self.name.split("_", 1)
        words = f"{enantiomer.upper()}-{self.words}"
        return Quantity(f"{place}_{enantiomer}_{drug}", "ng/mL", words)


PAIRS = (
    Pair("arterial_ketamine", "ketamine in arterial plasma"),
    Pair("venous_ketamine", "ketamine in venous plasma"),
    Pair("venous_norketamine", "norketamine in venous plasma"),
    Pair("venous_hydroxynorketamine", "hydroxynorketamine in plasma"),
)
QUANTITIES = tuple(pair.of(enantiomer) for pair in PAIRS for enantiomer in ("s", "r"))
"""in the order of ``Apart.observe``; the sum of two neighbours is the quantity of the run"""


class Apart(Observed):
    """Records S and R, each by itself."""

    def observe(
        self, person: Person, arm: ArmSetting, lane: Any, amounts: Amounts
    ) -> tuple[Scalar, ...]:
        """All QUANTITIES at an instant, ng/mL."""
        mass = self.model.patient.molar_mass
        S, R = amounts.s_ketamine, amounts.r_ketamine
        s, r = person.s_ketamine, person.r_ketamine
        return (
            s.arterial(S) * mass.ketamine,
            r.arterial(R) * mass.ketamine,
            s.venous(S) * mass.ketamine,
            r.venous(R) * mass.ketamine,
            s.venous_norketamine(S) * mass.norketamine,
            r.venous_norketamine(R) * mass.norketamine,
            s.hydroxynorketamine(S) * mass.hydroxynorketamine,
            r.hydroxynorketamine(R) * mass.hydroxynorketamine,
        )


def apart(conduct: Conduct, arm: Arm, felt: ArmsFelt, people: int) -> np.ndarray:
    """[minutes, QUANTITIES, people] of the first people of an arm, ``SAMPLED`` at most, ng/mL."""
    plan, many = conduct.plan(arm), min(people, SAMPLED)
    if not any(dose.drug in KETAMINES for dose in arm.doses):
        return np.zeros((len(plan.minutes), len(QUANTITIES), many), np.float32)
    until = first_dose(arm) + MINUTES[-1] / 1440.0 + LATER
    through = conduct.prepared(arm, felt, plan, until, observer=Apart)
    sent = conduct.sent(through, plan, 0, many)
    return np.concatenate([chunk.records[plan.minutes] for chunk in sent], axis=2)


def with_both(result: Result, records: dict[str, np.ndarray]) -> Result:
    """The result with S and R among its percentiles over minutes; ``records`` by arm."""
    theirs = recorded_minutes(records, QUANTITIES).dataset()
    return replace(result, acute=result.acute.merge(theirs))
