"""How likely are repeated measurements, given a covariance between visits?

People with the same visits missing form a pattern. A pattern enters only through sums of products
of its design and its values, so that the cost of a step does not grow with the number of people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.trial.analysis.covariance_structure import AbstractStructure


@dataclass(frozen=True)
class Pattern:
    """People of whom the same visits were measured."""

    visits: np.ndarray
    """Which: indices, ascending"""
    people: int
    products: np.ndarray
    """sum over people of Z_ap Z_bq, Z = design with the value as last column: [a, p, b, q]"""


def patterns(values: np.ndarray, design: np.ndarray) -> list[Pattern]:
    """Patterns of values [people, visits], NaN where missing, and design [people, visits, p]."""
    seen = np.isfinite(values)
    Z = np.concatenate([design, values[:, :, None]], axis=2)
    kinds, kind = np.unique(seen, axis=0, return_inverse=True)
    found = []
    for number, measured in enumerate(kinds):
        if measured.any():
            rows = Z[kind.ravel() == number][:, measured]
            people, a, p = rows.shape
            flat = rows.reshape(people, a * p)
            products = (flat.T @ flat).reshape(a, p, a, p)
            found.append(Pattern(np.flatnonzero(measured), people, products))
    return found


@dataclass(frozen=True)
class Point:
    """The restricted likelihood at one covariance matrix, with generalised least squares.

    information = sum(X' V^-1 X)
    effects     = information^-1 sum(X' V^-1 y)
    log_likelihood = -((N - p) ln 2 pi + ln|V| + ln|information| + sum(r' V^-1 r)) / 2
    """

    effects: np.ndarray
    covariance: np.ndarray
    """Of the effects: information^-1"""
    log_likelihood: float
    inverses: tuple[np.ndarray, ...]
    """V^-1 of each pattern"""


def point(people: Sequence[Pattern], sigma: np.ndarray) -> Point | None:
    """The restricted likelihood; None where a matrix is not positive definite."""
    M, log_determinant, N, inverses = 0.0, 0.0, 0, []
    for one in people:
        V = sigma[np.ix_(one.visits, one.visits)]
        try:
            root = np.linalg.cholesky(V)
        except np.linalg.LinAlgError:
            return None
        inverse = np.linalg.inv(V)
        inverses.append(inverse)
        log_determinant += 2 * one.people * float(np.log(np.diag(root)).sum())
        N += one.people * len(one.visits)
        M = M + np.tensordot(inverse, one.products, axes=([0, 1], [0, 2]))
    p = len(M) - 1
    sign, information = np.linalg.slogdet(M[:p, :p])
    if sign <= 0:
        return None
    covariance = np.linalg.inv(M[:p, :p])
    effects = covariance @ M[:p, p]
    quadratic = M[p, p] - effects @ M[:p, p]
    total = (N - p) * math.log(2 * math.pi) + log_determinant + information + quadratic
    return Point(effects, covariance, float(-total / 2), tuple(inverses))


@dataclass(frozen=True)
class Slope:
    """Derivatives of the restricted likelihood by the covariance parameters.

    P_k      = -sum(X' V^-1 V_k V^-1 X)
    Q_kl     = sum(X' V^-1 V_k V^-1 V_l V^-1 X)
    expected = (tr(V^-1 V_k V^-1 V_l) - 2 tr(Phi Q_kl) + tr(Phi P_k Phi P_l)) / 2
    observed = y'P V_k P V_l P y - expected + (tr(P V_kl) - y'P V_kl P y) / 2
    """

    score: np.ndarray
    expected: np.ndarray
    observed: np.ndarray
    P: np.ndarray
    """[k, p, p]"""


def slope(
    people: Sequence[Pattern], at: Point, structure: AbstractStructure, parameters: np.ndarray
) -> Slope:
    """Score and information of the covariance parameters."""
    derivatives, curvature = structure.derivatives(parameters), structure.curvature(parameters)
    Phi, p = at.covariance, len(at.effects)
    residual = np.append(-at.effects, 1.0)
    K = len(derivatives)
    P, g = np.zeros((K, p, p)), np.zeros((K, p))
    score, first, second, quadratic, bend = (np.zeros(shape) for shape in (K, *[(K, K)] * 4))
    for one, A in zip(people, at.inverses, strict=True):
        D = derivatives[:, one.visits][:, :, one.visits]
        G = weighted_products(one, A)
        e = G[:, :p] @ residual
        E = np.tensordot(np.tensordot(residual, G, axes=(0, 1)), residual, axes=(2, 0))
        H = np.tensordot(G[:, :p, :, :p], Phi, axes=([1, 3], [0, 1]))
        DAD = (D @ A)[:, None] @ D
        P -= np.tensordot(D, G[:, :p, :, :p], axes=([1, 2], [0, 2]))
        g += np.tensordot(D, e, axes=([1, 2], [0, 2]))
        S = E + H - one.people * A
        score += np.tensordot(D, S, axes=2) / 2
        first += one.people * np.tensordot(DAD, A, axes=2)
        second += np.tensordot(DAD, H, axes=2)
        quadratic += np.tensordot(DAD, E, axes=2)
        if curvature is not None:
            bend -= np.tensordot(curvature[:, :, one.visits][..., one.visits], S, axes=2) / 2
    PhiP = Phi @ P
    expected = (first - 2 * second + np.einsum("kab,lba->kl", PhiP, PhiP)) / 2
    observed = quadratic - g @ Phi @ g.T - expected + bend
    return Slope(score, expected, observed, P)


def weighted_products(one: Pattern, inverse: np.ndarray) -> np.ndarray:
    """sum over people of (V^-1 Z)_ap (V^-1 Z)_bq: [a, p, b, q]."""
    left = np.tensordot(inverse, one.products, axes=(1, 0))
    return np.tensordot(left, inverse, axes=(2, 0)).transpose(0, 1, 3, 2)
