"""How probable is it that a treatment is better, and that the trial will say so?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from resynapse.input_error import InputError
from resynapse.trial.design.validity import between, open_unit, positive

REACH, STEP = 8.0, 0.05
"""The probability integral transform is integrated over z from -8 to 8 in steps of 0.05"""
MOST_OUTCOMES = 250_000
"""Pairs of future counts that are looked at one by one"""


@dataclass(frozen=True)
class Beta:
    """What is believed of a rate; Beta(1, 1) is uniform, Beta(1/2, 1/2) is Jeffreys'."""

    a: float = 1.0
    b: float = 1.0

    def __post_init__(self) -> None:
        if not np.min(np.minimum(self.a, self.b)) > 0:
            raise InputError(
                f"A beta prior was given parameters {self.a} and {self.b}; both must be above 0."
            )

    def after(self, x: int | np.ndarray, n: int) -> Beta:
        """With x responders among n people; for many x, parameters are arrays."""
        return Beta(self.a + x, self.b + n - x)


def ensure_counts(x: int, n: int) -> None:
    """Responders among people."""
    if not 0 <= x <= n:
        raise InputError(f"{x} responders among {n} people cannot be; give 0 to {n}.")


def rate_exceeds(posterior: Beta, p0: float) -> float:
    """P(p > p0)."""
    open_unit("p0", p0)
    return float(special.betaincc(posterior.a, posterior.b, p0))


def rates_differ(
    treated: tuple[np.ndarray, np.ndarray],
    control: tuple[np.ndarray, np.ndarray],
    margin: float = 0.0,
) -> np.ndarray:
    """P(p1 > p2 + margin) where each has a beta posterior (a, b), element by element.

    integral of F_2(Q_1(Phi(z)) - margin) phi(z) over z, with F the distribution function of the
    control's rate and Q the quantile function of the treated's.
    """
    z = np.arange(-REACH, REACH + STEP / 2, STEP)
    weight = STEP * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    a, b = (np.asarray(each, dtype=float)[..., None] for each in treated)
    c, d = (np.asarray(each, dtype=float)[..., None] for each in control)
    p = np.clip(special.betaincinv(a, b, special.ndtr(z)) - margin, 0.0, 1.0)
    return special.betainc(c, d, p) @ weight


@dataclass(frozen=True)
class SingleArm:
    """One arm of at most n_max people, called a success if P(p > p0 | data) >= threshold."""

    n_max: int
    p0: float
    threshold: float
    prior: Beta = Beta()

    def __post_init__(self) -> None:
        open_unit("p0", self.p0)
        open_unit("threshold", self.threshold)
        positive("n_max", self.n_max)

    def posterior(self, x: int, n: int) -> float:
        """P(p > p0 | x of n)."""
        ensure_counts(x, n)
        return rate_exceeds(self.prior.after(x, n), self.p0)

    def predictive(self, x: int, n: int) -> float:
        """Probability that the trial will be a success at n_max, given x of n (Lee and Liu 2008).

        sum over y of P(y of n_max - n | x of n) 1[P(p > p0 | x + y of n_max) >= threshold]
        """
        ensure_counts(x, n)
        if n > self.n_max:
            raise InputError(f"{n} people were seen in a trial of at most {self.n_max}.")
        left = self.n_max - n
        y, now = np.arange(left + 1), self.prior.after(x, n)
        chance = stats.betabinom.pmf(y, left, now.a, now.b)
        end = self.prior.after(x + y, self.n_max)
        return float(chance @ (special.betaincc(end.a, end.b, self.p0) >= self.threshold))

    def characteristics(
        self, p: float, looks: tuple[int, ...], lower: float, upper: float = 1.0
    ) -> dict[str, float]:
        """What happens at a true rate p, exactly: success, early stop, people on average.

        At each look (people seen) the trial stops as a failure if the predictive probability is
        below ``lower`` and as a success if it is above ``upper``.
        """
        open_unit("p", p)
        chance, seen = np.ones(1), 0
        success = stopped = people = 0.0
        for n in (*looks, self.n_max):
            chance = np.convolve(chance, stats.binom.pmf(np.arange(n - seen + 1), n - seen, p))
            seen = n
            predicted = np.array([self.predictive(x, n) for x in range(n + 1)])
            last = n == self.n_max
            wins = predicted >= 1.0 if last else predicted > upper
            ends = np.ones(n + 1, dtype=bool) if last else wins | (predicted < lower)
            success += float(chance[wins].sum())
            people += n * float(chance[ends].sum())
            stopped += 0.0 if last else float(chance[ends].sum())
            chance = np.where(ends, 0.0, chance)
        return {"success": success, "early_stop": stopped, "expected_n": people}


