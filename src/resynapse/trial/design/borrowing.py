"""How much may earlier controls say about the controls of a new trial?

The meta-analytic-predictive prior (Neuenschwander and others 2010) lets the rate of a new trial
differ from earlier ones as much as they differ among themselves; the robust prior (Schmidli and
others 2014) adds a part that knows nothing, so that a conflict with the new data is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import signal, special, stats

from resynapse.input_error import InputError
from resynapse.trial.design.bayesian import Beta, ensure_counts
from resynapse.trial.design.validity import open_unit, positive

STEP = 0.02
LOGITS = np.arange(-450, 451) * STEP
"""Grid of the logit of a rate, and of its mean over trials"""
SPREADS = 80
"""Points of the spread between trials, each as probable as the others before the data"""


@dataclass(frozen=True)
class RatePrior:
    """A prior of a rate as probabilities on a grid of logits, with what it is worth in people."""

    probability: np.ndarray
    """Of each of ``LOGITS``; they add up to 1"""

    @property
    def rate(self) -> np.ndarray:
        """The rates of the grid."""
        return special.expit(LOGITS)

    @property
    def mean(self) -> float:
        return float(self.probability @ self.rate)

    @property
    def sd(self) -> float:
        return float(np.sqrt(self.probability @ (self.rate - self.mean) ** 2))

    def quantile(self, share: float) -> float:
        """The rate below which this share of the prior lies."""
        return float(np.interp(share, self.probability.cumsum(), self.rate))

    @property
    def people(self) -> float:
        """Effective sample size by moments: a + b of the beta of the same mean and variance.

        mean (1 - mean) / variance - 1                                      people
        """
        return self.mean * (1 - self.mean) / self.sd**2 - 1

    @property
    def people_by_information(self) -> float:
        """Effective sample size as the expected local-information ratio.

        Neuenschwander and others 2020: the mean over the prior f of i(p) / i_F(p), with
        i = -(ln f)'' and i_F = 1 / (p (1 - p)), the information of one person. By parts, with
        x the logit:

        2 - f(0) - f(1) + mean of (d ln f / dx)^2 / (p (1 - p))             people
        """
        slope = self.rate * (1 - self.rate)
        f = self.probability / STEP / slope
        change = np.gradient(np.log(np.maximum(f, 1e-300)), STEP)
        return float(2 - f[0] - f[-1] + self.probability @ (change**2 / slope))

    def after(self, x: int, n: int) -> RatePrior:
        """With x responders among n people of the new trial."""
        ensure_counts(x, n)
        log = np.log(np.maximum(self.probability, 1e-300)) + stats.binom.logpmf(x, n, self.rate)
        weight = np.exp(log - log.max())
        return RatePrior(weight / weight.sum())

    def robust(self, weight: float, vague: Beta = Beta()) -> RatePrior:  # noqa: B008
        """A mixture: ``weight`` of the vague prior, the rest of this one."""
        if not 0 <= weight <= 1:
            raise InputError(f"The weight of the vague prior was {weight:g}; it lies in 0 to 1.")
        return RatePrior((1 - weight) * self.probability + weight * on_grid(vague).probability)


def on_grid(beta: Beta) -> RatePrior:
    """A beta prior on the grid: density p^a (1 - p)^b of the logit."""
    log = beta.a * special.log_expit(LOGITS) + beta.b * special.log_expit(-LOGITS)
    weight = np.exp(log - log.max())
    return RatePrior(weight / weight.sum())


def meta_analytic_predictive(
    historical: Sequence[tuple[int, int]],
    spread: float = 1.0,
    centre: tuple[float, float] = (0.0, 2.0),
) -> RatePrior:
    """The prior of a new trial's control rate, from (responders, people) of earlier controls.

    logit p_h ~ Normal(mu, tau), x_h ~ Binomial(n_h, p_h), mu ~ Normal(centre), tau ~ half-normal
    with scale ``spread``; 1 lets trials differ much, 0.5 a fair amount. Integrated on a grid.
    """
    positive("spread", spread)
    if not historical:
        raise InputError("No earlier trial was given; a prior of them needs at least one.")
    for x, n in historical:
        ensure_counts(x, n)
    share = (np.arange(SPREADS) + 0.5) / SPREADS
    likelihoods = [stats.binom.pmf(x, n, special.expit(LOGITS)) for x, n in historical]
    mean = stats.norm.pdf(LOGITS, *centre)
    found = np.zeros(len(LOGITS))
    for tau in spread * special.ndtri((1 + share) / 2):
        kernel = stats.norm.pdf(LOGITS, 0.0, tau)
        kernel /= kernel.sum()
        weight = mean.copy()
        for likelihood in likelihoods:
            weight *= _around(likelihood / likelihood.max(), kernel)
        found += _around(weight, kernel)
    return RatePrior(found / found.sum())


def _around(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The values, averaged over a trial's own deviation from the mean."""
    return np.maximum(signal.fftconvolve(values, kernel, mode="same"), 0.0)


