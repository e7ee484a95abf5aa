"""How are true values, and estimators held against them, shown and written?"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.protocol.estimand import Estimand
    from resynapse.trial.estimator_check import Performance

SHARES, POINTS = "difference of shares, -1 to 1", "difference of means, percentage points of days"
RESEARCH = "Research software: a model's truth."


def told(
    protocol: Protocol,
    whole: dict[str, Any],
    event: str,
    found: list[tuple[Estimand, str, list[Performance]]],
) -> dict[str, Any]:
    """Everything as plain values; ``found`` has of each estimand its kind of variable and rows."""
    from resynapse import __version__
    from resynapse.exchange.as_json import plain

    estimands = [
        {
            "estimand": asked.model_dump(),
            "reference": protocol.reference,
            "event": event,
            "unit": POINTS if kind == "days_abstinent" else SHARES,
            "rows": [asdict(row) for row in rows],
        }
        for asked, kind, rows in found
    ]
    about = {"protocol": protocol.name, **whole, "arms": len(protocol.arms)}
    return plain({**about, "version": __version__, "estimands": estimands})


def write(everything: dict[str, Any], folder: Path | None) -> None:
    """estimand.json, and estimand.csv with a row for each estimator and strategy."""
    if folder is None:
        return
    about = {name: value for name, value in everything.items() if name != "estimands"}
    rows = [
        {
            **about,
            **{key: one["estimand"][key] for key in ("name", "arm", "variable")},
            **{key: one[key] for key in ("reference", "event", "unit")},
            "asked": row["strategy"] == one["estimand"]["intercurrent_events"][one["event"]],
            "with_estimate": row["trials"],
            **{key: value for key, value in row.items() if key != "trials"},
            "interval_percent": 95,
        }
        for one in everything["estimands"]
        for row in one["rows"]
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(everything, indent=1, allow_nan=False) + "\n"
        (folder / "estimand.json").write_text(text, encoding="utf-8")
        with (folder / "estimand.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}). Name another folder."
        ) from error


def show(one: dict[str, Any], everything: dict[str, Any]) -> None:
    """One estimand as a table on the screen."""
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    asked, rows, console = one["estimand"], one["rows"], screen()
    wanted = asked["intercurrent_events"][one["event"]]
    strategies = list(dict.fromkeys(row["strategy"] for row in rows))
    console.print(
        f"[bold]{escape(asked['name'])}[/bold]: {escape(asked['variable'])}, "
        f"{escape(asked['arm'])} less {escape(one['reference'])}, everybody randomised, "
        f"{one['unit']}; {one['event']}: {wanted}"
    )
    marked = [f"{name} *" if name == wanted else name for name in strategies]
    table = Table("", *marked)
    truths = [_of(rows, None, name) for name in strategies]
    table.add_row("true value", *[_told(row["truth"], row["truth_error"], "") for row in truths])
    for estimator in dict.fromkeys(row["estimator"] for row in rows):
        cells = [_cell(_of(rows, estimator, name)) for name in strategies]
        table.add_row(escape(estimator), *cells)
    console.print(table)
    console.print(_foot(rows, everything))


def _foot(rows: list[dict[str, Any]], everything: dict[str, Any]) -> str:
    errors = [row["coverage_error"] for row in rows if row["coverage_error"] is not None]
    coverage = f"error up to {max(errors):.1%}" if errors else "none here"
    return (
        f"{everything['trials']} trials of {everything['n']} people in {everything['arms']} arms, "
        f"drawn from {everything['people']} simulated; without an estimate: at most "
        f"{max(row['failed'] for row in rows)}. First row: the true value in these people, and its "
        "Monte Carlo error as a value of the model. Others: bias (Monte Carlo error), and share of "
        f"95 % intervals that hold the true value ({coverage}). "
        f"* what was asked. {RESEARCH}"
    )


def _of(rows: list[dict[str, Any]], estimator: str | None, strategy: str) -> dict[str, Any]:
    return next(
        row for row in rows if row["strategy"] == strategy and estimator in (None, row["estimator"])
    )


def _cell(row: dict[str, Any]) -> str:
    if row["bias"] is None:
        return "no estimate"
    return f"{_told(row['bias'], row['bias_error'], '+')}, {row['coverage']:.1%}"


def _told(value: float | None, error: float | None, sign: str) -> str:
    """The value to the place of two figures of its error; its error in brackets."""
    if value is None:
        return "nobody has a value"
    if not error:
        return f"{value:{sign}.3g}"
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:{sign}.{places}f} ({error:.{places}f})"
