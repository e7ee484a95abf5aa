"""How does a person see published concentrations beside the model's?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import JsonAlone, Seed

if TYPE_CHECKING:
    from resynapse.inference.kinetics import Bar, Row

NAMES = {
    "cmax": "peak", "tmax": "time of peak", "auc": "area under the curve",
    "clearance": "clearance", "bioavailability": "bioavailability",
    "auc_ratio": "ratio of areas", "concentration": "level",
}  # fmt: skip
"""the quantities in words"""

Draws = Annotated[int, typer.Option(help="Draws of the parameters for the band; 0 for none.")]


def kinetics(draws: Draws = 40, seed: Seed = 1, as_json: JsonAlone = False) -> None:
    """Set every published concentration of ketamine beside the model's; nothing is fitted."""
    from resynapse.inference.kinetics import bars, comparison

    if draws < 0 or draws == 1:
        raise InputError(f"--draws {draws}: give 0 for no band, or at least 2 for an interval.")
    rows = comparison(draws, seed)
    if as_json:
        found = {
            "values": [_as_dict(row) for row in rows],
            "bars": [_judged(b) for b in bars(rows)],
        }
        json.dump(found, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print(text(rows, bars(rows)))


def text(rows: tuple[Row, ...], judged: tuple[Bar, ...]) -> str:
    """Bars first, then a table a value; curves are one line each, by their median ratio."""
    lines = [
        "Prior, not calibrated. Typical person of 70 kg, 90 % over draws of the parameters.",
        "",
    ]
    lines += [f"{_verdict(bar)}" for bar in judged]
    lines += ["", "| study | dose | what | published | modelled | ratio | counts as |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for group in _grouped(rows):
        lines.append(_curve(group) if len(group) > 1 else _line(group[0]))
    return "\n".join(lines)


def _verdict(bar: Bar) -> str:
    spread = f"{100 * bar.within_twofold:.0f} % within twofold"
    if bar.allowed_within is not None:
        spread += f" (at least {100 * bar.allowed_within:.0f} %)"
    return (
        f"{bar.substance}, {bar.routes}, {bar.values} held-out values: median error"
        f" {100 * bar.median_error:.0f} % (at most {100 * bar.allowed_error:.0f} %), {spread}:"
        f" {'met' if bar.met else '**not met**'}."
    )


def _grouped(rows: tuple[Row, ...]) -> list[list[Row]]:
    """Values of one curve together, everything else alone, in order."""
    groups: dict[Any, list[Row]] = {}
    for number, row in enumerate(rows):
        curve = row.quantity == "concentration"
        key = (row.study, row.dose, row.analyte, row.site) if curve else number
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _line(row: Row) -> str:
    band = "" if row.low is None else f" ({row.low:.3g} to {row.high:.3g})"
    at = "" if row.minute is None else f" at {row.minute:g} min"
    what = f"{row.analyte}, {row.site}, {NAMES[row.quantity]}{at}, {row.unit}"
    return (
        f"| {row.study} | {row.dose} | {what} | {row.published:.3g} | {row.modelled:.3g}{band} |"
        f" {row.ratio:.2f} | {_counts_as(row)} |"
    )


def _curve(rows: list[Row]) -> str:
    judged = sorted(row.ratio for row in rows if not row.reported_only)
    first, middle, last = judged[0], judged[len(judged) // 2], judged[-1]
    what = f"{rows[0].analyte}, {rows[0].site}, curve of {len(judged)} points"
    return (
        f"| {rows[0].study} | {rows[0].dose} | {what} | | | {middle:.2f} ({first:.2f} to"
        f" {last:.2f}) | {_counts_as(rows[-1])} |"
    )


def _counts_as(row: Row) -> str:
    if row.reported_only:
        return f"reported only: {row.reported_only}"
    if row.informed:
        return f"a fit: informed {row.informed}"
    return row.role


def _as_dict(row: Row) -> dict[str, Any]:
    return {**asdict(row), "ratio": row.ratio, "tests": row.tests}


def _judged(bar: Bar) -> dict[str, Any]:
    return {**asdict(bar), "met": bar.met}
