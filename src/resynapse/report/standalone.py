"""How does a drawing keep its colours where there is no style sheet beside it?"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from markupsafe import escape

from resynapse.report.drawing.labels import LETTER

LINE = 16.0
"""Height of a line of words under the drawing, px"""
EDGE, HEAD, SWATCH = 8.0, 28.0, 32.0
"""Margin, room for the title, and for the line before a name, px"""
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
VARIABLE = re.compile(r"var\(--([\w-]+)(?:,\s*(var\(--[\w-]+\)|[^()]*))?\)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
KINDS = re.compile(r"\.(a\d|venous|arterial)$")
"""Classes that carry the colour and the dash of a line"""
SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox="[^"]*"')


def standalone(
    drawing: str, sheet: str, title: str, names: Mapping[str, str], words: Sequence[str]
) -> str:
    """The drawing as a whole SVG file with a title, style and light colours inside.

    Under it stand ``names``, class of an arm's line -> its name, and ``words``.
    """
    drawing = str(drawing)
    found = SIZE.search(drawing)
    if found is None:
        return drawing
    width, height = float(found[1]), float(found[2])
    key, below = _key(names, width, height + LINE)
    lines = [line for part in words for line in _wrapped(part, width)]
    told = "".join(_words(line, 0.0, below + LINE * n) for n, line in enumerate(lines))
    box = (-EDGE, -HEAD, width + 2 * EDGE, below + LINE * len(lines) + HEAD)
    size = 'width="{2:g}" height="{3:g}" viewBox="{0:g} {1:g} {2:g} {3:g}"'.format(*box)
    paper = '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" fill="#FFFFFF"/>'.format(*box)
    head, _, rest = drawing.replace(found[0], size, 1).partition(">")
    top = f'<text class="said" x="0" y="{-EDGE:g}" style="font-weight:600">{escape(title)}</text>'
    start = (
        f'{head} xmlns="http://www.w3.org/2000/svg"><style>{resolved(sheet)}</style>{paper}{top}'
    )
    return f"{start}{rest.removesuffix('</svg>')}{key}{told}</svg>"


def bare(drawing: str, sheet: str) -> str:
    """The drawing as a whole SVG file with style and light colours inside, and nothing added."""
    drawing = str(drawing)
    found = SIZE.search(drawing)
    if found is None:
        return drawing
    width, height = float(found[1]) + 2 * EDGE, float(found[2]) + 2 * EDGE
    box = (-EDGE, -EDGE, width, height)
    size = 'width="{2:g}" height="{3:g}" viewBox="{0:g} {1:g} {2:g} {3:g}"'.format(*box)
    head, _, rest = drawing.replace(found[0], size, 1).partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{resolved(sheet)}</style>{rest}'


def _key(names: Mapping[str, str], width: float, y: float) -> tuple[str, float]:
    """Swatches with names in rows, and where the next line of words stands."""
    pieces, x = [], 0.0
    for css, name in names.items():
        needed = SWATCH + LETTER * len(name) + 2 * EDGE
        if x and x + needed > width:
            x, y = 0.0, y + LINE
        pieces.append(f'<path class="line {css}" d="M{x:g} {y - 4:g}h26"/>')
        pieces.append(_words(name, x + SWATCH, y))
        x += needed
    return "".join(pieces), y + (LINE if pieces else 0.0)


def _words(line: str, x: float, y: float) -> str:
    return f'<text class="soft" x="{x:g}" y="{y:g}">{escape(line)}</text>'


def _wrapped(line: str, width: float) -> list[str]:
    return textwrap.wrap(line, int(width / LETTER), break_long_words=False)


def resolved(sheet: str) -> str:
    """The rules of the drawings with every variable replaced by its light value."""
    rules = [(where.strip(), what.strip()) for where, what in RULE.findall(COMMENT.sub("", sheet))]
    light = _variables(next(what for where, what in rules if where == ":root"))
    drawn = [(where, what) for where, what in rules if not where.startswith((":root", "@"))]
    kinds = {where: _variables(what) for where, what in drawn if KINDS.match(where)}
    written = []
    for where, what in drawn:
        if where in kinds:
            continue
        written.append(f"{where}{{{_filled(what, light)}}}")
        if "--arm" in what or "--dash" in what:
            written += [
                f"{_each(where, kind)}{{{_filled(what, light | own)}}}"
                for kind, own in kinds.items()
            ]
    return "".join(written)


def _each(where: str, kind: str) -> str:
    return ",".join(f"{one.strip()}{kind}" for one in where.split(","))


def _variables(block: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in block.split(";") if "--" in line)
    return {name.strip().removeprefix("--"): value.strip() for name, _, value in pairs}


def _filled(what: str, values: dict[str, str]) -> str:
    """Variables replaced, also those that stand in the value of another."""

    def value(found: re.Match[str]) -> str:
        return values.get(found[1], found[2] or "none")

    for _ in range(4):
        what = VARIABLE.sub(value, what)
    return what