@dataclass(frozen=True)
class TwoRates:
    """Two arms, called a success if P(p1 > p2 + margin | data) >= threshold."""

    n1: int
    n2: int
    threshold: float
    margin: float = 0.0
    priors: tuple[Beta, Beta] = (Beta(), Beta())

    def __post_init__(self) -> None:
        open_unit("threshold", self.threshold)
        positive("n1", self.n1)
        positive("n2", self.n2)
        if not -1 < self.margin < 1:
            raise InputError(f"margin was given as {self.margin:g}; it lies between -1 and 1.")

    def posterior(self, x1: int, n1: int, x2: int, n2: int) -> float:
        """P(p1 > p2 + margin | data)."""
        ensure_counts(x1, n1)
        ensure_counts(x2, n2)
        one, two = self.priors[0].after(x1, n1), self.priors[1].after(x2, n2)
        return float(rates_differ((one.a, one.b), (two.a, two.b), self.margin))

    def predictive(self, x1: int, n1: int, x2: int, n2: int) -> float:
        """Probability that the trial will be a success at its end, given what was seen."""
        ensure_counts(x1, n1)
        ensure_counts(x2, n2)
        left = self.n1 - n1, self.n2 - n2
        if min(left) < 0:
            raise InputError(
                f"{n1} and {n2} people were seen in arms of {self.n1} and {self.n2}; "
                "give arms of at least those seen."
            )
        if (left[0] + 1) * (left[1] + 1) > MOST_OUTCOMES:
            raise InputError(
                f"{left[0]} and {left[1]} people are to come; at most {MOST_OUTCOMES} pairs of "
                "outcomes are computed. Look later."
            )
        now = self.priors[0].after(x1, n1), self.priors[1].after(x2, n2)
        y1, y2 = np.arange(left[0] + 1), np.arange(left[1] + 1)
        chance = np.outer(
            stats.betabinom.pmf(y1, left[0], now[0].a, now[0].b),
            stats.betabinom.pmf(y2, left[1], now[1].a, now[1].b),
        )
        return float(chance[self.success(x1 + y1[:, None], x2 + y2[None, :])].sum())

    def success(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        """Whether these counts of responders at the end are a success, pair by pair."""
        x1, x2 = np.broadcast_arrays(x1, x2)
        one, two = self.priors[0].after(x1, self.n1), self.priors[1].after(x2, self.n2)
        return rates_differ((one.a, one.b), (two.a, two.b), self.margin) >= self.threshold

    def characteristics(self, p1: float, p2: float) -> float:
        """Probability of success at true rates, exactly; type I error where they are equal."""
        between("p1", p1, 0.0, 1.0)
        between("p2", p2, 0.0, 1.0)
        x1, x2 = np.arange(self.n1 + 1), np.arange(self.n2 + 1)
        chance = np.outer(stats.binom.pmf(x1, self.n1, p1), stats.binom.pmf(x2, self.n2, p2))
        return float(chance[self.success(x1[:, None], x2[None, :])].sum())


@dataclass(frozen=True)
class TwoMeans:
    """A difference of means with known error; success is P(difference > margin) >= threshold.

    The prior of the difference is normal; a standard deviation of infinity is flat.
    """

    threshold: float
    margin: float = 0.0
    prior_mean: float = 0.0
    prior_sd: float = np.inf

    def __post_init__(self) -> None:
        open_unit("threshold", self.threshold)
        if not self.prior_sd > 0:
            raise InputError(f"prior_sd was given as {self.prior_sd:g}; it must be above 0.")

    def updated(self, estimate: float, error: float) -> tuple[float, float]:
        """Mean and standard deviation of the difference.

        precision = 1 / error^2 + 1 / prior_sd^2
        mean      = (estimate / error^2 + prior_mean / prior_sd^2) / precision
        """
        positive("error", error)
        precision = 1 / error**2 + 1 / self.prior_sd**2
        mean = (estimate / error**2 + self.prior_mean / self.prior_sd**2) / precision
        return mean, precision**-0.5

    def posterior(self, estimate: float, error: float) -> float:
        """P(difference > margin | data)."""
        mean, sd = self.updated(estimate, error)
        return float(special.ndtr((mean - self.margin) / sd))

    def predictive(self, estimate: float, error: float, final_error: float) -> float:
        """Probability of success at the end, where the estimate will have ``final_error``.

        The mean at the end is normal around the mean now, with variance sd^2 - sd_end^2; success
        is a mean at the end of at least margin + z_threshold sd_end.
        """
        mean, sd = self.updated(estimate, error)
        if not final_error < error:
            raise InputError(
                f"The error at the end, {final_error:g}, is not below the one now, {error:g}."
            )
        _, sd_end = self.updated(estimate, final_error)
        needed = self.margin + special.ndtri(self.threshold) * sd_end
        return float(special.ndtr((mean - needed) / np.sqrt(sd**2 - sd_end**2)))
