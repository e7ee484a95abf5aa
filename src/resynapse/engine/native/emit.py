"""How do the operations of a graph become one loop over patients?

A kernel is a function (arena, run, step, count). The arena holds a row for each value of a patient,
one column a patient, of whom the first ``count`` are done; ``run`` and ``step`` hold what is the
same for all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import llvmlite.ir as ir

from resynapse.engine.native.elementary import Elementary
from resynapse.engine.native.graph import Graph, Level, Node
from resynapse.engine.native.interleave import interleave
from resynapse.engine.native.processor import has_tables
from resynapse.engine.native.vector import CONTRACT, Vector

_POINTER = ir.DoubleType().as_pointer()
_INT = ir.IntType(64)
_RELATIONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=="}
_BYTES = 64
"""a line of the cache, at which the rows of an arena begin"""


@dataclass
class Places:
    """Where values are found: rows of the arena, entries of run and step."""

    rows: dict[int, int]
    """node -> row, for what differs between patients"""
    run: dict[int, int] = field(default_factory=dict)
    """node -> entry; filled as kernels ask"""
    step: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Kernel:
    """Name, and which node goes to which row."""

    name: str
    outputs: dict[int, int]
    """row -> node"""
    columns: int
    """patients that the arena has room for"""
    vector: int
    """how many of them at once"""
    apart: bool = False
    """whether no row that is written is read, so that each can be written at once"""
    single: bool = False
    """whether it calculates in 32 bits"""


def boundary(graph: Graph, kernel: Kernel) -> list[int]:
    """What a kernel needs that is not done within it."""
    return [
        number
        for number in graph.needed(kernel.outputs.values(), Level.LANE)
        if graph[number].level != Level.LANE or graph[number].operation == "input"
    ]


def emit(graph: Graph, kernel: Kernel, places: Places, tables: bool | None = None) -> ir.Module:
    """The kernel as LLVM code; by ``tables`` in registers where the processor has room for them."""
    module = ir.Module(name=kernel.name)
    function = ir.Function(
        module, ir.FunctionType(ir.VoidType(), [_POINTER] * 3 + [_INT]), name=kernel.name
    )
    function.args[0].add_attribute("noalias")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    vector = Vector(builder, kernel.vector, kernel.single)
    functions = Elementary(vector, has_tables() if tables is None else tables)
    writer = _Writer(graph, functions, places, function.args, kernel)
    for number in boundary(graph, kernel):
        writer.before(number)
    if kernel.columns == kernel.vector:
        writer.turn(kernel, ir.Constant(_INT, 0))
        interleave(builder.block)
    else:
        _loop(builder, function, kernel, writer)
    builder.ret_void()
    return module


def _loop(builder: ir.IRBuilder, function: ir.Function, kernel: Kernel, writer: _Writer) -> None:
    """One turn after another until all patients are done."""
    loop, done = (function.append_basic_block(name) for name in ("loop", "done"))
    entry = builder.block
    builder.branch(loop)
    builder.position_at_end(loop)
    first = builder.phi(_INT)
    first.add_incoming(ir.Constant(_INT, 0), entry)
    writer.turn(kernel, first)
    interleave(builder.block)
    following = builder.add(first, ir.Constant(_INT, kernel.vector))
    first.add_incoming(following, loop)
    more = builder.icmp_unsigned("<", following, function.args[3])
    builder.cbranch(more, loop, done)
    builder.position_at_end(done)


class _Writer:
    """Writes one operation after another."""

    def __init__(self, graph, functions, places, arguments, kernel):
        self.graph, self.places, self.columns = graph, places, kernel.columns
        self.arena, self.run, self.step, _ = arguments
        self.f, self.v, self.b = functions, functions.v, functions.v.b
        self.values: dict[int, ir.Value] = {}
        self.first: ir.Value | None = None

    def turn(self, kernel: Kernel, first: ir.Value) -> None:
        """All operations for some patients; nothing is overwritten before all is read."""
        self.first = first
        for row, number in kernel.outputs.items():
            self.reach(number)
            if kernel.apart:
                self.store(row, number)
        for row, number in {} if kernel.apart else kernel.outputs.items():
            self.store(row, number)

    def reach(self, wanted: int) -> None:
        """What leads to a node, each operation just before it is first needed."""
        waiting = [wanted]
        while waiting:
            number = waiting[-1]
            node = self.graph[number]
            inner = number not in self.values and node.level == Level.LANE
            missing = (
                [a for a in node.arguments if a not in self.values]
                if inner and node.operation != "input"
                else []
            )
            if missing:
                waiting += missing[::-1]
                continue
            waiting.pop()
            self.within(number)

    def before(self, number: int) -> None:
        """What is the same for all patients is read before the loop."""
        node = self.graph[number]
        if node.operation == "constant":
            self.values[number] = self.constant(node)
        elif node.level in (Level.RUN, Level.STEP):
            table = self.places.run if node.level == Level.RUN else self.places.step
            entry = table.setdefault(number, len(table))
            where = self.run if node.level == Level.RUN else self.step
            value = self.b.load(self.b.gep(where, [ir.Constant(_INT, entry)]))
            one = self.b.insert_element(
                ir.Constant(self.v.kept, ir.Undefined), value, ir.Constant(ir.IntType(32), 0)
            )
            mask = ir.Constant(self.v.words, [0] * self.v.lanes)
            spread = self.b.shuffle_vector(one, ir.Constant(self.v.kept, ir.Undefined), mask)
            self.values[number] = self.typed(self.v.fetched(spread), node.kind)

    def within(self, number: int) -> None:
        """What differs between patients is read or done in the loop."""
        node = self.graph[number]
        if number in self.values:
            return
        if node.level != Level.LANE or node.operation == "input":
            row = self.places.rows[number]
            kept = self.b.load(self.row(row), align=_BYTES)
            self.values[number] = self.typed(self.v.fetched(kept), node.kind)
            return
        self.values[number] = self.operation(node, [self.values[a] for a in node.arguments])

    def row(self, row: int) -> ir.Value:
        place = self.b.add(ir.Constant(_INT, row * self.columns), self.first)
        return self.b.bitcast(self.b.gep(self.arena, [place]), self.v.kept.as_pointer())

    def store(self, row: int, number: int) -> None:
        value, kind = self.values[number], self.graph[number].kind
        if kind == "b":
            value = self.b.select(value, self.v.real(1.0), self.v.real(0.0))
        elif kind in "ui":
            value = self.b.uitofp(value, self.v.reals)
        self.b.store(self.v.returned(value), self.row(row), align=_BYTES)

    def typed(self, value: ir.Value, kind: str) -> ir.Value:
        """A number that was kept as a real one, as what it is."""
        if kind == "b":
            return self.b.fcmp_ordered("!=", value, self.v.real(0.0))
        return self.b.fptoui(value, self.v.words) if kind in "ui" else value

    def constant(self, node: Node) -> ir.Value:
        value = node.arguments[0]
        if node.kind == "f":
            return self.v.real(float(value) if math.isfinite(value) else value)
        if node.kind == "b":
            return ir.Constant(self.v.truths, [int(value)] * self.v.lanes)
        return ir.Constant(self.v.words, [int(value)] * self.v.lanes)

    def operation(self, node: Node, v: list[ir.Value]) -> ir.Value:
        name, kind = node.operation, self.graph[node.arguments[0]].kind
        if name in _RELATIONS or name == "ne":
            return self.relation(name, kind, v)
        if kind in "uib":
            return self.bits(name, v)
        plain = {
            "add": self.v.add, "sub": self.v.sub, "mul": self.v.mul, "div": self.v.div,
            "max": self.v.greater, "min": self.v.lesser, "exp": self.f.exp,
            "expm1": self.f.expm1, "log": self.f.log, "log1p": self.f.log1p,
            "tanh": self.f.tanh, "logistic": self.f.logistic, "pow": self.f.pow,
        }  # fmt: skip
        if name in plain:
            return plain[name](*v)
        if name in ("sqrt", "floor", "abs"):
            return self.v.intrinsic({"abs": "fabs"}.get(name, name), v[0])
        if name == "neg":
            return self.b.fneg(v[0], flags=CONTRACT)
        if name == "sign":
            below = self.v.choose("<", v[0], self.v.real(0.0), self.v.real(-1.0), v[0])
            return self.v.choose(">", v[0], self.v.real(0.0), self.v.real(1.0), below)
        if name == "to_word":
            return self.b.fptoui(v[0], self.v.words)
        raise KeyError(f"no code for the operation {name!r}")

    def relation(self, name: str, kind: str, v: list[ir.Value]) -> ir.Value:
        if kind != "f":
            return self.b.icmp_unsigned({"ne": "!="}.get(name) or _RELATIONS[name], *v)
        if name == "ne":
            return self.b.fcmp_unordered("!=", *v)
        return self.b.fcmp_ordered(_RELATIONS[name], *v)

    def bits(self, name: str, v: list[ir.Value]) -> ir.Value:
        if name == "select":
            return self.b.select(*v)
        if name == "not":
            return self.b.not_(v[0])
        if name in ("to_word", "to_whole"):
            return v[0]
        if name == "to_real":
            return self.b.uitofp(v[0], self.v.reals)
        made = {
            "add": self.b.add, "sub": self.b.sub, "mul": self.b.mul, "and": self.b.and_,
            "or": self.b.or_, "xor": self.b.xor, "shift_left": self.b.shl,
            "shift_right": self.b.lshr,
        }  # fmt: skip
        return made[name](*v)
