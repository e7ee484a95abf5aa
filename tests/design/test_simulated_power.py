"""Do trials that are played out win as often as the formulas say?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from resynapse.trial.design.counts import counts
from resynapse.trial.design.follow_up import Accrual
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.means import means
from resynapse.trial.design.piecewise import Piecewise
from resynapse.trial.design.rates import rates
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.survival import hazard_of_median, survival

TRIALS = 20_000
FIXED = Looks()
POCOCK = Looks(0.025, 1, 0.8, (0.5, 1.0), "pocock")
FLEMING = Looks(0.025, 1, 0.9, (1 / 3, 2 / 3, 1.0))
FUTILE = Looks(0.025, 1, 0.8, (0.5, 1.0), futility=Futility((0.5,), binding=True))
MANY = Looks(0.05, 2, 0.8, (0.2, 0.4, 0.6, 0.8, 1.0), "hwang-shih-decani")


def won(looks, z):
    """Share of trials that cross for efficacy; z has a column a look."""
    going, crossed = np.ones(len(z), dtype=bool), np.zeros(len(z), dtype=bool)
    futility = looks.futility_bounds
    for k, bound in enumerate(looks.critical_values):
        crossed |= going & (z[:, k] >= bound)
        going &= z[:, k] < bound
        if looks.sided == 2:
            going &= z[:, k] > -bound
        if futility is not None and k < len(futility):
            going &= z[:, k] >= futility[k]
    return crossed.mean()


def sizes(design):
    """Whole people in each arm at each look, as near as can be to the exact ones."""
    n = np.array([look.n for look in design.analyses])
    return np.rint(n * design.ratio / (1 + design.ratio)).astype(int), np.rint(
        n / (1 + design.ratio)
    ).astype(int)


def simulate_means(design, rng):
    """Z tests with known variance from sums of normal values, look by look."""
    effect, sd = design.assumptions["effect"], design.assumptions["sd"]
    treated, control = sizes(design)
    sums = [
        (rng.normal(size=(TRIALS, len(n))) * sd * np.sqrt(np.diff(n, prepend=0))).cumsum(axis=1)
        for n in (treated, control)
    ]
    difference = sums[0] / treated + effect - sums[1] / control
    return difference / (sd * np.sqrt(1 / treated + 1 / control))


def simulate_t(design, rng):
    """One look, the t test itself: a normal difference over a chi-square deviation."""
    effect, sd = design.assumptions["effect"], design.assumptions["sd"]
    (treated,), (control,) = sizes(design)
    df, error = treated + control - 2, math.sqrt(1 / treated + 1 / control)
    t = (effect / sd + error * rng.normal(size=TRIALS)) / (
        error * np.sqrt(rng.chisquare(df, TRIALS) / df)
    )

    return special.ndtri(special.stdtr(df, t))[:, None]


def simulate_rates(design, rng):
    """z tests with pooled variance from binomial counts, look by look."""
    p1, p2 = design.assumptions["p1"], design.assumptions["p2"]
    treated, control = sizes(design)
    x1, x2 = (
        rng.binomial(np.diff(n, prepend=0), p, size=(TRIALS, len(n))).cumsum(axis=1)
        for n, p in ((treated, p1), (control, p2))
    )
    pooled = (x1 + x2) / (treated + control)
    error = np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
    return np.sign(p1 - p2) * (x1 / treated - x2 / control) / error


def simulate_counts(design, rng):
    """One look: Wald test of the log rate ratio, its variance at the estimated rates."""
    given = design.assumptions
    (treated,), (control,) = sizes(design)
    k, t = given["dispersion"], given["follow_up"]
    sums = [
        rng.poisson(rng.gamma(n / k, k * rate * t, size=TRIALS))
        for n, rate in ((treated, given["rate1"]), (control, given["rate2"]))
    ]
    variance = sum(1 / s + k / n for s, n in zip(sums, (treated, control), strict=True))
    log_ratio = np.log(sums[0] / treated) - np.log(sums[1] / control)
    return (-log_ratio / np.sqrt(variance))[:, None]


DESIGNS = {
    "means, one look": (means(FIXED, 0.5, 1.0), simulate_t),
    "means, 2:1": (means(FIXED, 0.6, 1.0, 2.0), simulate_t),
    "means, pocock": (means(POCOCK, 0.5, 2.0, known_sd=True), simulate_means),
    "means, lan-demets": (means(FLEMING, 0.3, 1.0, 2.0, known_sd=True), simulate_means),
    "means, binding futility": (means(FUTILE, 0.3, 1.0, known_sd=True), simulate_means),
    "means, five looks of two sides": (means(MANY, 0.3, 1.0, known_sd=True), simulate_means),
    "rates, one look": (rates(FIXED, 0.45, 0.3), simulate_rates),
    "rates, 2:1": (rates(FIXED, 0.5, 0.35, 2.0), simulate_rates),
    "rates, pocock": (rates(POCOCK, 0.42, 0.3), simulate_rates),
    "rates, lan-demets": (rates(FLEMING, 0.4, 0.3), simulate_rates),
    "counts": (counts(FIXED, 1.2, 1.8, 0.6, 2.0), simulate_counts),
    "counts, 2:1": (counts(FIXED, 1.2, 1.5, 0.8, 2.0, 2.0), simulate_counts),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_simulated_power_is_that_of_the_formula_within_three_monte_carlo_errors(name):
    design, simulate = DESIGNS[name]
    power = design.looks.power
    error = math.sqrt(power * (1 - power) / TRIALS)

    found = won(design.looks, simulate(design, np.random.default_rng(20)))

    assert abs(found - power) < 3 * error


def log_rank(time, event, treated):
    """Z of each row's log-rank test; more events in controls is positive."""
    order = np.argsort(time, axis=1)
    event, treated = (np.take_along_axis(each, order, axis=1) for each in (event, treated))
    at_risk = time.shape[1] - np.arange(time.shape[1])
    at_risk_1 = treated[:, ::-1].cumsum(axis=1)[:, ::-1]
    share = at_risk_1 / at_risk
    excess = np.where(event, share - treated, 0.0).sum(axis=1)
    return excess / np.sqrt(np.where(event, share * (1 - share), 0.0).sum(axis=1))


