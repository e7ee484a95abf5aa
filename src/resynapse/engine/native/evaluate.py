"""What are the values of those operations that need no kernel?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from resynapse.engine.native.graph import Graph
from resynapse.engine.native.operations import OPERATIONS, typed_value


def evaluate(graph: Graph, wanted: Iterable[int], inputs: dict[Any, Any]) -> dict[int, Any]:
    """Values of these nodes; ``inputs`` maps the names of inputs to numbers or arrays."""
    values: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for number in graph.needed(wanted):
            node = graph[number]
            if node.operation == "input":
                values[number] = inputs[node.arguments[0]]
            elif node.operation == "constant":
                values[number] = typed_value(node.arguments[0], node.kind)
            else:
                arguments = [values[a] for a in node.arguments]
                values[number] = OPERATIONS[node.operation](*arguments)
    return values