def power_prior(historical: Sequence[tuple[int, int]], discount: float, vague: Beta) -> Beta:
    """Earlier controls counted at a fraction (Ibrahim and Chen 2000).

    Beta(a + discount x, b + discount (n - x)); worth discount n people beside the vague prior.
    """
    if not 0 <= discount <= 1:
        raise InputError(f"discount was given as {discount:g}; it lies in 0 to 1.")
    for x, n in historical:
        ensure_counts(x, n)
    x, n = (sum(each) for each in zip(*historical, strict=True))
    return Beta(vague.a + discount * x, vague.b + discount * (n - x))


@dataclass(frozen=True)
class MeanPrior:
    """A normal prior of a control mean, or a mixture of a narrow and a vague one."""

    weight: tuple[float, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]

    def people(self, sd: float) -> float:
        """Effective sample size by moments, where one person has standard deviation ``sd``."""
        positive("sd", sd)
        w, m, s = (np.array(each) for each in (self.weight, self.mean, self.sd))
        centre = w @ m
        return float(sd**2 / (w @ (s**2 + (m - centre) ** 2)))

    def after(self, estimate: float, error: float) -> MeanPrior:
        """With the mean of the new controls; conflict moves weight to the vague part."""
        positive("error", error)
        w, m, s = (np.array(each) for each in (self.weight, self.mean, self.sd))
        precision = 1 / s**2 + 1 / error**2
        fit = w * stats.norm.pdf(estimate, m, np.hypot(s, error))
        centre = (m / s**2 + estimate / error**2) / precision
        share = fit / fit.sum()
        return MeanPrior(*(tuple(each.tolist()) for each in (share, centre, precision**-0.5)))


def predictive_mean(
    estimates: Sequence[float], errors: Sequence[float], spread: float
) -> MeanPrior:
    """The normal predictive of a new trial's control mean, at a known spread between trials.

    precision = sum of 1 / (error_h^2 + spread^2); sd^2 = spread^2 + 1 / precision.
    """
    if not estimates or len(estimates) != len(errors):
        raise InputError("Give an estimate and an error of each earlier trial, at least of one.")
    for error in errors:
        positive("error", error)
    w = 1 / (np.asarray(errors) ** 2 + spread**2)
    mean = float(w @ np.asarray(estimates) / w.sum())
    return MeanPrior((1.0,), (mean,), (float(np.sqrt(spread**2 + 1 / w.sum())),))


def robust_mean(prior: MeanPrior, weight: float, vague_sd: float) -> MeanPrior:
    """A mixture with a vague normal part around the same mean."""
    open_unit("the weight of the vague part", weight)
    positive("vague_sd", vague_sd)
    kept = tuple((1 - weight) * w for w in prior.weight)
    return MeanPrior((*kept, weight), (*prior.mean, prior.mean[0]), (*prior.sd, vague_sd))
