"""Is an effect worse than the reference by less than a margin, or as good within one?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from scipy import special

from resynapse.trial.analysis.answer import Estimate, MarginTest
from resynapse.trial.analysis.plan import (
    GeePlan,
    ImputationPlan,
    MarginAnalysis,
    RestrictedMeanPlan,
    RiskDifferencePlan,
)

DIFFERENCES: Final = (
    "risk_difference",
    "mean_difference",
    "restricted_mean",
    "mixed_model",
    "reference_based_imputation",
)
RATIOS: Final = (
    "cox",
    "fine_gray",
    "cause_specific",
    "recurrent",
    "parametric_survival",
    "logistic",
    "negative_binomial",
    "beta_binomial",
)
OWN_MEANS: Final = ("missing_at_random", "last_mean_carried_forward")
"""Rules of imputation that do not draw one arm towards the other"""
WORDS: Final = ("margin", "higher_is_better", "equivalence")
NO_MARGIN: Final = (
    "takes no margin here. A difference is held against "
    f"one by {', '.join(DIFFERENCES)}, a ratio by {', '.join(RATIOS)}, either by gee."
)


def is_ratio(wish: MarginAnalysis) -> bool:
    """Whether the effect is a ratio; of ``gee`` the family says."""
    if isinstance(wish, GeePlan):
        return wish.family != "gaussian"
    return getattr(wish, "method", "") in RATIOS


def wrong_margin(wish: MarginAnalysis, reference: str | None) -> tuple[str, str] | None:
    """The option that is wrong and a sentence why; None where the margin is sensible, or none.

    ``reference`` is the plan's, which holds where the analysis names none.
    """
    if wish.margin is None:
        given = "equivalence" if wish.equivalence else "higher_is_better"
        if wish.equivalence or wish.higher_is_better is not None:
            return (
                given,
                "this is said of a margin, and none is given; give margin, or leave it out.",
            )
        return None
    if isinstance(wish, ImputationPlan) and wish.rule not in OWN_MEANS:
        return "rule", (
            f"{wish.rule} gives people who left the course of the reference, which draws the arms "
            "together and so towards non-inferiority; with a margin the rule is "
            f"{' or '.join(OWN_MEANS)}."
        )
    if wish.equivalence and wish.higher_is_better is not None:
        return "higher_is_better", "equivalence looks both ways; leave this out, or equivalence."
    if not wish.equivalence and wish.higher_is_better is None:
        what = "the ratio" if is_ratio(wish) else "the difference"
        return "margin", (
            f"say which way is worse: higher_is_better: true where {what} is better when it is "
            "higher, false where it is better when lower; or equivalence: true for both ways."
        )
    said = _wrong_ratio(wish, wish.margin) if is_ratio(wish) else _wrong_gap(wish, wish.margin)
    if said is not None:
        return "margin", f"{wish.margin:g} was given; {said}"
    if not wish.equivalence and not (wish.reference or reference):
        return "reference", (
            "non-inferiority is to a comparator; name its arm, such as reference: midazolam. "
            "Without it arms are held against the first in alphabetical order, which may be the "
            "treatment."
        )
    return None


def _wrong_ratio(wish: MarginAnalysis, margin: float) -> str | None:
    if margin == 1 or not 0.01 <= margin <= 100:
        return (
            "the margin of a ratio lies between 0.01 and 100 and is not 1, which is no effect: "
            "1.3, or 0.77."
        )
    if wish.equivalence or (margin < 1) == wish.higher_is_better:
        return None
    better, side = ("higher", "below") if wish.higher_is_better else ("lower", "above")
    return (
        f"where a {better} ratio is better, one that is worse lies {side} 1, such as "
        f"{1 / margin:.3g}. Mend margin or higher_is_better."
    )


def _wrong_gap(wish: MarginAnalysis, margin: float) -> str | None:
    if margin <= 0:
        return (
            "the margin of a difference is above 0, how much worse is not too much; which way is "
            "worse is said by higher_is_better."
        )
    if isinstance(wish, RiskDifferencePlan) and margin >= 1:
        return "the margin of a difference of shares lies below 1: 0.1 is 10 points."
    if isinstance(wish, RestrictedMeanPlan) and margin >= wish.horizon:
        return f"no difference of restricted means is larger than the horizon, {wish.horizon:g}."
    return None


def edges(wish: MarginAnalysis, margin: float) -> tuple[float, float]:
    """The effects at which H0 begins below and above; infinite where it looks the other way."""
    if is_ratio(wish):
        low, high = min(margin, 1 / margin), max(margin, 1 / margin)
        none = 0.0, math.inf
    else:
        low, high = -margin, margin
        none = -math.inf, math.inf
    if wish.equivalence:
        return low, high
    return (low, none[1]) if wish.higher_is_better else (none[0], high)


def kind_of(wish: MarginAnalysis) -> str:
    """What is asked of the margin."""
    return "equivalence" if wish.equivalence else "non-inferiority"


def margin_test(
    wish: MarginAnalysis,
    one: Estimate,
    deviate: Callable[[float], float] | None,
    confidence: float,
) -> MarginTest:
    """One comparison against the margin; ``deviate(null)`` is its statistic where that is true.

    H0 of non-inferiority: the effect is at or beyond the edge on the worse side; p is of that side
    alone. Of equivalence both edges are tested, and p is the larger (Schuirmann 1987).
    """
    assert wish.margin is not None
    low, high = edges(wish, wish.margin)
    null = tuple(edge for edge in (low, high) if math.isfinite(edge) and edge != 0.0)
    alpha, name = (1 - confidence) / 2, f"{kind_of(wish)}, {one.quantity}"
    if deviate is None:
        said = f"No test of {name}: the effect has no error, so nothing is shown."
        return MarginTest(name, null, None, None, None, alpha, None, said)
    found = []
    for edge, side in ((low, 1.0), (high, -1.0)):
        if edge in null:
            statistic = deviate(edge)
            found.append((_tail(side * statistic, one.degrees_of_freedom), statistic))
    p, statistic = max(found)
    said = _said(wish, one, (low, high), p, confidence)
    return MarginTest(name, null, statistic, one.degrees_of_freedom, p, alpha, p <= alpha, said)


def wald_deviate(one: Estimate) -> Callable[[float], float] | None:
    """(effect - null) / error, on the logarithm where the effect is a ratio."""
    error = one.standard_error
    if error is None:
        return None
    if one.scale == "log":
        return lambda null: (math.log(one.estimate) - math.log(null)) / error
    return lambda null: (one.estimate - null) / error


def _tail(statistic: float, degrees: float | None) -> float:
    if degrees is None:
        return float(special.ndtr(-statistic))
    return float(special.stdtr(degrees, -statistic))


def _said(
    wish: MarginAnalysis, one: Estimate, edge: tuple[float, float], p: float, confidence: float
) -> str:
    alpha, (low, high) = (1 - confidence) / 2, edge
    shown = p <= alpha
    verdict = f"{kind_of(wish).capitalize()} is {'' if shown else 'not '}shown ({one.quantity}). "
    p_said = "p below 0.0001" if p < 1e-4 else f"p {p:.4f}"
    level = f"one-sided {100 * alpha:.3g} %"
    if wish.equivalence:
        both = "both are" if shown else "not both are"
        null = f"H0, {low:.4g} or less, and H0, {high:.4g} or more: {both} rejected at {level}"
        null += f" (larger {p_said})"
    else:
        side = f"{low:.4g} or less" if wish.higher_is_better else f"{high:.4g} or more"
        null = f"H0, {side}, is {'' if shown else 'not '}rejected at {level} ({p_said})"
    interval = f"; the {100 * confidence:.6g} % interval is {one.low:.4g} to {one.high:.4g}."
    return verdict + null + interval + _whole(wish, one, edge)


def _whole(wish: MarginAnalysis, one: Estimate, edge: tuple[float, float]) -> str:
    """Where the whole interval lies beyond the margin, or on one side of no difference."""
    assert one.low is not None and one.high is not None
    none = 1.0 if is_ratio(wish) else 0.0
    if one.high < edge[0] or one.low > edge[1]:
        return " All of it lies beyond the margin."
    if one.low <= none <= one.high:
        return ""
    higher = one.low > none
    if wish.equivalence:
        return f" All of it lies {'above' if higher else 'below'} no difference."
    side = "better" if higher == wish.higher_is_better else "worse"
    return f" All of it lies on the {side} side of no difference."
