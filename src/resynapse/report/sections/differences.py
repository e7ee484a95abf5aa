"""How far are arms apart, in every world that was run and as published, in one picture?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from resynapse.report.arms import ArmStyle, historical
from resynapse.report.drawing import Axis, marks
from resynapse.report.drawing.ticks import spread, written
from resynapse.report.figure import Figure
from resynapse.report.names import ROLES
from resynapse.report.sections.comparison import World, published_apart, quantity, worlds
from resynapse.report.table import OF_RIVAL, Row, Table, value_cell
from resynapse.report.wording import NARROW, counted, is_share, plain, shown
from resynapse.trial.estimate import difference

if TYPE_CHECKING:
    from resynapse.report.sections.outcomes import Quantity
    from resynapse.trial.result import PublishedValue, Result

WIDE, NARROW_SCREEN = 666.0, 328.0
LABELS, EDGE, TOP, ROW, BELOW = 172.0, 14.0, 26.0, 22.0, 44.0
"""Room for the words of a row, right of the axis, above, of a row, and below, px"""
RIVAL = "expectancy"


@dataclass(frozen=True)
class _Row:
    """A difference with its interval, in the unit of the axis; or the name of a comparison."""

    words: str
    kind: str = ""
    """head, a world, or published"""
    value: float = 0.0
    low: float | None = None
    high: float | None = None
    css: str = ""
    role: str = ""
    """what a study is to the model"""

    @property
    def told(self) -> str:
        """Its words where there is room."""
        return f"{self.words}, {self.role}" if self.role else self.words

    @property
    def ends(self) -> tuple[float, ...]:
        return tuple(x for x in (self.value, self.low, self.high) if x is not None)


def differences(
    result: Result, arms: tuple[ArmStyle, ...], widths: tuple[float, ...] = (WIDE, NARROW_SCREEN)
) -> Figure | None:
    """A row a world and a study; None where there is one arm only, or nothing to subtract."""
    what = quantity(result)
    rows = [row for arm in arms[1:] for row in _rows(result, what, arm, arms[0])]
    told = [row for row in rows if row.kind != "head"]
    if not told:
        return None
    unit = _unit(result, what)
    ends = [end for row in told for end in row.ends]
    axis = spread(min(ends), max(ends), f"{unit}, {_against(arms)}")
    drawings = [_drawing(rows, axis, width, _sentence(told[0], rows[0], unit)) for width in widths]
    diamonds = " Diamonds: published." if any(row.kind == "published" for row in told) else ""
    return Figure(
        title=f"Difference between arms: {what.words[0].lower()}{what.words[1:]}",
        caption=(
            f"Circle, difference; line, its 95{NARROW}% interval over people, n{NARROW}={NARROW}"
            f"{result.patients_per_arm} in each arm.{diamonds} "
            f"Right of 0 more than in {arms[0].name}. {historical(arms)}"
        ).strip(),
        drawing=drawings[0],
        narrow=drawings[1] if len(drawings) > 1 else None,
        table=_table(rows, unit),
        name="differences",
    )


def _table(rows: list[_Row], unit: str) -> Table:
    """What is drawn, in numbers."""
    made = [
        Row(row.words, group=True)
        if row.kind == "head"
        else Row(
            row.told,
            (value_cell(row.value, "", row.low, row.high, signed=True),),
            css=OF_RIVAL if row.kind == RIVAL else "",
        )
        for row in rows
    ]
    return Table("Differences between arms", ("Run or study", f"Difference, {unit}"), tuple(made))


def _against(arms: tuple[ArmStyle, ...]) -> str:
    return f"less {arms[0].name}" if len(arms[0].name) < 24 else "less the reference"


def _unit(result: Result, what: Quantity) -> str:
    found = next((e for a in result.arms.values() if (e := what.of(a)) is not None), None)
    return "points" if found is None or is_share(found.unit) else found.unit


def _rows(result: Result, what: Quantity, arm: ArmStyle, reference: ArmStyle) -> list[_Row]:
    found = [_world(world, what, arm, reference) for world in worlds(result)]
    told = [row for row in found if row is not None]
    told += [
        _published(value, arm) for value in published_apart(result, what, arm.id, reference.id)
    ]
    return [_Row(arm.name, "head", css=arm.css), *told] if told else []


def _world(world: World, what: Quantity, arm: ArmStyle, reference: ArmStyle) -> _Row | None:
    this, that = (what.of(world.arms.get(one.id)) for one in (arm, reference))
    if this is None or that is None:
        return None
    apart = difference(this, that)
    if apart.value is None:
        return None
    low, high = (None if x is None else shown(x, this.unit) for x in (apart.low, apart.high))
    return _Row(world.words, world.name, shown(apart.value, this.unit), low, high, arm.css)


def _published(value: PublishedValue, arm: ArmStyle) -> _Row:
    low, high = (None if x is None else shown(x, value.unit) for x in (value.low, value.high))
    source = value.source.split(",")[0]
    role = ROLES.get(value.role, value.role).split(",")[0]
    value_shown = shown(value.value or 0.0, value.unit)
    return _Row(source, "published", value_shown, low, high, arm.css, role)


def _sentence(first: _Row, head: _Row, unit: str) -> str:
    number = plain(first.value, "", signed=True)
    return f"{head.words}, {first.words}: {number} {counted(number, unit)}."


def _drawing(rows: list[_Row], axis: Axis, width: float, sentence: str) -> Markup:
    base = TOP + ROW * len(rows)
    span = width - LABELS - EDGE

    def across(value: float) -> float:
        share = (value - axis.low) / (axis.high - axis.low)
        return LABELS + span * min(max(share, 0.0), 1.0)

    pieces = []
    for tick in _fitting(axis.ticks, span):
        x = across(tick)
        pieces.append(marks.rule(x, TOP - 8, x, base, "axis" if tick == 0.0 else "grid"))
        pieces.append(marks.text(x, base + 16, written(tick), "", "middle"))
    pieces.append(marks.text(width - EDGE, base + 34, axis.title, "soft", "end"))
    for number, row in enumerate(rows):
        pieces.append(_row(row, TOP + ROW * (number + 0.5), across))
    size = " ".join(marks.rounded(x) for x in (width, base + BELOW))
    w, h = size.split()
    head = f'<svg role="img" aria-label="{escape(sentence)}" width="{w}" height="{h}"'
    return Markup(f'{head} viewBox="0 0 {size}">{"".join(pieces)}</svg>')


def _fitting(ticks: tuple[float, ...], span: float) -> tuple[float, ...]:
    """Every second one where all would touch; zero is always among them."""
    step = 1 if span / max(len(ticks) - 1, 1) >= 32.0 else 2
    zero = min(range(len(ticks)), key=lambda k: abs(ticks[k]))
    return tuple(tick for k, tick in enumerate(ticks) if (k - zero) % step == 0)


def _row(row: _Row, y: float, across: Callable[[float], float]) -> str:
    if row.kind == "head":
        return marks.text(0, y + 4, row.words, f"name {row.css}")
    published = row.kind == "published"
    pieces = [marks.text(8, y + 4, row.words, "said" if published else "")]
    if row.low is not None and row.high is not None:
        css = "whisker" if published else "rival" if row.kind == RIVAL else "reach"
        ends = f"M{marks.rounded(across(row.low))} {y:g}H{marks.rounded(across(row.high))}"
        pieces.append(f'<path class="{css} {row.css}" d="{ends}"/>')
    pieces.append(_point(row, across(row.value), y))
    drawn = "".join(pieces)
    return f'<g class="{OF_RIVAL}">{drawn}</g>' if row.kind == RIVAL else drawn


def _point(row: _Row, x: float, y: float) -> str:
    if row.kind == "published":
        return marks.diamond(x, y, row.css)
    hollow = "" if row.kind == "default" else " hollow"
    return f'<circle class="dot{hollow} {row.css}" cx="{marks.rounded(x)}" cy="{y:g}" r="4"/>'
