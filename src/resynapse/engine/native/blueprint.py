"""What must be known of a model to run it, once its kernels are made; kept between starts."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from resynapse.engine.native.build import Loaded, machine_code
from resynapse.engine.native.described import described
from resynapse.engine.native.emit import Kernel, Places, emit
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kept import found, remembered, sources
from resynapse.engine.native.kinetics import Block, Pattern, product_kernels
from resynapse.engine.native.processor import processor
from resynapse.engine.native.program import STEP_FIELDS, Layout, Program, never
from resynapse.engine.plan import Course


@dataclass(frozen=True)
class Flow:
    """A linear block: its first row among the amounts, its matrix, and what of it is needed."""

    number: int
    place: int
    block: Block
    pattern: Pattern


@dataclass(frozen=True)
class Blueprint:
    """A model's kernels and where their values stand; the same for arms that look alike."""

    graph: Graph
    """of the operations that no kernel does"""
    layout: Layout
    rows: int
    begin: Any
    """nodes of the lane at the beginning, as a lane"""
    patient: dict[int, int]
    """nodes that differ between patients only -> their rows"""
    run: list[int]
    """nodes that the kernels read, in order: the same for a whole run"""
    step: list[int]
    """the same, from step to step"""
    segment: list[int]
    """the same, from segment to segment"""
    fired: np.ndarray
    """rows of the lane that events change"""
    gathered: np.ndarray
    """rows that the way through an event needs"""
    flows: list[Flow]
    kinds: list[tuple[str, ...]]
    """for each kind of step, the kernels for a whole one and for a part; where drugs drive states,
    for these alone and for the others beside them"""
    code: dict[str, bytes]


@dataclass(frozen=True)
class Running:
    """A blueprint and its machine code, ready."""

    key: str
    """of all that they were made from"""
    blueprint: Blueprint
    loaded: Loaded


_ready: dict[tuple, Running] = {}
"""by what they must have alike"""
_making = threading.Lock()
_compiling = threading.Event()


def compiling() -> bool:
    """Whether machine code of some model is being made at this moment."""
    return _compiling.is_set()


def running(
    system: Any, arm: Any, person: Any, course: Course, kinds: np.ndarray, single: bool = False
) -> Running:
    """The kernels for such an arm, from before or made now; ``single``: steps in 32 bits."""
    step = {name: getattr(course.plan, name) for name in STEP_FIELDS}
    absent = never(step, 1) + never(course.segments.nodes, 1)
    alike = jax.tree.structure((system, arm, person)), absent, str(kinds.tolist()), single
    with _making:
        if alike not in _ready:
            parts = (*map(str, alike), sources(), processor())
            key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
            kept = remembered(key, lambda: _announced(system, arm, person, course, kinds, single))
            blueprint = pickle.loads(kept)
            _ready[alike] = Running(key, blueprint, Loaded(blueprint.code))
        return _ready[alike]


def _announced(*model: Any) -> bytes:
    """A new blueprint as bytes; ``compiling`` says so meanwhile."""
    _compiling.set()
    try:
        return pickle.dumps(_make(*model))
    finally:
        _compiling.clear()


def _make(
    system: Any, arm: Any, person: Any, course: Course, kinds: np.ndarray, single: bool
) -> Blueprint:
    program = Program(system, arm, person, course, single)
    names, flows, code = _written(program, kinds)
    layout, fired = program.layout, sorted(program.kernels["fire"].outputs)
    read = program.read_rows("fire", "goal", *(name for kind in names for name in kind))
    inner = [layout.goal, layout.forced, layout.share, layout.which, layout.begin, layout.length]
    inner += [layout.now, layout.until, layout.left, layout.taken]
    inner += [*layout.driven, *layout.way, *layout.tried]
    gathered = np.setdiff1d(np.union1d(np.union1d(read, fired), layout.changed), inner)
    made = Blueprint(
        graph=program.graph, layout=layout, rows=program.rows.count,
        begin=jax.tree.map(int, program.first), patient=program.patient_rows(),
        run=list(program.step_places.run), step=list(program.step_places.step),
        segment=list(program.segment_places.step), fired=np.array(fired, np.int64),
        gathered=gathered.astype(np.int64), flows=flows,
        kinds=names, code=code,
    )  # fmt: skip
    return replace(made, graph=program.graph.only(_asked(made)))


def _asked(made: Blueprint) -> list[int]:
    """Nodes whose values are asked for outside of kernels."""
    flows = [int(n) for flow in made.flows for n in flow.block.wanted(flow.pattern)]
    found = [*jax.tree.leaves(made.begin), *made.patient, *made.run, *made.step, *made.segment]
    return found + flows


def _written(
    program: Program, kinds: np.ndarray
) -> tuple[list[tuple[str, ...]], list[Flow], dict[str, bytes]]:
    """Kernels of each kind of step, linear blocks, and all machine code.

    LLVM makes code of one kernel while the next is written: it does not hold up Python. A kernel
    that another model has too is not written again.
    """
    made: dict[str, Future[bytes]] = {}
    with ThreadPoolExecutor(1) as compiler:

        def send(graph: Graph, kernel: Kernel, places: Places) -> None:
            if kernel.name not in made:
                key = described(graph, kernel, places)
                code = found(key)
                made[kernel.name] = (
                    compiler.submit(machine_code, str(emit(graph, kernel, places)), key)
                    if code is None
                    else compiler.submit(bytes, code)
                )

        names = []
        for flags in kinds:
            names.append(program.step_kernels(tuple(map(bool, flags))))
            for name, kernel in program.kernels.items():
                send(program.graph, kernel, program.places(name))
        flows = list(_flows(program, kinds.any(axis=0)[:-1]))
        for flow in flows:
            for written in product_kernels(flow.pattern, str(flow.number)):
                send(*written)
    return names, flows, {name: code.result() for name, code in made.items()}


def _flows(program: Program, present: np.ndarray) -> Iterator[Flow]:
    """Blocks whose drug somebody may be given."""
    place, planned = 0, program.kernels["node"].outputs
    for b, zero in enumerate(vars(program.amounts).values()):
        size = program.blocks[b]
        given = {k for k in range(size) if program.before[place + k] in planned}
        inflow = program.kernels["inflow"].outputs[program.layout.inflow[b]]
        infused = program.graph.value(inflow) is None
        if (given or infused) and present[b]:
            block = Block(program.graph, b, zero, program.system, program.arm, program.person)
            yield Flow(b, place, block, block.pattern(given, infused))
        place += size
