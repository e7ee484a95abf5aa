"""Who takes part: how many, of which weight, age, sex, liver and severity?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from resynapse.protocol import quantity
from resynapse.protocol.errors import WrongField
from resynapse.protocol.fields import AbstractRecord, NotNegative, Number, Share, Text, Whole
from resynapse.protocol.vocabulary import Degree, Inhibitor, Liver

_TOLERANCE = 1e-6
"""Shares are written with a few decimals; their sum may miss 1 by rounding only."""


class Distribution(AbstractRecord):
    """Normal, cut off at ``low`` and ``high``; {value: x} or a bare number is the same for all."""

    mean: Number = Field(description="middle of the normal distribution, before it is cut off")
    sd: NotNegative = Field(description="standard deviation before it is cut off; 0: all the same")
    low: Number | None = Field(default=None, description="nobody below")
    high: Number | None = Field(default=None, description="nobody above")

    @model_validator(mode="before")
    @classmethod
    def _read_value(cls, data: Any) -> Any:
        if isinstance(data, int | float) and not isinstance(data, bool):
            return {"mean": data, "sd": 0.0}
        if isinstance(data, str):
            raise ValueError(
                f"{quantity.refused(data)} Where people differ, write {{mean: ..., sd: ...}}."
            )
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
    for name in ("mean", "low", "high"):
        end = getattr(given, name)
        if end is not None and not low <= end <= high:
            raise WrongField(
                name,
                f"{end:g} {unit} is outside {low:g} to {high:g} {unit}, what this model accepts for"
                " adults (a limit of plausibility, assumed). Change the mean, `low` or `high`.",
            )
    return given


def _shown(low: float, high: float, unit: str) -> Any:
    """Limits and unit for the schema."""
    return Field(json_schema_extra={"minimum": low, "maximum": high, "unit": unit})


Weight = Annotated[
    Distribution,
    AfterValidator(partial(_adult, low=30.0, high=250.0, unit="kg")),
    _shown(30.0, 250.0, "kg"),
]
Age = Annotated[
    Distribution,
    AfterValidator(partial(_adult, low=18.0, high=90.0, unit="years")),
    _shown(18.0, 90.0, "years"),
]


class Cyp2b6(AbstractRecord):
    """Shares of people whose CYP2B6 breaks ketamine down at a normal, lower or low rate."""

    normal: Share = Field(description="share of people without the *6 allele")
    intermediate: Share = Field(description="share of people with one *6 allele")
    poor: Share = Field(description="share of people with two *6 alleles")

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


_IN_TABLE = ("weight_kg", "age_years", "female")
"""What a table of people says of each of them"""


class Population(AbstractRecord):
    """How many people an arm has, and how they differ.

    Defaults: age and sex as in CTN-0027 (1269 people randomised to methadone or buprenorphine,
    derived from CTN-0094); *6 allele share 0.25 (Europe), genotypes as it implies; weight assumed.
    """

    patients_per_arm: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1000
    weight_kg: Weight = Field(
        default=Distribution(mean=75.0, sd=14.0, low=45.0, high=140.0),
        description="body weight; clearance of ketamine rises with its power 0.75, volumes with it",
    )
    age_years: Age = Field(
        default=Distribution(mean=36.9, sd=11.1, low=18.0, high=67.0),
        description="age; blood flow through the liver falls above 60 years",
    )
    female: Share = Field(default=0.32, description="share of women")
    liver: Liver = Field(
        default="normal", description="liver disease of all; slows the clearance of ketamine"
    )
    cyp2b6: Cyp2b6 = Field(
        default=Cyp2b6(normal=0.5625, intermediate=0.375, poor=0.0625),
        description="shares of CYP2B6*6 genotypes; it slows the clearance of ketamine (contested)",
    )
    inhibitor: Inhibitor = Field(
        default="none",
        description="taken by all: changes how fast ketamine is cleared, and how much of it passes"
        " the gut wall",
    )
    csv: Text | None = Field(
        default=None,
        description="a table of people beside the protocol: weight_kg, age_years, female (0 or 1)",
    )

    @model_validator(mode="after")
    def _agree(self) -> Population:
        given = [one for one in _IN_TABLE if getattr(self, one) != _default(type(self), one)]
        if self.csv is not None and given:
            raise WrongField(
                given[0],
                f"{' and '.join(given)} {'are' if len(given) > 1 else 'is'} given, and of each"
                f" person in the table {self.csv} too, which would win. Leave one of the two out.",
            )
        return self


def _default(kind: type[AbstractRecord], name: str) -> Any:
    return kind.model_fields[name].default


class Severity(AbstractRecord):
    """How severe craving and withdrawal are at entry."""

    craving: Degree = "moderate"
    withdrawal: Degree = "moderate"
