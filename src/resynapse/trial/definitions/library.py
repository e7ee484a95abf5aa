"""Which definitions are there, who published them, and what does each need?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial import urine_word as word
from resynapse.trial.definitions import adverse, days, drinks, visits
from resynapse.trial.definitions.urine_measure import Gives
from resynapse.trial.definitions.urine_rules import DROPOUT, RULES

Needs = Literal[
    "word", "days", "drinks", "drinks and baseline drinks", "visits", "criteria", "adverse outcomes"
]


@dataclass(frozen=True)
class Definition:
    """One endpoint of one person."""

    name: str
    sentence: str
    needs: Needs
    gives: Gives
    citation: str
    seen: str
    """How the definition reached us: table, abstract, page, secondary, computed or recalled"""
    function: Callable[..., Any] = field(repr=False, compare=False)
    options: tuple[str, ...] = ()
    """Names of options that a plan may set"""


_CTNOTE = "as CTNote's library gives it (Odom, Brandt, Luo, Balise)"
_WORDS = [
    Definition(
        rule.name, rule.sentence, "word", rule.measure.gives, f"{rule.citation}; {_CTNOTE}",
        "secondary", rule.of,
        ("from_week", "to_week") + (() if rule.measure == DROPOUT else ("missing",)),
    )
    for rule in RULES.values()
]  # fmt: skip
_MISSING = ("missing",)
_ALL = [
    *_WORDS,
    Definition(
        "longest_negative_run", "Weeks of the longest unbroken run of negative urines",
        "word", "number", "a class of outcomes of CTNote (Odom and others)", "secondary",
        word.longest_negative_run, _MISSING,
    ),
    Definition(
        "percent_negative", "Weeks with a negative urine, % of weeks that required one",
        "word", "number", "a class of outcomes of CTNote (Odom and others)", "secondary",
        lambda letters, missing="positive": 100.0 * word.share_negative(letters, missing), _MISSING,
    ),
    Definition(
        "negative_at_the_end", "Every one of the last so many required urines negative",
        "word", "yes or no", "a class of outcomes of CTNote (Odom and others)", "secondary",
        lambda letters, weeks=4, missing="positive": word.negative_at_the_end(
            letters, weeks, missing
        ),
        ("weeks", "missing"),
    ),
    Definition(
        "responder_by_urine",
        "From the end of a grace period on, at least such a share of required urines negative "
        "(default: from week 9 on, 80 %)",
        "word", "yes or no",
        "Lofwall 2018, JAMA Intern Med 178:764: at least 8 of 10 set points of weeks 9 to 24, two "
        "of them fixed; the two fixed points are not asked for here", "abstract",
        word.responder, ("from_week", "least_share", "missing"),
    ),
    Definition(
        "continuous_abstinence", "No use from the origin, or from the end of a grace period, on",
        "days", "yes or no",
        "abstinence at 12 months of Krupitsky 2002, J Subst Abuse Treat 23:273", "abstract",
        days.continuous_abstinence, ("missing", "grace_days"),
    ),
    Definition(
        "percent_days_abstinent", "Days without use, % of days", "days", "number",
        "Grabski 2022 (KARE), Am J Psychiatry 179:152", "abstract", days.percent_days_abstinent,
        _MISSING,
    ),
    Definition(
        "longest_abstinence", "Days of the longest unbroken run without use", "days", "number",
        "a class of outcomes of CTNote (Odom and others), here on days", "secondary",
        days.longest_abstinence, _MISSING,
    ),
    Definition(
        "time_to_lapse", "Days to any use", "days", "time",
        "lapse as use of any amount, as in this package's decisions", "assumed",
        days.time_to_lapse, _MISSING,
    ),
    Definition(
        "time_to_relapse", "Days to the first of so many consecutive days of use (default 7)",
        "days", "time", "daily use beside the rule of CTN-0051 (Lee 2018), as decisions name it",
        "recalled", days.time_to_relapse, ("run_days", "missing"),
    ),
    Definition(
        "relapse_lee2016", "Day on which 10 of the last 28 days had use; missing counts as use",
        "days", "time",
        "Lee 2016, N Engl J Med 374:1232, as CTNote words it (a positive urine as 5 days of use is "
        "not counted here)", "secondary", days.time_to_frequent_use,
        ("days_of_use", "of_days", "missing"),
    ),
    Definition(
        "time_to_dropout", "Days to the first of so many consecutive unknown days (default 28)",
        "days", "time", "CTN-0094: 4 consecutive weeks missing, here on days", "secondary",
        days.time_to_dropout, ("missing_days",),
    ),
    Definition(
        "responder", "No use after a grace period; missing counts as use", "days", "yes or no",
        "FDA 2020, Opioid use disorder: endpoints for effectiveness (section C; its grace period "
        "is recalled)", "recalled", days.responder, ("grace_days", "missing"),
    ),
    Definition(
        "heavy_drinking_days", "Days of 5 drinks or more (women 4)", "drinks", "number",
        "FDA 2015 draft guidance, Alcoholism: developing drugs for treatment", "secondary",
        drinks.heavy_drinking_days, _MISSING,
    ),
    Definition(
        "percent_heavy_drinking_days", "Heavy drinking days, % of days", "drinks", "number",
        "FDA 2015 draft guidance, Alcoholism: developing drugs for treatment", "secondary",
        drinks.percent_heavy_drinking_days, _MISSING,
    ),
    Definition(
        "no_heavy_drinking_days", "No heavy drinking day after a grace period; missing is heavy",
        "drinks", "yes or no",
        "FDA 2015 draft guidance, Alcoholism: developing drugs for treatment",
        "secondary", drinks.no_heavy_drinking_days, ("grace_days", "missing"),
    ),
    Definition(
        "who_risk_level",
        "Level 0 abstinent, 1 low (men to 40, women to 20 g of ethanol a day), 2 medium (to 60, "
        "40), 3 high (to 100, 60), 4 very high",
        "drinks", "number", "WHO drinking risk levels, as a table of BMJ Open gives them",
        "secondary", drinks.who_risk_level, ("grams_a_drink",),
    ),
    Definition(
        "who_risk_fall", "Risk level lower by two levels or more; not known counts as no fall",
        "drinks and baseline drinks", "yes or no",
        "Witkiewitz 2020, Addiction 115:1668 (one- and two-level falls); EMA 2010, "
        "recalled",
        "abstract", drinks.who_risk_fall, ("levels", "grams_a_drink"),
    ),
    Definition(
        "craving_mean", "Mean score over visits attended", "visits", "number",
        "plain mean; no publication claimed", "assumed",
        lambda day, score: visits.mean_score(score),
    ),
    Definition(
        "craving_area", "Area under the score over time, points times days", "visits", "number",
        "trapezoids; no publication claimed", "assumed", visits.area_under_score,
    ),
    Definition(
        "craving_average", "Area under the score divided by its days", "visits", "number",
        "trapezoids; no publication claimed", "assumed", visits.average_score,
    ),
    Definition(
        "early_remission", "No DSM-5 criterion but craving for three months up to the last visit",
        "visits", "yes or no", "DSM-5 (Hasin 2013, Am J Psychiatry 170:834)", "secondary",
        visits.remission,
    ),
    Definition(
        "sustained_remission",
        "No DSM-5 criterion but craving for twelve months up to the last visit",
        "visits", "yes or no", "DSM-5 (Hasin 2013, Am J Psychiatry 170:834)", "secondary",
        lambda day, criteria: visits.remission(day, criteria, sustained=True),
    ),
    Definition(
        "disease_status_fall", "Severity by DSM-5 criteria (0-1, 2-3, 4-5, 6 or more) lower by a "
        "level or more", "criteria", "yes or no",
        "FDA 2020, Opioid use disorder: endpoints for effectiveness, section B; levels of DSM-5",
        "secondary", visits.disease_status_fall, ("levels",),
    ),
    Definition(
        "time_to_adverse_outcome", "Days to the first of the adverse outcomes that the plan lists, "
        "such as death, emergency medical intervention, hepatitis C", "adverse outcomes", "time",
        "FDA 2020, Opioid use disorder: endpoints for effectiveness, section A; that trials take "
        "the first of them is this package's reading", "secondary",
        adverse.time_to_adverse_outcome,
    ),
]  # fmt: skip

DEFINITIONS: dict[str, Definition] = {one.name: one for one in _ALL}
"""Name -> definition, in the order in which they are shown"""


def definition(name: str) -> Definition:
    """The definition of this name; the nearest is offered where there is none."""
    if name not in DEFINITIONS:
        raise InputError(
            f"No endpoint is defined as {name!r}.{did_you_mean(name, DEFINITIONS)} "
            "`resynapse endpoints` lists them."
        )
    return DEFINITIONS[name]
