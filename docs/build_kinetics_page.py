"""Write docs/kinetics.md and its picture: published concentrations beside the model's.

python docs/build_kinetics_page.py
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from draw_chain import tokens

from resynapse.cli.kinetics import NAMES, text
from resynapse.evidence import Regimen, studies
from resynapse.inference.kinetics import Bar, Row, as_stored, bars, comparison, course
from resynapse.inference.kinetics.comparison import compared
from resynapse.parameter import replace
from resynapse.patient import Patient

PAGE = Path(__file__).with_name("kinetics.md")
WORDS = Path(__file__).with_name("kinetics_page.txt")
PICTURE = Path(__file__).with_name("kinetics.svg")
ATOMISER = Path(__file__).with_name("kinetics-atomiser.svg")
STORED = Path(__file__).parents[1] / "src/resynapse/inference/kinetics/stored.json"
DRAWS, SEED = 40, 1
WIDE, LEFT, RIGHT, TOP, LINE = 1040, 600, 24, 66, 19
LOWEST, HIGHEST = 0.08, 4.0
"""ratios at the ends of the axis"""
KINDS = (
    ("held", "held out"), ("fit", "a fit, tests nothing"), ("shown", "shown, not judged"),
)  # fmt: skip
MARKS = "fit", "held", "whole", "spray", "shown"
MARKED = (0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)
LOOK = """
.paper { fill: var(--surface); stroke: var(--hairline); }
.near { fill: var(--arm-2); opacity: 0.12; }
.fold { stroke: var(--hairline); } .one { stroke: var(--ink); }
.band { stroke: var(--arm-2); stroke-width: 2; } .held { fill: var(--arm-2); }
.fit { fill: var(--surface); stroke: var(--arm-2); stroke-width: 1.5; }
.shown { fill: var(--surface); stroke: var(--ink-2); stroke-width: 1.5; stroke-dasharray: 2 2; }
.spray { fill: var(--arm-1); }
.whole { fill: var(--surface); stroke: var(--arm-1); stroke-width: 1.5; }
text { font: 12px var(--font); fill: var(--ink); } .unit { fill: var(--ink-2); }
.title { font: 600 14px var(--font); }
"""
VALUES = (
    ("ketamine, peak", "ketamine", "cmax"), ("ketamine, area", "ketamine", "auc"),
    ("norketamine, peak", "norketamine", "cmax"), ("norketamine, area", "norketamine", "auc"),
)  # fmt: skip
"""label, analyte and quantity"""
WAYS = (
    "this study's share alone", "the model", "all the rest swallowed", "0.05 through the mucosa",
    "all swallowed",
)  # fmt: skip
WITHIN = "absorption.atomiser_first", "absorption.atomiser_later"
SWALLOWED = "absorption.nasal_swallowed"
SHARES = 0.5, 0.75, 0.84, 1.0
"""of what the nose leaves, that are set beside each other"""
BEFORE = 0.13, 30.0, 0.27
"""share of 30 mg, and the power by which it fell with dose, as phar2022 reports it"""


def main() -> None:
    """Write the page, its pictures and what the page of `resynapse serve` shows."""
    rows = comparison(DRAWS, SEED)
    PAGE.write_text(page(rows), encoding="utf-8")
    PICTURE.write_text(drawn(rows), encoding="utf-8")
    ATOMISER.write_text(drawn_atomiser(), encoding="utf-8")
    STORED.write_text(as_stored(comparison(0, SEED)), encoding="utf-8")


def page(rows: tuple[Row, ...]) -> str:
    """All of it."""
    swallowed = "\n".join(of_swallowed())
    told = counted(rows) | huge(rows) | early()
    return WORDS.read_text(encoding="utf-8").format(
        values=text(rows, bars(rows)), table="\n".join(atomiser()), swallowed=swallowed, **told
    )


def counted(rows: tuple[Row, ...]) -> dict[str, str]:
    """Values, median error and share within twofold, of the values judged before and now."""
    same = [row for row in rows if row.study != "huge2010" and not _set_the_share(row)]
    (children,) = (row for row in rows if row.study == "malinovsky1996")
    before, now = bars(same), bars(rows)
    return {
        "same": _count(before[0]), "same_metabolite": _count(before[1]),
        "now": _count(now[0]), "metabolite": _count(now[1]),
        "children": f"{children.modelled:.2f}",
    }  # fmt: skip


def huge(rows: tuple[Row, ...]) -> dict[str, str]:
    """Ratios of Huge 2010 and of norketamine in Yanagihara's three people; a time in min."""
    of = {(row.dose, row.analyte, row.quantity): row for row in rows if row.study == "huge2010"}
    doses = sorted({dose for dose, *_ in of})
    peaks = {
        analyte: " and ".join(f"{of[dose, analyte, 'cmax'].ratio:.2f}" for dose in doses)
        for analyte in ("S-ketamine", "S-norketamine")
    }
    (nasal,) = (
        row for row in rows
        if (row.study, row.route, row.quantity) == ("yanagihara2003", "intranasal", "auc")
    )  # fmt: skip
    return {
        "huge": peaks["S-ketamine"], "huge_metabolite": peaks["S-norketamine"],
        "huge_time": f"{of[doses[0], 'S-ketamine', 'tmax'].modelled:.0f}",
        "yanagihara": f"{nasal.ratio:.2f}",
    }  # fmt: skip


