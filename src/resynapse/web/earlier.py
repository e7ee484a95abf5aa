"""What did an earlier start of this very program answer to the first questions of a page?

The page opens on the same example at every start, so what it asks first has the same answer. It is
kept in the cache folder as it was sent, and given before the model is loaded.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs

from resynapse.web.this_program import this_program

VARIABLE = "RESYNAPSE_CACHE"
"""as ``engine.cache`` has it, which cannot be asked here: it loads JAX"""
KIND = "native"
DIGEST = 32
"""bytes of checksum before what is kept, as ``engine.native.kept`` writes them"""
EXAMPLE, SCHEMA, SIMULATE = "/api/example", "/api/schema", "/api/simulate"
MOST = 12
"""questions that are kept by one start: those of a page on a wide and on a narrow screen are six"""
AHEAD = "x-ahead"
"""header of a question that is not asked yet: its answer is kept for the one who may ask it"""
SAID = {"x-kept": "1"}
"""header of an answer that was kept from an earlier start"""


class Earlier:
    """Answers as they were sent, each under its question and all that it can depend on."""

    def __init__(self, parameters: str) -> None:
        """``parameters``: those that the server was started with."""
        self._parameters = parameters
        self._program = this_program(parameters)
        self._kept: set[str] = set()

    def there(self, path: str, body: bytes = b"") -> bytes | None:
        """The answer to this question, if it is kept and whole; no library is loaded for it."""
        store = _store()
        if store is None:
            return None
        try:
            found = (store / self._key(path, body)[:40]).read_bytes()
        except OSError:
            return None
        whole = hashlib.sha256(found[DIGEST:]).digest() == found[:DIGEST]
        return found[DIGEST:] if whole else None

    def keep(self, path: str, body: bytes, answer: bytes) -> None:
        """Keep an answer that was computed; a damaged one that stood there is named in a line.

        Nothing is kept where a file changed since the start: the answer is of then or of now.
        """
        key = self._key(path, body)
        if key in self._kept or len(self._kept) >= MOST:
            return
        self._kept.add(key)
        if this_program(self._parameters) != self._program:
            return
        from resynapse.engine.native.kept import remembered

        remembered(key, lambda: answer)

    def _key(self, path: str, body: bytes) -> str:
        return hashlib.sha256(f"{self._program}\n{path}\n".encode() + body).hexdigest()


def _store() -> Path | None:
    chosen = os.environ.get(VARIABLE, platformdirs.user_cache_dir("resynapse"))
    return None if chosen == "off" else Path(chosen) / KIND
