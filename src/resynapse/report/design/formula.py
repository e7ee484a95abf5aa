"""How does a design that follows from a formula become pages to send around?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resynapse.report.boundaries import boundaries
from resynapse.report.design.typeset import Drawings, Form, ensure_typst, typeset
from resynapse.report.sections.opening import APPROVAL, RESEARCH
from resynapse.report.wording import listed

if TYPE_CHECKING:
    from resynapse.trial.design.sizes import Design

TEMPLATE = "formula.typ"
TITLES = {
    "means": "Size of a trial that compares two means",
    "rates": "Size of a trial that compares two rates",
    "survival": "Size of a trial that compares two times to an event",
    "counts": "Size of a trial that compares two rates of counted events",
}
UNKNOWN = (
    "The formula takes drop-out to be unrelated to the outcome and everyone to be blind. In trials "
    "of ketamine neither is true, and no formula corrects for it: resynapse power plays the trial "
    "out with drop-out, waning effects and unblinding from one mechanism."
)


@dataclass(frozen=True)
class Sized:
    """A design and what is told of it; rows are finished text."""

    design: Design
    sizes: tuple[list[str], list[list[str]]]
    """Headings and rows"""
    looks: tuple[list[str], list[list[str]]]
    assumptions: list[list[str]]
    assurance: str | None
    command: str
    version: str
    date: str


def render_sized(told: Sized) -> bytes:
    """A PDF on A4."""
    found: bytes = compiled(told, "pdf")
    return found


def compiled(told: Sized, form: Form, dots_per_inch: float | None = None) -> Any:
    """The pages as bytes in a form that typst knows: pdf, png (a list), html."""
    ensure_typst("Without it, --plot FILE.svg draws the bounds.")
    drawings, several = Drawings(), len(told.design.analyses) > 1
    content = {
        "name": f"design {told.design.endpoint}",
        "title": TITLES[told.design.endpoint],
        "date": told.date,
        "foot": f"Resynapse {told.version}",
        "research": RESEARCH,
        "approval": APPROVAL,
        "unknown": UNKNOWN,
        "justification": justification(told),
        "sizes": _table(told.sizes),
        "looks": _table(told.looks),
        "bounds": drawings.add(boundaries(told.design).figure) if several else None,
        "assumptions": _table((["Assumed", "value"], told.assumptions)),
        "notes": list(told.design.notes),
        "facts": [
            ["Formula", told.design.formula],
            ["Source", told.design.source],
            ["Command", told.command],
            ["Version", told.version],
        ],
    }
    return typeset(TEMPLATE, content, drawings.files, form, dots_per_inch)


def justification(told: Sized) -> str:
    """The paragraph on sample size: size, error rates, method, what it rests on."""
    design, looks = told.design, told.design.looks
    whole = design.rounded
    arms = listed([f"{n} {arm}" for arm, n in whole["n_per_arm"].items()])
    events = f" and {whole['events']} events" if whole["events"] else ""
    sides = "two" if looks.sided == 2 else "one"
    lost = f" With {100 * design.lost:g} % lost, {whole['n_recruited']} people are recruited."
    parts = [
        f"{whole['n_max']} people ({arms}){events} give power {looks.power:g} at a {sides}-sided "
        f"alpha of {looks.alpha:g} for the effect that is assumed below; {design.method}.",
        f"The exact number is {design.n_max:.1f}, each arm is rounded up.",
        *([lost.strip()] if design.lost else []),
        *([_with_looks(design)] if len(design.analyses) > 1 else []),
        *([told.assurance] if told.assurance else []),
        "The size follows from an effect that the designer assumes; nothing here says that "
        "ketamine has it.",
    ]
    return " ".join(parts)


def _with_looks(design: Design) -> str:
    n = design.expected_n
    return (
        f"With one look it would be {design.n_fixed:.1f}. On average {n['h0']:.1f} people have "
        f"entered when it ends if there is no effect, {n['between']:.1f} at half of the effect and "
        f"{n['h1']:.1f} at the effect."
    )


def _table(told: tuple[list[str], list[list[str]]]) -> dict[str, Any]:
    heads, rows = told
    cells = [[[cell.replace("  ", "\u2003"), ""] for cell in row] for row in rows]
    return {"heads": list(heads), "rows": cells}
