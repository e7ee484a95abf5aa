"""Write docs/validation.md and its picture from the stored validation.

python docs/build_validation_page.py

`resynapse validate --output FILE` and `resynapse validate --sites --output FILE` wrote it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from resynapse.cli.validate import _endpoints, _hypotheses, _told_apart, kinds
from resynapse.evidence import study
from resynapse.evidence.study import Number
from resynapse.inference import coverage, other_pooling, sites_left_out, weeks_judged
from resynapse.inference.by_kind import sentences, wider
from resynapse.inference.design import asked
from resynapse.inference.discrepancy_told import by_trial
from resynapse.inference.discrepancy_told import rows as rows_beyond
from resynapse.inference.discrepancy_told import sentences as said_beyond
from resynapse.inference.scored import PRIMARY
from resynapse.inference.validated import stored
from resynapse.inference.validation import Endpoint, Validation
from resynapse.inference.weeks_judged.judged import own_missed
from resynapse.protocol.conduct import Visits
from resynapse.report.earlier_model import of_an_earlier_model
from resynapse.report.forest import forest
from resynapse.trial.simulated_under import named

DOCS = Path(__file__).parent
PAGE, PICTURE = DOCS / "validation.md", DOCS / "validation.svg"
BASELINES = "no effect", "random-effects meta-analysis"
COVER, WIDTH = 0.8, 1.2
NO_TEST = (
    "No study is a blind test: lee-2018 is nearest to one, and tells nothing of ketamine. A"
    " meta-analysis pools what was published, which is what tends to be positive; where its"
    " forecasts hit, published ratios resemble one another, and are not thereby right."
)
HEAD = (DOCS / "validation_page.txt").read_text(encoding="utf-8")
"""what the page says, whatever the numbers are"""
JOINED_LATER = "lee-2018"
COMPUTED_HERE = "contrasts that we computed from them"
LOOKED_AT = {
    ("urines", "methadone, urine negative in week 2"),
    ("own_visits", "methadone, urine positive in week 8"),
}
"""misses of CTN-0027 that docs/ctn0094.md has in other people, with standard errors"""
SEEN_AS = {
    "abstract": "in the abstract",
    "figure": "read off a figure by a third party",
    "secondary": "on a page about the paper",
    "computed": "computed here",
}


def main() -> None:
    """Write the page and its picture."""
    PAGE.write_text(page(), encoding="utf-8")
    PICTURE.write_text(forest(stored()), encoding="utf-8")


def page() -> str:
    """All of it."""
    found = stored()
    said = textwrap.fill(f"The bars of this project: {bars(found)} {NO_TEST}", 98)
    return HEAD.format(
        words="\n".join(f"* {one}" for one in found.words()), bars=said,
        endpoints="\n".join(_endpoints(found.endpoints)),
        hypotheses="\n".join(_hypotheses(found)), power="\n".join(_told_apart(found)),
        most=found.most, model=named(found.model), kinds="\n".join(kinds(found)),
        apart="\n".join(f"* {one}" for one in sentences(found.kinds)),
        command=found.made["command"], date=found.made["date"], seed=found.made["seed"],
        beyond="\n".join(f"* {one}" for one in said_beyond(found.discrepancy)),
        allowing="\n".join(rows_beyond(found.discrepancy, found.scores)),
        by_trial="\n".join(by_trial(found.discrepancy)), **counted(found),
        ratios=len(PRIMARY), own=ratios_held(found), people=found.made["people"],
        since=since(found), pooling=pooling(found), **misses(found), **sites(), **weeks(),
    )  # fmt: skip


def pooling(found: Validation) -> str:
    """What other ways of forecasting a new study would change."""
    said = other_pooling.sentences(found.scores)
    return textwrap.fill(f"**Does that hang on how it pools?** {said}", 98)


def since(found: Validation) -> str:
    """What is said where the model is no longer the one that was validated."""
    trials = of_an_earlier_model(found.model, "resynapse validate --output FILE")
    again, which = "resynapse validate --sites --output FILE", "The numbers under *Sites left out*"
    return trials + of_an_earlier_model(sites_left_out.stored().model, again, which)


def weeks() -> dict[str, str | int]:
    """CTN-0027 week by week: verdicts, and the shares that miss."""
    found, visits, own = weeks_judged.stored(), Visits(), own_missed()
    late = weeks_judged.earlier(found)
    said = [*weeks_judged.words(found), *([f"**{late}**"] if late else [])]
    return {
        "weeks": "\n".join(f"* {one}" for one in said),
        "weeks_missed": "\n".join(weeks_judged.rows(found, missed=True)),
        "weeks_chance": weeks_chance(found),
        "weeks_draws": found.made["draws"], "weeks_people": found.made["people_per_arm"],
        "weeks_command": found.made["command"], "weeks_date": found.made["date"],
        "weeks_model": named(found.model),
        "weeks_missing": f"{visits.missed:.1%}"[:-1],
        "weeks_missing_using": f"{visits.missed_using:.1%}"[:-1],
        "weeks_own": f"{own[0]:.1%}"[:-1], "weeks_own_using": f"{own[1]:.1%}"[:-1],
    }  # fmt: skip


def weeks_chance(found: weeks_judged.WeeksJudged) -> str:
    """Whether misses are chance, where they are those of which other people were simulated."""
    missed = {
        (kind, one.quantity)
        for kind in weeks_judged.KINDS
        for one in getattr(found, kind)
        if not one.within
    }
    if missed != LOOKED_AT:
        return "[ctn0094.md](ctn0094.md) has cells that missed with their standard errors."
    return (
        "Each of the two is missed by one way of missing visits and met narrowly by the other.\n"
        "They are as far off in other sets of simulated people, so they are not chance among\n"
        "those; how many standard errors of the trial's own count they are off:\n"
        "[ctn0094.md](ctn0094.md)."
    )


def ratios_held(found: Validation) -> int:
    """Of the ratios that the baselines forecast too, how many lie within 90 %."""
    return sum(
        one.hit90 for one in found.endpoints
        if PRIMARY.get(one.protocol) == (one.endpoint, one.measure)
    )  # fmt: skip


def counted(found: Validation) -> dict[str, str | int]:
    """How each value was seen, and hits in every way of counting."""
    tests = [one for one in found.endpoints if one.role != "calibration"]
    by = {one.counted: one for one in found.coverage_by()}
    before = [one for one in tests if one.protocol != JOINED_LATER]
    strict, computed = by["comparisons, missed if in any writing"], by[COMPUTED_HERE]
    fixed = by["comparisons, by the ratio fixed beforehand where there is one"]
    crude, adjusted = _last_two_weeks()
    return {
        "values": len(tests), "computed": computed.values, "printed": len(tests) - computed.values,
        "seen": "\n".join(_seen(tests)), "readings": "\n".join(coverage.rows(by.values())),
        "before": len(before), "without": sum(one.hit90 for one in before),
        "strict": f"{strict.hits} of {strict.values}", "fixed": fixed.hits, "adjusted": adjusted,
        "crude": next(
            f"{one.low90:.3g} to {one.high90:.3g}" for one in tests if one.published == crude
        ),
    }  # fmt: skip


def _seen(tests: list[Endpoint]) -> Iterator[str]:
    yield "| trial | how the numbers were seen | values | within 90 % |"
    yield "| --- | --- | --- | --- |"
    grouped: dict[tuple[str, str], list[bool]] = {}
    for one in tests:
        grouped.setdefault((one.protocol, coverage.seen(one)), []).append(one.hit90)
    for (trial, how), hits in grouped.items():
        yield f"| {trial} | {SEEN_AS[how]} | {len(hits)} | {sum(hits)} |"


def _last_two_weeks() -> tuple[float, float]:
    """Odds ratios of dakwar-2019's endpoint: the crude one, and the one that was published."""
    odds = {
        one.comparable: one.value for one in study("dakwar2019_cocaine").numbers
        if (one.endpoint, one.measure) == ("last_two_weeks_abstinent", "odds_ratio")
    }  # fmt: skip
    return odds[True], odds[False]


