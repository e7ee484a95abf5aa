"""How do power, bounds, single trials and estimates of a design look?"""

from __future__ import annotations

import numpy as np

from resynapse.report.design.told import Told
from resynapse.report.drawing import Axis, Chart, Limit, Line, Mark, Note, RiskRow, draw
from resynapse.report.drawing.ticks import days, percent, spread
from resynapse.report.figure import Figure
from resynapse.trial.kaplan_meier import KaplanMeier, kaplan_meier
from resynapse.trial.power.batch import CONTROL, TREATED
from resynapse.trial.power.example import Example
from resynapse.trial.power.method import ESTIMATES, LOG_RATIOS, in_words
from resynapse.trial.power.summary import Row

WIDE, HALF, HEIGHT = 666.0, 319.0, 300.0
WORLD_CSS = {"as asked": "a2", "no effect": "a1", "expectancy alone": "a4"}
WORLD_WORDS = {
    "as asked": "power",
    "no effect": "no effect",
    "expectancy alone": "guessing alone",
}


def power_curves(told: Told) -> Figure:
    """Rejections over size in the three worlds, first design and analysis, with 95 % bands."""
    rows = {world: _rows(told, told.first, world, told.method) for world in WORLD_CSS}
    lines = tuple(
        _line(found, WORLD_CSS[world], WORLD_WORDS[world]) for world, found in rows.items()
    )
    asked = told.found.asked
    target = Limit(100 * asked.looks.power, f"power {asked.looks.power:g}")
    chart = Chart(WIDE, HEIGHT, _sizes(told), percent("% of trials that reject"), lines,
                  limits=(target,))  # fmt: skip
    said = ", ".join(
        f"{WORLD_WORDS[world]} {100 * found[-1].rejected.value:.0f} %"
        for world, found in rows.items()
    )
    caption = (
        f"{told.arm(told.first).label}; {in_words(told.method)}. Band: 95 % interval of the Monte "
        "Carlo error. No effect: both arms alike, expectancy off. Guessing alone: ketamine does "
        "nothing but is felt."
    )
    return Figure("Power, type I error and unblinding over size", caption,
                  draw(chart, f"At {asked.n[-1]} controls: {said}."))  # fmt: skip


def side_by_side(told: Told) -> Figure | None:
    """Power of every design, or of every analysis of one design; None where there is one line."""
    pairs = (
        [(design, told.method) for design in told.designs]
        if len(told.designs) > 1
        else [(told.first, method) for method in told.found.asked.methods]
    )
    if len(pairs) < 2:
        return None
    lines = tuple(
        _line(_rows(told, *(design, "as asked", method)), f"a{2 + place % 5}",
              design if len(told.designs) > 1 else method, band=False)
        for place, (design, method) in enumerate(pairs)
    )  # fmt: skip
    chart = Chart(WIDE, HEIGHT, _sizes(told), percent("power, %"), lines)
    what = "Designs" if len(told.designs) > 1 else "Analyses"
    caption = "The same people in every line, so that lines differ by what is named alone."
    return Figure(f"{what} side by side", caption, draw(chart, f"{what} side by side."))


def _rows(told: Told, design: str, world: str, method: str) -> list[Row]:
    return [told.found.row(design, world, n, method) for n in told.found.asked.n]


def _line(found: list[Row], css: str, label: str, band: bool = True) -> Line:
    x = np.array([row.n for row in found], dtype=float)
    y, low, high = (
        100 * np.array([getattr(row.rejected, name) for row in found])
        for name in ("value", "low", "high")
    )
    return Line(css, x, y, low if band else None, high if band else None, label=label)


def _sizes(told: Told) -> Axis:
    n = told.found.asked.n
    room = 0.03 * (n[-1] - n[0]) or 1.0
    shown = [n[0]]
    for size in n[1:]:
        if size - shown[-1] >= 0.06 * (n[-1] - n[0]):
            shown.append(size)
    return Axis(n[0] - room, n[-1] + room, tuple(map(float, shown)), "people in the reference arm")


