"""How do the tools of the field get the same equations? As text made from the same functions.

The functions are lowered to scalar operations, as for a kernel, and written as straight-line
Python. Nothing is written twice, so a difference between engines is one of method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import numpy as np

from resynapse.engine.native.graph import Graph, Level, Node
from resynapse.engine.native.lowering import lower

FORMS = {
    "add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "neg": "-{}",
    "exp": "math.exp({})", "log": "math.log({})", "sqrt": "math.sqrt({})",
    "max": "max({}, {})", "min": "min({}, {})", "logistic": "1.0 / (1.0 + math.exp(-{}))",
    "select": "({1} if {0} else {2})", "ge": "({} >= {})", "gt": "({} > {})", "le": "({} <= {})",
    "lt": "({} < {})",
}  # fmt: skip
"""operation -> Python"""


class Formulas:
    """Operations of a function of trees of numbers, and the names of its arguments."""

    def __init__(self, function: Callable, **trees: Any) -> None:
        self.graph, given = Graph(), []
        for name, tree in trees.items():
            leaves, structure = jax.tree.flatten(tree)
            nodes = [self.graph.input(f"{name}[{k}]", Level.LANE) for k in range(len(leaves))]
            given.append(jax.tree.unflatten(structure, [np.array(n) for n in nodes]))
        found = lower(self.graph, function, *given)
        self.wanted = [int(n) for n in jax.tree.leaves(found)]

    def operations(self) -> Iterable[tuple[int, Node]]:
        """What is done, in order, without arguments and constants."""
        for number in self.graph.needed(self.wanted):
            node = self.graph[number]
            if node.operation not in ("input", "constant"):
                yield number, node

    def word(self, number: int) -> str:
        """How an operation's result is called in text."""
        node = self.graph[number]
        if node.operation in ("input", "constant"):
            return str(node.arguments[0])
        return f"x{number}"

    def python(self, head: str, target: str) -> str:
        """A function of this head that writes its results to ``target[0]``, ``target[1]``, ..."""
        lines = [head]
        for number, node in self.operations():
            words = [self.word(a) for a in node.arguments]
            lines.append(f"    {self.word(number)} = {FORMS[node.operation].format(*words)}")
        lines += [f"    {target}[{k}] = {self.word(n)}" for k, n in enumerate(self.wanted)]
        return "\n".join(lines) + "\n"
