"""Which program, parameters and seed made this report, and how is it made again?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from resynapse.report.grid_words import NAME as GRID
from resynapse.report.grid_words import grid_words
from resynapse.report.table import Cell, Row, Table
from resynapse.report.wording import plain

if TYPE_CHECKING:
    from resynapse.trial.result import Result

NAMES = {
    "version": "Resynapse",
    "commit": "Commit",
    "protocol_hash": "Protocol",
    "parameter_hash": "Parameters",
    "seed": "Seed",
    "date": "Date",
    "command": "Command",
}
SHORT_HASH = 12


def provenance(result: Result) -> tuple[tuple[str, str], ...]:
    """Name and value of everything that a repetition needs."""
    manifest = {"seed": result.seed, "command": _command(result), **result.manifest}
    facts = [(words, manifest[key]) for key, words in NAMES.items() if manifest.get(key)]
    facts += [
        ("Calibrated to", _fitted_to(result)),
        ("Simulated people", f"{result.patients_per_arm} in each of {len(result.arms)} arms"),
        ("Back end", result.backend),
        *([(GRID, grid)] if (grid := grid_words(result.manifest)) else []),
        ("Time to compute", f"{result.wall_seconds:.1f}\u00a0s"),
    ]
    return tuple((name, _short(name, value)) for name, value in facts)


def _fitted_to(result: Result) -> str:
    studies = result.manifest.get("calibrated_to") or "nothing"
    return studies if isinstance(studies, str) else ", ".join(studies)


def footer(result: Result) -> str:
    """One line for the foot of the page."""
    manifest: dict[str, Any] = {"seed": result.seed, **result.manifest}
    parts = [f"Resynapse {manifest.get('version', '')}".strip()]
    for key, words in (("commit", "commit"), ("protocol_hash", "protocol")):
        parts += [f"{words} {str(manifest[key])[:7]}"] if manifest.get(key) else []
    mark = str(manifest.get("parameter_hash", ""))[:7]
    parts.append(f"parameters {result.parameters} {mark}".strip())
    parts.append(f"seed {manifest['seed']}")
    return " \u00b7 ".join(parts)


def parameters_table(given: Iterable[dict[str, Any]], caption: str = "Every parameter") -> Table:
    """Numbers of the model, each with its prior and source."""
    rows = tuple(
        Row(
            str(row["path"]),
            (
                value_cell_of(row),
                Cell(words=str(row.get("unit", ""))),
                Cell(words=str(row.get("prior", ""))),
                Cell(words=str(row.get("status", ""))),
                Cell(words=str(row.get("source", ""))),
                Cell(words=_set_by(row)),
            ),
        )
        for row in given
    )
    heads = (
        "Parameter", "Value, 90\u00a0% of draws", "Unit", "Prior", "Status", "Source", "Value from",
    )  # fmt: skip
    return Table(caption, heads, rows)


def value_cell_of(row: dict[str, Any]) -> Cell:
    """The value and the interval of its prior, or of what was fitted, to four digits."""
    ends = [row.get("low"), row.get("high")]
    between = " to ".join(_digits(end) for end in ends) if None not in ends else ""
    return Cell(_digits(row.get("value")), between)


def _set_by(row: dict[str, Any]) -> str:
    """Where the value comes from: prior, the stage that fitted it, what the run asked, the site."""
    found = str(row.get("set_by", "prior"))
    site = "the protocol's site" + ("" if row.get("low") is None else ", drawn as fitted")
    told = {"prior": "prior", "asked": "asked for", "site": site}
    return told.get(found, f"fitted, stage {found}")


def _digits(value: Any) -> str:
    if value is None:
        return plain(None)
    return f"{float(value):.4g}".replace("-", "\u2212")


def _short(name: str, value: Any) -> str:
    text = str(value)
    hashed = name in {"Commit", "Protocol", "Parameters"}
    return text[:SHORT_HASH] if hashed else text


def _command(result: Result) -> str:
    return (
        f"resynapse run {result.protocol.name} --patients {result.patients_per_arm} "
        f"--seed {result.seed}"
    )
