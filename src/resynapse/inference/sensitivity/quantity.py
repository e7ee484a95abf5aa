"""Which number of a simulated trial is asked about, and what is it for a set of parameters?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.engine.cache import keep_compiled
from resynapse.inference.follow_up import no_longer_than_needed
from resynapse.input_error import InputError
from resynapse.parameter import Entry, Fixed, entries, replace
from resynapse.patient import Patient, settings
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol
from resynapse.trial.arm_run import run_arm
from resynapse.trial.comparison import HAZARDS, Comparison, comparisons
from resynapse.trial.conduct import Conduct
from resynapse.trial.endpoint_name import endpoints_for
from resynapse.trial.pilots import arms_felt
from resynapse.trial.result import ArmResult
from resynapse.trial.site_numbers import site_numbers

PEOPLE = 256
"""an arm; the same people, with the same random numbers, for every set of parameters"""


class QuantityError(InputError):
    """A quantity that the protocol does not yield."""


@dataclass(frozen=True)
class Quantity:
    """An endpoint of one arm, or its comparison with another arm where ``reference`` is named."""

    protocol: Protocol
    endpoint: str
    arm: str
    reference: str | None = None
    people: int = PEOPLE
    seed: int = 1

    def patient(self) -> Patient:
        """The default parameters of the protocol's disorder and switches."""
        keep_compiled()
        return replace(apply(Patient(), self.protocol.disorder), self.fixed)

    @property
    def fixed(self) -> dict[str, float]:
        """What the protocol's switches set."""
        return settings(self.protocol.switches.chosen)

    def free(self, patient: Patient) -> list[Entry]:
        """Parameters that may move it: not fixed, and not what the site has for itself."""
        own = site_numbers(self.protocol)
        return [
            entry for entry in entries(patient)
            if not isinstance(entry.declared.prior, Fixed) and entry.path not in own
        ]  # fmt: skip

    @property
    def trial(self) -> Protocol:
        """The protocol, no longer than the endpoint needs, with no other endpoint."""
        short = no_longer_than_needed(self.protocol, [self.endpoint])
        asked = () if self.endpoint in HAZARDS else (self.endpoint,)
        return short.model_copy(update={"endpoints": asked})

    def value(self, patient: Patient, seed: int | None = None) -> float:
        """The quantity in ``people`` people an arm; NaN where the trial cannot tell."""
        arms = self._arms(patient, self.seed if seed is None else seed)
        if self.reference is None:
            found = arms[self.arm].endpoints[self.endpoint].value
        else:
            found = self._compared(arms).value
        return float("nan") if found is None else float(found)

    def unit(self) -> str:
        """What the number is: a unit, or the measure of a comparison."""
        few = Quantity(self.protocol, self.endpoint, self.arm, self.reference, 16, self.seed)
        arms = few._arms(few.patient(), few.seed)
        if few.reference is None:
            return arms[few.arm].endpoints[few.endpoint].unit
        return few._compared(arms).measure.replace("_", " ")

    def ensure_known(self) -> None:
        """Refuse arms and endpoints that the protocol does not have."""
        known = [arm.id for arm in self.protocol.arms]
        for name in (self.arm, self.reference):
            if name is not None and name not in known:
                raise QuantityError(
                    f"{self.protocol.name} has no arm {name!r}. Its arms are {', '.join(known)}."
                )
        if self.arm == self.reference:
            raise QuantityError(f"Arm {self.arm!r} is compared with itself. Name another arm.")

        if self.reference is None or self.endpoint not in HAZARDS:
            days, origin = (
                self.trial.follow_up_days,
                self.trial.origin_day(self.trial.arm(self.arm)),
            )
            endpoints_for((self.endpoint,), days, origin)

    def _compared(self, arms: dict[str, ArmResult]) -> Comparison:
        names = list(arms[self.arm].endpoints)
        for one in comparisons(arms, self.reference or "", names):
            if one.endpoint == self.endpoint:
                return one
        raise QuantityError(
            f"{self.endpoint} is not compared between arms: ask for it in one arm, or for one of"
            f" {', '.join(HAZARDS)}."
        )

    def _arms(self, patient: Patient, seed: int) -> dict[str, ArmResult]:
        trial = self.trial
        felt = arms_felt(trial, patient, seed)
        conduct = Conduct(trial, patient, seed)
        wanted = [arm for arm in trial.arms if arm.id in (self.arm, self.reference)]
        return {
            arm.id: run_arm(conduct, arm, felt[arm.id], self.people, lambda _: None).result
            for arm in wanted
        }


def chance_error(quantity: Quantity, patient: Patient, repeats: int) -> float:
    """Standard deviation of the quantity over other people and other chance, same parameters."""
    values = [quantity.value(patient, quantity.seed + 1 + k) for k in range(repeats)]
    return float(np.nanstd(values, ddof=1))
