"""How is what took long kept on disk, so that a call that was stopped goes on where it was?"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from resynapse import engine
from resynapse.engine.cache import folder, made_again, not_kept
from resynapse.trial.model_hash import code


def kept(kind: str, key: Sequence[Any], make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array of this key: read if it was made before, else made and kept.

    ``key`` holds all that the array depends on, as JSON, but for the engine, whose code is always
    part of it: its steps move what is simulated. A file is written whole or not at all.
    """
    store = folder(kind)
    if store is None:
        return make()
    name = hashlib.sha256(json.dumps([*key, engine_hash()]).encode()).hexdigest()[:24]
    place = store / f"{name}.npy"
    if place.exists():
        try:
            return np.asarray(np.load(place))
        except (OSError, ValueError, EOFError):
            made_again(place)
    found = make()
    part = store / f"{name}.{os.getpid()}.part.npy"
    try:
        np.save(part, found)
        part.rename(place)
    except OSError as error:
        part.unlink(missing_ok=True)
        not_kept(store.parent, error)
    return found


@cache
def method_hash() -> str:
    """SHA-256 of the code that infers: what another way of inferring left is not read."""
    return _hash_of(Path(__file__).parent)


@cache
def engine_hash() -> str:
    """SHA-256 of the code of the engine: what was simulated on other steps is not read."""
    return _hash_of(Path(engine.__file__).parent)


def _hash_of(root: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        text = code(file.read_text(encoding="utf-8"))
        digest.update(f"{file.relative_to(root).as_posix()}\n{text}\n".encode())
    return digest.hexdigest()
