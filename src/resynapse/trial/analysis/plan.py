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


class MarginAnalysis(AnyAnalysis):
    """An analysis that estimates an effect, which may be tested against a margin (``margin``)."""

    margin: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    """How much worse is not too much: a difference above 0, or a ratio"""
    higher_is_better: bool | None = None
    """Of the effect that is estimated; needed for non-inferiority"""
    equivalence: bool = False
    """Two one-sided tests, at the margin and at its opposite"""


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


class CoxPlan(SurvivalAnalysis, MarginAnalysis):
    """Ratios of hazards."""

    method: Literal["cox"]
    covariates: Names = ()
    strata: Names = ()
    ties: Literal["efron", "breslow"] = "efron"
    start: Name | None = None
    """Column in which a row's time at risk begins; rows are then intervals of people"""
    proportional_hazards: Literal["km", "identity", "rank", "log"] = "km"
    """Function of time of the test for proportional hazards"""


class RestrictedMeanPlan(SurvivalAnalysis, MarginAnalysis):
    """Mean time without the event, up to a horizon."""

    method: Literal["restricted_mean"]
    horizon: Annotated[float, Field(gt=0)]
    strata: Names = ()
    """Differences are then those of strata, weighted by n m / (n + m)"""


class MixedModelPlan(MarginAnalysis):
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


class CauseAnalysis(SurvivalAnalysis):
    """An analysis where another event may come first: 0 in ``event`` is censored."""

    cause: Annotated[int, Field(ge=1)] = 1
    """The number of the event of interest in the column ``event``"""


class CumulativeIncidencePlan(CauseAnalysis):
    """Shares of people who had the event, by Aalen and Johansen."""

    method: Literal["cumulative_incidence"]
    at: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)]


class FineGrayPlan(CauseAnalysis, MarginAnalysis):
    """Ratios of hazards of the subdistribution."""

    method: Literal["fine_gray"]
    covariates: Names = ()


class CauseSpecificPlan(CauseAnalysis, MarginAnalysis):
    """Ratios of hazards of one cause, the others censored."""

    method: Literal["cause_specific"]
    covariates: Names = ()
    strata: Names = ()


class RecurrentPlan(SurvivalAnalysis, MarginAnalysis):
    """Ratios of rates of events that a person can have again and again."""

    method: Literal["recurrent"]
    model: Literal["andersen_gill", "pwp_total", "pwp_gap"] = "andersen_gill"
    start: Name = "start"
    covariates: Names = ()


class ParametricSurvivalPlan(SurvivalAnalysis, MarginAnalysis):
    """Ratios of times."""

    method: Literal["parametric_survival"]
    distribution: Literal["weibull", "exponential", "log_normal", "log_logistic"] = "weibull"
    covariates: Names = ()


class PlainValueAnalysis(AnyAnalysis):
    """An analysis of one value a person."""

    value: Name | None = None


class ValueAnalysis(PlainValueAnalysis):
    """An analysis of one value a person that may be adjusted for covariates."""

    covariates: Names = ()


class MeanDifferencePlan(ValueAnalysis, MarginAnalysis):
    """Differences of means."""

    method: Literal["mean_difference"]
    strata: Names = ()
    variances: Literal["apart", "equal"] | None = None
    """Of the arms: apart (Welch's t) unless there are covariates, then equal (least squares)"""


class RiskDifferencePlan(PlainValueAnalysis, MarginAnalysis):
    """Differences of shares; the value is 1 or 0."""

    method: Literal["risk_difference"]
    strata: Names = ()


class LogisticPlan(ValueAnalysis, MarginAnalysis):
    """Ratios of odds; the value is 1 or 0."""

    method: Literal["logistic"]
    firth: bool = False


class NegativeBinomialPlan(ValueAnalysis, MarginAnalysis):
    """Ratios of rates; the value is a count."""

    method: Literal["negative_binomial"]
    exposure: Name | None = None
    """Column of the time over which was counted"""


class BetaBinomialPlan(ValueAnalysis, MarginAnalysis):
    """Ratios of odds of a day; the value is a number of days, of so many."""

    method: Literal["beta_binomial"]
    trials: Name
    """Column of the number of days observed"""


class WilcoxonPlan(PlainValueAnalysis):
    """Wilcoxon's rank-sum test; with strata, van Elteren's."""

    method: Literal["wilcoxon"]
    strata: Names = ()


class RankAncovaPlan(ValueAnalysis):
    """Quade's rank analysis of covariance."""

    method: Literal["rank_ancova"]
    covariates: Annotated[Names, Field(min_length=1)]


