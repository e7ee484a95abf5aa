"""How does a designer read what a search found?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from resynapse.cli.summary import PARAMETERS, screen

if TYPE_CHECKING:
    from resynapse.trial.search import Found

MOST_ROWS = 12
AS_ASKED, RIVAL, CLOSED = "default", "expectancy alone", "no window"


def show(found: Found, folder: Path | None) -> None:
    """The sentences, the front, and where the rest is."""
    from resynapse.trial.search.found import NOTICE
    from resynapse.trial.search.words import sentences

    console, asked = screen(), found.asked
    console.print(f"[bold]{NOTICE}[/bold]", soft_wrap=True)
    console.print(f"Parameters: {PARAMETERS.get(asked.parameters, asked.parameters)}.")
    console.print(
        f"[bold]{escape(asked.benefit)}[/bold], {escape(asked.protocol.name)}, designs made of "
        f"{escape(asked.start.id)}"
    )
    for one in asked.limits:
        console.print(f"  Limit: {one}")
    console.print(front(found))
    for sentence in sentences(found):
        console.print(escape(sentence), soft_wrap=True)
    if folder is not None:
        console.print(f"Report: {folder / 'report.html'}", soft_wrap=True)


def front(found: Found) -> Table:
    """The designs of the front, by burden, under the three hypotheses."""
    table = Table(
        "Front", of_burden(found.asked.burden), f"Benefit, {found.unit}", "On front again",
        "Expectancy alone", "No window",
    )  # fmt: skip
    for k in found.answers[AS_ASKED].shown[:MOST_ROWS]:
        one, rows = found.designs[k], {w: a.row(k) for w, a in found.answers.items()}
        table.add_row(
            escape(one.name),
            f"{one.burden(found.asked.burden):g}",
            value(rows[AS_ASKED]["benefit"]),
            f"{100 * rows[AS_ASKED]['front_share']:.0f} %",
            value(rows[RIVAL]["benefit"]),
            value(rows[CLOSED]["benefit"]),
        )
    return table


def of_burden(name: str) -> str:
    """What benefit is set against, with its unit where it has one."""
    return name.replace("_", " ") + (", mg/kg" if name == "cumulative_dose" else "")


def value(told: dict[str, Any]) -> str:
    """A benefit with its Monte Carlo error."""
    return f"{told['value']:+.2f} ({told['error']:.2f})"
