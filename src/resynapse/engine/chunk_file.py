"""How is one array of a finished chunk read without reading the others, thousands of chunks long?

A chunk is a file of NumPy's, a zip archive without compression. Where its arrays lie is read once
and kept as three numbers an array: some 90 quantities of a run are put together one after the
other, each from every chunk, and finding them again each time took longer than reading them.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import numpy as np

from resynapse.engine.checkpoint_error import CheckpointError

ENDING = ".npy"
HEAD = struct.Struct("<4s5H3I2H")
"""before an array stand so many bytes, the last two numbers being the lengths of name and extra"""
SIGNATURE = b"PK\x03\x04"


class ChunkFile(Mapping[str, np.ndarray]):
    """The arrays of a file by name; each is read, and its checksum looked at, when asked for."""

    def __init__(self, number: int, file: Path) -> None:
        self.number, self.file = number, file

    def __getitem__(self, name: str) -> np.ndarray:
        at, size, checksum = self._places[self._names[name]]
        try:
            content = self._content(at, size)
            if zlib.crc32(content) != checksum:
                raise BadZipFile(f"bad checksum of {name}")
            return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
        except (OSError, ValueError, BadZipFile, struct.error) as error:
            raise self._bad(error) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def _entries(self) -> tuple[dict[str, int], np.ndarray]:
        """Name -> row, and rows of offset, bytes and checksum."""
        try:
            with ZipFile(self.file) as archive:
                found = archive.infolist()
        except (OSError, ValueError, BadZipFile, NotImplementedError) as error:
            raise self._bad(error) from error  # the last: a damaged entry asks for a newer zip
        places = np.array([(one.header_offset, one.file_size, one.CRC) for one in found])
        return _rows(tuple(one.filename for one in found)), places

    @property
    def _names(self) -> dict[str, int]:
        return self._entries[0]

    @property
    def _places(self) -> np.ndarray:
        return self._entries[1]

    def _content(self, at: int, size: int) -> bytes:
        with self.file.open("rb") as file:
            file.seek(at)
            signature, *_, name, extra = HEAD.unpack(file.read(HEAD.size))
            if signature != SIGNATURE:
                raise BadZipFile(f"no array at byte {at}")
            file.seek(name + extra, io.SEEK_CUR)
            return file.read(size)

    def _bad(self, error: Exception) -> CheckpointError:
        return CheckpointError(
            f"{self.file}, chunk {self.number} of this run, has gone bad since it was written "
            f"({error}); resume the run, and it is done again."
        )


@lru_cache(maxsize=8)
def _rows(files: tuple[str, ...]) -> dict[str, int]:
    """Name of an array -> its place among them; the same object for all chunks of a run."""
    return {file.removesuffix(ENDING): row for row, file in enumerate(files)}
