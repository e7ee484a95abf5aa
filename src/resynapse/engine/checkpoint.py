"""Where is finished work kept, so that a run killed at any moment goes on from there?

A folder holds ``asked.json``, written first, and a file for every chunk that is finished. A file is
written under another name, forced to the disk and renamed, and its name carries the SHA-256 of what
is in it: what is half-written or was changed later is not taken for a chunk.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from resynapse.engine.checkpoint_error import CheckpointError
from resynapse.engine.chunk_file import ChunkFile

ASKED = "asked.json"
LOCK = "lock"
HALF = "half-written"
"""what is being written has this name; a chunk is written by one process at a time"""
NAME = re.compile(r"(\d{8})\.([0-9a-f]{64})\.npz")
BLOCK_BYTES = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)

Arrays = Mapping[str, np.ndarray]


class Checkpoint:
    """A folder of finished chunks, in the hands of this process alone until it is closed."""

    def __init__(self, folder: Path | str, asked: Mapping[str, Any]) -> None:
        """Begin, or go on with, what was asked for; what differs from it is refused."""
        self.folder = Path(folder).absolute()
        self.files: dict[int, Path] = {}
        self.damaged: list[int] = []
        self._open: dict[int, ChunkFile] = {}
        with self._explained():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder / LOCK)
            try:
                self._agree(json.loads(json.dumps(asked)))
                self._look()
            except BaseException:
                self._lock.close()
                raise

    def __contains__(self, number: int) -> bool:
        return number in self.files

    def put(self, number: int, arrays: Arrays) -> None:
        """Keep a finished chunk."""
        text = io.BytesIO()
        np.savez(text, **arrays)
        content = text.getbuffer()
        digest = hashlib.sha256(content).hexdigest()
        file = self.folder / f"{number:08d}.{digest}.npz"
        with self._explained():
            _write(file, content)
        self.files[number] = file

    def get(self, number: int) -> Arrays:
        """A chunk; each array is read, and its own checksum looked at, when it is asked for."""
        file = self.files[number]
        chunk = self._open.get(number)
        if chunk is None or chunk.file != file:
            chunk = self._open[number] = ChunkFile(number, file)
        return chunk

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()

    def remove(self) -> None:
        """Delete the folder: what was kept in it stands elsewhere now."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()

    def _agree(self, asked: dict[str, Any]) -> None:
        file = self.folder / ASKED
        if not file.exists():
            for left in self.folder.glob("*.npz"):
                left.unlink()  # of a run that died while it was put away: nobody knows of which
            _write(file, json.dumps(asked, indent=1).encode())
            return
        before = read_asked(self.folder)
        other = [name for name in asked if before.get(name) != asked[name]]
        if other:
            raise CheckpointError(
                f"{self.folder} was begun with another {' and another '.join(other)}, so its chunks"
                " do not belong to this run; give what it was begun with, or another folder."
            )

    def _look(self) -> None:
        """Which chunks are whole; the rest goes, and is done again."""
        for path in sorted(self.folder.iterdir()):
            match = NAME.fullmatch(path.name)
            if match and sha256(path) == match[2]:
                self.files[int(match[1])] = path
            elif match:
                self.damaged.append(int(match[1]))
                path.unlink()
        self.damaged = [number for number in self.damaged if number not in self.files]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the disk says into one sentence."""
        try:
            yield
        except OSError as error:
            raise CheckpointError(_sentence(error, self.folder)) from error


def read_asked(folder: Path | str) -> dict[str, Any]:
    """What the run that this folder belongs to was asked for."""
    file = Path(folder) / ASKED
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{folder} holds no run that could go on: {ASKED}, which is written first, is missing;"
            " run the protocol again."
        ) from error
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{file} cannot be read ({error}); run the protocol again with another folder."
        ) from error
    return found


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def to_disk(path: Path) -> None:
    """Wait until it would survive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(file: Path, content: bytes | memoryview) -> None:
    half = file.with_name(HALF)
    half.write_bytes(content)
    to_disk(half)
    os.replace(half, file)
    to_disk(file.parent)


def _locked(path: Path) -> IO[str]:
    """The lock of a folder; the system lets go of it when the process ends, however it ends."""
    import fcntl

    lock = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        lock.close()
        raise CheckpointError(
            f"{path.parent} is being written by {holder}; wait for it to end, or choose another "
            "folder."
        ) from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()} on {socket.gethostname()}")
    lock.flush()
    return lock


def _sentence(error: OSError, folder: Path) -> str:
    if error.errno in FULL:
        return (
            f"The disk that holds {folder} is full; finished chunks are kept: free some space and "
            "resume the run."
        )
    if error.errno in REFUSED:
        return f"{folder} may not be written to; change its rights or choose another folder."
    reason = error.strerror or str(error)
    return f"{folder} cannot be used ({reason}); choose another folder."
