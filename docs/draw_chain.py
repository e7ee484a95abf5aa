"""What acts on what in the model, as one picture? Writes docs/chain.svg.

python docs/draw_chain.py
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path

PICTURE = Path(__file__).with_name("chain.svg")
WIDTH, HEIGHT = 872, 488
SAID = (
    "From dose to trial result: dose, blood and brain, NMDA block, glutamate surge, plasticity "
    "window; then a new and an old pathway, symptoms, use and the trial result. Use feeds back on "
    "the old pathway and on symptoms. Therapy teaches the new pathway. Belief about the own arm "
    "acts on symptoms and use. Dashed arrows are contested and can be switched off."
)
LOOK = """
.paper { fill: var(--surface); stroke: var(--hairline); }
.box { fill: var(--surface-2); stroke: var(--control); }
text { font: 400 12px var(--font); fill: var(--ink-2); text-anchor: middle; }
text.name { font-weight: 600; font-size: 13px; fill: var(--ink); }
text.title { font-weight: 600; font-size: 15px; fill: var(--ink); text-anchor: start; }
text.small { font-size: 11px; fill: var(--ink-3); }
text.start { text-anchor: start; }
.flow { fill: none; stroke: var(--ink-2); stroke-width: 1.5; marker-end: url(#head); }
.plain { marker-end: none; }
.contested { stroke-dasharray: 5 4; }
.head { fill: var(--ink-2); }
"""
LINE = 16
"""Height of a line of text, px"""


@dataclass(frozen=True)
class Box:
    """A link of the chain, in words."""

    x: int
    y: int
    name: str
    words: tuple[str, ...]
    width: int = 140
    height: int = 58


@dataclass(frozen=True)
class Words:
    """Text beside an arrow, or above a row."""

    x: int
    y: int
    text: str
    css: str = "small"


BOXES = (
    Box(28, 72, "Dose", ("drug, route, rate",)),
    Box(196, 72, "Blood and brain", ("S- and R-ketamine",)),
    Box(364, 72, "NMDA block", ("three pools of cells",)),
    Box(532, 72, "Glutamate surge", ("disinhibition",)),
    Box(700, 72, "Plasticity window", ("opens for days",)),
    Box(196, 172, "Belief, experience", ("which arm is it?",)),
    Box(700, 272, "New pathway", ("recovery, extinction",)),
    Box(700, 344, "Old pathway", ("memory of the drug",)),
    Box(476, 272, "Symptoms", ("withdrawal", "negative mood", "craving", "control"), 168, 130),
    Box(252, 272, "Use", ("first use", "bouts and their end", "overdose"), height=130),
    Box(28, 272, "Trial result", ("abstinence, relapse", "retention, deaths", "with intervals"),
        height=130),
    Box(700, 424, "Therapy", (), height=28),
)  # fmt: skip
FLOWS = (
    *("M168 101H192", "M336 101H360", "M504 101H528", "M672 101H696"),
    *("M700 301H648", "M700 373H648", "M476 337H396", "M252 337H172"),
    *("M322 402V413H770V406", "M560 413V406", "M840 438H854V301H844"),
    "M454 130V152H594V268",
)
CONTESTED = (
    *("M800 130V268", "M740 130V230H624V268", "M414 130V176H564V268"),
    *("M266 130V168", "M336 201H534V268", "M310 230V268"),
)
LABELS = (
    Words(28, 32, "From dose to trial result", "title"),
    Words(28, 60, "minutes to hours", "small start"),
    Words(700, 60, "days", "small start"),
    Words(28, 260, "days to months", "small start"),
    Words(272, 152, "felt", "small start"),
    Words(342, 194, "expectancy", "small start"),
    Words(460, 147, "habenula", "small start"),
    Words(420, 171, "relief of withdrawal", "small start"),
    Words(636, 223, "sustained state", "small start"),
    Words(806, 205, "learning", "small start"),
    Words(330, 429, "use feeds the old pathway, brings tolerance and withdrawal", "small start"),
    Words(62, 470, "contested: can be switched off", "small start"),
    Words(256, 470, "Window, sustained state and pathways are model quantities: no human study "
          "has shown them.", "small start"),
)  # fmt: skip


def tokens() -> str:
    """Colours of the report, following the reader's light or dark display."""
    style = resources.files("resynapse.report") / "style" / "tokens.css"
    light, rest = style.read_text(encoding="utf-8").split(':root[data-theme="dark"] {', 1)
    dark = rest.split("}", 1)[0].replace("color-scheme: dark;", "")
    return f"{light}@media (prefers-color-scheme: dark) {{ :root {{{dark}}} }}\n"


def _box(box: Box) -> str:
    middle = box.x + box.width / 2
    top = box.y + box.height / 2 - LINE * len(box.words) / 2 + 4
    size = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
    lines = [f'<rect class="box" {size} rx="6"/>', _text(middle, top, box.name, "name")]
    lines += [_text(middle, top + LINE * k, words) for k, words in enumerate(box.words, 1)]
    return "".join(lines)


def _text(x: float, y: float, words: str, css: str = "") -> str:
    kind = f' class="{css}"' if css else ""
    return f'<text{kind} x="{x:g}" y="{y:g}">{escape(words)}</text>'


def _flow(path: str, css: str) -> str:
    return f'<path class="{css}" d="{path}"/>'


def picture() -> str:
    """The whole drawing."""
    marker = (
        '<marker id="head" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8" markerHeight="8" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker>'
    )
    paper = f'<rect class="paper" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="6"/>'
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(SAID)}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<title>{escape(SAID)}</title><style>{tokens()}{LOOK}</style><defs>{marker}</defs>",
        paper,
        *(_flow(path, "flow") for path in FLOWS),
        *(_flow(path, "flow contested") for path in CONTESTED),
        _flow("M28 466H54", "flow plain contested"),
        *(_box(box) for box in BOXES),
        *(_text(label.x, label.y, label.text, label.css) for label in LABELS),
        "</svg>",
    ]
    return "\n".join(pieces) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
