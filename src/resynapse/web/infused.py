"""How is what an infusion would do to people shown?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.report.drawing import Axis, Chart, Limit, Line, draw
from resynapse.report.drawing.ticks import amounts, minutes
from resynapse.report.figure import Figure
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import plain
from resynapse.trial.arm_run import HIGH_PRESSURE
from resynapse.trial.infusion import InfusionPlan, Prediction
from resynapse.trial.infusion.plan import AWAKE
from resynapse.web.infused_people import predicted
from resynapse.web.infusion_request import InfusionAsked
from resynapse.web.named_figure import NamedFigure, chosen, named
from resynapse.web.view import environment

WIDTH, NARROW, HEIGHT = 484.0, 328.0, 220.0
SHARES = (10.0, 50.0, 90.0)
SETS = {"domino": "Domino's set", "resynapse": "the set of this model"}


@dataclass(frozen=True)
class Panel:
    """A quantity of people over time, and what the pump believes or aims at."""

    name: str
    title: str
    unit: str
    values: np.ndarray
    """[minutes, people]"""
    believed: np.ndarray | None = None
    target: np.ndarray | None = None
    note: str = ""
    limit: Limit | None = None


def infusion_html(asked: InfusionAsked) -> str:
    """Sentence, figures and table of the infusion in people of the programme."""
    plan, found = asked.plan, predicted(asked)
    figures = _figures(plan, found, NARROW if asked.narrow else WIDTH)
    return (
        environment()
        .get_template("infusion.html.j2")
        .render(
            words=_words(plan, found),
            beyond=_beyond(plan),
            figures=figures,
            named=named(figures),
            table=_table(plan, found),
        )
    )


def infusion_file(asked: InfusionAsked) -> str:
    """One of the figures as an SVG file."""
    figures = _figures(asked.plan, predicted(asked), WIDTH)
    people = f"people of {asked.protocol.name}, parameters prior, seed {asked.seed}"
    return chosen(figures, asked.figure).file(people)


def _beyond(plan: InfusionPlan) -> str:
    if plan.mode == "rate" or not plan.beyond_evidence:
        return ""
    return (
        f"Beyond evidence: awake volunteers were steered to {AWAKE[0]:g} to {AWAKE[1]:g} ng/mL "
        "(Bowdle 1998, abstract)."
    )


def _words(plan: InfusionPlan, found: Prediction) -> str:
    end = round(plan.minutes)
    low, middle, high = np.percentile(found.arterial[end], SHARES)
    given = np.percentile(found.given_mg, SHARES)
    said = (
        f"After {end} min arterial plasma of the middle person holds {middle:.0f} ng/mL of racemic "
        f"ketamine, {low:.0f} to {high:.0f} in the middle 80 % of {len(found.weight_kg)} people of "
        f"this programme; {given[1]:.1f} mg in all ({given[0]:.1f} to {given[2]:.1f})."
    )
    if plan.mode == "rate":
        return said
    site = "at the effect site" if plan.mode == "effect-site" else "in plasma"
    knows = f"The pump, with {SETS[plan.believed]} in it, believes {plan.holds[-1].target:g}"
    return f"{said} {knows} {site}."


def _figures(plan: InfusionPlan, found: Prediction, width: float) -> list[NamedFigure]:
    steered = plan.mode != "rate"
    own = found.believed_plasma, found.believed_effect
    target = found.target
    at_plasma = target if plan.mode == "plasma" else None
    at_effect = target if plan.mode == "effect-site" else None
    form = "Its course and size are our own assumptions, not taken from publications."
    panels = (
        Panel("arterial", "Ketamine in arterial plasma", "ng/mL, S and R together",
              found.arterial, own[0], at_plasma),
        Panel("effect_site", "Ketamine at the effect site", "ng/mL, S and R together",
              found.effect_site, own[1], at_effect),
        Panel("rate", "Rate of the pump", "mg/min", found.rate,
              note="It differs between people by their weight." if steered else ""),
        Panel("dissociation", "Dissociation", "CADSS, 0 to 84", found.dissociation),
        Panel("pressure", "Rise of systolic pressure", "mmHg", found.pressure_rise,
              limit=Limit(HIGH_PRESSURE, "40 mmHg"), note=form),
    )  # fmt: skip
    return [_figure(plan, found, panel, width) for panel in panels]


def _figure(plan: InfusionPlan, found: Prediction, panel: Panel, width: float) -> NamedFigure:
    low, middle, high = np.percentile(panel.values, SHARES, axis=1)
    lines = [Line("a2", found.minutes, middle, low, high)]
    names = {"a2": f"median and middle 80 % of {panel.values.shape[1]} people"}
    if panel.believed is not None:
        lines.append(Line("a1", found.minutes, np.median(panel.believed, axis=1)))
        names["a1"] = f"what the pump believes, with {SETS[plan.believed]} in it"
    if panel.target is not None:
        lines.append(Line("a3", found.minutes, panel.target))
        names["a3"] = "target"
    x, y = minutes(float(found.minutes[-1]), "minutes since the start"), _axis(panel, lines)
    limits = (panel.limit,) if panel.limit and panel.limit.value <= y.high else ()
    shade = (0.0, plan.minutes, "infusion")
    chart = Chart(width, HEIGHT, x, y, tuple(lines), limits=limits, shade=shade)
    top = int(np.argmax(middle))
    said = (
        f"{panel.title}, highest median {plain(float(middle[top]))} {panel.unit} at minute {top}."
    )
    return NamedFigure(Figure(panel.title, panel.note, draw(chart, said), name=panel.name), names)


def _axis(panel: Panel, lines: list[Line]) -> Axis:
    """From 0 to what is highest, with the limit where it is not far above."""
    top = max(float(np.nanmax(line.high if line.high is not None else line.y)) for line in lines)
    near = panel.limit is not None and top > 0.5 * panel.limit.value
    return amounts(max(top, panel.limit.value) if near and panel.limit else top, panel.unit)


def _table(plan: InfusionPlan, found: Prediction) -> Table:
    steps = plan.parts if plan.mode == "rate" else plan.holds
    ends = np.cumsum([one.minutes for one in steps]).round().astype(int).tolist()
    last = len(found.minutes) - 1
    rows = [_row(found, end, f"{end} min") for end in ends]
    if last > ends[-1]:
        rows.append(_row(found, last, f"{last} min, after the end"))
    heads = (
        "Time", "Target, ng/mL", "Pump believes, plasma, ng/mL", "Arterial, ng/mL",
        "Venous, ng/mL", "Effect site, ng/mL", "Dissociation, CADSS", "Pressure, mmHg",
    )  # fmt: skip
    return Table("Median and middle 80 % of people at the end of each part", heads, tuple(rows))


def _row(found: Prediction, k: int, head: str) -> Row:
    target = found.target[k]
    cells = [
        Cell(words=f"{target:g}" if np.isfinite(target) else "none"),
        Cell(words=plain(float(np.median(found.believed_plasma[k])))),
    ]
    for values in (
        found.arterial, found.venous, found.effect_site, found.dissociation, found.pressure_rise,
    ):  # fmt: skip
        low, middle, high = (float(v) for v in np.percentile(values[k], SHARES))
        cells.append(value_cell(middle, "", low, high))
    return Row(head, tuple(cells))
