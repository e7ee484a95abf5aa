"""What does a function of one patient give for many, each a place in NumPy's columns?

The same operations as a kernel has, done by NumPy: for what is asked once a person, where a
compiled loop would cost more than it saves.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np

from resynapse.engine import random
from resynapse.engine.loading import loading
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.kept import remembered, sources
from resynapse.engine.native.lowering import lower


def columnwise(function: Callable, shared: tuple, each: tuple) -> Any:
    """``function(*shared, *each)`` of every person: a tree of arrays [people].

    ``shared`` are trees of numbers, the same for all; ``each`` are trees of arrays [people].
    """
    leaves, structure = jax.tree.flatten((shared, each))
    common = len(jax.tree.leaves(shared))
    columns = [np.asarray(leaf) for leaf in leaves]
    kinds = "".join(column.dtype.kind for column in columns)
    graph, wanted, shape = _lowered(function, structure, kinds, common)
    values = evaluate(graph, wanted, dict(enumerate(columns)))
    many = max((column.size for column in columns[common:]), default=1)
    made = [np.broadcast_to(values[number], (many,)) for number in wanted]
    return jax.tree.unflatten(shape, made)


@cache
def _lowered(
    function: Callable, structure: Any, kinds: str, common: int
) -> tuple[Graph, list[int], Any]:
    """Operations, those that are wanted, and the structure of what the function gives."""
    parts = (function, structure, kinds, common)
    if _of_this_package(function):
        name = f"{function.__module__}.{function.__qualname__}"
        key = "\n".join((name, str(structure), kinds, str(common), sources()))
        digest = hashlib.sha256(key.encode()).hexdigest()
        with loading():
            graph, found = pickle.loads(remembered(digest, lambda: pickle.dumps(_made(*parts))))
    else:
        graph, found = _made(*parts)
    return graph, jax.tree.leaves(found), jax.tree.structure(found)


def _of_this_package(function: Callable) -> bool:
    """Whether its name and ``sources`` say all about it, so that it may be kept between starts."""
    inside = function.__module__.partition(".")[0] == __name__.partition(".")[0]
    return inside and sys.modules[function.__module__].__dict__.get(function.__name__) is function


def _made(function: Callable, structure: Any, kinds: str, common: int) -> tuple[Graph, Any]:
    """Operations, and what the function gives with the numbers of nodes in the place of values."""
    graph = Graph()
    numbers = [
        np.array(graph.input(k, Level.RUN if k < common else Level.PATIENT, kind))
        for k, kind in enumerate(kinds)
    ]
    shared, each = jax.tree.unflatten(structure, numbers)
    found = jax.tree.map(int, lower(graph, function, *shared, *each))
    return graph.only(jax.tree.leaves(found)), found


def uniforms(seed: int, purpose: int, patients: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Numbers between 0 and 1, as engine/random.py draws them, for columns of words."""
    shared, each = _words(seed, purpose, patients, events)
    return columnwise(random.uniform, shared, each)


def normals(seed: int, purpose: int, patients: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Standard normal numbers, for columns of words."""
    shared, each = _words(seed, purpose, patients, events)
    return columnwise(random.normal, shared, each)


def _words(seed: int, purpose: int, patients: np.ndarray, events: np.ndarray) -> tuple:
    columns = np.broadcast_arrays(np.asarray(patients), np.asarray(events))
    return (
        (np.uint32(seed), np.uint32(purpose)),
        tuple(column.astype(np.uint32).ravel() for column in columns),
    )
