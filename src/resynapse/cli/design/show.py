"""How does a designer read a design on a screen?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


LABELS = {
    "information_rate": "information seen, of all planned",
    "critical_values": "Z to cross at each look",
    "critical_value": "Z to cross at this look",
    "z": "Z at this look",
    "scale": "estimates are on the scale",
    "repeated_interval": "repeated interval, alpha of a side beyond each end",
    "ahead conditional_power_trend": "conditional power at the trend of the data",
    "ahead conditional_power_planned": "conditional power at the effect of the plan",
    "ahead conditional_error": "conditional type I error",
    "ahead predictive_power": "predictive power, flat prior of the effect",
    "ended p_value": "p, stage-wise",
    "ended median_unbiased": "estimate, median-unbiased",
    "ended interval": "interval, stage-wise, alpha of a side beyond each end",
    "ended naive": "estimate, as if nobody had looked",
    "type_1_error": "type I error",
    "predictive": "predictive probability of success at the end",
    "power": "power at the true rates given",
    "power between": "power at half of the effect",
    "power h1": "power at the effect",
    "expected_n h0": "people on average, no effect",
    "expected_n between": "people on average, half of the effect",
    "expected_n h1": "people on average, the effect",
    **{
        f"{which} {part}": f"{said}, {of}"
        for which, said in (
            ("meta_analytic_predictive", "prior of the control rate"),
            ("robust", "robust prior"),
            ("posterior", "rate after those seen now"),
        )
        for part, of in (
            ("mean", "mean"), ("interval", "95 % interval"),
            ("effective_n_moments", "people it is worth, by moments"),
            ("effective_n_information", "people it is worth, by information"),
        )
    },
}  # fmt: skip
"""Group and name of a value -> what the screen says; other names are shown as they are"""


WORDS = ("note", "formula", "source")
"""Values that are sentences, which stand below the others"""


def show_values(found: dict[str, Any], own: Mapping[str, str]) -> None:
    """Named values, those of a group under its name; ``own`` labels come before ``LABELS``."""
    labels = {**LABELS, **own}
    table = Table("Quantity", "Value")
    for name, value in found.items():
        if name in WORDS or value is None:
            continue
        group = value if isinstance(value, dict) else {"": value}
        for part, one in group.items():
            label = labels.get(f"{name} {part}".strip(), f"{name} {part}".replace("_", " ").strip())
            table.add_row(escape(label), escape(_value(one)))
    console = screen()
    console.print(table)
    for name in WORDS:
        if name in found:
            console.print(f"{name.capitalize()}: {escape(found[name])}", soft_wrap=True)
    console.print(NOTICE)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}".replace("-", "\u2212")
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return str(value)
