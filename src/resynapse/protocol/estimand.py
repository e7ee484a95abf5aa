"""Which effect is asked for: the five attributes of ICH E9 (R1)?"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from resynapse.protocol.errors import WrongField
from resynapse.protocol.fields import AbstractRecord, Identifier

Strategy = Literal["treatment-policy", "hypothetical", "composite", "while-on-treatment"]
AFTER_DEATH: Final = (
    "after death there is no value that a treatment policy could count. Choose hypothetical, "
    "composite or while-on-treatment."
)


class IntercurrentEvents(AbstractRecord):
    """What each event after the start of treatment that changes what a variable means counts as.

    treatment-policy: it does not matter; hypothetical: as if it had not happened; composite: it
    is a failure; while-on-treatment: only what came before it counts.
    """

    dropout: Strategy = Field(default="treatment-policy", description="leaving treatment and trial")
    rescue_medication: Strategy = Field(
        default="treatment-policy",
        description="a medication for opioid dependence that a decision rule gave",
    )
    incarceration: Strategy = Field(
        default="treatment-policy", description="the first, where the conduct has any"
    )
    death: Strategy = Field(
        default="hypothetical",
        description="from overdose, where the conduct draws deaths; not treatment-policy",
    )

    @model_validator(mode="after")
    def _agree(self) -> IntercurrentEvents:
        if self.death == "treatment-policy":
            raise WrongField("death", AFTER_DEATH)
        return self


class Estimand(AbstractRecord):
    """Treatment, population, variable, intercurrent events, and the summary of the population.

    The population is everybody randomised; the summary is the difference of means, which for a
    yes or no is the difference of shares.
    """

    name: Identifier
    arm: Identifier = Field(description="id of the arm; compared with `reference`")
    population: Literal["randomised"] = "randomised"
    variable: Identifier = Field(
        description="lapse_6_months, relapse_6_months, abstinence_6_months or "
        "days_abstinent_percent_6_months, with any number of days, weeks or months"
    )
    intercurrent_events: IntercurrentEvents = IntercurrentEvents()
    summary: Literal["difference-of-means"] = "difference-of-means"


Estimands = Annotated[tuple[Estimand, ...], Field(max_length=20)]