def simulate_survival(design, hazard_ratio, control, dropout, rng, trials=2_500):
    """Log-rank tests at the calendar times of the looks, of people recruited at a steady rate."""
    treated, placebo = (int(n[-1]) for n in sizes(design))
    arm = np.repeat([True, False], [treated, placebo])
    entry = rng.uniform(0, design.assumptions["accrual"], size=(trials, len(arm)))
    fine = np.linspace(0, 60, 6001)
    event = np.empty_like(entry)
    for chosen, factor in ((arm, hazard_ratio), (~arm, Piecewise((1.0,)))):
        hazard = np.concatenate([[0.0], (factor.at(fine[:-1]) * control * 0.01).cumsum()])
        event[:, chosen] = np.interp(rng.exponential(size=(trials, chosen.sum())), hazard, fine)
    left = rng.exponential(1 / dropout, size=event.shape)
    z = []
    for look in design.analyses:
        followed = look.time - entry
        until = np.minimum(np.minimum(event, left), np.maximum(followed, 0))
        happened = (event <= left) & (event <= followed)
        until = np.where(followed > 0, until, -1.0)
        z.append(log_rank(until, happened, np.broadcast_to(arm, event.shape)))
    return np.column_stack(z)


SURVIVAL = {
    "hazards in proportion": (Piecewise((0.65,)), Looks(0.025, 1, 0.8, (0.6, 1.0)), "schoenfeld"),
    "an effect that wanes": (Piecewise((0.55, 0.95), (2.0,)), Looks(0.025, 1, 0.8), ""),
    "a late effect, two looks": (
        Piecewise((1.0, 0.6), (1.0,)),
        Looks(0.025, 1, 0.8, (0.6, 1.0)),
        "",
    ),
}


@pytest.mark.parametrize("name", SURVIVAL)
def test_simulated_log_rank_tests_win_as_often_as_the_formula_says(name):
    hazard_ratio, looks, method = SURVIVAL[name]
    median, leaving = 3.0, 0.02
    dropout = (Piecewise((leaving,)),) * 2
    design = survival(
        *(looks, hazard_ratio, hazard_of_median(median), Accrual(12.0), 6.0, dropout),
        method=method,
    )
    rng = np.random.default_rng(4)

    z = simulate_survival(design, hazard_ratio, math.log(2) / median, leaving, rng)

    error = math.sqrt(0.8 * 0.2 / len(z))
    assert abs(won(looks, z) - 0.8) < 3 * error
