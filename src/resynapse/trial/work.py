"""Which pieces is a run made of, so that each may be done anywhere, at any time, and only once?

A piece is a chunk of people in one arm under one hypothesis, or one draw of the parameters. It is a
pure function of the protocol, the parameters, the seed and its place: who does it, when, and beside
what else changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pickle import loads

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.cache import keep_compiled
from resynapse.patient import Patient
from resynapse.protocol import Protocol
from resynapse.trial.arm_run import CHUNK, DivergenceError, Passage
from resynapse.trial.conduct import THREADS, Conduct
from resynapse.trial.everyone import Arrays, Everyone, Keep
from resynapse.trial.knowledge import PEOPLE, one_draw
from resynapse.trial.parameter_set import ParameterSet
from resynapse.trial.provenance import version

DRAW = "width of knowledge"
"""the part of a run in which parameters are drawn"""
LEAST, PARTS = 512, 8
"""people of the smallest chunk, and chunks of an arm of a run of middle size"""


@dataclass(frozen=True)
class Piece:
    """A chunk of people of one arm, or a draw of the parameters."""

    number: int
    """place among all pieces of the run"""
    part: str
    """a hypothesis, or ``DRAW``"""
    arm: str
    first: int
    """number of its first person, or of the draw"""
    people: int
    """how many people go through arms for it"""

    def __str__(self) -> str:
        if self.part == DRAW:
            return f"draw {self.first} of the parameters"
        last = self.first + self.people - 1
        return f"people {self.first} to {last} of arm {self.arm} ({self.part})"


@dataclass(frozen=True)
class World:
    """A hypothesis: parameters, and how the arms feel under them."""

    patient: Patient
    felt: dict[str, ArmsFelt]
    command: str = "resynapse run"
    """what runs it again; --patient KEY replays one person"""


@dataclass
class Work:
    """Everything that a piece of the run depends on but its own place."""

    protocol: Protocol
    worlds: dict[str, World]
    seed: int
    count: int
    draws: int
    fixed: dict[str, float]
    """parameters that draws leave as they were set"""
    backend: str
    held: int
    """people whose rows and days of use are kept under every hypothesis"""
    fitted: ParameterSet | None = None
    """where the fitted parameters are drawn from, if not from their priors"""
    threads: int = THREADS
    cut: int = 1
    """in how many every step of the grid's rule is cut"""
    _ready: dict[tuple[str, str], Passage] = field(default_factory=dict, repr=False)
    _conducts: dict[str, Conduct] = field(default_factory=dict, repr=False)

    def __getstate__(self) -> dict:
        """What another process needs; it makes the engine ready itself."""
        return self.__dict__ | {"_ready": {}, "_conducts": {}}

    def pieces(self) -> list[Piece]:
        """All pieces, in order."""
        return [Piece(number, *one) for number, one in enumerate([*self._chunks(), *self._draws()])]

    def _chunks(self) -> Iterator[tuple[str, str, int, int]]:
        size = chunk_size(self.count)
        for part in self.worlds:
            for arm in self.protocol.arms:
                for first in range(0, self.count, size):
                    yield part, arm.id, first, min(size, self.count - first)

    def _draws(self) -> Iterator[tuple[str, str, int, int]]:
        people = PEOPLE * len(self.protocol.arms)
        return ((DRAW, "", number, people) for number in range(self.draws))

    def do(self, piece: Piece) -> Arrays:
        """What a piece leaves behind."""
        if piece.part == DRAW:
            patient = next(iter(self.worlds.values())).patient
            return one_draw(self.protocol, patient, self.seed, piece.first, self.fixed, self.fitted)
        keep = Keep(self.held, rows=piece.part == next(iter(self.worlds)))
        try:
            return self.passage(piece.part, piece.arm).take(piece.first, piece.people, keep)
        except DivergenceError as error:
            grid = "" if self.cut == 1 else f" --grid {self.cut}"
            again = f"{self.worlds[piece.part].command}{grid} --patient {error.key}"
            said = f"{error.message} To see this person alone: {again}"
            raise DivergenceError(said, error.key) from error

    def passage(self, part: str, arm: str) -> Passage:
        """How people go through one arm under one hypothesis; made ready once a process."""
        place = part, arm
        if place not in self._ready:
            felt = self.worlds[part].felt[arm]
            self._ready[place] = Passage.of(self._conduct(part), self.protocol.arm(arm), felt)
        return self._ready[place]

    def _conduct(self, part: str) -> Conduct:
        """The same for all arms under a hypothesis, which have the same people."""
        if part not in self._conducts:
            self._conducts[part] = Conduct(
                self.protocol, self.worlds[part].patient, self.seed, backend=self.backend,
                threads=self.threads, cut=self.cut,
            )  # fmt: skip
        return self._conducts[part]

    def everyone(self, part: str, arm: str, read: Callable[[int], Arrays]) -> Everyone:
        """All people of one arm under one hypothesis; ``read`` gives back a piece by number."""
        numbers = [p.number for p in self.pieces() if (p.part, p.arm) == (part, arm)]
        return Everyone([lambda number=number: read(number) for number in numbers])


def chunk_size(count: int) -> int:
    """People of a chunk: a small run is cut too, so that its workers have something to share."""
    return min(CHUNK, LEAST * -(-count // (PARTS * LEAST)))


def do_elsewhere(packed: bytes, piece: Piece) -> tuple[Arrays, str]:
    """A piece done in another process, from work that came over a wire; and by which processor."""
    return _unpacked(packed).do(piece), made_by()


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Work:
    keep_compiled()
    return loads(packed)


def made_by() -> str:
    """The processor of this machine and this version: what equal bits are promised within."""
    from resynapse.engine.native.processor import processor

    return f"{version()} on {processor().split()[0]}"
