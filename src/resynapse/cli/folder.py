"""Where do the files of a run go?"""

from __future__ import annotations

from pathlib import Path

from resynapse.cli.resume import chunks_of, ensure_not_begun

RUNS = Path("runs")


def destination(wanted: Path | None, name: str, seed: int) -> Path:
    """The folder that was asked for, refused if a run cannot go there, or the next free one."""
    from resynapse.exchange import ensure_free

    chosen = wanted or next_free(name, seed)
    ensure_free(chosen)
    ensure_not_begun(chosen)
    return chosen


def next_free(name: str, seed: int, runs: Path = RUNS) -> Path:
    """runs/NAME-SEED-N with the smallest N that is not taken."""

    def at(number: int) -> Path:
        return runs / f"{name}-{seed}-{number}"

    number = 1
    while any(path.exists() for path in (at(number), chunks_of(at(number)))):
        number += 1
    return at(number)
