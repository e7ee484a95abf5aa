"""Who takes part: how many, of which weight, age, sex, liver and severity?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from resynapse.protocol.errors import WrongField
from resynapse.protocol.fields import AbstractRecord, NotNegative, Number, Share, Text, Whole
from resynapse.protocol.vocabulary import Degree, Inhibitor, Liver

_TOLERANCE = 1e-6
"""Shares are written with a few decimals; their sum may miss 1 by rounding only."""


class Distribution(AbstractRecord):
    """Normal, cut off at ``low`` and ``high``; {value: x} or a bare number is the same for all."""

    mean: Number
    sd: NotNegative
    low: Number | None = None
    high: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_value(cls, data: Any) -> Any:
        if isinstance(data, int | float) and not isinstance(data, bool):
            return {"mean": data, "sd": 0.0}
        if isinstance(data, Mapping) and set(data) == {"value"}:
            return {"mean": data["value"], "sd": 0.0}
        return data

    @model_validator(mode="after")
    def _agree(self) -> Distribution:
        low = self.mean if self.low is None else self.low
        high = self.mean if self.high is None else self.high
        if not low <= self.mean <= high:
            raise WrongField(
                "mean",
                f"{self.mean:g} lies outside {low:g} to {high:g}."
                " The mean must lie between `low` and `high`.",
            )
        return self

    @property
    def value(self) -> float | None:
        """The value where it is the same for all; None where people differ."""
        return self.mean if self.sd == 0.0 else None


def _adult(given: Distribution, low: float, high: float, unit: str) -> Distribution:
    ends = [end for end in (given.mean, given.low, given.high) if end is not None]
    for end in ends:
        if not low <= end <= high:
            raise ValueError(
                f"{end:g} {unit} is outside {low:g} to {high:g} {unit}, what this model accepts for"
                " adults (a limit of plausibility, assumed). Change the mean, `low` or `high`."
            )
    return given


Weight = Annotated[Distribution, AfterValidator(partial(_adult, low=30.0, high=250.0, unit="kg"))]
Age = Annotated[Distribution, AfterValidator(partial(_adult, low=18.0, high=90.0, unit="years"))]


class Cyp2b6(AbstractRecord):
    """Shares of people whose CYP2B6 breaks ketamine down at a normal, lower or low rate."""

    normal: Share
    intermediate: Share
    poor: Share

    @model_validator(mode="after")
    def _agree(self) -> Cyp2b6:
        total = self.normal + self.intermediate + self.poor
        if abs(total - 1.0) > _TOLERANCE:
            raise WrongField(
                "normal", f"the shares add up to {total:g}. Shares of all people add up to 1."
            )
        return self

    def __getitem__(self, name: str) -> float:
        return float(getattr(self, name))


class Population(AbstractRecord):
    """How many people an arm has, and how they differ.

    Defaults: age and sex as in CTN-0027 (1269 people randomised to methadone or buprenorphine,
    derived from CTN-0094); *6 allele share 0.25 (Europe), genotypes as it implies; weight assumed.
    """

    patients_per_arm: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1000
    weight_kg: Weight = Distribution(mean=75.0, sd=14.0, low=45.0, high=140.0)
    age_years: Age = Distribution(mean=36.9, sd=11.1, low=18.0, high=67.0)
    female: Share = 0.32
    liver: Liver = "normal"
    cyp2b6: Cyp2b6 = Cyp2b6(normal=0.5625, intermediate=0.375, poor=0.0625)
    inhibitor: Inhibitor = "none"
    csv: Text | None = Field(
        default=None,
        description="a table of people beside the protocol: weight_kg, age_years, female (0 or 1)",
    )


class Severity(AbstractRecord):
    """How severe craving and withdrawal are at entry."""

    craving: Degree = "moderate"
    withdrawal: Degree = "moderate"
