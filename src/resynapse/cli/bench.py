"""How does a person measure the speed of Resynapse?"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from resynapse.cli.faults import InputError

Workloads = Annotated[
    list[str] | None,
    typer.Option("--workload", help="W1, W2 or W3; by default all. Can be given again."),
]
Engines = Annotated[
    list[str] | None,
    typer.Option("--engine", "--backend", help="An engine to measure; by default all."),
]
People = Annotated[
    int | None, typer.Option(min=1, max=1_000_000, help="People an arm of a measured run of W3.")
]
Minutes = Annotated[
    float, typer.Option(min=0.0, help="All is over by then; what does not fit is left out by name.")
]
Quick = Annotated[bool, typer.Option("--quick", help="One short turn, to see that it works.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Picture = Annotated[Path | None, typer.Option("--plot", help="Draw the rates into this .svg.")]


def bench(
    workload: Workloads = None, engine: Engines = None, patients: People = None,
    minutes: Minutes = 20.0, quick: Quick = False, as_json: AsJson = False, plot: Picture = None,
) -> None:  # fmt: skip
    """Measure people per second, errors and memory of every engine, beside other tools."""
    from resynapse.bench.comparison import QUICK, Effort
    from resynapse.bench.engines import ENGINES
    from resynapse.bench.whole import NAMES
    from resynapse.bench.whole import bench as measure

    _known("--workload", workload, NAMES)
    _known("--engine", engine, [one.key for one in ENGINES])
    _ensure_any(workload or NAMES, engine or ())
    effort = QUICK if quick else Effort(until=time.monotonic() + 60.0 * minutes)
    found = measure(
        workload or NAMES, engine or (), effort, patients,
        lambda words: print(words, file=sys.stderr),
    )  # fmt: skip
    if not found["results"]:
        raise InputError(
            f"Nothing was measured: no engine was ready in its share of {minutes:g} minutes."
            " Give more --minutes, or fewer engines with --engine."
        )
    if plot is not None:
        _draw(found, plot)
    if as_json:
        print(json.dumps(found))
        return
    _show(found)


def _draw(found: dict[str, Any], place: Path) -> None:
    from resynapse.report.speed import speed

    try:
        place.write_text(speed(found), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{place} could not be written ({error.strerror}).") from error


def _known(option: str, given: list[str] | None, known: Any) -> None:
    for name in given or ():
        if name not in known:
            raise InputError(f"{option} {name}: choose from {', '.join(known)}.")


def _ensure_any(workloads: Sequence[str], engines: Sequence[str]) -> None:
    """Refuse, before anything is prepared, where no engine that is asked for could be measured."""
    from resynapse.bench.engines import hindrance

    why = {(one, name): hindrance(one, name) for name in workloads for one in engines}
    if why and all(why.values()):
        told = "; ".join(f"{one} in {name}: {said}" for (one, name), said in why.items())
        raise InputError(f"Nothing would be measured. {told[0].upper()}{told[1:]}.")


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table(
        "", "Engine", "Rate", "Ours is", "Error", "Start 1, s", "Start 2, s", "MB", "Of peak",
        title=f"{found['cores']} cores, 64-bit numbers; W1 patients/s, W2 and W3 patient-years/s",
    )  # fmt: skip
    for row in found["results"]:
        table.add_row(*_cells(row, found["results"]))
    screen().print(table)
    for workload, peers in found["absent"].items():
        for name, why in peers.items():
            screen().print(f"{workload}: {name} is not measured ({why}).")


def _cells(row: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[str, ...]:
    name = row["backend"] or row["engine"]
    ours = [r for r in rows if r["workload"] == row["workload"] and r["backend"] == "native"]
    ratio = f"{ours[0]['rate'] / row['rate']:,.1f} x" if ours and row is not ours[0] else ""
    error = "" if row["max_error"] is None else f"{row['max_error']:.1e}"
    cached = row["compile_cached_seconds"]
    share = f"{row['peak_fraction']:.0%}" if "peak_fraction" in row else ""
    return (
        row["workload"], name, f"{row['rate']:,.0f}", ratio, error,
        f"{row['compile_cold_seconds']:.1f}",
        "" if cached is None else f"{cached:.2f}", f"{row['peak_memory_mb']:,.0f}", share,
    )  # fmt: skip