def of_swallowed() -> Iterator[str]:
    """A line a share of the rest that is swallowed: the bars, all else as in the model."""
    for share in SHARES:
        found = bars(compared([replace(Patient(), {SWALLOWED: share})]))
        name = "the model" if share == Patient().absorption.nasal_swallowed else "alone changed"
        yield f"| {share:g} swallowed, {name} | {_count(found[0])} | {_count(found[1])} |"


def _set_the_share(row: Row) -> bool:
    area = (row.study, row.quantity, row.analyte) == ("phar2022", "auc", "ketamine")
    return area and row.route == "intranasal"


def _count(bar: Bar) -> str:
    return f"{bar.values}, {100 * bar.median_error:.0f} %, {100 * bar.within_twofold:.0f} %"


def early() -> dict[str, float | str]:
    """Peaks of film and wafer were they released over 13 min, and of a film taken up slowly."""
    film, wafer = (_released(*one) for one in (("esketamine", 50.0), ("ketamine", 25.0)))
    slow = replace(Patient(), {"body.mucosal_absorption": 1.2})
    once = course(slow, Regimen("one", "esketamine", "sublingual", ((0.0, 50.0, 0.0),)))
    levels = once.levels("S-ketamine", "arterial")
    return {
        "film_time": f"{np.argmax(film)}", "film_peak": f"{np.max(film):.0f}",
        "wafer_time": f"{np.argmax(wafer)}", "slow": 100.0 * float(np.max(levels)) / 96.0,
    }  # fmt: skip


def _released(drug: str, mg: float) -> np.ndarray:
    """ng/mL by the minute after a thirteenth of the dose in each of 13 min."""
    doses = tuple((float(minute), mg / 13.0, 0.0) for minute in range(13))
    once = course(Patient(), Regimen("one", drug, "sublingual", doses))
    if drug == "esketamine":
        return once.levels("S-ketamine", "arterial")
    return once.levels("ketamine", "venous")


def atomiser() -> Iterator[str]:
    """The table of ``ratios``."""
    yield f"| value | {' | '.join(WAYS)} |"
    yield "| --- |" + " --- |" * len(WAYS)
    for label, found in ratios():
        yield f"| {label} | {' | '.join(f'{one:.2f}' for one in found)} |"


def ratios() -> Iterator[tuple[str, list[float]]]:
    """Modelled over published of phar2022 after the nose, a value each, by description."""
    (study,) = (one for one in studies() if one.id == "phar2022")
    for label, analyte, quantity in VALUES:
        for one in study.exposures:
            if (one.analyte, one.quantity) == (analyte, quantity) and one.arm.startswith("nasal"):
                mg = study.regimen(one.arm).doses[0][1]
                found = [_summary(*one_way, analyte, quantity) for one_way in described(mg)]
                yield f"{mg:g} mg, {label}", [value / one.value for value in found]


def described(mg: float) -> tuple[tuple[Patient, float], ...]:
    """Who takes how many mg by the nose, under each description of an atomised dose."""
    share, reference, power = BEFORE
    through = replace(Patient(), dict.fromkeys(WITHIN, 1.0))
    whole, low, none = (
        replace(Patient(), one)
        for one in ({SWALLOWED: 1.0}, {WITHIN[0]: 0.05}, {WITHIN[0]: 0.0, SWALLOWED: 1.0})
    )
    arrives = mg * share * (reference / mg) ** power
    return (through, arrives), (Patient(), mg), (whole, mg), (low, mg), (none, mg)