def bounds(told: Told) -> Figure | None:
    """Z over information; None with one look."""
    looks = told.found.asked.looks
    if len(looks.information) == 1:
        return None
    x = 100 * looks.information
    lines = [Line("a2", x, looks.critical_values, label="efficacy")]
    if looks.sided == 2:
        lines.append(Line("a2", x, -looks.critical_values, label="other side"))
    if looks.futility_bounds is not None:
        low = np.append(looks.futility_bounds, looks.critical_values[-1])
        lines.append(Line("a1", x, low, label="futility"))
    marks = [
        Mark(a, b, css=line.css, circle=True)
        for line in lines for a, b in zip(line.x, line.y, strict=True)
    ]  # fmt: skip
    notes = [
        Note(a - 3, b + 0.25, f"{b:.3f}", "a2")
        for a, b in zip(x.tolist(), looks.critical_values.tolist(), strict=True)
    ]
    every = np.concatenate([line.y for line in lines])
    axis = Axis(0.0, 105.0, (0.0, 25.0, 50.0, 75.0, 100.0), "information, %")
    chart = Chart(WIDE, HEIGHT, axis, spread(min(0.0, every.min()), every.max() + 0.5, "Z"),
                  tuple(lines), tuple(marks), notes=tuple(notes))  # fmt: skip
    caption = (
        f"{looks.spending}, as planned. Crossing the upper bound ends the trial for efficacy. In "
        "each simulated trial bounds follow from the information that its looks had seen."
    )
    return Figure("Bounds at each look", caption, draw(chart, "Bounds at each look."))


def curves(told: Told, name: str) -> Figure | None:
    """Kaplan-Meier of one trial; None where the endpoint is no time."""
    if told.found.asked.kind != "time":
        return None
    examples = told.examples[told.first]
    one = examples.trials[name]
    found = {arm: kaplan_meier(o.seen, o.event) for arm, o in one.outcomes.items()}
    end = float(max(o.seen.max() for o in one.outcomes.values()))
    axis = days(end, "days since the origin", 5)
    order = ((CONTROL, "a1", "control"), (TREATED, "a2", "treated"))
    chart = Chart(
        HALF, 226.0, axis, percent("% without the event"),
        tuple(_step(found[arm], end, css) for arm, css, _ in order),
        risk=tuple(_risk(found[arm], axis, css) for arm, css, _ in order),
    )  # fmt: skip
    title = {"typical": "A typical trial", "unlucky": "An unlucky trial"}[name]
    return Figure(title, _found(one, examples.estimator), draw(chart, title))


def _step(found: KaplanMeier, end: float, css: str) -> Line:
    x = np.concatenate([[0.0], found.time, [end]])
    y, low, high = (
        100 * np.concatenate([[1.0], v, v[-1:]]) for v in (found.survival, found.low, found.high)
    )
    return Line(css, x, y, low, high, step=True)


def _risk(found: KaplanMeier, axis: Axis, css: str) -> RiskRow:
    times = np.array(axis.ticks)
    counts = (found.at_risk(times), found.censored(times), found.events(times))
    return RiskRow(css, *(tuple(int(n) for n in row) for row in counts))


def _found(one: Example, estimator: str) -> str:
    low, high = one.estimate - 1.96 * one.error, one.estimate + 1.96 * one.error
    if np.isnan(one.estimate) or np.isnan(one.error):
        value = "The analysis has no estimate"
    elif estimator in LOG_RATIOS:
        value = f"Hazard ratio {np.exp(one.estimate):.2f} ({np.exp(low):.2f} to {np.exp(high):.2f})"
    else:
        value = f"{ESTIMATES[estimator].capitalize()} {one.estimate:.2f} ({low:.2f} to {high:.2f})"
    z = "" if np.isnan(one.z) else f", Z {one.z:.2f}"
    return f"{value}{z}. Dashed: control; solid: treated.".replace("-", "\u2212")
