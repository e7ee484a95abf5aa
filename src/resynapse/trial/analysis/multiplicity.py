"""Which hypotheses may be rejected, where several are tested at once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.input_error import InputError


def bonferroni(p: Sequence[float]) -> np.ndarray:
    """Adjusted p-values: m p."""
    return np.minimum(len(p) * np.asarray(p, dtype=float), 1.0)


def holm(p: Sequence[float]) -> np.ndarray:
    """Adjusted p-values, valid for any dependence (Holm 1979)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * values[order])
    return _in_place(np.minimum(stepped, 1.0), order)


def hochberg(p: Sequence[float]) -> np.ndarray:
    """Adjusted p-values, valid where tests are independent or positively dependent (1988)."""
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)
    stepped = ((len(p) - np.arange(len(p))) * values[order])[::-1]
    return _in_place(np.minimum.accumulate(stepped)[::-1], order)


def _in_place(sorted_values: np.ndarray, order: np.ndarray) -> np.ndarray:
    found = np.empty_like(sorted_values)
    found[order] = sorted_values
    return found


@dataclass(frozen=True)
class Graph:
    """Shares of alpha of each hypothesis, and where each goes once its hypothesis is rejected."""

    names: tuple[str, ...]
    weights: np.ndarray
    """[m], sum at most 1"""
    transitions: np.ndarray
    """[from, to], rows sum to at most 1, diagonal 0"""

    def __post_init__(self) -> None:
        m = len(self.names)
        if self.weights.shape != (m,) or self.transitions.shape != (m, m):
            raise InputError(f"A graph of {m} hypotheses needs {m} weights and {m} rows of {m}.")
        sums = [self.weights.sum(), *self.transitions.sum(axis=1)]
        numbers = np.concatenate([self.weights, self.transitions.ravel()])
        if numbers.min() < 0 or max(sums) > 1 + 1e-9 or np.any(np.diag(self.transitions)):
            raise InputError(
                "Weights and transitions of a graph lie between 0 and 1, weights and the "
                "transitions from one hypothesis sum to at most 1, and none leads to itself."
            )


def graphical(p: Mapping[str, float], graph: Graph) -> dict[str, float]:
    """Adjusted p-values of Bretz, Maurer, Brannath and Posch (Stat Med 2009; 28: 586-604).

    Each time the hypothesis with the smallest p / weight is taken out, and its weight goes
    w_l + w_j g_jl,  g_lk = (g_lk + g_lj g_jk) / (1 - g_lj g_jl).
    """
    w, g = graph.weights.copy(), graph.transitions.copy()
    left, reached, found = list(range(len(w))), 0.0, {}
    values = np.array([p[name] for name in graph.names])
    while left:
        ratio = [values[j] / w[j] if w[j] > 0 else np.inf for j in left]
        j = left[int(np.argmin(ratio))]
        reached = max(reached, min(float(min(ratio)), 1.0))
        found[graph.names[j]] = reached
        left.remove(j)
        w, g = _without(j, left, w, g)
    return {name: found[name] for name in graph.names}


def _without(
    j: int, left: list[int], w: np.ndarray, g: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    weights, transitions = np.zeros_like(w), np.zeros_like(g)
    for one in left:
        weights[one] = w[one] + w[j] * g[j, one]
        back = g[one, j] * g[j, one]
        for to in left:
            if to != one and back < 1.0:
                transitions[one, to] = (g[one, to] + g[one, j] * g[j, to]) / (1.0 - back)
    return weights, transitions