def _summary(patient: Patient, mg: float, analyte: str, quantity: str) -> float:
    """Peak, ng/mL, or area to infinity, ng h/mL."""
    one = course(patient, Regimen("one", "ketamine", "intranasal", ((0.0, mg, 0.0),)))
    levels = one.levels(analyte, "venous")
    if quantity == "cmax":
        return float(np.max(levels))
    return float(np.trapezoid(levels, dx=1.0 / 60.0) + one.area_after(analyte, "venous"))


def drawn(rows: tuple[Row, ...]) -> str:
    """A line a summary value, sorted as in the page; curves stand in the table."""
    shown = [row for row in rows if row.quantity not in ("concentration", "tmax")]
    parts = _axes(
        len(shown), "Modelled over published exposure (ratio, logarithmic)",
        "Prior, not calibrated. Shaded: within twofold. Bar: 90 % over parameters.",
    )  # fmt: skip
    for number, row in enumerate(shown):
        parts += _dot(row, TOP + LINE * number + 6)
    parts.append(_key(_bottom(len(shown)) + 44, KINDS))
    return "\n".join([*parts, "</svg>", ""])


def drawn_atomiser() -> str:
    """A line a value of phar2022 after the nose, a mark a description."""
    found = list(ratios())
    parts = _axes(
        len(found), "A generic atomiser: modelled over published under five descriptions",
        "Prior, not calibrated. Ten people (phar2022). Shaded: within twofold.",
    )  # fmt: skip
    for number, (label, of) in enumerate(found):
        y = TOP + LINE * number + 6
        parts.append(_text(24, y + 4, label))
        for css, ratio in sorted(zip(MARKS, of, strict=True), key=lambda one: one[0] == "held"):
            parts.append(f'<circle class="{css}" cx="{_x(ratio):.1f}" cy="{y}" r="4.5"/>')
    parts.append(_key(_bottom(len(found)) + 44, tuple(zip(MARKS, WAYS, strict=True))))
    return "\n".join([*parts, "</svg>", ""])


def _bottom(lines: int) -> float:
    return TOP + LINE * lines - 4


def _axes(lines: int, title: str, below: str) -> list[str]:
    """Paper, words, the band within twofold and lines at marked ratios."""
    high, bottom = TOP + LINE * lines + 74, _bottom(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{tokens()}{LOOK}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDE - 1}" height="{high - 1}" rx="8"/>',
        _text(24, 28, title, "title"),
        _text(24, 47, below),
        f'<rect class="near" x="{_x(0.5):.1f}" y="{TOP - 8}" width="{_x(2.0) - _x(0.5):.1f}"'
        f' height="{LINE * lines + 4}"/>',
    ]
    for ratio in MARKED:
        kind = "one" if ratio == 1.0 else "fold"
        place = f'x1="{_x(ratio):.1f}" x2="{_x(ratio):.1f}" y1="{TOP - 8}" y2="{bottom}"'
        parts.append(f'<line class="{kind}" {place}/>')
        parts.append(_text(_x(ratio), bottom + 16, f"{ratio:g}", "unit", "middle"))
    return parts


def _dot(row: Row, y: float) -> list[str]:
    words = f"{row.dose}: {row.analyte}, {NAMES[row.quantity]} ({row.study})"
    kind = "shown" if row.reported_only else "held" if row.tests else "fit"
    low, high = (row.low or row.modelled), (row.high or row.modelled)
    ends = [_x(value / row.published) for value in (low, high)]
    return [
        _text(24, y + 4, words),
        f'<line class="band" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y}" y2="{y}"/>',
        f'<circle class="{kind}" cx="{_x(row.ratio):.1f}" cy="{y}" r="4.5"/>',
    ]


def _key(y: float, items: tuple[tuple[str, str], ...]) -> str:
    parts, x = [], 24.0
    for kind, words in items:
        parts.append(f'<circle class="{kind}" cx="{x + 5}" cy="{y - 4}" r="4.5"/>')
        parts.append(_text(x + 16, y, words))
        x += 30 + 7 * len(words)
    return "".join(parts)


def _x(ratio: float) -> float:
    """px on a logarithmic axis; what lies outside is drawn at its end."""
    held = min(max(ratio, LOWEST), HIGHEST)
    share = math.log(held / LOWEST) / math.log(HIGHEST / LOWEST)
    return LEFT + share * (WIDE - LEFT - RIGHT)


def _text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    named = f' class="{css}"' if css else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


if __name__ == "__main__":
    main()
