"""How does a tornado of parameters look?"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from resynapse.report.drawing.ticks import between, written

if TYPE_CHECKING:
    from resynapse.inference.sensitivity import Swing, Tornado

WIDE, LEFT, RIGHT, TOP, LINE, BAR = 900.0, 330.0, 40.0, 84.0, 22.0, 12.0
LOOK = """
.paper{fill:var(--surface);stroke:var(--hairline)} .grid{stroke:var(--hairline)}
.default{stroke:var(--ink)} .chance{fill:var(--ink-3);opacity:0.25}
.low{fill:var(--arm-3)} .high{fill:var(--arm-2)} .faint{opacity:0.35}
text{font:12px var(--font);fill:var(--ink)} .soft{fill:var(--ink-2)}
.title{font:600 14px var(--font)}
"""


def tornado_svg(found: Tornado, top: int = 20) -> str:
    """The largest swings as a whole SVG file; light colours, bars of chance faint."""
    shown = found.swings[:top]
    low, high = _range(found, shown)

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDE - LEFT - RIGHT)

    bottom = TOP + LINE * len(shown)
    parts = _frame(found, bottom)
    left, right = x(found.default - found.error), x(found.default + found.error)
    parts.append(
        f'<rect class="chance" x="{left:.1f}" y="{TOP - 6}" width="{right - left:.1f}"'
        f' height="{bottom - TOP + 6}"/>'
    )
    for tick in between(low, high):
        parts.append(_upright(x(tick), bottom, "grid"))
        parts.append(_text(x(tick), bottom + 18, written(tick), "soft", "middle"))
    parts.append(_upright(x(found.default), bottom, "default"))
    for number, swing in enumerate(shown):
        parts += _bars(found, swing, TOP + LINE * number, x)
    return "\n".join([*parts, "</svg>", ""])


def _range(found: Tornado, shown: tuple[Swing, ...]) -> tuple[float, float]:
    ends = [end for swing in shown for end in (swing.at_low, swing.at_high)]
    ends += [found.default - 2.0 * found.error, found.default + 2.0 * found.error]
    low, high = min(ends), max(ends)
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin


def _frame(found: Tornado, bottom: float) -> list[str]:
    asked = found.quantity
    against = f" against {asked.reference}" if asked.reference else ""
    name = asked.endpoint.replace("_", " ")
    high = bottom + 66.0
    sheet = resources.files("resynapse.report") / "style" / "tokens.css"
    light = sheet.read_text(encoding="utf-8").split(':root[data-theme="dark"]', 1)[0]
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE:g} {high:g}" role="img">',
        f"<title>What moves {escape(name)} in {escape(asked.protocol.name)}</title>",
        f"<style>{light}{LOOK}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDE - 1}" height="{high - 1}" rx="8"/>',
        _text(20, 26, f"What moves {name}, {asked.arm}{against} ({found.unit})", "title"),
        _text(20, 46, f"{asked.protocol.name}. Each parameter alone at 5 % and 95 % of its prior;"
              f" the same {asked.people} people. Prior, not calibrated."),
        _text(20, 64, "Line: default parameters. Grey: one standard deviation of chance."
              " Faint: no more than chance.", "soft"),
        f'<rect class="low" x="20" y="{high - 30}" width="14" height="10"/>',
        _text(40, high - 21, "parameter at 5 % of its prior"),
        f'<rect class="high" x="230" y="{high - 30}" width="14" height="10"/>',
        _text(250, high - 21, "at 95 %"),
    ]  # fmt: skip


def _bars(found: Tornado, swing: Swing, y: float, x: Callable[[float], float]) -> list[str]:
    faint = "" if found.tells(swing) else " faint"
    parts = [_text(20, y + 10, swing.path)]
    for css, end in (("low", swing.at_low), ("high", swing.at_high)):
        first, last = sorted((x(found.default), x(end)))
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
