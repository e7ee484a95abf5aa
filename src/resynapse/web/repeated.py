"""How is what many runs of a trial found shown, also while they still run?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.report.drawing import Axis, Chart, Line, draw
from resynapse.report.drawing.ticks import amounts, between, percent
from resynapse.report.figure import Figure
from resynapse.report.names import EVENTS
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import plain
from resynapse.trial.estimate import Z, wilson
from resynapse.trial.parameter_set import PRIOR
from resynapse.trial.power.one_by_one import Found
from resynapse.web.named_figure import NamedFigure, chosen, named
from resynapse.web.queue.trial_work import TrialWork
from resynapse.web.view import environment

WIDTH, NARROW, HEIGHT = 484.0, 328.0, 240.0
BINS = 24
WIDEST = 99.0
"""Middle share of the trials that the distribution shows, %"""
WANTED = 80.0
"""Power that trials are usually planned for, %"""
PRIORS = "the reference values of their priors, not calibrated"
FITTED = f"the middle of what was fitted, and where nothing was at {PRIORS}"
EVENT = {
    "lapse": "first use", "relapse": "relapse", "dropout": "leaving follow-up",
    "lapse_or_dropout": "first use, or leaving,", "relapse_or_dropout": "relapse, or leaving,",
}  # fmt: skip


@dataclass(frozen=True)
class Power:
    """How often trials of one size are significant, with the interval of the simulation."""

    size: int
    value: float
    low: float
    high: float
    against: float
    """share of trials significant in the other direction"""
    missing: int
    """trials without an answer; they count as not significant"""


def powers(found: Found, sizes: tuple[int, ...]) -> list[Power]:
    """A row a size: the share of trials with z below -1.96, and its Wilson interval."""
    trials, rows = len(found.z), []
    for k, size in enumerate(sizes):
        z = found.z[:, k]
        count = int((z < -Z).sum())
        low, high = wilson(count, trials)
        against, missing = float((z > Z).mean()), int(np.isnan(z).sum())
        rows.append(Power(size, count / trials, low, high, against, missing))
    return rows


def repeated_html(work: TrialWork, found: Found, narrow: bool = False) -> str:
    """Sentence, figures and table of what was found so far."""
    rows = powers(found, work.question.sizes) if len(found.z) else []
    figures = _figures(work, rows, found, NARROW if narrow else WIDTH)
    shown: dict[str, Any] = {"words": _words(work, rows, len(found.z)), "figures": figures}
    shown["stand"] = PRIORS if work.parameters == PRIOR else FITTED
    shown |= {"named": named(figures), "table": _table(work, rows, found) if rows else ""}
    return environment().get_template("repeated.html.j2").render(**shown)


def repeated_file(work: TrialWork, found: Found, figure: str) -> str:
    """One of the figures as an SVG file."""
    rows = powers(found, work.question.sizes) if len(found.z) else []
    arm, reference = _names(work)
    against = f"{arm} against {reference}, {EVENTS[work.question.event].lower()}"
    made_of = (
        f"{against} \u00b7 {work.protocol.name}, parameters {work.parameters}, seed {work.seed}"
    )
    return chosen(_figures(work, rows, found, WIDTH), figure).file(made_of)


def _figures(
    work: TrialWork, rows: list[Power], found: Found, width: float
) -> list[NamedFigure]:  # fmt: skip
    if not rows:
        return []
    power = _power(rows, len(found.z), width)
    return [
        NamedFigure(power, {"a2": "power", "a1": "80 %"}),
        NamedFigure(_spread(work, found, width), {"a2": "trials", "a1": "1, no difference"}),
    ]


def _names(work: TrialWork) -> tuple[str, str]:
    protocol = work.protocol
    return protocol.arm(work.question.arm).label, protocol.arm(protocol.reference).label


def _words(work: TrialWork, rows: list[Power], trials: int) -> str:
    if not rows:
        return "No trial is done yet."
    last, (arm, reference) = rows[-1], _names(work)
    interval = f"{plain(last.low)} to {plain(last.high)}"
    return (
        f"{trials} of {work.trials} trials. With {last.size} people in each arm, power "
        f"{plain(last.value)}, Monte Carlo interval {interval}: the share of trials in which a "
        f"two-sided log-rank test at 5 % finds {EVENT[work.question.event]} later in {arm} than "
        f"in {reference}."
    )


def _power(rows: list[Power], trials: int, width: float) -> Figure:
    sizes = np.array([row.size for row in rows], float)
    value, low, high = (
        np.array([100.0 * getattr(row, part) for row in rows]) for part in ("value", "low", "high")
    )
    line = Line("a2", sizes, value, low, high)
    x = amounts(sizes[-1], "people in each arm")
    wanted = Line("a1", np.array([0.0, x.high]), np.array([WANTED, WANTED]))
    chart = Chart(width, HEIGHT, x, percent("% of trials"), (wanted, line))
    said = f"Power {plain(rows[0].value)} with {rows[0].size} people in each arm, "
    said += f"{plain(rows[-1].value)} with {rows[-1].size}."
    return Figure(
        title="Power against the number of people",
        caption=f"Line: share of {trials} simulated trials; band: 95 % Monte Carlo interval, which "
        "narrows as more are run. Dashed: 80 %. Parameters fixed.",
        drawing=draw(chart, said),
        name="power",
    )


def _spread(work: TrialWork, found: Found, width: float) -> Figure:
    ratios = np.exp(found.log_hazard_ratio[:, -1])
    ratios = ratios[np.isfinite(ratios)]
    size = work.question.largest
    title = f"Ratio of hazards in trials of {size} people in each arm"
    if not len(ratios):
        empty = amounts(1.0, "trials")
        chart = Chart(width, HEIGHT, Axis(0.0, 2.0, (0.0, 1.0, 2.0), "ratio"), empty, ())
        return Figure(title, "No trial has a ratio yet.", draw(chart, title), name="ratio")
    edge = 0.5 * (100.0 - WIDEST)
    ends = np.percentile(ratios, [edge, 100.0 - edge])
    low, high = min(float(ends[0]), 0.9), max(float(ends[1]), 1.1)
    counts, edges = np.histogram(ratios, BINS, (low, high))
    tall = np.append(counts, counts[-1]).astype(float)
    bars = Line("a2", edges, tall, np.zeros(len(tall)), tall, step=True)
    one = Line("a1", np.array([1.0, 1.0]), np.array([0.0, tall.max()]), label="")
    x = Axis(low, high, between(low, high, 6), "ratio of hazards, arm against reference")
    chart = Chart(width, HEIGHT, x, amounts(float(tall.max()), "trials"), (one, bars))
    middle = np.percentile(ratios, [2.5, 50.0, 97.5])
    said = f"Median {plain(middle[1], 'ratio')}, middle 95 % {plain(middle[0], 'ratio')} to "
    said += f"{plain(middle[2], 'ratio')}."
    return Figure(
        title=title,
        caption=f"{said} Dashed: 1, no difference. Cox regression in each of {len(ratios)} trials.",
        drawing=draw(chart, f"{title}. {said}"),
        name="ratio",
    )


def _table(work: TrialWork, rows: list[Power], found: Found) -> Table:
    ratios = np.exp(found.log_hazard_ratio)
    made = []
    for k, row in enumerate(rows):
        known = ratios[np.isfinite(ratios[:, k]), k]
        low, middle, high = np.percentile(known, [2.5, 50.0, 97.5]) if len(known) else [np.nan] * 3
        made.append(
            Row(f"{row.size}", (
                value_cell(row.value, "ratio", row.low, row.high),
                value_cell(float(middle), "ratio", float(low), float(high)),
                Cell(words=plain(row.against, "ratio")),
                Cell(words=str(row.missing)),
            ))
        )  # fmt: skip
    heads = (
        "People in each arm", "Power", f"Ratio of hazards, {EVENTS[work.question.event].lower()}",
        "Significant the other way", "Trials without an answer",
    )  # fmt: skip
    return Table("Power by number of people", heads, tuple(made))
