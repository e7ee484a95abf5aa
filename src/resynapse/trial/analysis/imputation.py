"""What would people who left have had, if they had gone on like the reference arm?

Reference-based multiple imputation (Carpenter, Roger and Kenward, J Biopharm Stat 2013; 23:
1352-1371): missing values are drawn given the measured ones, under a rule for the mean after the
last measurement. Parameters are drawn first, so that their error is carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from resynapse.trial.analysis.covariance_structure import Unstructured
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.mixed_model import fit_mixed_model
from resynapse.trial.analysis.restricted_likelihood import patterns, point

Rule = Callable[[np.ndarray, np.ndarray, int], np.ndarray]
"""Means from own and reference means [people, visits] and the last visit measured, -1: none"""

MOST_TRIES: Final = 1000
"""Draws of a covariance that is not positive definite before giving up"""


def _jump(own: np.ndarray, reference: np.ndarray, last: int) -> np.ndarray:
    return np.hstack([own[:, : last + 1], reference[:, last + 1 :]])


def _copy(own: np.ndarray, reference: np.ndarray, last: int) -> np.ndarray:
    return reference


def _increments(own: np.ndarray, reference: np.ndarray, last: int) -> np.ndarray:
    gap = (own - reference)[:, [last]] if last >= 0 else 0.0
    return np.hstack([own[:, : last + 1], reference[:, last + 1 :] + gap])


def _carried(own: np.ndarray, reference: np.ndarray, last: int) -> np.ndarray:
    kept = own[:, [last]] if last >= 0 else reference[:, [0]]
    return np.hstack([own[:, : last + 1], np.repeat(kept, own.shape[1] - last - 1, axis=1)])


RULES: Final[dict[str, Rule]] = {
    "missing_at_random": lambda own, reference, last: own,
    "jump_to_reference": _jump,
    "copy_reference": _copy,
    "copy_increments_in_reference": _increments,
    "last_mean_carried_forward": _carried,
}
"""After the last measurement: as one's own arm; as the reference at once; as if always in the
reference; from one's own mean by the reference's changes; at one's own last mean"""


@dataclass(frozen=True)
class Drawn:
    """Parameters of the model for repeated measures, drawn from their approximate posterior."""

    effects: np.ndarray
    sigma: np.ndarray


def draw_parameters(
    values: np.ndarray, design: np.ndarray, number: int, draw: np.random.Generator
) -> list[Drawn]:
    """Covariance parameters from their normal approximation, then effects given the covariance.

    Raises FailedFit where the unstructured model does not converge, or its draws are hardly ever
    positive definite.
    """
    fit = fit_mixed_model(values, design, ["unstructured"], "satterthwaite")
    people, structure = patterns(values, design), Unstructured(values.shape[1])
    root = np.linalg.cholesky(fit.small_sample.W)
    found: list[Drawn] = []
    for _ in range(number + MOST_TRIES):
        sigma = structure.matrix(fit.parameters + root @ draw.normal(size=len(root)))
        at = point(people, sigma)
        if at is not None and np.linalg.eigvalsh(sigma)[0] > 0:
            error = np.linalg.cholesky(at.covariance) @ draw.normal(size=len(at.effects))
            found.append(Drawn(at.effects + error, sigma))
        if len(found) == number:
            return found
    raise FailedFit("too few measurements to draw a covariance between visits")


def impute(
    values: np.ndarray,
    own: np.ndarray,
    reference: np.ndarray,
    sigma: np.ndarray,
    rule: str,
    draw: np.random.Generator,
) -> np.ndarray:
    """The values [people, visits] with every NaN drawn; own and reference are mean profiles.

    missing | measured ~ Normal(mu_m + B (y_o - mu_o), sigma_mm - B sigma_om),
    B = sigma_mo sigma_oo^-1, mu by the rule
    """
    completed = values.copy()
    kinds, kind = np.unique(np.isnan(values), axis=0, return_inverse=True)
    for number, missing in enumerate(kinds):
        if not missing.any():
            continue
        rows, seen = np.flatnonzero(kind.ravel() == number), np.flatnonzero(~missing)
        mu = RULES[rule](own[rows], reference[rows], int(seen[-1]) if len(seen) else -1)
        B = np.linalg.solve(sigma[np.ix_(seen, seen)], sigma[np.ix_(seen, missing)]).T
        spread = sigma[np.ix_(missing, missing)] - B @ sigma[np.ix_(seen, missing)]
        mean = mu[:, missing] + (values[np.ix_(rows, seen)] - mu[:, seen]) @ B.T
        error = draw.normal(size=mean.shape) @ np.linalg.cholesky(spread).T
        completed[np.ix_(rows, missing)] = mean + error
    return completed


