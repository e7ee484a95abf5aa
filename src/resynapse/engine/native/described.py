"""Was a kernel of the same operations written before, so that it need not be written again?

To write a kernel out as LLVM code takes longer than to make machine code of that. Models that
differ in a few operations have most kernels in common, so a kernel is known by what ``emit`` writes
it from.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from resynapse.engine.native.build import key_of
from resynapse.engine.native.emit import Kernel, Places
from resynapse.engine.native.graph import Graph, Level, Node
from resynapse.engine.native.kept import digest_of


def described(graph: Graph, kernel: Kernel, places: Places) -> str:
    """The key of a kernel's machine code: the same for all of which ``emit`` writes the same.

    As ``emit`` does, it gives those that the kernel reads an entry of run or step.
    """
    order = list(graph.needed(kernel.outputs.values(), Level.LANE))
    at = {number: k for k, number in enumerate(order)}
    done = [_told(graph[number], number, places, at) for number in order]
    outputs = [(row, at[number]) for row, number in kernel.outputs.items()]
    how = kernel.name, kernel.columns, kernel.vector, kernel.apart, kernel.single
    return key_of(repr((how, outputs, done)), _writers())


def _told(node: Node, number: int, places: Places, at: dict[int, int]) -> tuple:
    """What is written of a node: its value, its place, or what is done to which others."""
    if node.operation == "constant":
        return "constant", node.kind, *node.arguments
    if node.level in (Level.RUN, Level.STEP):
        table = places.run if node.level == Level.RUN else places.step
        return "entry", node.kind, node.level, table.setdefault(number, len(table))
    if node.level != Level.LANE or node.operation == "input":
        return "row", node.kind, places.rows[number]
    return node.operation, node.kind, *(at[argument] for argument in node.arguments)


@cache
def _writers() -> str:
    """Which version of all that writes kernels."""
    return digest_of(Path(__file__).parent)
