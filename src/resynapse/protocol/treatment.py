"""What is given to a patient: doses, lasting medication, and therapy?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from resynapse.protocol import quantity
from resynapse.protocol.errors import WrongField
from resynapse.protocol.fields import (
    AbstractRecord,
    Day,
    Fact,
    Identifier,
    NotNegative,
    Share,
    SomeDays,
    SpanInDays,
    SpanInHours,
    SpanInMinutes,
    renamed,
)
from resynapse.protocol.vocabulary import Drug, MedicationDrug, Route, TherapyType

_INFUSED = ("iv", "inhaled")
_WITHOUT_KINETICS = (
    ("midazolam", "inhaled"),
    ("lorazepam", "inhaled"),
    ("lorazepam", "intranasal-spray"),
)
_DAYS_BETWEEN = {"buprenorphine-monthly": 28.0, "naltrexone-monthly": 28.0}


class Amount(AbstractRecord):
    """How much of a drug; written as text, "0.5 mg/kg", or as value and unit."""

    value: NotNegative
    unit: Literal["mg", "mg/kg", "mg/kg/h"]

    @model_validator(mode="before")
    @classmethod
    def _read_text(cls, data: Any) -> Any:
        if isinstance(data, str):
            value, unit = quantity.amount(data)
            return {"value": value, "unit": unit}
        if isinstance(data, int | float):
            raise ValueError(f"{data} has no unit. Write one after it: mg, mg/kg or mg/kg/h.")
        return data

    def milligrams(self, weight_kg: float, minutes: float = 0.0) -> float:
        """What a person of this weight receives in all, mg.

        mg      : amount                                mg
        mg/kg   : amount * weight                       mg
        mg/kg/h : amount * weight * minutes / 60        mg
        """
        if self.unit == "mg":
            return self.value
        if self.unit == "mg/kg":
            return self.value * weight_kg
        return self.value * weight_kg * minutes / 60.0

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"


class Dose(AbstractRecord):
    """A drug given at set times; written "0.5 mg/kg iv over 40 min", or field by field."""

    drug: Drug = Field(description="which drug; racemic ketamine is `ketamine`")
    route: Route
    amount: Amount = Field(description="mg, mg/kg or mg/kg/h; saline needs none")
    minutes: SpanInMinutes = Field(
        default=0.0, description="length of an infusion or inhalation; 0 is a bolus"
    )
    days: SomeDays
    ideal_body_weight: Fact = Field(default=False, description="mg/kg of ideal body weight")
    prepared: Fact = Field(
        default=False, description="a psychologically prepared and integrated session"
    )
    if_rule: Identifier | None = Field(
        default=None,
        description="given only to those for whom the decision rule of this name fired",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_text(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        fields = _with_text_read(dict(data))
        if fields.get("drug") == "saline":
            fields.setdefault("amount", {"value": 0.0, "unit": "mg"})
        strange = fields.keys() - cls.model_fields.keys()
        if fields.get("route") == "iv" and "minutes" not in fields and not strange:
            raise WrongField(
                "dose" if "dose" in data else "minutes",
                "an intravenous dose does not say over how long it is given."
                " Write `over 40 min` after the amount, or `bolus`.",
            )
        return fields

    @model_validator(mode="after")
    def _agree(self) -> Dose:
        if (self.drug, self.route) in _WITHOUT_KINETICS:
            raise WrongField("route", f"{self.drug} is not given by {self.route}. Write `iv`.")
        if self.minutes > 0.0 and self.route not in _INFUSED:
            raise WrongField(
                "minutes",
                f"{self.minutes:g} min by route {self.route}: only intravenous and inhaled doses"
                " last. Leave `over` out, or change the route.",
            )
        if self.amount.unit == "mg/kg/h" and self.minutes == 0.0:
            raise WrongField(
                "amount", f"{self.amount} is a rate and needs a time. Add `over 60 min`."
            )
        if self.drug == "saline" and self.amount.value > 0.0:
            raise WrongField(
                "amount", f"saline carries no drug, but {self.amount} is given. Leave it out."
            )
        return self


class Medication(AbstractRecord):
    """A lasting medication, taken from a day on, for as long as the patient stays on it."""

    drug: MedicationDrug
    amount: Amount = Field(description="mg at each time it is taken")
    every_days: Annotated[SpanInDays | None, Field(gt=0)] = Field(
        default=1.0, description="1 daily, 28 monthly; an implant is given once and has none"
    )
    start_day: Day = 0.0
    stop_day: Day | None = Field(default=None, description="none: until the end of follow-up")
    if_rule: Identifier | None = Field(
        default=None,
        description="given only to those for whom the decision rule of this name fired",
    )
    induction_failure: Share = Field(
        default=0.0, description="share of people who never get past the start"
    )
    may_stop: Fact = Field(default=True, description="people may stop it, as the model says")

    @model_validator(mode="before")
    @classmethod
    def _read_text(cls, data: Any) -> Any:
        fields = renamed(data, {"every": "every_days", "dose": "amount"})
        if not isinstance(fields, Mapping):
            return fields
        drug = fields.get("drug")
        usual = None if drug == "naltrexone-implant" else _DAYS_BETWEEN.get(str(drug), 1.0)
        return {"every_days": usual, **fields}

    @model_validator(mode="after")
    def _agree(self) -> Medication:
        if self.amount.unit != "mg":
            raise WrongField(
                "amount",
                f"{self.amount}: medication is given in mg for each person. Write `16 mg`.",
            )
        if (self.every_days is None) != (self.drug == "naltrexone-implant"):
            raise WrongField(
                "every_days",
                "an implant is given once; every other medication again and again."
                " Leave `every` out to take the usual interval.",
            )
        if self.stop_day is not None and self.stop_day <= self.start_day:
            raise WrongField(
                "stop_day",
                f"day {self.stop_day:g} is not after the start, day {self.start_day:g}."
                " Write a later day, or leave it out to continue to the end of follow-up.",
            )
        return self


class Therapy(AbstractRecord):
    """Sessions of one kind of talking therapy or education."""

    type: TherapyType
    days: SomeDays
    hours: SpanInHours = Field(description="length of each session")
    retrieval: Fact = Field(default=False, description="sessions bring drug memories back to mind")
    exposure: Share = Field(default=0.0, description="share of a session that is cue exposure")


def _with_text_read(fields: dict[str, Any]) -> dict[str, Any]:
    if "dose" not in fields:
        return fields
    text = fields.pop("dose")
    if not isinstance(text, str):
        raise WrongField(
            "dose",
            f"{text!r} has no unit. Write amount, route and time: `0.5 mg/kg iv over 40 min`.",
        )
    try:
        read = quantity.dose(text)
    except ValueError as error:
        raise WrongField("dose", str(error)) from None
    amount = None if read.value is None else {"value": read.value, "unit": read.unit}
    said = {"amount": amount, "route": read.route, "minutes": read.minutes}
    for name, value in said.items():
        if value is None:
            continue
        if name in fields:
            raise WrongField(name, f"{name} is given twice, here and in `dose`. Keep one.")
        fields[name] = value
    return fields
