"""Where is what was made of the formulas kept between starts, so that a stale one is never used?"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from resynapse.engine.cache import folder, made_again, not_kept

_DIGEST = 32
"""bytes of checksum before what was made"""


def remembered(key: str, make: Callable[[], bytes]) -> bytes:
    """What was made under this key before, if it is whole; otherwise it is made and kept."""
    kept = found(key)
    if kept is None:
        kept = make()
        _write(_file(key), kept)
    return kept


def found(key: str) -> bytes | None:
    """What was made under this key before, if it is whole."""
    return _read(_file(key))


def _file(key: str) -> Path | None:
    place = folder("native")
    return None if place is None else place / key[:40]


@cache
def sources() -> str:
    """Which version of every formula of this package and of every library that makes code of it."""
    return digest_of(Path(__file__).parents[2])


def digest_of(folder: Path) -> str:
    """Of every line of Python in a folder, and of the libraries."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.read_bytes())
    for library in ("equinox", "jax", "llvmlite", "numpy"):
        digest.update(version(library).encode())
    return digest.hexdigest()


def _read(file: Path | None) -> bytes | None:
    """What was kept, if it is whole."""
    if file is None or not file.is_file():
        return None
    try:
        found = file.read_bytes()
    except OSError:
        return None
    digest, code = found[:_DIGEST], found[_DIGEST:]
    if hashlib.sha256(code).digest() == digest:
        return code
    made_again(file)
    return None


def _write(file: Path | None, code: bytes) -> None:
    """Written beside and moved into place: no half is ever read, and a full disk is no fault."""
    if file is None:
        return
    try:
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(code).digest() + code)
        os.replace(name, file)
    except OSError as error:
        not_kept(file.parent.parent, error)
