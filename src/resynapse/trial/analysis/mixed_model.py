"""How do arms differ at each visit, when people are measured again and again and some miss visits?

The mixed model for repeated measures: effects of arm and visit on the mean, any structure for the
covariance between visits of one person, restricted maximum likelihood. What is missing is taken to
be missing at random, given what was measured and the covariates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from resynapse.trial.analysis.covariance_structure import STRUCTURES, AbstractStructure
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.restricted_likelihood import Pattern, Point, Slope
from resynapse.trial.analysis.restricted_likelihood import patterns as patterns_of
from resynapse.trial.analysis.restricted_likelihood import point as point_at
from resynapse.trial.analysis.restricted_likelihood import slope as slope_at
from resynapse.trial.analysis.small_sample import SmallSample, kenward_roger, satterthwaite

FALL_BACK: Final = ("unstructured", "heterogeneous_toeplitz", "heterogeneous_ar1")
"""Tried in this order, by default, until one converges"""
METHODS: Final = ("kenward_roger", "satterthwaite")
MOST_STEPS: Final = 200
MOST_HALVINGS: Final = 40
CLOSE_ENOUGH: Final = 1e-12
"""Newton's decrement, twice the log likelihood still to be gained, at which the search ends"""


@dataclass(frozen=True)
class MixedModel:
    """A fitted model for repeated measures."""

    effects: np.ndarray
    """[p]"""
    small_sample: SmallSample
    structure: str
    parameters: np.ndarray
    """Of the structure"""
    sigma: np.ndarray
    """Covariance [visits, visits]"""
    log_likelihood: float
    """Restricted"""
    given_up: dict[str, str] = field(default_factory=dict)
    """Structures tried before this one, and why each failed"""


def fit_mixed_model(
    values: np.ndarray,
    design: np.ndarray,
    structures: Sequence[str] = FALL_BACK,
    method: str = "kenward_roger",
) -> MixedModel:
    """The first of the structures that converges.

    values [people, visits] hold NaN where nothing was measured; design [people, visits, p] has
    full rank over what was measured. Raises FailedFit, with every reason, where none converges.
    """
    people = patterns_of(values, design)
    rough = _rough_covariance(values, design)
    given_up: dict[str, str] = {}
    for name in structures:
        structure = STRUCTURES[name](values.shape[1])
        try:
            parameters, at, slope = _maximum(people, structure, structure.start(rough))
        except FailedFit as failure:
            given_up[name] = str(failure)
            continue
        small = (
            kenward_roger(people, at, slope, structure, parameters)
            if method == "kenward_roger"
            else satterthwaite(at, slope)
        )
        sigma = structure.matrix(parameters)
        return MixedModel(at.effects, small, name, parameters, sigma, at.log_likelihood, given_up)
    raise FailedFit("; ".join(f"{name}: {why}" for name, why in given_up.items()))


def _maximum(
    people: list[Pattern], structure: AbstractStructure, parameters: np.ndarray
) -> tuple[np.ndarray, Point, Slope]:
    """Newton's steps, or Fisher's where the likelihood is not concave, halved until they climb."""
    at = point_at(people, structure.matrix(parameters))
    if at is None:
        raise FailedFit("the covariance that the search starts from is not positive definite")
    for _ in range(MOST_STEPS):
        slope = slope_at(people, at, structure, parameters)
        step = _uphill(slope)
        if abs(slope.score @ step) < CLOSE_ENOUGH:
            return parameters, at, slope
        parameters, at = _climb(people, structure, parameters, at, step)
    raise FailedFit(f"no convergence in {MOST_STEPS} steps")


def _uphill(slope: Slope) -> np.ndarray:
    for information in (slope.observed, slope.expected):
        if np.all(np.isfinite(information)) and np.linalg.eigvalsh(information)[0] > 0:
            return np.linalg.solve(information, slope.score)
    raise FailedFit("the data do not determine the covariance between visits")


def _climb(
    people: list[Pattern],
    structure: AbstractStructure,
    parameters: np.ndarray,
    at: Point,
    step: np.ndarray,
) -> tuple[np.ndarray, Point]:
    noise = 1e-10 * (1 + abs(at.log_likelihood))
    for halving in range(MOST_HALVINGS):
        trial = parameters + step * 0.5**halving
        with np.errstate(invalid="ignore"):
            sigma = structure.matrix(trial)
        there = point_at(people, sigma) if np.all(np.isfinite(sigma)) else None
        if there is not None and there.log_likelihood >= at.log_likelihood - noise:
            return trial, there
    raise FailedFit("the likelihood grows towards a covariance that is not positive definite")


def _rough_covariance(values: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Variances of the residuals of least squares, and their mean correlation for all pairs."""
    seen = np.isfinite(values)
    effects, *_ = np.linalg.lstsq(design[seen], values[seen], rcond=None)
    residual = np.where(seen, values - design @ effects, 0.0)
    variance = np.sum(residual**2, axis=0) / np.maximum(seen.sum(axis=0) - 1, 1)
    standard = residual / np.sqrt(variance)
    pairs = np.sum(np.sum(standard, axis=1) ** 2 - np.sum(standard**2, axis=1))
    number = np.sum(seen.sum(axis=1) * (seen.sum(axis=1) - 1.0))
    mean = np.clip(pairs / max(number, 1.0), 0.0, 0.9)
    spread = np.sqrt(variance)
    return np.outer(spread, spread) * (mean + (1 - mean) * np.eye(len(spread)))
