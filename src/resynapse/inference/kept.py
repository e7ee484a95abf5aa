"""How is what took long kept on disk, so that a call that was stopped goes on where it was?"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from resynapse import engine
from resynapse.engine.cache import folder, made_again, not_kept
from resynapse.engine.checkpoint_error import CheckpointError
from resynapse.engine.chunk_file import ChunkFile
from resynapse.trial.model_hash import code

DATA = (".yaml", ".csv", ".json")
ALONE = "found"
"""name of an array that is alone in its file"""

Arrays = Mapping[str, np.ndarray]


def kept(kind: str, key: Sequence[Any], make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array of this key: read if it was made before, else made and kept.

    ``key`` holds all that the array depends on, as JSON, but for the engine, whose code is always
    part of it: its steps move what is simulated.
    """
    return kept_in(place_of(kind, key), (ALONE,), lambda: {ALONE: make()})[ALONE]


def place_of(kind: str, key: Sequence[Any]) -> Path | None:
    """The file of this key, whether it is there or not; None where nothing is to be kept."""
    store = folder(kind)
    name = hashlib.sha256(json.dumps([*key, engine_hash()]).encode()).hexdigest()[:24]
    return store and store / f"{name}.npz"


def kept_in(place: Path | None, names: Collection[str], make: Callable[[], Arrays]) -> Arrays:
    """The arrays of a file: read if they were made before, else made and kept.

    Each array has a checksum, as in the chunks of a run: a file that was cut or changed is named
    in a line, and what it held is made again. A file is written whole or not at all.
    """
    before = read(place, names)
    if before is not None or place is None:
        return before or make()
    found = make()
    part = place.with_suffix(f".{os.getpid()}.part.npz")
    try:
        arrays: dict[str, Any] = dict(found)
        np.savez(part, **arrays)
        part.rename(place)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        not_kept(place.parent, error)
    return found


def read(place: Path | None, names: Collection[str]) -> Arrays | None:
    """The arrays of a file; None where there is none that is whole."""
    if place is None or not place.exists():
        return None
    try:
        file = ChunkFile(0, place)
        return {name: file[name] for name in names}
    except (CheckpointError, KeyError):
        made_again(place)
    return None


@cache
def method_hash() -> str:
    """SHA-256 of the code that infers: what another way of inferring left is not read."""
    return _hash_of(Path(__file__).parent)


@cache
def engine_hash() -> str:
    """SHA-256 of the code of the engine: what was simulated on other steps is not read."""
    return _hash_of(Path(engine.__file__).parent)


@cache
def published_hash() -> str:
    """SHA-256 of all that was published, of the protocols, and of the code that conducts trials."""
    root = Path(engine.__file__).parents[1]
    digest = hashlib.sha256()
    for name in ("evidence", "protocol", "trial"):
        digest.update(_hash_of(root / name).encode())
    for name in ("evidence", "protocol"):
        files = [file for file in sorted((root / name).rglob("*")) if file.suffix in DATA]
        for file in files:
            digest.update(f"{file.relative_to(root).as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _hash_of(root: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        text = code(file.read_text(encoding="utf-8"))
        digest.update(f"{file.relative_to(root).as_posix()}\n{text}\n".encode())
    return digest.hexdigest()
