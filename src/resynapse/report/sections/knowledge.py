"""How much further do the results spread when the parameters themselves are uncertain?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.report.names import readable
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, thousands

if TYPE_CHECKING:
    from resynapse.trial.result import Result


def knowledge_table(result: Result) -> Table | None:
    """Each quantity over draws of the parameters from their priors."""
    if not result.knowledge:
        return None
    rows = tuple(
        Row(
            readable(name),
            (
                value_cell(found["median"], found.get("unit", ""), found["low"], found["high"]),
                Cell(words=thousands(found["draws"])),
            ),
        )
        for name, found in result.knowledge.items()
    )
    return Table("Uncertainty of the parameters", ("Quantity", "Median over draws", "Draws"), rows)


def knowledge_words(result: Result) -> str:
    """What the interval is, or why there is none."""
    if not result.knowledge:
        return (
            "This run holds every parameter at its default, so how far the results move with what "
            "nobody knows is not shown. Run it with draws of the parameters to see it."
        )
    width = next(iter(result.knowledge.values())).get("share", 0.9)
    return (
        f"Every parameter drawn from its {result.parameters} distribution; median of the draws and "
        f"the interval that holds {100 * width:.0f}{NARROW}% of them. It is wider than the "
        "intervals above, which are over people only."
    )