def misses(found: Validation) -> dict[str, str | int]:
    """What was missed, a comparison of arms a row, and how many values were not."""
    tests = [one for one in found.endpoints if one.role != "calibration"]
    missed = [one for one in tests if not one.hit90]
    counted = {(one.protocol, one.endpoint) for one in missed}
    others = [one for one in tests if one.reference and (one.protocol, one.endpoint) not in counted]
    return {
        "missed": len(missed), "trials": len(counted), "others": len(others),
        "misses": "\n".join(_missed(missed)), "once": _once(missed),
    }  # fmt: skip


def _once(missed: list[Endpoint]) -> str:
    """How seldom a trial shows as much or more, from the most to the least probable miss."""
    shares = sorted(_as_much(one) for one in missed)
    most, least = (f"{1.0 / share:.0f}" for share in (shares[-1], shares[0]))
    return f"once in {most} to {least} times"


def _as_much(one: Endpoint) -> float:
    """Share of the forecast on the side of more benefit than was published."""
    return one.pit if one.measure == "log_survival_ratio" else 1.0 - one.pit


def _missed(missed: list[Endpoint]) -> Iterator[str]:
    yield (
        "| trial | abstinent | missed as | the trial's own 95 % | forecast, 90 % |"
        " as much or more |"
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in missed:
        number = _published(one)
        yield (
            f"| {one.protocol} | {_counts(one)} | {one.measure} {one.published:.3g} |"
            f" {number.low:.3g} to {number.high:.3g} | {one.low90:.3g} to {one.high90:.3g} |"
            f" {_as_much(one):.1%} |"
        )


def _published(one: Endpoint) -> Number:
    return next(
        number for number in asked(study(one.study))
        if (number.endpoint, number.arm, number.reference, number.measure)
        == (one.endpoint, one.arm, one.reference, one.measure)
    )  # fmt: skip


def _counts(one: Endpoint) -> str:
    """People abstinent in both arms."""
    shares = {
        number.arm: f"{round(number.value * (number.n or 0))} of {number.n}"
        for number in asked(study(one.study))
        if number.endpoint == one.endpoint and number.measure == "proportion"
    }
    return f"{shares[one.arm]} v {shares[one.reference or '']}"


def sites() -> dict[str, str]:
    """Words, scores and rows of the sites that were left out."""
    held = sites_left_out.stored()
    return {
        "sites_model": named(held.model),
        "sites_command": held.made["command"],
        "sites_date": held.made["date"],
        "sites_draws": held.made["draws"],
        "sites_people": held.made["people"]["first use"],
        "sites_samples": held.made["samples_of_each_chain"]["first use"],
        "sites_words": "\n".join(f"* {one}" for one in sites_left_out.words(held)),
        "sites_scores": "\n".join(sites_left_out.rows(held)),
        "sites_rows": "\n".join(_endpoints(held.endpoints)),
    }


def bars(found: Validation) -> str:
    """What was to be reached, and whether it was."""
    own = found.scores["calibrated"]
    tests = [one for one in found.endpoints if one.role != "calibration"]
    covered = sum(one.hit90 for one in tests) / len(tests)
    width = own.width90 / found.scores[BASELINES[1]].width90
    said = [
        f"90 % intervals should cover {COVER:.0%} of values and cover {covered:.0%},"
        f" {_met(covered >= COVER)}. On the {len(PRIMARY)} ratios that the meta-analysis forecasts"
        f" they are {width:.2f} times as wide as its own (bar {WIDTH:g}), {_met(width <= WIDTH)};"
        f" coverage is of {len(tests)} values, so that the two bars are of different values.",
        *(f"{one}, {_met(ratio <= WIDTH)}." for one, ratio in wider(found.kinds)),
    ]
    for name in BASELINES:
        crps = found.scores[name].crps
        said.append(
            f"CRPS should not be worse than that of {name}: {own.crps:.2f} against {crps:.2f},"
            f" {_met(own.crps <= crps)}."
        )
    return " ".join(said)


def _met(met: bool) -> str:
    return "met" if met else "**not met**"


if __name__ == "__main__":
    main()
