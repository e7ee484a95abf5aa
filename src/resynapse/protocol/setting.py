"""Where people live before and during treatment, and when the substance is within reach?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from resynapse.protocol import quantity
from resynapse.protocol.errors import WrongField
from resynapse.protocol.fields import AbstractRecord, Day, Fact, Number, Share, SpanInDays

Rate = Annotated[Number, Field(gt=0, le=100)]
"""A hazard per day."""
Stay = Annotated[Number, Field(gt=0, le=100_000)]
"""Scale of a law of staying, d."""


class Site(AbstractRecord):
    """How the people of one site differ from the reference; all numbers are assumed or fitted.

    Defaults are those of the comparator trials (chain prototype 2, section 3, assumed). Site,
    frailty and share uncommitted are one problem that only patient-level data can take apart. The
    last four, where a site has them, stand in the place of numbers of the model.
    """

    uncommitted: Share = Field(default=0.15, description="share of people not set on stopping")
    log_hazard: Number = Field(default=0.475, ge=-10, le=10, description="log hazard of first use")
    uncommitted_use_per_day: Rate | None = Field(
        default=None, description="hazard of use of people not set on stopping, 1/d, here;"
        " left out: the model's lapse.uncommitted"
    )  # fmt: skip
    bout_end_per_day: Rate | None = Field(
        default=None, description="hazard of ending a bout of use, 1/d, here; left out: the"
        " model's stop.baseline"
    )  # fmt: skip
    methadone_stay_scale_days: Stay | None = Field(
        default=None, description="scale of the Weibull law of staying on methadone, d, here: when"
        " 63 % of people without use, withdrawal or low mood have stopped; left out: the model's"
        " medication_stop.methadone_scale"
    )  # fmt: skip
    buprenorphine_stay_scale_days: Stay | None = Field(
        default=None, description="the same for daily buprenorphine, d, here; left out: the model's"
        " medication_stop.buprenorphine_scale"
    )  # fmt: skip


class Setting(AbstractRecord):
    """The time around treatment, in days."""

    use_days_before: SpanInDays = Field(
        default=120.0, description="days of heavy daily use before detoxification"
    )
    detoxification_days: SpanInDays = Field(
        default=10.0, description="days without use before day 0; 0: starts while using"
    )
    community_day: Day = Field(
        default=0.0, description="day from which the substance is within reach"
    )
    starts_using: Fact = Field(default=False, description="people still use on day 0")
    site: Site = Site()

    @model_validator(mode="before")
    @classmethod
    def _starts_using_follows(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "starts_using" in data:
            return data
        try:
            without_use = quantity.time_in("d", data.get("detoxification_days", 10.0))
        except ValueError:
            return data
        return {**data, "starts_using": without_use == 0.0}

    @model_validator(mode="after")
    def _agree(self) -> Setting:
        if self.starts_using != (self.detoxification_days == 0.0):
            raise WrongField(
                "starts_using",
                f"starts_using is {str(self.starts_using).lower()}, but detoxification lasts"
                f" {self.detoxification_days:g} days. People start while using exactly when"
                " detoxification lasts 0 days; leave `starts_using` out.",
            )
        return self
