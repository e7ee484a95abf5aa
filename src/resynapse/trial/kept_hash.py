"""How is a hash of the package's own code and data had again without reading all of it anew?

It is kept in the cache folder under every byte that it could depend on: all code and all YAML of
the package, and the versions of what reads them. Whoever changes one of these finds nothing kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import resynapse
from resynapse.engine.native.kept import remembered, sources

READERS = ("pydantic", "ruamel.yaml")


def kept_hash(what: str, make: Callable[[], str]) -> str:
    """The hash that ``make`` finds from nothing but files of the package; ``what`` names it."""
    key = hashlib.sha256(f"{what}\n{_package()}".encode()).hexdigest()
    found: list[str] = []

    def of_now() -> bytes:
        found.append(make())
        if _package.__wrapped__() != _package():
            raise _Changed
        return found[0].encode()

    try:
        return remembered(key, of_now).decode()
    except _Changed:
        return found[0]


class _Changed(Exception):
    """A file changed since the process began: what was read is of now, its key of before."""


@cache
def _package() -> str:
    """Of every file that a hash can depend on, its place, and of what reads it."""
    folder = Path(resynapse.__file__).parent
    digest = hashlib.sha256(f"{sources()} {python_version()}".encode())
    digest.update("\n".join(sorted(map(str, folder.rglob("*.py")))).encode())
    for file in sorted(folder.rglob("*.yaml")):
        digest.update(f"{file}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    for library in READERS:
        digest.update(version(library).encode())
    return digest.hexdigest()
