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
from resynapse.inference import coverage, sites_left_out
from resynapse.inference.by_kind import sentences, wider
from resynapse.inference.design import asked
from resynapse.inference.discrepancy_told import by_trial
from resynapse.inference.discrepancy_told import rows as rows_beyond
from resynapse.inference.discrepancy_told import sentences as said_beyond
from resynapse.inference.scored import PRIMARY
from resynapse.inference.validated import stored
from resynapse.inference.validation import Endpoint, Validation
from resynapse.report.earlier_model import of_an_earlier_model
from resynapse.report.forest import forest

DOCS = Path(__file__).parent
PAGE, PICTURE = DOCS / "validation.md", DOCS / "validation.svg"
BASELINES = "no effect", "random-effects meta-analysis"
COVER, WIDTH = 0.8, 1.2
NO_TEST = (
    "No study is a blind test: lee-2018 is nearest to one, and tells nothing of ketamine. A"
    " meta-analysis pools what was published, which is what tends to be positive; where its"
    " forecasts hit, published ratios resemble one another, and are not thereby right."
)
JOINED_LATER = "lee-2018"
COMPUTED_HERE = "contrasts that we computed from them"
SEEN_AS = {
    "abstract": "in the abstract",
    "figure": "read off a figure by a third party",
    "secondary": "on a page about the paper",
    "computed": "computed here",
}
HEAD = """# Where the model was right about trials that it was not fitted to, and where wrong

{since}```
resynapse validate                       # simulates what is not kept yet
resynapse validate --stored              # what this page says, at once
resynapse validate --draws 128           # with at most so many simulated draws of each trial
resynapse validate --sites               # sites of CTN-0030 and CTN-0027 left out, fitted again
resynapse validate --add MY-STUDY.yaml   # a study of your own beside what was forecast for it
```

Built by `python docs/build_validation_page.py` from what is stored. `{command} --output
validated.json` wrote the trials on {date}: model {model}, at most {most} simulated draws of each
trial, {people} people an arm, seed {seed}. What is simulated or fitted is kept, so a call that was
stopped, or killed, goes on where it was: about a minute if all is kept, about an hour for `--quick`
from nothing on two busy cores.

![Forecasts beside published values](validation.svg)

**What the evidence can and cannot tell**

{words}

{bars}

How: a study that was fitted (krupitsky-2002, dakwar-2019) is left out and the rest fitted again.
krupitsky-2007 and grabski-2022 shaped the structure of the model and are called retrospective.
lee-2018 (no ketamine) is held out, by its own rule of relapse; no number fitted here acts in it.
jovaisa-2006 is held out and published no number that a simulation yields. A forecast holds the
posterior of the numbers of stage e, draws of the stages before it as they ship (natural history and
medications where people use opioids, mood everywhere), the priors of all that is uncertain and not
fitted, spread between studies (sd 0.3 on effects, 0.7 on baselines), and the sampling of a trial of
that size. So it is the set that ships, but for the study left out of stage e. Ratios and
differences of shares come from simulated counts by the estimator of the study. krupitsky-2002's
contrasts rest on one person abstinent in the low arm. PIT is the share of the forecast below the
published value.

{endpoints}

## Counted in other ways

The bar speaks of endpoint values, and does not say which. Of the {values} values {printed} were
published as such and {computed} were computed here from numbers that were:

{seen}

{readings}

**What that says.** The bar is not met as it was set, and the one count that meets it flatters: in
it the shares of both arms of a trial are two hits while their contrast, which the trial was for,
is nowhere. No level is missed, in intervals that are wide. Of effects, each taken once, {strict}
lie within, or {fixed} where the ratio was fixed beforehand: below the bar, and with four trials
not told from it. What was computed here is no weaker a test for it: the shares behind each
contrast were published, and a forecast that is right holds their difference too. One of the three
facts was published as a contrast as well: an adjusted odds ratio of {adjusted} for the last two
weeks of dakwar-2019, seen on a clinic page. It lies within the interval for the crude one
({crude}), and is no test, since its covariates were not seen.

## Levels and effects apart

{apart}

**What that says.** The model is not worse than a meta-analysis on levels: every share abstinent
lies within its intervals, which are wide (from none to half of all people or more), and neither
baseline does better. It is worse on effects, though not beyond chance over four studies, and there
on one thing: how many more people are abstinent after ketamine. All {missed} missed values are of
that kind, from {trials} comparisons of arms, all on the side of more benefit than was forecast:

{misses}

One pair of counts is written as a difference, odds, or a ratio of logs, so the {missed} misses are
{trials} facts, and 71 % is no share of independent values. Had the model been right, a trial like
each would have shown so much or more once in 25 to 100 times (last column). {trials} such trials
of four are hard to call luck alone. They are small; two are of one group; one rests on a single
person abstinent in its low arm; effects that small trials publish tend to be too large; or the
model gives ketamine too little. These data cannot say which. Effects that do not rest on these
counts (first use or drop-out and craving in dakwar-2019, days abstinent and relapse in
grabski-2022, {others} values) lie within 90 % without a miss. No baseline value is missed.

**Why the meta-analysis wins.** It knows the effects of the three other trials and nothing else, and
published effects resemble one another. On grabski-2022, the one null result, it is worse than the
model. The model holds a prior with half of its weight on no effect, and each time is fitted to one
or two trials. A gap of this size over four studies is within chance by Student's t.

Counted in standard errors of the trial that is forecast; whoever knew the truth would score 0.56
on average. Levels: shares of one arm, from the arms of the same kind elsewhere. Effects that
several trials published: the ratio of use of each, and differences and odds of abstinence of the
three that counted it. Baselines of effects published once have no other trial to know; the
interaction of grabski-2022 has no interval and stands in none. Added after coverage and CRPS had
been read.

{kinds}

## What trials show beyond the model

{beyond}

{allowing}

{by_trial}

A discrepancy in the sense of Kennedy and O'Hagan (2001): what other trials showed beyond their
forecasts is added to the forecast of a trial, on the log of the ratio by which it is scored. How
far they lean has a half-normal prior of 0.5 log units, and a coin for its direction; a trial's own
departure has sd 0.3, which the forecasts hold already. The lean is learned from forecasts that
were fitted neither to the trial in question nor to themselves. **This is post hoc**: it was written
after the misses had been read. The size of 0.5 was set before any lean was computed; the others
show what that choice does.

**What that says.** Trials do lean to more benefit than the model gives ketamine. Allowing for it
helps in the three trials with a large effect and harms in grabski-2022, whose relapse hardly
differed; over four trials that is within chance. It makes the forecast wider than the bar allows
(1.2 times the meta-analysis's), and a meta-analysis, which knows these effects and nothing else,
still forecasts better. So it is no evidence that ketamine does more than the model says: trials
that publish too large an effect would look the same. It is what to add if one believes that the
next trial will resemble those published; neither `run` nor `power` adds it. Most of its weight is
that of krupitsky-2002 and -2007, since a ratio of logs varies little where few are abstinent.
Forecasts share what is not known of the model, and the formula takes them for independent. With the
covariance of the kept draws of the four trials the log of the lean is -0.52 (sd 0.22) for -0.51
(0.21): checked once, in the validation before this one; no command does it.

## Rivals and baselines

Each is fitted to the same numbers, leaves out the same studies, and has at most three free
numbers. **CRPS** (smaller is better) and **log score** (larger is better) are of the log of one
ratio of use a study: ratios of log survival at 12 months in krupitsky-2002 and -2007, of hazards
of first use or drop-out in dakwar-2019, odds of relapse in grabski-2022. The **energy score**
(smaller is better) is of all numbers of a study together, each on its scale in units of the
prior's spread; baselines forecast one number, where it is the CRPS. Differences have their
standard error over four studies; the 95 % interval by Student's t is 3.2 of them to each side.
**Brier**: the probability given beforehand that the ratio favours ketamine. **Width** of the 90 %
interval in log units. Weight by the summed log scores.

{hypotheses}

## Could these trials have told the hypotheses apart?

Trials of the published size are simulated under the calibrated model; the share in which it
scores better than the other hypothesis. A coin is 50 %; less is possible where a right hypothesis
loses a little often and gains much rarely. Forecasts of krupitsky-2002 and -2007 are
of counts near zero, so they tell little whatever is true.

{power}

## Choices made after something was seen

* Differences are judged by Student's t over studies. Two standard errors had been written first;
  with four studies that is too lenient.
* lee-2018 joined the count after runs of it had been seen beside what it published
  ([baseline.md](baseline.md)); without it {without} of {before} values lie within. Its intervals
  are wide: a baseline of another study is known to a log sd of 0.7.
* Stages before were held where they had been set by hand until the forecasts here; with them drawn
  every value is within, or not, as it was then.
* engeriser-2026 is left out of the count of hits, since priors of withdrawal relief were set with
  it in sight.
* Coverage of the hypotheses is over the same values; at first the model had more. That of the two
  baselines is not: each forecasts one ratio a trial, so it is of {ratios} values, of which the
  calibrated model has {own}. Widths are of those {ratios} ratios for all.
* The ratio by which each study is scored was fixed before the first forecast was seen. Log
  scores, energy scores, Brier scores and power were added after CRPS had been read.
* Values were counted in other ways, and the lean of trials was looked for, after the misses had
  been seen.

## Sites left out

CTN-0030 (first use after a taper) and CTN-0027 (who stays on methadone or buprenorphine) were run
at many sites. A third of them at a time is left out (docs/ctn0094.md) and the stage of
docs/calibration.md is fitted again to the other sites. `{sites_command} --output stored.json` wrote
what is stored on {sites_date}: model {sites_model}, {sites_draws} draws of each forecast, stage b
with {sites_people} people a cohort and 4 chains of {sites_samples}. It takes 6 to 11 minutes on two
busy cores, and 20 to 35 more where the 512 settings of CTN-0027 are not kept from before. A call
that was killed after its first fit and taken up again gave the numbers of a whole one to the last
digit. Of CTN-0027 what is stored is of stage c as it was fitted before, with one set of people
in all points.

{sites_words}

How: a new site of CTN-0030 lies around the site of the rest with the spread that stage b declared
between sites before any was scored (log hazard sd 0.7, logit of the share uncommitted sd 1.5);
nothing in it is fitted to how they differ. "Whole trial left out" knows Smyth and Gossop alone and
a spread around the default site. In CTN-0027 sites differ in the model only by how easily people
use and how many do not mean to abstain, which moves a little who stops. Baselines know the counts
of the other sites and no mechanism: all sites one (beta), or logits that differ
(DerSimonian-Laird). CRPS is of the share counted, the log score of the count, both with the
sampling of that many people. Standard errors are over sites,
which share three fits, so they are a little too small.

What it is not: a blind test. The medians of stage b's priors and the shapes of stopping had been
fitted by hand to both whole trials, and sites of one trial share its rules. It tests transport
between clinics and no more, and says that mechanism neither helps nor harms there. First use by 7 d
is scored, since all nine sites show it; by 14 and 28 d the sites with most use are blank (fewer
than five people without), and of methadone the two that kept most people: a selection.

{sites_scores}

{sites_rows}
"""


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
        most=found.most, model=found.model[:12], kinds="\n".join(kinds(found)),
        apart="\n".join(f"* {one}" for one in sentences(found.kinds)),
        command=found.made["command"], date=found.made["date"], seed=found.made["seed"],
        beyond="\n".join(f"* {one}" for one in said_beyond(found.discrepancy)),
        allowing="\n".join(rows_beyond(found.discrepancy, found.scores)),
        by_trial="\n".join(by_trial(found.discrepancy)), **counted(found),
        ratios=len(PRIMARY), own=ratios_held(found), people=found.made["people"],
        since=since(found), **misses(found), **sites(),
    )  # fmt: skip


def since(found: Validation) -> str:
    """What is said where the model is no longer the one that was validated."""
    trials = of_an_earlier_model(found.model, "resynapse validate --output FILE")
    again, which = "resynapse validate --sites --output FILE", "The numbers under *Sites left out*"
    return trials + of_an_earlier_model(sites_left_out.stored().model, again, which)


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
        "misses": "\n".join(_missed(missed)),
    }  # fmt: skip


def _missed(missed: list[Endpoint]) -> Iterator[str]:
    yield (
        "| trial | abstinent | missed as | the trial's own 95 % | forecast, 90 % |"
        " as much or more |"
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in missed:
        number = _published(one)
        beyond = one.pit if one.measure == "log_survival_ratio" else 1.0 - one.pit
        yield (
            f"| {one.protocol} | {_counts(one)} | {one.measure} {one.published:.3g} |"
            f" {number.low:.3g} to {number.high:.3g} | {one.low90:.3g} to {one.high90:.3g} |"
            f" {beyond:.0%} |"
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
        "sites_model": held.model[:12],
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
