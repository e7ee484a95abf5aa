"""Where do modelled concentrations meet held-out ones, and where do they miss?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.evidence.study import is_study, study
from resynapse.report.table import Cell, Row, Table
from resynapse.report.wording import NARROW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resynapse.inference.kinetics import Bar
    from resynapse.inference.kinetics import Row as Value

QUANTITIES = {
    "cmax": "peak", "tmax": "time of peak", "auc": "area under the curve",
    "auc_ratio": "ratio of areas", "concentration": "level",
}  # fmt: skip
UNITS = {"1": ""}


def verdicts(bars: Iterable[Bar]) -> tuple[str, ...]:
    """A sentence for each substance: the bar set before, what was found, and whether it is met."""
    return tuple(map(_verdict, bars))


def _verdict(bar: Bar) -> str:
    close = f"{_percent(bar.within_twofold)} of {bar.values} values within twofold"
    if bar.allowed_within is not None:
        close += f" (bar: at least {_percent(bar.allowed_within)})"
    name = bar.substance[0].upper() + bar.substance[1:]
    return (
        f"{name}, {bar.routes}: median error {_percent(bar.median_error)} (bar: at most"
        f" {_percent(bar.allowed_error)}), {close}: {'met' if bar.met else 'not met'}."
    )


def table(values: Iterable[Value], twofold: float) -> Table:
    """A row a value, misses first, then in the order of studies."""
    rows = [(_row(one, twofold), _close(one, twofold)) for one in values]
    ordered = sorted(rows, key=lambda row: row[1])
    heads = ("Study", "Quantity", "Published", "Model", "Model over published", "Within twofold")
    return Table("Held-out concentrations, beside the model", heads, tuple(r for r, _ in ordered))


def _close(one: Value, twofold: float) -> bool:
    return 1.0 / twofold <= one.ratio <= twofold


def _row(one: Value, twofold: float) -> Row:
    unit = UNITS.get(one.unit, one.unit)
    beside = f"{NARROW}{unit}" if unit else ""
    cited = study(one.study).short_citation if is_study(one.study) else one.study
    quantity = QUANTITIES.get(one.quantity, one.quantity.replace("_", " "))
    return Row(
        cited,
        (
            Cell(words=f"{one.dose}: {one.analyte}, {one.site}, {quantity}"),
            Cell(words=f"{one.published:.3g}{beside}"),
            Cell(words=f"{one.modelled:.3g}{beside}"),
            Cell(words=f"{one.ratio:.2f}"),
            Cell(words="within") if _close(one, twofold) else Cell(value="missed"),
        ),
    )


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}{NARROW}%"
