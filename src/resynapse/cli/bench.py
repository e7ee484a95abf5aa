"""How does a person measure the speed of Resynapse?"""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from resynapse.cli.faults import InputError

Engines = Annotated[
    list[str] | None, typer.Option("--backend", help="A back end to measure; by default all.")
]
People = Annotated[
    int | None, typer.Option(min=1, max=1_000_000, help="People an arm of the measured run.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def bench(backend: Engines = None, patients: People = None, as_json: AsJson = False) -> None:
    """Measure patient-years per second of the whole chain, and what starting costs."""
    from resynapse.bench import PEOPLE
    from resynapse.bench import bench as measure

    engines = backend or list(PEOPLE)
    for name in engines:
        if name not in PEOPLE:
            raise InputError(f"--backend {name}: choose from {', '.join(PEOPLE)}.")
    found = measure(engines, patients, lambda words: print(words, file=sys.stderr))
    if as_json:
        print(json.dumps(found))
        return
    _show(found)


def _show(found: dict) -> None:
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table(
        "Back end", "Patient-years/s", "per processor second", "Bouts/patient-year",
        "First start, s", "Second start, s", "Memory, MB",
        title=f"{found['protocol']}, all arms, {found['cores']} cores",
    )  # fmt: skip
    for row in found["results"]:
        table.add_row(
            row["backend"], f"{row['rate']:,.0f}", f"{row['rate_per_processor_second']:,.0f}",
            f"{row['bouts_per_patient_year']:.1f}", f"{row['compile_cold_seconds']:.1f}",
            f"{row['compile_cached_seconds']:.2f}", f"{row['peak_memory_mb']:,.0f}",
        )  # fmt: skip
    screen().print(table)