class ImputationPlan(MarginAnalysis):
    """Differences at each visit after reference-based multiple imputation."""

    method: Literal["reference_based_imputation"]
    value: Name | None = None
    visit: Name | None = None
    covariates: Names = ()
    covariates_by_visit: Names = ()
    rule: Literal[
        "missing_at_random",
        "jump_to_reference",
        "copy_reference",
        "copy_increments_in_reference",
        "last_mean_carried_forward",
    ] = "jump_to_reference"
    imputations: Annotated[int, Field(ge=2, le=10_000)] = 100
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1


class GeePlan(ValueAnalysis, MarginAnalysis):
    """Marginal effects by generalised estimating equations."""

    method: Literal["gee"]
    visit: Name | None = None
    family: Literal["binomial", "gaussian", "poisson"] = "binomial"
    correlation: Literal["exchangeable", "independence", "ar1"] = "exchangeable"
    small_sample: bool = True
    """Mancl and DeRouen's correction of the robust variance"""


class OutcomePlan(Record):
    """One outcome of a pairwise comparison: a time with its event, or a value."""

    value: Name
    event: Name | None = None
    higher_is_better: bool = True
    threshold: Annotated[float, Field(ge=0)] = 0.0


class WinRatioPlan(AnyAnalysis):
    """Win ratio, win odds and net benefit over outcomes in order of importance."""

    method: Literal["win_ratio"]
    outcomes: Annotated[tuple[OutcomePlan, ...], Field(min_length=1)]


Analysis = Annotated[
    KaplanMeierPlan
    | LogRankPlan
    | MaxComboPlan
    | CoxPlan
    | RestrictedMeanPlan
    | CumulativeIncidencePlan
    | FineGrayPlan
    | CauseSpecificPlan
    | RecurrentPlan
    | ParametricSurvivalPlan
    | MixedModelPlan
    | ImputationPlan
    | GeePlan
    | MeanDifferencePlan
    | RiskDifferencePlan
    | LogisticPlan
    | NegativeBinomialPlan
    | BetaBinomialPlan
    | WilcoxonPlan
    | RankAncovaPlan
    | WinRatioPlan,
    Field(discriminator="method"),
]


class HypothesisPlan(Record):
    """A p-value of an analysis."""

    analysis: Name
    quantity: Name | None = None
    """Of an estimate or a test; by default the first difference, or the first with a p-value"""
    weight: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of alpha, for the graphical method; by default equal shares"""
    passes_to: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """Analysis -> share of the weight that goes there once this hypothesis is rejected

    ``analysis, quantity`` where an analysis has two hypotheses."""


class MultiplicityPlan(Record):
    """Hypotheses that are tested together."""

    method: Literal["holm", "hochberg", "bonferroni", "graphical"]
    hypotheses: Annotated[tuple[HypothesisPlan, ...], Field(min_length=2)]


class EndpointPlan(Record):
    """An endpoint made from each row's urine word, days, drinks, visits, criteria or outcomes.

    A time gives the columns NAME_time and NAME_event, any other endpoint the column NAME.
    """

    name: Name
    definition: Name
    """One that `resynapse endpoints` lists"""
    word: Name | None = None
    """Column of urine words, a letter a week"""
    days: Name | None = None
    """How the columns of days begin: `use_` for use_1, use_2, ...; 1, 0, or empty for not known"""
    drinks: Name | None = None
    """How the columns of drinks a day begin"""
    baseline_drinks: Name | None = None
    """The same, before treatment"""
    sex: Name | None = None
    """Column with male or female, for limits of drinking"""
    visits: Name | None = None
    """How the columns of scores begin: `craving_` for craving_7, craving_28: the days"""
    before: Name | None = None
    """Column of the number of DSM-5 criteria met before"""
    after: Name | None = None
    """The same after"""
    outcomes: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)] | None = None
    """Columns of the day on which each adverse outcome happened; empty where it did not"""
    followed: Name | None = None
    """Column of the days of follow-up"""
    options: dict[str, str | int | float] = Field(default_factory=dict)


class Plan(Record):
    """What a table's columns mean, and the analyses wanted of it."""

    endpoints: Annotated[tuple[EndpointPlan, ...], Field(max_length=100)] = ()
    """Made first, so that analyses can name their columns"""
    analyses: Annotated[tuple[Analysis, ...], Field(min_length=1, max_length=500)]
    multiplicity: MultiplicityPlan | None = None
    confidence: Annotated[float, Field(gt=0.5, le=0.999999)] = 0.95
    parameter: Name | None = None
    arm: Name | None = None
    reference: str | None = None
    person: Name | None = None
    time: Name | None = None
    event: Name | None = None
    visit: Name | None = None
    value: Name | None = None
