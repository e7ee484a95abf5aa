"""How is a sample size justified, in the sentences of a protocol?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.report.design.told import Told
from resynapse.report.table import Cell, Row, Table
from resynapse.report.wording import listed, thousands
from resynapse.trial.power.batch import sizes
from resynapse.trial.power.method import in_words
from resynapse.trial.power.solve import Needed

if TYPE_CHECKING:
    from resynapse.trial.power.monte_carlo import Share
    from resynapse.trial.power.summary import Row as Found

STRATEGY = {
    "time": "people are censored when they leave (hypothetical strategy: had they stayed)",
    "yes or no": "people who leave count as having used (composite strategy)",
    "number": "values after leaving are missing and taken to be missing at random",
}


def justification(told: Told) -> str:
    """The paragraph on sample size of one design: estimand, assumptions, method, error, seed."""
    found, asked = told.found, told.found.asked
    needed = found.needed[told.first, told.method]
    size = told.examples[told.first].n
    row = found.row(told.first, "as asked", size, told.method)
    null = found.row(told.first, "no effect", size, told.method).rejected
    rival = found.row(told.first, "expectancy alone", size, told.method).rejected
    both = sizes(size, asked.ratio)
    sides = "two" if asked.looks.sided == 2 else "one"
    parts = [
        f"The trial compares \u201c{told.arm(told.first).label}\u201d with "
        f"\u201c{told.reference.label}\u201d in {told.endpoint[:1].lower()}{told.endpoint[1:]}; "
        f"{STRATEGY[asked.kind]}. It is analysed by the {in_words(told.method)} at a "
        f"{sides}-sided alpha of {asked.looks.alpha:g}{_looks(told)}.",
        _size(told, needed),
        f"With {both.treated} and {both.control} people, {row.rejected.trials} simulated trials "
        f"found a benefit in {_percent(row.rejected)}; with both arms alike and nobody expecting "
        f"anything, {_percent(null)} rejected; where ketamine does nothing but let people guess "
        f"their arm, {_percent(rival)} did.",
        *_unanswered(row),
        *([sentence(_conducted(told))] if told.protocol.conduct else []),
        _assumptions(told),
        f"Simulated with Resynapse {told.version}, seed {asked.seed}: {told.command}",
    ]
    return " ".join(parts)


def _unanswered(row: Found) -> list[str]:
    if not row.failed:
        return []
    return [
        f"The analysis had no answer in {100 * row.failed:.1f} % of trials, which count as not "
        "significant."
    ]


def _looks(told: Told) -> str:
    looks = told.found.asked.looks
    if len(looks.information) == 1:
        return ""
    bounds = listed([f"{bound:.3f}" for bound in looks.critical_values])
    return (
        f", with {len(looks.information)} looks ({looks.spending}; Z {bounds} if each look sees "
        "what was planned, and by the information seen where it does not)"
    )


def _size(told: Told, needed: Needed) -> str:
    power = needed.power
    if needed.n is None and needed.passed:
        return (
            f"Power {power:g} is passed at the smallest size that was simulated; a smaller will do."
        )
    if needed.n is None:
        reached = "is not reached at any size that was simulated"
        if told.found.extent.draws:
            reached += "; averaged over draws it cannot pass the probability of a benefit"
        return f"Power {power:g} {reached}."
    sure = "" if needed.error is None else f" (Monte Carlo error {needed.error:.0f})"
    far = "" if needed.inside else ", extrapolated beyond the sizes that were simulated"
    return f"Power {power:g} needs {needed.n:.0f} people in the reference arm{sure}{far}."


def _assumptions(told: Told) -> str:
    counts = listed([f"{number} {status}" for status, number in told.counts.items()])
    drawn = told.found.extent.draws
    width = (
        f"; averaged over {drawn} draws of the parameters" if drawn else "; at their middle values"
    )
    return (
        "Effects, drop-out and guessing of the arm come from the model's parameters "
        f"({told.parameters}: {counts}{width}), not from a trial of this treatment; each stands "
        "with its source in what resynapse parameters prints."
    )


def _percent(share: Share) -> str:
    return f"{100 * share.value:.1f} % (Monte Carlo error {100 * share.error:.1f})"


def notes(told: Told) -> dict[str, str]:
    """The sentence over a section that says how to read it, by section."""
    return {
        "power": "A power is that of the model's parameters, not of nature.",
        "draws": "Each draw of the parameters has a power of its own; their mean is the assurance. "
        "Chance within a draw widens the range a little.",
        "stopping": "Share of trials that end at each look, and people and days by then, of the "
        "first analysis. A look comes when so many events, or people with their outcome, are "
        "there, or on the day that was asked for; people who enter meanwhile count.",
        "examples": "The typical trial has the middle test statistic of all that were played out; "
        "one in twenty is worse than the unlucky one. Nobody in them is real.",
        "estimates": "Truth: the same estimate among all people of the run, had nobody left; "
        f"{told.examples[told.first].n} controls, other sizes in tables/power.csv. Coverage is "
        "that of 95\u00a0% intervals. With looks, estimates of trials that stop early lie too far "
        "from none.",
        "after_stopping": "What stopping does to estimates. Naive: as if nobody had looked before. "
        "Median-unbiased and stage-wise: the drift at which an outcome as extreme has probability "
        "one half, and 95\u00a0% limits, stopping earlier being more extreme. Both take the effect "
        "to be the same at every look.",
    }


def ademp(told: Told) -> Table:
    """Aims, data-generating mechanism, estimands, methods, performance (Morris and others 2019)."""
    found, asked, much = told.found, told.found.asked, told.found.extent
    middle = f"{much.draws} draws of them" if much.draws else "at their middle values"
    rows = {
        "Aims": f"Power, type I error, bias and size for {told.endpoint}, "
        f"{listed([told.arm(d).label for d in told.designs])} against {told.reference.label}.",
        "Data-generating mechanism": f"The model of {told.protocol.name}, parameters "
        f"{told.parameters}, {middle}; {much.batches} batches of {thousands(much.people)} people, "
        f"each gone through both arms; trials of n people an arm drawn within a batch, nobody in "
        f"both arms; {_conducted(told)}. Three worlds: as asked; no "
        "effect (both arms the reference arm, expectancy off); expectancy alone.",
        "Estimands": f"{told.endpoint}; {STRATEGY[asked.kind]}. The true value is the same "
        "estimate among all people, had nobody left.",
        "Methods": listed([in_words(method) for method in asked.methods]) + ".",
        "Performance": "Share that rejects, bias, coverage of 95 % intervals, stated and "
        f"empirical error; {found.rows[0].rejected.trials} trials of each size; Monte Carlo error "
        "from the spread between batches, which share nobody. A test without an answer counts as "
        f"not significant ({_failed(found.rows)}).",
        "Seed": str(asked.seed),
    }
    return Table(
        "The simulation study (ADEMP)",
        ("", "What"),
        tuple(Row(name, (Cell(words=text),)) for name, text in rows.items()),
    )


def _conducted(told: Told) -> str:
    """How people enter, are randomised and are seen."""
    how = told.protocol.conduct
    if how is None:
        return f"people enter evenly over {told.found.asked.accrual:g} days"
    rule, rates = how.randomisation, [f"{one.per_month:g}" for one in how.accrual]
    strata = f" stratified by {listed(list(rule.strata))}" if rule.strata else ""
    return (
        f"people enter at {thousands(len(how.sites))} sites, screened at {', then '.join(rates)} a "
        f"month, and are randomised one after the other ({rule.method}{strata}); use is known from "
        f"what they tell and from urines at visits every {how.visits.every_days:g} days, of which "
        f"{100 * how.visits.missed:.1f} % are missed, after use "
        f"{100 * how.visits.missed_using:.1f} %"
    )


def sentence(words: str) -> str:
    """With a capital and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def _failed(rows: list[Found]) -> str:
    most = max(row.failed for row in rows)
    return f"at most {100 * most:.1f} % of trials" if most else "there was none"
