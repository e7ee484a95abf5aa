"""How does the average outcome of arms differ, where the same people are seen again and again?

Generalised estimating equations, by statsmodels: the mean is modelled, the correlation between
visits is only a working guess, and the variance is robust to that guess. With few people Mancl and
DeRouen's correction (Biometrics 2001; 57: 126-134) makes the robust variance honest.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit

FAMILIES: Final = ("binomial", "gaussian", "poisson")
CORRELATIONS: Final = ("exchangeable", "independence", "ar1")


SMALLEST_MEAN = 1e-7
"""A share or count nearer to its end is that of a fit without a maximum"""


@dataclass(frozen=True)
class Gee:
    """A fitted marginal model; intercept first."""

    coefficients: np.ndarray
    covariance: np.ndarray
    """Robust, corrected for few people where asked"""
    correlation: float | None
    """Between visits, or between neighbouring visits; None under independence"""


def _require_inside(mean: np.ndarray, family: str) -> None:
    """Refuse a fit that ran off: everyone, or no one, at one end of a covariate."""
    room = np.minimum(mean, 1.0 - mean) if family == "binomial" else mean
    if family != "gaussian" and np.min(room) < SMALLEST_MEAN:
        raise FailedFit(
            "an effect grows without limit: at one end of a covariate no one, or everyone, had "
            "the event (separation)"
        )


def _correlation(found: Any) -> float:
    alpha = float(np.ravel(found)[0])
    if abs(alpha) > 1.0:
        raise FailedFit(f"the correlation between visits comes out as {alpha:.2g}, beyond 1")
    return alpha


def fit_gee(
    outcome: np.ndarray,
    covariates: np.ndarray,
    person: np.ndarray,
    visit: np.ndarray,
    *,
    family: str = "binomial",
    correlation: str = "exchangeable",
    small_sample: bool = True,
) -> Gee:
    """The marginal model on the family's usual scale: logit, identity, log."""
    from statsmodels.genmod import families
    from statsmodels.genmod.cov_struct import Autoregressive, Exchangeable, Independence
    from statsmodels.genmod.generalized_estimating_equations import GEE

    if np.ptp(outcome) == 0.0:
        raise FailedFit("all outcomes are the same")
    kinds = {"binomial": families.Binomial, "gaussian": families.Gaussian}
    guess = {
        "exchangeable": Exchangeable,
        "independence": Independence,
        "ar1": lambda: Autoregressive(grid=True),
    }[correlation]()
    order = np.lexsort((visit, person))
    X = np.column_stack([np.ones(len(outcome)), covariates])[order]
    family_of = kinds.get(family, families.Poisson)()
    model = GEE(
        np.asarray(outcome, dtype=float)[order], X, groups=person[order], family=family_of,
        cov_struct=guess, time=np.asarray(visit, dtype=float)[order],
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = model.fit(
            maxiter=200, ctol=1e-10, cov_type="bias_reduced" if small_sample else "robust"
        )
    if not fit.converged or not np.all(np.isfinite(fit.bse)):
        raise FailedFit("the estimating equations did not converge")
    _require_inside(np.asarray(fit.fittedvalues), family)
    alpha = None if correlation == "independence" else _correlation(guess.dep_params)
    return Gee(np.asarray(fit.params), np.asarray(fit.cov_params()), alpha)
