"""How is an infusion asked for, and how is what it would do to people shown?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from resynapse.protocol import Protocol
from resynapse.report.drawing import Chart, Limit, Line, draw
from resynapse.report.drawing.ticks import amounts, minutes
from resynapse.report.figure import Figure
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import plain
from resynapse.trial.arm_run import HIGH_PRESSURE
from resynapse.trial.infusion import Hold, InfusionPlan, Part, Prediction, predict
from resynapse.trial.infusion.plan import AWAKE
from resynapse.web.scenario import RequestError
from resynapse.web.view import environment

WIDTH, NARROW, HEIGHT = 484.0, 328.0, 220.0
MOST_PEOPLE = 500
SHARES = (10.0, 50.0, 90.0)
FIELDS = ("mode", "parts", "holds", "believed", "highest_rate", "watched")
SETS = {"domino": "Domino's set", "resynapse": "the set of this model"}


def plan_of(given: Any) -> InfusionPlan:
    """The plan in a request; refused in a sentence where it is none."""
    told = _fields(given, "plan", FIELDS)
    usual = InfusionPlan("rate")
    words = {k: _text(told, k, getattr(usual, k)) for k in ("mode", "believed")}
    numbers = {k: _number(told, k, getattr(usual, k)) for k in ("highest_rate", "watched")}
    parts = tuple(Part(*_pair(one, "mg_per_kg")) for one in _list(told, "parts"))
    holds = tuple(Hold(*_pair(one, "target")) for one in _list(told, "holds"))
    return InfusionPlan(**words, **numbers, parts=parts, holds=holds)  # type: ignore[arg-type]


def _fields(given: Any, name: str, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise RequestError(f"{name}: give a mapping of {', '.join(known)}.", (name,))
    strange = [field for field in given if field not in known]
    if strange:
        raise RequestError(
            f"{strange[0][:60]!r} is no part of {name}. Known: {', '.join(known)}.", (name,)
        )
    return given


def _list(given: Mapping[str, Any], field: str) -> list[Any]:
    found = given.get(field, [])
    if not isinstance(found, list) or len(found) > 2 * 6:
        raise RequestError(f"{field}: give a short list.", (field,))
    return found


def _pair(given: Any, amount: str) -> tuple[float, float]:
    one = _fields(given, "one of the list", (amount, "minutes"))
    return _number(one, amount, None), _number(one, "minutes", None)


def _number(given: Mapping[str, Any], field: str, usual: float | None) -> float:
    found = given.get(field, usual)
    if not isinstance(found, int | float) or isinstance(found, bool) or abs(found) > 1e9:
        raise RequestError(f"{field}: give a number.", (field,))
    return float(found)


def _text(given: Mapping[str, Any], field: str, usual: str) -> str:
    found = given.get(field, usual)
    if not isinstance(found, str):
        raise RequestError(f"{field}: give it as text.", (field,))
    return found[:40]


def infusion_html(
    plan: InfusionPlan, protocol: Protocol, people: int, seed: int, narrow: bool
) -> str:
    """Sentence, figures and table of the infusion in people of the programme."""
    found = predict(plan, protocol, people=people, seed=seed)
    width = NARROW if narrow else WIDTH
    return (
        environment()
        .get_template("infusion.html.j2")
        .render(
            words=_words(plan, found),
            beyond=_beyond(plan),
            figures=_figures(plan, found, width),
            table=_table(plan, found),
        )
    )


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


def _figures(plan: InfusionPlan, found: Prediction, width: float) -> list[Figure]:
    steered = plan.mode != "rate"
    grey = f"Dashed: what the pump believes, with {SETS[plan.believed]} in it."
    own = found.believed_plasma, found.believed_effect
    target = found.target
    at_plasma = target if plan.mode == "plasma" else None
    at_effect = target if plan.mode == "effect-site" else None
    return [
        _figure(plan, found, "Ketamine in arterial plasma", "ng/mL, S and R together",
                found.arterial, width, own[0], at_plasma, grey),
        _figure(plan, found, "Ketamine at the effect site", "ng/mL, S and R together",
                found.effect_site, width, own[1], at_effect, grey),
        _figure(plan, found, "Rate of the pump", "mg/min", found.rate, width,
                note="It differs between people by their weight." if steered else ""),
        _figure(plan, found, "Dissociation", "CADSS, 0 to 84", found.dissociation, width),
        _figure(plan, found, "Rise of systolic pressure", "mmHg", found.pressure_rise, width,
                limit=Limit(HIGH_PRESSURE, "40 mmHg"),
                note="Form and size of this effect are start values of ours, not literature."),
    ]  # fmt: skip


def _figure(
    plan: InfusionPlan, found: Prediction, title: str, unit: str, values: np.ndarray,
    width: float, believed: np.ndarray | None = None, target: np.ndarray | None = None,
    note: str = "", limit: Limit | None = None,
) -> Figure:  # fmt: skip
    low, middle, high = np.percentile(values, SHARES, axis=1)
    lines = [Line("a2", found.minutes, middle, low, high)]
    tops = [float(high.max())]
    if believed is not None:
        typed = np.median(believed, axis=1)
        lines.append(Line("a1", found.minutes, typed))
        tops.append(float(typed.max()))
    if target is not None:
        lines.append(Line("a3", found.minutes, target))
        note = f"{note} Orange: target."
    x = minutes(float(found.minutes[-1]), "minutes since the start")
    y = amounts(max([*tops, limit.value if limit and max(tops) > 0.5 * limit.value else 0.0]), unit)
    limits = (limit,) if limit and limit.value <= y.high else ()
    shade = (0.0, plan.minutes, "infusion")
    chart = Chart(width, HEIGHT, x, y, tuple(lines), limits=limits, shade=shade)
    top = int(np.argmax(middle))
    said = f"{title}, highest median {plain(float(middle[top]))} {unit} at minute {top}."
    caption = f"Line: median; band: middle 80 % of {values.shape[1]} people. {note}".strip()
    return Figure(title=title, caption=caption, drawing=draw(chart, said))


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
