"""How do all pieces of a run come together, whoever does them and however often it is killed?"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from resynapse.engine.checkpoint import Checkpoint, sha256
from resynapse.protocol import dump
from resynapse.trial.everyone import Arrays
from resynapse.trial.spread import Spread
from resynapse.trial.work import Piece, Work, chunk_size

Listener = Callable[[float, str], None]
"""hears the share that is done, 0 to 1, and what is being done"""
MADE_BY = "made_by"

log = logging.getLogger(__name__)


class Kept(Protocol):
    """Where finished pieces are put."""

    damaged: list[int]
    """pieces that were there but are not whole"""

    def __contains__(self, number: int) -> bool: ...
    def put(self, number: int, arrays: Arrays) -> None: ...
    def get(self, number: int) -> Arrays: ...
    def close(self) -> None: ...


class Memory:
    """Finished pieces of a run that nobody wants to resume."""

    def __init__(self) -> None:
        self.damaged: list[int] = []
        self._pieces: dict[int, Arrays] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._pieces

    def put(self, number: int, arrays: Arrays) -> None:
        """Keep a finished piece."""
        self._pieces[number] = arrays

    def get(self, number: int) -> Arrays:
        """A finished piece."""
        return self._pieces[number]

    def close(self) -> None:
        """Nothing is held outside of memory."""


@contextmanager
def kept_in(folder: Path | str | None, asked: Mapping[str, Any]) -> Iterator[Kept]:
    """Pieces in this folder, or in memory."""
    with closing(Memory() if folder is None else Checkpoint(folder, asked)) as kept:
        yield kept


def gather(work: Work, kept: Kept, spread: Spread, listener: Listener | None) -> None:
    """Do every piece that is not there yet, and put it there."""
    pieces = work.pieces()
    for number in kept.damaged:
        log.warning("Chunk %d, %s, was damaged; it is done again.", number, pieces[number])
    heard = _Progress(listener, pieces, kept)
    for piece, arrays, by in spread(work, [one for one in pieces if one.number not in kept]):
        kept.put(piece.number, {**arrays, MADE_BY: np.array(by)})
        heard(piece)


def made_by(work: Work, kept: Kept) -> dict[str, int]:
    """Version and processor -> number of pieces; equal bits are promised within one of them."""
    return dict(Counter(str(kept.get(piece.number)[MADE_BY]) for piece in work.pieces()))


def asked_for(work: Work, made: dict[str, Any], wishes: dict[str, Any]) -> dict[str, Any]:
    """What a run was asked for and is made with: enough to go on with it, and nothing else may."""
    table = work.protocol.population.csv
    return {
        "protocol": dump(work.protocol),
        "table of people": None if table is None else sha256(Path(table)),
        "patients": work.count,
        "seed": work.seed,
        "draws": work.draws,
        "backend": work.backend,
        **wishes,
        "held": work.held,
        "chunk": chunk_size(work.count),
        **{name: made[name] for name in ("version", "commit", "parameter_hash")},
    }


class _Progress:
    """Tells a listener how many people of all have arrived."""

    def __init__(self, listener: Listener | None, pieces: list[Piece], kept: Kept) -> None:
        self.listener, self.total = listener, sum(piece.people for piece in pieces)
        self.arrived = sum(piece.people for piece in pieces if piece.number in kept)

    def __call__(self, piece: Piece) -> None:
        self.arrived += piece.people
        if self.listener is not None:
            self.listener(self.arrived / self.total, piece.part)