def draw_monotone(
    values: np.ndarray, arm: np.ndarray, number: int, draw: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Mean profiles [arms, visits] and covariance, drawn where nobody comes back after a gap.

    The likelihood falls apart into regressions of each visit on the arm and on the visits before
    it, among people measured then; from flat priors

    s^2  = rss / chi^2(n - p)
    b    ~ Normal(b_hat, s^2 (X'X)^-1)
    mu_k = a_k + sum over j < k of b_kj mu_j,   sigma = (I - B)^-1 diag(s^2) (I - B)^-T

    Raises FailedFit where too few people were measured at a visit.
    """
    arms, visits = int(arm.max()) + 1, values.shape[1]
    members = (arm[:, None] == np.arange(arms)).astype(float)
    fits = [_regression(values, members, visit) for visit in range(visits)]
    found = []
    for _ in range(number):
        B, mean, spread = np.zeros((visits, visits)), np.zeros((arms, visits)), np.zeros(visits)
        for visit, (b_hat, root, rss, degrees) in enumerate(fits):
            spread[visit] = rss / draw.chisquare(degrees)
            b = b_hat + np.sqrt(spread[visit]) * root @ draw.normal(size=len(b_hat))
            B[visit, :visit] = b[arms:]
            mean[:, visit] = b[:arms] + mean[:, :visit] @ b[arms:]
        whole = np.linalg.inv(np.eye(visits) - B)
        found.append((mean, (whole * spread) @ whole.T))
    return found


def _regression(
    values: np.ndarray, members: np.ndarray, visit: int
) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Effects, a root of (X'X)^-1, residual sum of squares and degrees of freedom of a visit."""
    seen = ~np.isnan(values[:, visit])
    X, y = np.hstack([members[seen], values[seen, :visit]]), values[seen, visit]
    degrees = len(y) - X.shape[1]
    if degrees < 1 or not members[seen].any(axis=0).all():
        raise FailedFit("too few people measured at a visit to draw its mean")
    Q, R = np.linalg.qr(X)
    if np.abs(np.diag(R)).min() < 1e-9 * np.abs(np.diag(R)).max():
        raise FailedFit("a visit follows from the visits before it")
    b = np.linalg.solve(R, Q.T @ y)
    residual = y - X @ b
    return b, np.linalg.inv(R), float(residual @ residual), degrees


def imputed_difference(
    own: np.ndarray, reference: np.ndarray, weight: np.ndarray, rule: str, number: int,
    draw: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """Difference of the means of weighted visits, own arm less reference, and its error.

    Values are [people, visits], NaN after people left; imputed by a rule, pooled by Rubin's.
    """
    values = np.concatenate([reference, own])
    arm = np.repeat([0, 1], [len(reference), len(own)])
    estimates, variances = [], []
    for mean, sigma in draw_monotone(values, arm, number, draw):
        profile = np.broadcast_to(mean[0], values.shape)
        score = impute(values, mean[arm], profile, sigma, rule, draw) @ weight
        parts = [score[arm == k] for k in (1, 0)]
        estimates.append(float(parts[0].mean() - parts[1].mean()))
        variances.append(float(sum(part.var(ddof=1) / len(part) for part in parts)))
    pooled = pool(estimates, variances, len(values) - 2)
    return pooled.value, pooled.standard_error


@dataclass(frozen=True)
class Pooled:
    """An estimate over imputations."""

    value: float
    standard_error: float
    degrees_of_freedom: float
    missing_information: float
    """Share of the variance that is due to imputation"""


def pool(values: Sequence[float], variances: Sequence[float], complete: float) -> Pooled:
    """Rubin's rules, with Barnard and Rubin's degrees of freedom (Biometrika 1999; 86: 948-955).

    total = within + (1 + 1/M) between
    share = (1 + 1/M) between / total
    df    = 1 / (share^2 / (M - 1) + 1 / ((complete + 1) / (complete + 3) complete (1 - share)))
    """
    M = len(values)
    within, between = float(np.mean(variances)), float(np.var(values, ddof=1))
    total = within + (1 + 1 / M) * between
    share = (1 + 1 / M) * between / total
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    degrees = 1 / (share**2 / (M - 1) + 1 / observed)
    return Pooled(float(np.mean(values)), float(np.sqrt(total)), float(degrees), float(share))


def least_squares(y: np.ndarray, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Effects, their variances and degrees of freedom of ordinary least squares."""
    degrees = len(y) - X.shape[1]
    inverse = np.linalg.inv(X.T @ X)
    b = inverse @ X.T @ y
    residual = y - X @ b
    return b, np.diag(inverse) * float(residual @ residual) / degrees, degrees
