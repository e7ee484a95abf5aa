"""How may the measurements of one person at different visits vary together?

A structure turns its parameters into the covariance matrix of the visits and into that matrix's
derivatives. Parameters are those that SAS PROC MIXED prints, covariances where the structure is
linear in them and variances with correlations where it is not, because the correction of Kenward
and Roger depends on the choice where the structure is not linear.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import numpy as np


class AbstractStructure(ABC):
    """A covariance matrix of so many visits as a function of a few parameters."""

    def __init__(self, visits: int) -> None:
        self.visits = visits
        self.lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))

    @abstractmethod
    def start(self, covariance: np.ndarray) -> np.ndarray:
        """Parameters near a rough covariance matrix [visits, visits]."""

    @abstractmethod
    def matrix(self, parameters: np.ndarray) -> np.ndarray:
        """The covariance matrix [visits, visits]."""

    @abstractmethod
    def derivatives(self, parameters: np.ndarray) -> np.ndarray:
        """Its first derivatives [parameters, visits, visits]."""

    @abstractmethod
    def curvature(self, parameters: np.ndarray) -> np.ndarray | None:
        """Its second derivatives [parameters, parameters, visits, visits]; None where zero."""


class _Linear(AbstractStructure):
    """sigma = sum(parameter_k basis_k), each entry of the matrix in exactly one basis."""

    basis: np.ndarray

    def start(self, covariance: np.ndarray) -> np.ndarray:
        return np.array([covariance[one > 0].mean() for one in self.basis])

    def matrix(self, parameters: np.ndarray) -> np.ndarray:
        return np.tensordot(parameters, self.basis, axes=1)

    def derivatives(self, parameters: np.ndarray) -> np.ndarray:
        return self.basis

    def curvature(self, parameters: np.ndarray) -> None:
        return None


class Unstructured(_Linear):
    """A variance for every visit and a covariance for every pair."""

    def __init__(self, visits: int) -> None:
        super().__init__(visits)
        row, column = np.tril_indices(visits)
        self.basis = np.zeros((len(row), visits, visits))
        place = np.arange(len(row))
        self.basis[place, row, column] = self.basis[place, column, row] = 1.0


class Toeplitz(_Linear):
    """One variance, and one covariance for every distance between visits."""

    def __init__(self, visits: int) -> None:
        super().__init__(visits)
        self.basis = np.stack([(self.lag == k).astype(float) for k in range(visits)])


class CompoundSymmetry(_Linear):
    """One variance and one covariance: a random intercept."""

    def __init__(self, visits: int) -> None:
        super().__init__(visits)
        self.basis = np.stack([self.lag == 0, self.lag > 0]).astype(float)


class AutoRegressive(AbstractStructure):
    """One variance, correlation rho^|distance|.

    sigma_ij = variance rho^|i - j|
    """

    def start(self, covariance: np.ndarray) -> np.ndarray:
        spread = np.sqrt(np.diag(covariance))
        next_to = (covariance / np.outer(spread, spread))[self.lag == 1].mean()
        return np.array([np.mean(spread**2), np.clip(next_to, -0.9, 0.9)])

    def matrix(self, parameters: np.ndarray) -> np.ndarray:
        variance, rho = parameters
        return variance * _power(rho, self.lag)

    def derivatives(self, parameters: np.ndarray) -> np.ndarray:
        variance, rho = parameters
        return np.stack([_power(rho, self.lag), variance * self.lag * _power(rho, self.lag - 1)])

    def curvature(self, parameters: np.ndarray) -> np.ndarray:
        variance, rho = parameters
        mixed = self.lag * _power(rho, self.lag - 1)
        twice = variance * self.lag * (self.lag - 1) * _power(rho, self.lag - 2)
        return np.array([[np.zeros_like(mixed), mixed], [mixed, twice]])


class _Heterogeneous(AbstractStructure):
    """A variance for every visit, and a correlation by distance.

    sigma_ij = sqrt(variance_i variance_j) correlation_|i - j|
    """

    @abstractmethod
    def correlation(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Matrix [visits, visits], first [k, ...] and second [k, k, ...] derivatives."""

    def matrix(self, parameters: np.ndarray) -> np.ndarray:
        spread = np.sqrt(parameters[: self.visits])
        return np.outer(spread, spread) * self.correlation(parameters[self.visits :])[0]

    def derivatives(self, parameters: np.ndarray) -> np.ndarray:
        return self._all(parameters)[0]

    def curvature(self, parameters: np.ndarray) -> np.ndarray:
        return self._all(parameters)[1]

    def _all(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """d ln sqrt(variance_i variance_j) / d variance_k = (1[i=k] + 1[j=k]) / (2 variance_k)."""
        n, count = self.visits, len(parameters)
        variance = parameters[:n]
        R, dR, ddR = self.correlation(parameters[n:])
        spread = np.sqrt(np.outer(variance, variance))
        one = np.eye(n)
        slope = 0.5 * (one[:, :, None] + one[:, None, :]) / variance[:, None, None]
        first, second = np.zeros((count, n, n)), np.zeros((count, count, n, n))
        first[:n], first[n:] = slope * spread * R, spread * dR
        product = slope[:, None] * slope[None]
        product[np.arange(n), np.arange(n)] -= slope / variance[:, None, None]
        second[:n, :n], second[n:, n:] = product * spread * R, spread * ddR
        second[:n, n:] = slope[:, None] * spread * dR[None]
        second[n:, :n] = second[:n, n:].swapaxes(0, 1)
        return first, second


class HeterogeneousToeplitz(_Heterogeneous):
    """A variance for every visit, and one correlation for every distance."""

    def start(self, covariance: np.ndarray) -> np.ndarray:
        spread = np.sqrt(np.diag(covariance))
        R = covariance / np.outer(spread, spread)
        return np.concatenate([spread**2, [R[self.lag == k].mean() for k in range(1, self.visits)]])

    def correlation(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        k = len(parameters)
        first = np.stack([(self.lag == d).astype(float) for d in range(1, k + 1)])
        matrix = np.eye(self.visits) + np.tensordot(parameters, first, axes=1)
        return matrix, first, np.zeros((k, k, self.visits, self.visits))


class HeterogeneousAutoRegressive(_Heterogeneous):
    """A variance for every visit, correlation rho^|distance|."""

    def start(self, covariance: np.ndarray) -> np.ndarray:
        rho = AutoRegressive(self.visits).start(covariance)[1]
        return np.append(np.diag(covariance), rho)

    def correlation(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        one = np.concatenate([[1.0], parameters])
        same = AutoRegressive(self.visits)
        return same.matrix(one), same.derivatives(one)[1:], same.curvature(one)[1:, 1:]


STRUCTURES: Final[dict[str, type[AbstractStructure]]] = {
    "unstructured": Unstructured,
    "heterogeneous_toeplitz": HeterogeneousToeplitz,
    "toeplitz": Toeplitz,
    "heterogeneous_ar1": HeterogeneousAutoRegressive,
    "ar1": AutoRegressive,
    "compound_symmetry": CompoundSymmetry,
}
"""From the freest to the simplest; also the names that a plan may give."""


def _power(rho: float, exponent: np.ndarray) -> np.ndarray:
    """rho^exponent, 1 at exponents below 1, where every caller multiplies it by 0 or means 1."""
    return np.asarray(rho) ** np.maximum(exponent, 0)
