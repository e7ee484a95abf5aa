"""Where does a run keep what is finished, and how does it go on after it was stopped?"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol

WISHES = (
    "patients",
    "seed",
    "draws",
    "backend",
    "switches",
    "settings",
    "check_grid",
    "grid",
    "budget",
    "parameters",
    "enantiomers",
    "file",
    "rivals",
)
"""what a run was asked for, by the names that ``simulate`` calls it"""
BESIDE = ("--resume", "--workers", "--cluster", "--json", "--quiet")
"""what a resumed run may be told anew: no result depends on it"""
COMMAND = ("resynapse", "run", "--resume")


def chunks_of(folder: Path) -> Path:
    """Where the finished chunks of a run stand until its folder is whole: beside it, hidden."""
    return folder.with_name(f".{folder.name}.chunks")


def finished(folder: Path) -> int:
    """How many chunks of the run into this folder are finished."""
    return sum(1 for _ in chunks_of(folder).glob("*.npz"))


def forget(folder: Path) -> None:
    """Remove the chunks of a run, and what a killed process left of its files."""
    for path in (chunks_of(folder), *folder.parent.glob(f".{folder.name}.partial-*")):
        shutil.rmtree(path, ignore_errors=True)


def ensure_not_begun(folder: Path) -> None:
    """Refuse to begin again what was begun and not finished; what was killed before it had
    written what it was asked for is not begun."""
    from resynapse.engine.checkpoint import ASKED

    chunks = chunks_of(folder)
    if (chunks / ASKED).exists():
        raise InputError(
            f"A run into {folder} was begun and is not finished; go on with "
            f"{' '.join(COMMAND)} {folder}, or remove {chunks} to begin again."
        )


def begun(folder: Path) -> tuple[Protocol, dict[str, Any]]:
    """The protocol of the run that was to fill this folder, and what else was asked for."""
    from resynapse.engine.checkpoint import read_asked
    from resynapse.protocol import parse

    if (folder / "manifest.json").exists():
        forget(folder)
        raise InputError(f"{folder} is whole already; there is nothing left to resume.")
    chunks = chunks_of(folder)
    if not chunks.exists():
        raise InputError(
            f"No run into {folder} is waiting to go on; give --resume the folder that the "
            "interrupted run was to write, its --output."
        )
    asked = read_asked(chunks)
    return parse(asked["protocol"], str(chunks)), {name: asked.get(name) for name in WISHES}


def ensure_alone(given: Iterable[str]) -> None:
    """Refuse what a resumed run takes from its folder."""
    named = [name for name in given if name not in BESIDE]
    if named:
        raise InputError(
            f"--resume takes everything but {', '.join(BESIDE[1:])} from the folder, as the run "
            f"was begun; leave out {', '.join(named)}."
        )
