"""How is what many runs of a trial found shown, also while they still run?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.report.drawing import Axis, Chart, Line, draw
from resynapse.report.drawing.ticks import amounts, between, percent
from resynapse.report.figure import Figure
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import plain
from resynapse.trial.endpoint_name import SCALES, parse
from resynapse.trial.estimate import Z
from resynapse.trial.parameter_set import PRIOR
from resynapse.trial.power.as_they_come import AS_ASKED, BatchShown
from resynapse.trial.power.found import Found
from resynapse.trial.power.method import LOG_RATIOS, in_words
from resynapse.trial.power.outcome import higher_is_better
from resynapse.trial.power.question import FEWEST_BATCHES
from resynapse.trial.power.summary import Row as PowerRow
from resynapse.web.asked_words import asked_words
from resynapse.web.named_figure import NamedFigure, chosen, named
from resynapse.web.queue.trial_work import BATCHES, EARLIER, TrialWork
from resynapse.web.view import environment

WIDTH, NARROW, HEIGHT = 484.0, 328.0, 240.0
BINS = 24
WIDEST = 99.0
"""Middle share of the trials that the distribution shows, %"""
WANTED = 80.0
"""Power that trials are usually planned for, %"""
PRIORS = "the reference values of their priors, not calibrated"
FITTED = f"the middle of what was fitted, and where nothing was at {PRIORS}"
OTHER_WORLDS = ("no effect", "expectancy alone")
ESTIMATORS = {"cox": "Cox regression", "risk_difference": "Shares", "mean_difference": "Means"}


@dataclass(frozen=True)
class Scale:
    """In which terms the result of a trial is shown."""

    title: str
    axis: str
    none: float
    """where the arms do not differ"""
    shown: Callable[[np.ndarray], np.ndarray]
    unit: str = ""
    signed: bool = True

    def words(self, value: float) -> str:
        """A result in these terms."""
        return plain(value, self.unit, self.signed)


@dataclass(frozen=True)
class Shown:
    """A run as far as it is: what was asked, its single trials, and what they come to."""

    work: TrialWork
    batches: Sequence[BatchShown]
    found: Found

    @property
    def trials(self) -> int:
        """How many there are of each size."""
        return sum(len(one.z) for one in self.batches)

    def rows(self, world: str = AS_ASKED) -> list[PowerRow]:
        """A row a size."""
        asked = self.work.asked
        return [self.found.row(self.work.question.arm, world, n, asked.methods[0]) for n in asked.n]

    def z(self) -> np.ndarray:
        """[trials, sizes]"""
        return np.concatenate([one.z for one in self.batches])

    def results(self) -> np.ndarray:
        """[trials, sizes] In the terms of ``scale``."""
        return scale(self.work).shown(np.concatenate([one.estimate for one in self.batches]))


def scale(work: TrialWork) -> Scale:
    """The terms of what a trial of this estimates."""
    if work.asked.methods[-1] in LOG_RATIOS:
        axis = "ratio of hazards, arm against reference"
        return Scale("Ratio of hazards", axis, 1.0, np.exp, "ratio", signed=False)
    asked = parse(work.question.endpoint)
    if asked.kind == "scale":
        unit = SCALES[asked.subject]
        return Scale("Difference of means", f"points of {unit}, arm less reference", 0.0, np.array)
    if asked.kind == "days_abstinent":
        axis = "percentage points of days, arm less reference"
        return Scale("Difference of means", axis, 0.0, np.array)
    axis = "percentage points, arm less reference"
    return Scale("Difference of shares", axis, 0.0, lambda share: 100.0 * share)


def repeated_html(work: TrialWork, batches: Sequence[BatchShown], narrow: bool = False) -> str:
    """Sentence, figures and table of what was found so far, and the command that gives it."""
    shown = _shown(work, batches)
    told: dict[str, Any] = {"words": _too_few(work, batches), "figures": [], "command": ""}
    if shown is not None:
        figures = _figures(shown, NARROW if narrow else WIDTH)
        told = {"words": _words(shown), "figures": figures, "table": _table(shown)}
        told |= {"named": named(figures), "command": work.command(len(batches))}
        told |= {"needed": _needed(shown), "stand": PRIORS if work.parameters == PRIOR else FITTED}
    return environment().get_template("repeated.html.j2").render(**told)


def repeated_file(work: TrialWork, batches: Sequence[BatchShown], figure: str) -> str:
    """One of the figures as an SVG file."""
    arm, reference = _names(work)
    asked = asked_words(work.question.endpoint)
    made_of = (
        f"{arm} against {reference}, {asked[0].lower()}{asked[1:]} \u00b7 {work.protocol.name}, "
        f"parameters {work.parameters}, seed {work.seed}"
    )
    shown = _shown(work, batches)
    return chosen(_figures(shown, WIDTH) if shown else [], figure).file(made_of)


def _shown(work: TrialWork, batches: Sequence[BatchShown]) -> Shown | None:
    found = work.found(batches)
    return None if found is None else Shown(work, batches, found)


def _figures(shown: Shown, width: float) -> list[NamedFigure]:
    none = f"{scale(shown.work).none:g}, no difference"
    return [
        NamedFigure(_power(shown, width), {"a2": "power", "a1": "80 %"}),
        NamedFigure(_spread(shown, width), {"a2": "trials", "a1": none}),
    ]


def _names(work: TrialWork) -> tuple[str, str]:
    protocol = work.protocol
    return protocol.arm(work.question.arm).label, protocol.arm(protocol.reference).label


def _per(work: TrialWork) -> str:
    """What sizes count."""
    ratio = work.asked.ratio
    return "in each arm" if ratio == 1.0 else f"in the reference arm, {ratio:g} treated for each"


def _too_few(work: TrialWork, batches: Sequence[BatchShown]) -> str:
    if work.earlier:
        return EARLIER
    done = sum(len(one.z) for one in batches)
    return (
        f"{done} of {work.total} trials. The Monte Carlo interval is read from the spread between "
        f"batches of people, so results are shown once {FEWEST_BATCHES} of {BATCHES} batches are "
        "done."
    )


def _words(shown: Shown) -> str:
    work, last = shown.work, shown.rows()[-1].rejected
    arm, reference = _names(work)
    power, low, high = (plain(one, "ratio") for one in (last.value, last.low, last.high))
    better = {"time": "later", "yes or no": "more often"}.get(
        work.asked.kind, "more" if higher_is_better(work.question.endpoint) else "less"
    )
    return (
        f"{shown.trials} of {work.total} trials. With {work.question.largest} people {_per(work)}, "
        f"power {power}, Monte Carlo interval {low} to {high}: the share of trials in which "
        f"a two-sided test at 5 % ({in_words(work.asked.methods[0])}) favours {arm} over "
        f"{reference}. "
        f"Endpoint: {asked_words(work.question.endpoint)}; {better} is better."
    )


def _needed(shown: Shown) -> str:
    asked = shown.work.asked
    one = shown.found.needed[shown.work.question.arm, asked.methods[0]]
    if one.n is None:
        return "How many people 80 % power takes cannot be read off these sizes."
    error = "" if one.error is None else f", Monte Carlo error {one.error:.0f}"
    beyond = "" if one.inside else "; read off beyond the sizes that were simulated"
    return f"80 % power takes about {one.n:.0f} people {_per(shown.work)}{error}{beyond}."


def _power(shown: Shown, width: float) -> Figure:
    rows = shown.rows()
    sizes = np.array([row.n for row in rows], float)
    value, low, high = (
        np.array([100.0 * getattr(row.rejected, part) for row in rows])
        for part in ("value", "low", "high")
    )
    line = Line("a2", sizes, value, low, high)
    x = amounts(sizes[-1], f"people {_per(shown.work)}")
    wanted = Line("a1", np.array([0.0, x.high]), np.array([WANTED, WANTED]))
    chart = Chart(width, HEIGHT, x, percent("% of trials"), (wanted, line))
    first, last = rows[0], rows[-1]
    said = (
        f"Power {plain(first.rejected.value, 'ratio')} with {first.n} people {_per(shown.work)}, "
    )
    said += f"{plain(last.rejected.value, 'ratio')} with {last.n}."
    return Figure(
        title="Power against the number of people",
        caption=f"Line: share of {shown.trials} simulated trials; band: 95 % Monte Carlo interval, "
        "which narrows as more are run. Dashed: 80 %. Parameters fixed.",
        drawing=draw(chart, said),
        name="power",
    )


def _spread(shown: Shown, width: float) -> Figure:
    terms = scale(shown.work)
    values = shown.results()[:, -1]
    values = values[np.isfinite(values)]
    title = f"{terms.title} in trials of {shown.work.question.largest} people {_per(shown.work)}"
    if not len(values):
        chart = Chart(
            width, HEIGHT, Axis(0.0, 2.0, (0.0, 1.0, 2.0), ""), amounts(1.0, "trials"), ()
        )
        return Figure(title, "No trial has a result yet.", draw(chart, title), name="result")
    low, high = _ends(values, terms)
    counts, edges = np.histogram(values, BINS, (low, high))
    tall = np.append(counts, counts[-1]).astype(float)
    bars = Line("a2", edges, tall, np.zeros(len(tall)), tall, step=True)
    none = Line("a1", np.full(2, terms.none), np.array([0.0, tall.max()]), label="")
    x = Axis(low, high, between(low, high, 6), terms.axis)
    chart = Chart(width, HEIGHT, x, amounts(float(tall.max()), "trials"), (none, bars))
    middle = [terms.words(one) for one in np.percentile(values, [2.5, 50.0, 97.5])]
    said = f"Median {middle[1]}, middle 95 % {middle[0]} to {middle[2]}."
    made_by = ESTIMATORS[shown.work.asked.methods[-1]]
    return Figure(
        title=title,
        caption=f"{said} Dashed: {terms.none:g}, no difference. {made_by} in each of "
        f"{len(values)} trials.",
        drawing=draw(chart, f"{title}. {said}"),
        name="result",
    )


def _ends(values: np.ndarray, terms: Scale) -> tuple[float, float]:
    """The range that is drawn: most trials, and no difference with some room beside it."""
    edge = 0.5 * (100.0 - WIDEST)
    low, high = (float(one) for one in np.percentile(values, [edge, 100.0 - edge]))
    room = 0.1 * max(high - low, 1.0 if terms.none else 0.1)
    return min(low, terms.none - room), max(high, terms.none + room)


def _table(shown: Shown) -> Table:
    terms, z, results = scale(shown.work), shown.z(), shown.results()
    others = [shown.rows(world) for world in OTHER_WORLDS]
    made = []
    for k, row in enumerate(shown.rows()):
        known = results[np.isfinite(results[:, k]), k]
        ends = np.percentile(known, [2.5, 50.0, 97.5]) if len(known) else [np.nan] * 3
        low, middle, high = (float(one) for one in ends)
        shares = [value_cell(o.value, "ratio", o.low, o.high) for o in
                  (row.rejected, *(world[k].rejected for world in others))]  # fmt: skip
        made.append(
            Row(f"{row.n}", (
                shares[0],
                value_cell(middle, terms.unit, low, high, terms.signed),
                Cell(words=plain(float((z[:, k] < -Z).mean()), "ratio")),
                *shares[1:],
                Cell(words=f"{np.isnan(z[:, k]).sum()}"),
            ))
        )  # fmt: skip
    heads = (
        f"People {_per(shown.work)}", "Power", terms.title, "Significant the other way",
        "Significant where nothing acts", "Significant where only expectancy acts",
        "Trials without an answer",
    )  # fmt: skip
    return Table("Power by number of people", heads, tuple(made))
