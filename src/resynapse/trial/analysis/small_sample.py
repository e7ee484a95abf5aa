"""How many degrees of freedom does a contrast of effects have in a mixed model?

Satterthwaite (Fai and Cornelius 1996) and Kenward and Roger (Biometrics 1997; 53: 983-997).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.analysis.covariance_structure import AbstractStructure
from resynapse.trial.analysis.restricted_likelihood import (
    Pattern,
    Point,
    Slope,
    weighted_products,
)


@dataclass(frozen=True)
class FTest:
    """Are these contrasts all zero?"""

    statistic: float
    """Scaled as Kenward and Roger do"""
    numerator: int
    denominator: float
    p_value: float


@dataclass(frozen=True)
class SmallSample:
    """The covariance of the effects that tests use, and what their degrees of freedom rest on."""

    covariance: np.ndarray
    """[p, p]; with Kenward-Roger, adjusted"""
    plain: np.ndarray
    """Phi, not adjusted"""
    W: np.ndarray
    """Covariance of the covariance parameters"""
    P: np.ndarray
    """[k, p, p]"""
    adjusted: bool

    def t_degrees(self, contrast: np.ndarray) -> float:
        """Degrees of freedom of one contrast.

        df = 2 (c'Phi c)^2 / (g' W g),  g_k = -c'Phi P_k Phi c
        """
        Phi_c = self.plain @ contrast
        g = np.einsum("a,kab,b->k", Phi_c, self.P, Phi_c)
        return float(2 * (contrast @ Phi_c) ** 2 / (g @ self.W @ g))

    def f_test(self, contrasts: np.ndarray, effects: np.ndarray) -> FTest:
        """Wald's F of several contrasts [l, p], with the method's degrees of freedom."""
        value = contrasts @ effects
        spread = contrasts @ self.covariance @ contrasts.T
        F = float(value @ np.linalg.solve(spread, value)) / len(contrasts)
        m, scale = self._kenward_roger(contrasts) if self.adjusted else (self._fai(contrasts), 1.0)
        p_value = float(special.fdtrc(len(contrasts), m, scale * F))
        return FTest(scale * F, len(contrasts), m, p_value)

    def _fai(self, contrasts: np.ndarray) -> float:
        """m = 2 E / (E - l), E = sum(v_i / (v_i - 2)) over the eigenvectors' own degrees v_i."""
        _, axes = np.linalg.eigh(contrasts @ self.plain @ contrasts.T)
        v = np.array([self.t_degrees(axis @ contrasts) for axis in axes.T])
        if len(v) == 1:
            return float(v[0])
        E = np.sum(v[v > 2] / (v[v > 2] - 2))
        return float(2 * E / (E - len(v))) if len(v) < E else 2.0

    def _kenward_roger(self, contrasts: np.ndarray) -> tuple[float, float]:
        """Degrees of freedom m and scale lambda, in the symbols of the paper."""
        l, Phi = len(contrasts), self.plain  # noqa: E741
        Theta = contrasts.T @ np.linalg.solve(contrasts @ Phi @ contrasts.T, contrasts)
        T = np.einsum("ab,kbc->kac", Theta @ Phi, self.P @ Phi)
        trace = np.trace(T, axis1=1, axis2=2)
        A1 = trace @ self.W @ trace
        A2 = np.sum(self.W * np.einsum("kab,lba->kl", T, T))
        B = (A1 + 6 * A2) / (2 * l)
        g = ((l + 1) * A1 - (l + 4) * A2) / ((l + 2) * A2)
        below = 3 * l + 2 * (1 - g)
        c1, c2, c3 = g / below, (l - g) / below, (l + 2 - g) / below
        E = 1 / (1 - A2 / l)
        V = 2 / l * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))
        rho = V / (2 * E**2)
        m = 4 + (l + 2) / (l * rho - 1)
        return float(m), float(m / (E * (m - 2)))


def satterthwaite(at: Point, slope: Slope) -> SmallSample:
    """W is the inverse of the observed information, as in lmerTest and PROC MIXED."""
    return SmallSample(at.covariance, at.covariance, np.linalg.inv(slope.observed), slope.P, False)


def kenward_roger(
    people: list[Pattern],
    at: Point,
    slope: Slope,
    structure: AbstractStructure,
    parameters: np.ndarray,
) -> SmallSample:
    """The adjusted covariance; W is the inverse of the expected information, as in pbkrtest.

    Phi_A = Phi + 2 Phi (sum_kl W_kl (Q_kl - P_k Phi P_l - R_kl / 4)) Phi
    R_kl  = sum(X' V^-1 V_kl V^-1 X)
    """
    W, Phi, p = np.linalg.inv(slope.expected), at.covariance, len(at.effects)
    derivatives, curvature = structure.derivatives(parameters), structure.curvature(parameters)
    inner = -np.sum(slope.P @ Phi @ np.tensordot(W, slope.P, axes=1), axis=0)
    for one, A in zip(people, at.inverses, strict=True):
        D = derivatives[:, one.visits][:, :, one.visits]
        DAD = np.sum(D @ A @ np.tensordot(W, D, axes=1), axis=0)
        if curvature is not None:
            bend = curvature[:, :, one.visits][..., one.visits]
            DAD = DAD - np.tensordot(W, bend, axes=2) / 4
        G = weighted_products(one, A)[:, :p, :, :p]
        inner += np.tensordot(DAD, G, axes=([0, 1], [0, 2]))
    adjusted = Phi + 2 * Phi @ inner @ Phi
    return SmallSample((adjusted + adjusted.T) / 2, Phi, W, slope.P, True)
