"""How does a tornado of parameters look?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from resynapse.report.drawing.ticks import between, written

if TYPE_CHECKING:
    from resynapse.inference.sensitivity import Local, Tornado

WIDE, LEFT, RIGHT, TOP, LINE, BAR = 900.0, 330.0, 40.0, 84.0, 22.0, 12.0
LOOK = """
.paper{fill:var(--surface);stroke:var(--hairline)} .grid{stroke:var(--hairline)}
.default{stroke:var(--ink)} .chance{fill:var(--ink-3);opacity:0.25}
.low{fill:var(--arm-3)} .high{fill:var(--arm-2)} .faint{opacity:0.35}
text{font:12px var(--font);fill:var(--ink)} .soft{fill:var(--ink-2)}
.title{font:600 14px var(--font)}
"""


@dataclass(frozen=True)
class _Bar:
    """One parameter: the quantity at its low and at its high end."""

    path: str
    low: float
    high: float
    faint: bool


@dataclass(frozen=True)
class _Sheet:
    """All that is drawn but the bars."""

    title: str
    told: str
    below: str
    ends: tuple[str, str]
    name: str
    default: float
    error: float


def tornado_svg(found: Tornado, top: int = 20) -> str:
    """The largest swings as a whole SVG file; light colours, bars of chance faint."""
    asked = found.quantity
    bars = [
        _Bar(one.path, one.at_low, one.at_high, not found.tells(one)) for one in found.swings[:top]
    ]
    told = (
        f"{asked.protocol.name}. Each parameter alone at 5 % and 95 % of its prior; the same"
        f" {asked.people} people. Prior, not calibrated."
    )
    below = "Line: default parameters. Grey: one standard deviation of chance."
    ends = "parameter at 5 % of its prior", "at 95 %"
    return _drawn(_sheet(found, told, below, ends), bars)


def local_svg(found: Local, top: int = 20) -> str:
    """The steepest slopes, straight lines over one sd of the prior to each side."""
    asked = found.quantity
    bars = [
        _Bar(one.path, found.default - one.per_sd, found.default + one.per_sd, not one.tells)
        for one in found.slopes[:top]
    ]
    told = (
        f"{asked.protocol.name}. Slope at the defaults times one sd of each prior, by differences;"
        f" {asked.people} people. Prior, not calibrated."
    )
    below = "Line: default parameters. Grey: standard error of the default."
    ends = "parameter one sd below", "one sd above"
    return _drawn(_sheet(found, told, below, ends), bars)


def _sheet(found: Tornado | Local, told: str, below: str, ends: tuple[str, str]) -> _Sheet:
    asked = found.quantity
    against = f" against {asked.reference}" if asked.reference else ""
    name = asked.endpoint.replace("_", " ")
    return _Sheet(
        f"What moves {name}, {asked.arm}{against} ({found.unit})", told, below, ends,
        f"What moves {name} in {asked.protocol.name}", found.default, found.error,
    )  # fmt: skip


def _drawn(sheet: _Sheet, bars: list[_Bar]) -> str:
    low, high = _range(sheet, bars)

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDE - LEFT - RIGHT)

    bottom = TOP + LINE * len(bars)
    parts = _frame(sheet, bottom)
    left, right = x(sheet.default - sheet.error), x(sheet.default + sheet.error)
    parts.append(
        f'<rect class="chance" x="{left:.1f}" y="{TOP - 6}" width="{right - left:.1f}"'
        f' height="{bottom - TOP + 6}"/>'
    )
    for tick in between(low, high):
        parts.append(_upright(x(tick), bottom, "grid"))
        parts.append(_text(x(tick), bottom + 18, written(tick), "soft", "middle"))
    parts.append(_upright(x(sheet.default), bottom, "default"))
    for number, bar in enumerate(bars):
        parts += _bars(sheet.default, bar, TOP + LINE * number, x)
    return "\n".join([*parts, "</svg>", ""])


def _range(sheet: _Sheet, bars: list[_Bar]) -> tuple[float, float]:
    ends = [end for bar in bars for end in (bar.low, bar.high)]
    ends += [sheet.default - 2.0 * sheet.error, sheet.default + 2.0 * sheet.error]
    low, high = min(ends), max(ends)
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin


def _frame(one: _Sheet, bottom: float) -> list[str]:
    high = bottom + 66.0
    sheet = resources.files("resynapse.report") / "style" / "tokens.css"
    light = sheet.read_text(encoding="utf-8").split(':root[data-theme="dark"]', 1)[0]
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {high:g}" role="img">',
        f"<title>{escape(one.name)}</title>",
        f"<style>{light}{LOOK}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDE - 1}" height="{high - 1}" rx="8"/>',
        _text(20, 26, one.title, "title"),
        _text(20, 46, one.told),
        _text(20, 64, f"{one.below} Faint: no more than chance.", "soft"),
        f'<rect class="low" x="20" y="{high - 30}" width="14" height="10"/>',
        _text(40, high - 21, one.ends[0]),
        f'<rect class="high" x="230" y="{high - 30}" width="14" height="10"/>',
        _text(250, high - 21, one.ends[1]),
    ]


def _bars(default: float, bar: _Bar, y: float, x: Callable[[float], float]) -> list[str]:
    faint = " faint" if bar.faint else ""
    parts = [_text(20, y + 10, bar.path)]
    for css, end in (("low", bar.low), ("high", bar.high)):
        first, last = sorted((x(default), x(end)))
        parts.append(
            f'<rect class="{css}{faint}" x="{first:.1f}" y="{y}" width="{last - first:.1f}"'
            f' height="{BAR}"/>'
        )
    return parts


def _upright(x: float, bottom: float, css: str) -> str:
    return f'<line class="{css}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}"/>'


def _text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    named = f' class="{css}"' if css else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
