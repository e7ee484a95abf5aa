"""How is the trial run: where people enter, who gets which arm, when they are seen, what is tested?

Nothing here moves the course of anyone: it says how trials are drawn from the simulated people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from resynapse.protocol.errors import WrongField
from resynapse.protocol.fields import (
    AbstractRecord,
    Day,
    Fact,
    Identifier,
    NotNegative,
    Number,
    Positive,
    Share,
    SpanInDays,
    Whole,
)

Method = Literal["complete", "permuted-block", "minimisation", "response-adaptive"]
BELOW_ONE: Final = 0.99
_ABOVE: Final = re.compile(r"(age_years|weight_kg) above (\d+(?:\.\d+)?)")


def _stratum(text: str) -> str:
    words = " ".join(text.split())
    if words in ("site", "female") or _ABOVE.fullmatch(words):
        return words
    raise ValueError(
        f'"{text}" is not a stratum. Write `site`, `female`, `age_years above 40` or '
        "`weight_kg above 80`."
    )


def _parts(given: Any) -> Any:
    """2:1 as people write it; YAML 1.1 reads it as a number, so that text is asked for."""
    if isinstance(given, str):
        try:
            return tuple(int(part) for part in given.split(":"))
        except ValueError:
            raise ValueError(
                f'"{given}" is not a ratio. Write whole numbers in the order of the arms, as "2:1".'
            ) from None
    return given


Ratio = Annotated[
    tuple[Annotated[Whole, Field(ge=1, le=20)], ...], BeforeValidator(_parts), Field(max_length=20)
]
Stratum = Annotated[str, Field(strict=True), AfterValidator(_stratum)]


class Randomisation(AbstractRecord):
    """Who gets which arm. Parts of the ratio follow the order of the arms."""

    method: Method = "permuted-block"
    ratio: Ratio = Field(
        default=(), description="as 2:1, in the order of the arms; by default their allocation"
    )
    block_sizes: Annotated[
        tuple[Annotated[Whole, Field(ge=2, le=200)], ...], Field(max_length=10)
    ] = Field(default=(), description="multiples of the ratio's sum; by default twice that sum")
    strata: Annotated[tuple[Stratum, ...], Field(max_length=6)] = Field(
        default=(), description="site, female, `age_years above 40`; for minimisation, the factors"
    )
    probability: Share = Field(
        default=0.8, description="minimisation: probability of the arm that evens out (assumed)"
    )
    burn_in: Annotated[Whole, Field(ge=2)] = Field(
        default=20, description="response-adaptive: people allocated by the ratio first (assumed)"
    )
    least: Annotated[Number, Field(ge=0, le=0.5)] = Field(
        default=0.1, description="response-adaptive: least probability of an arm (assumed)"
    )
    success_day: Day = Field(
        default=28.0,
        description="response-adaptive: success is no event up to this day after the origin",
    )

    @model_validator(mode="after")
    def _agree(self) -> Randomisation:
        if self.method == "minimisation" and not self.strata:
            raise WrongField(
                "strata", "minimisation evens out factors; name at least one, such as `site`."
            )
        if self.method in ("complete", "response-adaptive") and self.strata:
            raise WrongField(
                "strata",
                f"{self.method} randomisation knows no strata; leave them out, or use "
                "permuted-block or minimisation.",
            )
        return self


class AccrualPeriod(AbstractRecord):
    """From this day on so many people are screened a month, over all sites."""

    from_day: Day = 0.0
    per_month: NotNegative


class TrialSite(AbstractRecord):
    """A site, its share of the people while it is open, and the calendar day it opens."""

    name: Identifier
    share: Positive = 1.0
    opens_day: Day = 0.0


class Visits(AbstractRecord):
    """When people are seen, and how often they do not come while still in the trial.

    Weeks missed before the last one attended in CTN-0027 and CTN-0030 (weekly urine words of
    CTN-0094, derived): 0.198 of 6174 weeks after a positive urine, 0.186 of 10719 after a negative.
    """

    every_days: Annotated[SpanInDays, Field(ge=1)] = Field(
        default=7.0, description="days between visits with a urine"
    )
    window_days: SpanInDays = Field(default=3.0, description="days early or late, evenly (assumed)")
    missed: Share = Field(default=0.186, description="without use since the last visit (derived)")
    missed_using: Share = Field(default=0.198, description="with use since then (derived)")


class Urine(AbstractRecord):
    """What a urine screen shows.

    The window is that of opiates (up to 3 days, Mayo Clinic Laboratories' list of detection times);
    sensitivity and specificity within and outside it are assumed.
    """

    detection_days: Annotated[Positive, Field(le=60)] = Field(
        default=3.0, description="days for which a use can be found"
    )
    sensitivity: Share = Field(default=0.95, description="positive where a use can be found")
    specificity: Share = Field(default=0.98, description="negative where none can")


class FollowBack(AbstractRecord):
    """Time-line follow-back: which days with use people tell.

    Of urines positive for opioids in CTN-0030, 149 of 650 came with a denial (Hilario 2015,
    abstract); taken here as the share of times between visits whose use is not told.
    """

    denied: Share = Field(
        default=0.229, description="share of times between visits whose use is not told"
    )
    denied_sd: NotNegative = Field(
        default=1.0, description="spread of its logit between people (assumed)"
    )


class Interruptions(AbstractRecord):
    """What takes people out of a trial beside drop-out; all off by default."""

    deaths: Fact = Field(
        default=False, description="draws deaths from overdose from the model's probabilities"
    )
    incarcerations_per_year: NotNegative = Field(
        default=0.0, description="of a person in the community; while using and not alike"
    )
    incarcerated_days: Annotated[SpanInDays, Field(gt=0)] = 30.0


class TrialConduct(AbstractRecord):
    """How trials are drawn from the simulated people: who enters when, gets what, is seen how."""

    sites: Annotated[tuple[TrialSite, ...], Field(min_length=1, max_length=500)] = (
        TrialSite(name="one"),
    )
    accrual: Annotated[tuple[AccrualPeriod, ...], Field(min_length=1, max_length=100)] = (
        AccrualPeriod(per_month=10.0),
    )
    screening_failure: Annotated[Number, Field(ge=0, le=BELOW_ONE)] = Field(
        default=0.0, description="share of people screened who are not randomised"
    )
    randomisation: Randomisation = Randomisation()
    visits: Visits = Visits()
    urine: Urine = Urine()
    follow_back: FollowBack = FollowBack()
    interruptions: Interruptions = Interruptions()
    unsure_within: Annotated[Number, Field(ge=0, le=0.5)] = Field(
        default=0.1, description="guesses: belief this near one half is `do not know` (assumed)"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_number_of_sites(cls, data: Any) -> Any:
        """`sites: 3` are three alike."""
        if isinstance(data, Mapping) and isinstance(data.get("sites"), int):
            count = data["sites"]
            if isinstance(count, bool) or not 1 <= count <= 500:
                raise WrongField("sites", f"{count} sites do not fit; give 1 to 500 or a list.")
            return {**data, "sites": [{"name": f"site-{k + 1}"} for k in range(count)]}
        return data

    @model_validator(mode="after")
    def _agree(self) -> TrialConduct:
        names = [site.name for site in self.sites]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise WrongField("sites", f"two sites are called {twice}. Give each its own name.")
        days = [period.from_day for period in self.accrual]
        if days[0] != 0.0 or any(late <= early for early, late in pairwise(days)):
            raise WrongField(
                "accrual", "accrual begins on day 0, and days rise. Put `from_day: 0` first."
            )
        if self.accrual[-1].per_month == 0.0:
            raise WrongField(
                "accrual",
                "the last period has a rate of 0, so that the trial might never fill. Raise it.",
            )
        return self

    @property
    def site_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(site.name for site in self.sites)
