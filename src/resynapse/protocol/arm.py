"""What do the people of one arm receive?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from resynapse.protocol.fields import AbstractRecord, Fact, Identifier, Positive, Text, Whole
from resynapse.protocol.treatment import Dose, Medication, Therapy
from resynapse.protocol.vocabulary import KETAMINES, OPIOID_MEDICATIONS, Control


class Arm(AbstractRecord):
    """One arm of a trial, or one of the programmes that a scenario compares."""

    id: Identifier
    label: Text
    n: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="people in the publication"
    )
    allocation: Positive = Field(default=1.0, description="share of people, as a ratio to others")
    control: Control = Field(default="none", description="what makes this arm a control, if it is")
    active: Fact = Field(
        default=False,
        description="ketamine above control dose; by default: any ketamine, and not a control",
    )
    doses: tuple[Dose, ...] = ()
    medications: tuple[Medication, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    historical_comparator: Fact = Field(
        default=False,
        description="methadone and buprenorphine are withheld; follows where people who use opioids"
        " receive no medication",
    )

    @model_validator(mode="before")
    @classmethod
    def _active_follows(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "active" in data:
            return data
        doses = data.get("doses") or ()
        given = [_drug_of(dose) for dose in doses] if isinstance(doses, list | tuple) else []
        control = data.get("control", "none")
        return {**data, "active": control == "none" and any(drug in KETAMINES for drug in given)}

    @property
    def has_opioid_medication(self) -> bool:
        """Whether methadone, buprenorphine or naltrexone is part of the arm."""
        return any(medication.drug in OPIOID_MEDICATIONS for medication in self.medications)

    @property
    def has_ketamine(self) -> bool:
        """Whether any dose is ketamine or one of its enantiomers."""
        return any(dose.drug in KETAMINES for dose in self.doses)


def _drug_of(dose: Any) -> Any:
    return dose.get("drug") if isinstance(dose, Mapping) else getattr(dose, "drug", None)
