"""What did a run of krupitsky-2002 show? Writes docs/krupitsky-2002.svg with the report's drawing.

    python docs/draw_krupitsky.py

Takes some minutes: 1000 people an arm, seed 1, and the rival in which only expectancy acts.
"""

from __future__ import annotations

import re
import sys
from html import escape
from importlib import resources
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

sys.path.insert(0, str(Path(__file__).parent))
from draw_chain import tokens

from resynapse.report.arms import ArmStyle, styles, swatch
from resynapse.report.sections.survival import ABSTINENCE, survival_figure

if TYPE_CHECKING:
    from resynapse.trial.result import Result

PROTOCOL, PATIENTS, SEED = "krupitsky-2002", 1000, 1
PICTURE = Path(__file__).with_name(f"{PROTOCOL}.svg")
MARGIN, TOP, LINE, WIDE = 24, 124, 17, 104
"""px, and characters of a line of the caption"""
SIDES = ("width", "height")
COMMAND = f"resynapse run {PROTOCOL} --patients {PATIENTS} --seed {SEED}"
LOOK = """
.paper { fill: var(--surface); stroke: var(--hairline); }
text.title { font: 600 15px var(--font); fill: var(--ink); }
text.words { font-size: 12px; }
text.warn { font-size: 12px; font-weight: 500; fill: var(--warn-ink); }
.warned { fill: var(--warn-bg); stroke: var(--warn-line); }
"""
TITLE = "No use after detoxification from heroin, with ketamine psychotherapy"
DIAMOND = Markup(
    '<svg width="32" height="16" viewBox="10 4 32 16">'
    '<path class="whisker" d="M26 4V20"/><path class="pub" d="M26 7l5 5l-5 5l-5-5z"/></svg>'
)
SWATCH = 32
"""width of a piece of a line, px"""
NOTICE = "Research, not for dosing a patient. {parameters}. Both arms: historical comparators."


def picture(result: Result) -> str:
    """Title, notice, key, drawing and caption on one card."""
    arms = styles(result)
    figure = survival_figure(result, arms, ABSTINENCE, half=False)
    drawing = str(figure.drawing)
    width, height = (float(re.search(rf'{side}="([^"]*)"', drawing)[1]) for side in SIDES)
    said = re.search(r'aria-label="([^"]*)"', drawing)[1]
    below = TOP + height + 30
    caption = [*wrap(figure.caption, WIDE), f"The run: {COMMAND}"]
    whole = (width + 2 * MARGIN, below + LINE * len(caption) + 8)
    box = f'width="{whole[0] - 1:g}" height="{whole[1] - 1:g}"'
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{said}" '
        f'viewBox="0 0 {whole[0]:g} {whole[1]:g}" width="{whole[0]:g}" height="{whole[1]:g}">',
        f"<metadata>{_made_from(result.manifest)}</metadata>",
        f"<style>{tokens()}{_drawings()}{LOOK}</style>",
        f'<rect class="paper" x=".5" y=".5" {box} rx="6"/>',
        *_head(arms, _parameters(result.manifest)),
        _placed(drawing, MARGIN, TOP),
        *(_text(MARGIN, below + LINE * k, line, "words") for k, line in enumerate(caption)),
        "</svg>",
    ]
    return "\n".join(pieces) + "\n"


def _made_from(manifest: dict[str, Any]) -> str:
    """Which protocol and which parameters the picture shows."""
    hashes = ("protocol_hash", "parameter_hash")
    return " ".join(f"{name}={manifest.get(name, 'none')}" for name in hashes)


def _parameters(manifest: dict[str, Any]) -> str:
    """What was fitted of them, as short as it must be here."""
    fitted = manifest.get("calibrated_parameters")
    return f"{len(fitted)} numbers calibrated, others prior" if fitted else "Prior, not calibrated"


def _placed(drawing: str, x: float, y: float) -> str:
    return drawing.replace("<svg ", f'<svg x="{x:g}" y="{y:g}" ', 1)


def _head(arms: tuple[ArmStyle, ...], parameters: str) -> list[str]:
    """Title, notice and key."""
    pieces = [
        _text(MARGIN, 34, TITLE, "title"),
        f'<rect class="warned" x="{MARGIN}" y="48" width="666" height="28" rx="6"/>',
        _text(MARGIN + 12, 66, NOTICE.format(parameters=parameters), "warn"),
    ]
    x = MARGIN
    for piece, words in _key(arms):
        pieces.append(_placed(str(piece), x, 94 if piece is not DIAMOND else 90))
        pieces.append(_text(x + SWATCH + 8, 102, words, "words"))
        x += SWATCH + 28 + round(6.6 * len(words))
    return pieces


def _key(arms: tuple[ArmStyle, ...]) -> list[tuple[Markup, str]]:
    """A piece of line and words for each; of an arm its name and dose."""
    doses = [arm.label.split(",")[0].removeprefix("Ketamine ") for arm in arms]
    found = [(swatch(arm), f"{arm.name}: {dose}") for arm, dose in zip(arms, doses, strict=True)]
    return [*found, (swatch(arms[-1], rival=True), "only expectancy acts"), (DIAMOND, "published")]


def _drawings() -> str:
    """The part of the report's style that drawings need."""
    text = (resources.files("resynapse.report") / "style" / "report.css").read_text("utf-8")
    return text.split("/* Drawings */")[1].split("/* Tables */")[0]


def _text(x: float, y: float, words: str, css: str) -> str:
    return f'<text class="{css}" x="{x:g}" y="{y:g}">{escape(words)}</text>'


if __name__ == "__main__":
    import resynapse

    run = resynapse.simulate(resynapse.load(PROTOCOL), patients=PATIENTS, seed=SEED, draws=0)
    PICTURE.write_text(picture(run), encoding="utf-8")
