"""Which analyses does a person want of a table, and with which options?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = tuple[Name, ...]
Structure = Literal[
    "unstructured",
    "heterogeneous_toeplitz",
    "toeplitz",
    "heterogeneous_ar1",
    "ar1",
    "compound_symmetry",
]


class Record(BaseModel):
    """A part of a plan; fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AnyAnalysis(Record):
    """What every analysis may say of the table; by default, what the plan says of it."""

    name: Name | None = None
    parameter: Name | None = None
    """Rows to use, by PARAMCD"""
    arm: Name | None = None
    reference: str | None = None
    """The arm that others are compared with; by default the first in alphabetical order"""
    person: Name | None = None


class SurvivalAnalysis(AnyAnalysis):
    """An analysis of times to an event."""

    time: Name | None = None
    event: Name | None = None
    """1 where the event happened, 0 where the person was censored"""


class KaplanMeierPlan(SurvivalAnalysis):
    """Shares without the event."""

    method: Literal["kaplan_meier"]
    at: tuple[Annotated[float, Field(ge=0)], ...] = ()
    """Times at which the share is wanted"""


class LogRankPlan(SurvivalAnalysis):
    """A test of equal hazards."""

    method: Literal["log_rank"]
    strata: Names = ()
    rho: Annotated[float, Field(ge=0, le=10)] = 0.0
    gamma: Annotated[float, Field(ge=0, le=10)] = 0.0


class MaxComboPlan(SurvivalAnalysis):
    """The largest of four weighted log-rank tests, for hazards that do not stay proportional."""

    method: Literal["max_combo"]
    strata: Names = ()


class CoxPlan(SurvivalAnalysis):
    """Ratios of hazards."""

    method: Literal["cox"]
    covariates: Names = ()
    strata: Names = ()
    ties: Literal["efron", "breslow"] = "efron"
    start: Name | None = None
    """Column in which a row's time at risk begins; rows are then intervals of people"""
    proportional_hazards: Literal["km", "identity", "rank", "log"] = "km"
    """Function of time of the test for proportional hazards"""


class RestrictedMeanPlan(SurvivalAnalysis):
    """Mean time without the event, up to a horizon."""

    method: Literal["restricted_mean"]
    horizon: Annotated[float, Field(gt=0)]


class MixedModelPlan(AnyAnalysis):
    """The mixed model for repeated measures."""

    method: Literal["mixed_model"]
    value: Name | None = None
    visit: Name | None = None
    covariates: Names = ()
    covariates_by_visit: Names = ()
    """Covariates whose effect may differ between visits, as a rule the baseline value"""
    structures: Annotated[tuple[Structure, ...], Field(min_length=1)] = (
        "unstructured",
        "heterogeneous_toeplitz",
        "heterogeneous_ar1",
    )
    """Tried in this order until one converges"""
    degrees_of_freedom: Literal["kenward_roger", "satterthwaite"] = "kenward_roger"


Analysis = Annotated[
    KaplanMeierPlan | LogRankPlan | MaxComboPlan | CoxPlan | RestrictedMeanPlan | MixedModelPlan,
    Field(discriminator="method"),
]


class Plan(Record):
    """What a table's columns mean, and the analyses wanted of it."""

    analyses: Annotated[tuple[Analysis, ...], Field(min_length=1, max_length=500)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    parameter: Name | None = None
    arm: Name | None = None
    reference: str | None = None
    person: Name | None = None
    time: Name | None = None
    event: Name | None = None
    visit: Name | None = None
    value: Name | None = None
