"""Work of which every process notes what it does, and one process dies in the middle."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from resynapse.trial.everyone import Arrays
from resynapse.trial.work import Piece, Work

LONG = 120.0
"""seconds after which nobody waits any longer"""


@dataclass
class NotedWork(Work):
    """The first process to begin its second piece kills itself there, once its first is collected.

    So which pieces are lost does not depend on who is quick.
    """

    notes: str = ""
    """an empty folder"""

    def do(self, piece: Piece) -> Arrays:
        """The piece, noted as it begins; one is never finished by the process that dies."""
        folder, own = Path(self.notes), os.getpid()
        before = [begun for by, begun in begun_by(folder) if by == own]
        with (folder / "begun").open("a") as file:
            file.write(f"{own} {piece.number}\n")
        if before and _chosen(folder / "dies"):
            (folder / "dies").write_text(f"{own} {piece.number}")
            _wait_for(folder / f"collected-{before[0]}")
            os.kill(own, signal.SIGKILL)
        return super().do(piece)


def begun_by(folder: Path) -> list[tuple[int, int]]:
    """Which process began which piece, in order."""
    file = folder / "begun"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(int(by), int(number)) for by, number in map(str.split, lines)]


def collected(folder: Path, piece: Piece) -> None:
    """Note that what the piece leaves behind has arrived."""
    (folder / f"collected-{piece.number}").touch()


def begins(folder: Path) -> Counter[int]:
    """How often each piece was begun."""
    return Counter(number for _, number in begun_by(folder))


def lost(folder: Path) -> tuple[int, int]:
    """The process that died, and the piece that it died over."""
    by, number = (folder / "dies").read_text().split()
    return int(by), int(number)


def _chosen(file: Path) -> bool:
    """True for the first who asks."""
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _wait_for(file: Path) -> None:
    """Until it is there."""
    end = time.monotonic() + LONG
    while not file.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"{file} never came")
        time.sleep(0.01)
