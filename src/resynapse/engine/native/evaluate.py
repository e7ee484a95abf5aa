"""What are the values of those operations that need no kernel?"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np

from resynapse.engine.memory import Memory
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.operations import OPERATIONS, typed_value


def evaluate(graph: Graph, wanted: Iterable[int], inputs: dict[Any, Any]) -> dict[int, Any]:
    """Values of these nodes; ``inputs`` maps the names of inputs to numbers or arrays.

    A value that no later operation needs is let go: of some thousand columns few are held at once.
    """
    values: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for number, over in graph.turns(tuple(wanted)):
            node = graph[number]
            if node.operation == "input":
                values[number] = inputs[node.arguments[0]]
            elif node.operation == "constant":
                values[number] = typed_value(node.arguments[0], node.kind)
            else:
                arguments = [values[a] for a in node.arguments]
                values[number] = OPERATIONS[node.operation](*arguments)
            for gone in over:
                del values[gone]
    return values


def side_by_side(graph: Graph, wanted: list[int], inputs: dict[Any, Any], many: int) -> np.ndarray:
    """Values of these nodes: [wanted, many]; what is the same for all stands in all places."""
    values = evaluate(graph, wanted, inputs)
    made = np.empty((len(wanted), many))
    for place, number in enumerate(wanted):
        made[place] = values[number]
    return made


def remembered(
    memory: Memory | None, whose: tuple, graph: Graph, wanted: list[int], inputs: dict[Any, Any],
    many: int,
) -> np.ndarray:  # fmt: skip
    """The same, made once for the same inputs; ``whose`` names the graph and what is wanted."""
    if memory is None:
        return side_by_side(graph, wanted, inputs, many)
    key = (*whose, many, digest_of(graph, wanted, inputs))
    found = memory.there(key)
    if found is None:
        found = side_by_side(graph, wanted, inputs, many)
        memory.keep(key, found)
    return found


def digest_of(graph: Graph, wanted: list[int], inputs: dict[Any, Any]) -> bytes:
    """Of those inputs that these nodes depend on."""
    made = blake2b()
    for number in graph.order(tuple(wanted)):
        node = graph[number]
        if node.operation == "input":
            made.update(np.ascontiguousarray(inputs[node.arguments[0]]))
    return made.digest()
