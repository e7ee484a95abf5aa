"""What are the values of those operations that need no kernel?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from resynapse.engine.native.graph import Graph

OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "sign": np.sign,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "pow": np.power,
    "tanh": np.tanh,
    "logistic": special.expit,
    "select": np.where,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "not": np.logical_not,
    "shift_left": np.left_shift,
    "shift_right": np.right_shift,
    "to_real": lambda x: np.asarray(x).astype(np.float64),
    "to_whole": lambda x: np.asarray(x).astype(np.int64),
    "to_word": lambda x: np.asarray(x).astype(np.uint32),
}
"""name -> what NumPy does; kernels do the same (arithmetic.py)"""


def evaluate(graph: Graph, wanted: Iterable[int], inputs: dict[Any, Any]) -> dict[int, Any]:
    """Values of these nodes; ``inputs`` maps the names of inputs to numbers or arrays."""
    from resynapse.engine.native.graph import typed_value

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
