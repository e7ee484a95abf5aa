"""How does a designer read a design on a screen?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from resynapse.cli.design import rows
from resynapse.cli.summary import NOTICE, screen

if TYPE_CHECKING:
    from resynapse.trial.design.assurance import Assurance
    from resynapse.trial.design.sizes import Design


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
        console.print(rows.assurance(assured))
    console.print(f"Formula: {escape(design.formula)}", soft_wrap=True)
    console.print(f"Source: {escape(design.source)}", soft_wrap=True)
    for note in design.notes:
        console.print(f"Note: {escape(note)}", soft_wrap=True)
    console.print(NOTICE)


def sizes(design: Design) -> Table:
    """Exact and rounded, side by side."""
    return _table(rows.SIZE_HEADS, rows.sizes(design))


def analyses(design: Design) -> Table:
    """A row a look."""
    heads, looks = rows.looks(design)
    return _table(heads, looks, "Looks")


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]], title: str | None = None) -> Table:
    table = Table(heads[0], title=title, title_justify="left")
    for head in heads[1:]:
        table.add_column(head, justify="right")
    for line in lines:
        table.add_row(*line)
    return table


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
