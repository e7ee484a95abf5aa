"""How do many people run through kernels made from plain differential equations?"""

from __future__ import annotations

import hashlib
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.engine.dynamics import march
from resynapse.engine.dynamics.program import Program, per_step
from resynapse.engine.dynamics.rule import CLASSIC, Rule
from resynapse.engine.dynamics.system import Seen, Timetable
from resynapse.engine.native.build import Loaded, machine_code
from resynapse.engine.native.emit import Places, emit
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kept import remembered, sources
from resynapse.engine.native.kinetics import TILE, Pattern, product_kernels
from resynapse.engine.native.processor import processor
from resynapse.engine.native.program import NARROW, columns, never

SIDE_BY_SIDE = 8
"""people of one turn of a loop"""
_LINE = 64
"""bytes of a line of the cache"""


class Made(NamedTuple):
    """Everything that is found out and compiled before people run; kept between starts."""

    graph: Graph
    places: Places
    drawn: Graph
    """operations of ``setup``"""
    drawn_places: Places
    at: dict[str, range]
    rows: int
    pattern: Pattern | None
    size: int
    """amounts"""
    matrix: int
    """entries of a patient's matrix"""
    gaps: list[float]
    events: bool
    code: dict[str, bytes]


def made(system: Any, table: Timetable, rule: Rule, stride: int, vector: int) -> Made:
    """The kernels for such equations and such a timetable, from before or made now."""
    key = "\n".join(
        (str(jax.tree.structure(system)), str(never(per_step(table), 1)), str(rule), sources(),
         processor(), f"{stride} {vector}")
    )  # fmt: skip
    name = hashlib.sha256(key.encode()).hexdigest()
    kept = remembered(name, lambda: pickle.dumps(_make(system, table, rule, stride, vector)))
    return pickle.loads(kept)


def _make(system: Any, table: Timetable, rule: Rule, stride: int, vector: int) -> Made:
    program = Program(system, rule, table, stride, vector)
    drawn, kernel, places = program.setup()
    code = {
        name: machine_code(emit(program.graph, one, program.places))
        for name, one in program.kernels.items()
    }
    code["setup"] = machine_code(emit(drawn, kernel, places))
    for graph, one, where in product_kernels(program.pattern, "0") if program.pattern else ():
        code[one.name] = machine_code(emit(graph, one, where))
    return Made(
        program.graph, program.places, drawn, places, program.at, program.rows.count,
        program.pattern, program.size, len(program.matrix), program.gaps, program.events, code,
    )  # fmt: skip


class Native:
    """Equations and a timetable, ready for people; ``lanes`` of them stay in a near cache."""

    def __init__(
        self, system: Any, table: Timetable, seed: int, rule: Rule = CLASSIC, lanes: int = 128,
        vector: int = SIDE_BY_SIDE,
    ) -> None:  # fmt: skip
        self.table, self.lanes, self.stride = table, lanes, lanes + 8
        self.made = made(system, table, rule, self.stride, vector)
        self.shared = columns(system, "system") | {"seed": np.uint32(seed)}
        self.loaded = Loaded(self.made.code)
        self.code, self.rows, self.path = self._code(self.made.code), self._rows(), self._path()
        self.run = self._values(self.made.graph, self.made.places.run)
        self.drawn = self._values(self.made.drawn, self.made.drawn_places.run)

    def _code(self, made: dict[str, bytes]) -> march.Code:
        def at(name: str) -> int:
            return self.loaded.address(name) if name in made else 0

        names = ("setup", "free", "infused", "seen", "part", "locate", "fire")
        products = (
            np.array([at(f"{kind}_0"), at(f"{kind}_back_0")], np.int64)
            for kind in ("taylor", "last", "square")
        )
        return march.Code(*map(at, names), *products)

    def _rows(self) -> march.Rows:
        at = self.made.at
        singles = {n: at[n][0] for n in ("begin", "share", "met", "along", "time", "key")}
        return march.Rows(
            **singles, joint=at["joint"].start, tried=at["tried"].start,
            joint_many=len(at["joint"]), risk=at["risk"].start, risk_many=len(at["risk"]),
            amounts=at["amounts"].start, amounts_many=len(at["amounts"]),
            matrix=at["matrix"].start, exact=at["exact0"].start, seen=at["seen"].start,
            seen_many=len(at["seen"]),
        )  # fmt: skip

    def _path(self) -> march.Path:
        table, pattern, gaps = self.table, self.made.pattern, np.array(self.made.gaps)
        lengths, which = np.unique(np.round(table.step, 12), return_inverse=True)
        none = np.zeros(0, np.int64)
        inside = none if pattern is None else np.flatnonzero(pattern.row < self.made.size)
        return march.Path(
            time=table.time, step=table.step, infused=table.inflow != 0.0,
            record=table.record.astype(np.int64), length=which.astype(np.int64),
            table=self._steps(), days=np.outer(lengths, gaps).ravel(), entries=inside,
            diagonal=none if pattern is None else pattern.diagonal, gaps=len(gaps),
            pattern=self.made.matrix,
        )  # fmt: skip

    def _steps(self) -> np.ndarray:
        places, graph = self.made.places.step, self.made.graph
        steps = per_step(self.table)
        named = {
            k: v for name, values in steps.items() for k, v in columns(values, name, 1).items()
        }
        values = evaluate(graph, list(places), self.shared | named)
        made = np.zeros((len(self.table.step), max(1, len(places))))
        for number, entry in places.items():
            made[:, entry] = values[number]
        return made

    def _values(self, graph: Graph, places: dict[int, int]) -> np.ndarray:
        values = evaluate(graph, list(places), self.shared)
        made = np.zeros(max(1, len(places)))
        for number, entry in places.items():
            made[entry] = float(values[number])
        return made

    def arena_after(self, keys: np.ndarray, records: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """The arena when blocks of people, [blocks, lanes], have gone from beginning to end."""
        arena = aligned(self.made.rows, self.stride)
        narrow = aligned(self.made.rows, NARROW)
        tile = aligned(max(1, 3 * self.made.matrix), TILE)
        march.through(
            self.code, self.rows, self.path, self.made.events, self.run, self.drawn,
            keys, arena, narrow, tile, records, ends,
        )  # fmt: skip
        return arena

    def through(self, first: int, count: int, threads: int = 1) -> Seen:
        """People of the numbers from ``first`` on, from beginning to end."""
        blocks = -(-count // self.lanes)
        keys = first + np.arange(blocks * self.lanes, dtype=np.float64).reshape(blocks, -1)
        quantities = len(self.made.at["seen"])
        records = np.empty((blocks, self.table.records, quantities, self.lanes))
        ends = np.empty((blocks, 2, self.lanes))

        def some(part: slice) -> None:
            self.arena_after(keys[part], records[part], ends[part])

        cut = np.linspace(0, blocks, min(threads, blocks) + 1).astype(int)
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(some, map(slice, cut[:-1], cut[1:])))
        happened, when = (np.moveaxis(ends, 1, 0).reshape(2, -1))[:, :count]
        last = blocks * self.lanes - count
        groups = [*records[:-1], records[-1, :, :, : self.lanes - last]]
        return Seen(tuple(groups), when, happened)


def aligned(rows: int, lanes: int) -> np.ndarray:
    """Zeros that begin at the start of a line of the cache."""
    raw = np.zeros(rows * lanes * 8 + _LINE, np.uint8)
    skip = -raw.ctypes.data % _LINE
    return raw[skip : skip + rows * lanes * 8].view(np.float64).reshape(rows, lanes)
