"""How does a designer read a design on a screen?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from resynapse.cli.summary import NOTICE, screen

if TYPE_CHECKING:
    from resynapse.trial.design.assurance import Assurance
    from resynapse.trial.design.sizes import Design, LookAt

HEADINGS = {
    "information_rate": ("Information", ".3f"),
    "time": ("Time", ".2f"),
    "n": ("People", ".1f"),
    "events": ("Events", ".1f"),
    "critical_value": ("Z efficacy", ".4f"),
    "nominal_p": ("p, one-sided", ".5f"),
    "futility_bound": ("Z futility", ".4f"),
    "effect_at_bound": ("at bound", ".4g"),
    "average_hazard_ratio": ("Average HR", ".3f"),
    "alpha_spent": ("Alpha spent", ".5f"),
    "power": ("Power", ".4f"),
}


def show(design: Design, assured: Assurance | None = None) -> None:
    """Sizes, looks, the formula, and where it stands."""
    console = screen()
    looks = design.looks
    console.print(f"[bold]Design for {design.endpoint}[/bold]: {escape(design.method)}")
    console.print(
        f"Alpha {looks.alpha:g}, {'two' if looks.sided == 2 else 'one'}-sided; power "
        f"{looks.power:g}; {design.ratio:g} treated for each control"
    )
    console.print(sizes(design))
    console.print(analyses(design))
    if assured is not None:
        console.print(assurance(assured))
    console.print(f"Formula: {escape(design.formula)}", soft_wrap=True)
    console.print(f"Source: {escape(design.source)}", soft_wrap=True)
    for note in design.notes:
        console.print(f"Note: {escape(note)}", soft_wrap=True)
    console.print(NOTICE)


def sizes(design: Design) -> Table:
    """Exact and rounded, side by side."""
    table = Table("Size", "exact", "rounded up")
    for column in table.columns[1:]:
        column.justify = "right"
    whole = design.rounded
    table.add_row("People, one look", f"{design.n_fixed:.3f}", str(whole["n_fixed"]))
    table.add_row("People, at most", f"{design.n_max:.3f}", str(whole["n_max"]))
    for arm, n in design.n_per_arm.items():
        table.add_row(f"  {arm}", f"{n:.3f}", str(whole["n_per_arm"][arm]))
    if design.lost:
        lost = f"People to recruit, {100 * design.lost:g} % lost"
        table.add_row(lost, f"{design.n_recruited:.3f}", str(whole["n_recruited"]))
    if design.events is not None:
        table.add_row("Events, at most", f"{design.events:.3f}", str(whole["events"]))
    words = {"h0": "no effect", "between": "half of it", "h1": "the effect"}
    for name, n in design.expected_n.items():
        table.add_row(f"People on average, {words[name]}", f"{n:.1f}", "")
    return table


def analyses(design: Design) -> Table:
    """A row a look, without the columns that say nothing."""
    shown = {name: head for name, head in HEADINGS.items() if _worth_showing(design, name)}
    table = Table("Look", title="Looks", title_justify="left")
    for name, (head, _) in shown.items():
        words = f"{design.effect_scale[:1].upper()}{design.effect_scale[1:]} {head}"
        table.add_column(words if name == "effect_at_bound" else head, justify="right")
    for place, look in enumerate(design.analyses, 1):
        table.add_row(str(place), *(_cell(look, name, form) for name, (_, form) in shown.items()))
    return table


def _worth_showing(design: Design, name: str) -> bool:
    values = {getattr(look, name) for look in design.analyses}
    if name == "average_hazard_ratio" and None not in values:
        return max(values) - min(values) > 1e-6
    return values != {None}


def _cell(look: LookAt, name: str, form: str) -> str:
    value = getattr(look, name)
    return "\u2013" if value is None else format(value, form).replace("-", "\u2212")


def assurance(found: Assurance) -> str:
    """In a sentence."""
    error = found.monte_carlo_error
    spread = "" if error is None else f" (Monte Carlo error {error:.4f})"
    return (
        f"Assurance: {found.assurance:.4f}{spread} over {found.prior} of the {found.scale}; "
        f"probability of benefit {found.probability_of_benefit:.4f}."
    )


def show_values(found: dict[str, Any]) -> None:
    """Named values, those of a group under its name."""
    table = Table("Quantity", "Value")
    for name, value in found.items():
        if name in ("formula", "source") or value is None:
            continue
        group = value if isinstance(value, dict) else {"": value}
        for part, one in group.items():
            table.add_row(escape(f"{name} {part}".replace("_", " ").strip()), escape(_value(one)))
    console = screen()
    console.print(table)
    for name in ("formula", "source"):
        if name in found:
            console.print(f"{name.capitalize()}: {escape(found[name])}", soft_wrap=True)
    console.print(NOTICE)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}".replace("-", "\u2212")
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return str(value)
