"""Stage c: who stays on methadone or buprenorphine, and who uses week after week, in CTN-0027?

Four numbers of the law of stopping a medication, the hazard of ending a bout, and the hazard of use
in people who do not mean to abstain are fitted, of the trial's people the log hazard of use and the
share of those, of its visits how often no urine is given without use and with use. Stage b is at
its medians, a cut, but for that hazard, which it leaves as it was: it is fitted again, with stage
b's posterior as prior. Both hazards and the two scales of the law of stopping are baselines and
the trial's own: what is handed on is what they say of all studies (``between_studies``). The two
shapes of that law are handed on as they are.

    x          fitted numbers that people are simulated with, on standard scales
    eta(x)     statistics of simulated people (``treated_course``), emulated
    g(eta)     what the trial's urines would show of them (``weekly_urines``), scaled
    y          the same shares, counted in the trial and scaled (``treated_data``)
    y ~ Normal(g(eta), C + J E J')                                          1

C is the covariance of y over resampled people, so that weeks of one person count as what they are;
E is that of the emulator's error, J = dg/d eta at the medians of the priors. Points are simulated
in five rounds: over the priors, twice where the rounds before make y likely, twice on the way to
the most probable numbers; the emulator is of the last two. Every point is made of other people, so
that it sees what the model does on average and not what chance made of one set of people; what
chance made of those of a point is in E. In the end E is that in the middle of the last round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.nn import sigmoid
from scipy.linalg import block_diag
from scipy.special import logit

from resynapse.evidence.ctn0094 import checksums, shipped
from resynapse.evidence.ctn0094.in_treatment import QUANTITIES
from resynapse.inference.at_once import in_order
from resynapse.inference.emulator import fit, standard
from resynapse.inference.free import Free, slab_points
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import (
    SmoothStage,
    most_probable,
    prior_draws,
    values_at,
)
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.inference.treated_course import (
    DAYS,
    SEED,
    SIZE,
    WEEKS,
    WHILE_IN_TREATMENT,
    treated_course,
)
from resynapse.inference.treated_data import ARMS, FITTED, RETAINED, Treated, everybody, without
from resynapse.inference.treated_numbers import (
    AGAIN,
    OF_SITE,
    OF_VISITS,
    OWN,
    PROTOCOL,
    SITES,
    numbers_before,
    parameters,
    simulated_numbers,
    trial,
)
from resynapse.inference.weekly_urines import Screen, shown, states
from resynapse.protocol.conduct import Urine
from resynapse.trial.parameter_set import ParameterSet

ROUNDS = ((96, 512), (96, 1024), (128, 1536), (96, 1024), (96, 1536))
"""points and people an arm of each; nobody is in two points"""
CHECKED = (32, 1536)
"""draws and people of each among whom the fit is judged"""
QUICK_ROUNDS = ((48, 128), (48, 128), (48, 128), (48, 128), (48, 192))
QUICK_CHECKED = (16, 256)
NEARER = 3
"""the first of the rounds that lie on the way to what is most probable"""
SPREAD = 2.0
LIKELY_OF, TEMPERED = 16384, 0.25
"""draws of the prior among which later rounds are chosen, by this power of their likelihood"""
CAUTION = 1.0e-6
BAR = 0.05
"""five points"""
TABLES = ("weeks_in_treatment.csv", "weeks_in_treatment_covariance.csv", "weekly_urine.csv")


class Medications:
    """The stage: points, emulator, likelihood and checks."""

    checked = CHECKED
    earlier: ParameterSet | None = None
    """stage b, where it is not the one that ships"""

    def __init__(
        self, rounds: tuple[tuple[int, int], ...] = ROUNDS, progress: Listener | None = None,
        checked: tuple[int, int] = CHECKED, earlier: ParameterSet | None = None,
    ) -> None:  # fmt: skip
        self.checked, self.earlier = checked, earlier
        self.simulated = simulated_numbers()
        self.before = numbers_before(self.earlier)
        self.seen = everybody()
        self.root: np.ndarray | None = None
        say = progress or (lambda share, words: None)
        whole = sum(points * people for points, people in rounds)

        def done(people: int) -> None:
            say(0.6 * people / whole, f"simulating {PROTOCOL}")

        self.people = 0
        points, people = rounds[0]
        first = slab_points(self.inputs, points, SEED)
        self._emulate(first, self._simulate(first, people, done))
        values: list[np.ndarray] = []
        found: list[np.ndarray] = []
        for number, (points, people) in enumerate(rounds[1:], 1):
            chance = np.random.default_rng(SEED + number)
            far = (
                self._likely(points, chance, SEED + number)
                if number < NEARER
                else self._toward(points, values[-1], chance)
            )
            values.append(far)
            found.append(self._simulate(values[-1], people, done))
            self._emulate(np.concatenate(values[-2:]), np.concatenate(found[-2:]))
        self._hold_error(values[-1])

    def _simulate(
        self, values: np.ndarray, people: int, done: Callable[[int], None] = lambda people: None
    ) -> np.ndarray:
        """Statistics at these values of the inputs on their scales, [points, statistics].

        Of people who were in no point before; ``done`` is told how many have been.
        """
        found, protocol, begin = [], trial(), self.people

        def course(number: int) -> np.ndarray:
            given = parameters(values[number], self.earlier)
            return treated_course(protocol, given, people, begin + number * people)

        for one in in_order(course, range(len(values))):
            found.append(one)
            self.people += people
            done(self.people)
        return _scaled(np.array(found), people)

    def _emulate(self, values: np.ndarray, found: np.ndarray) -> None:
        self.emulator = fit(self.inputs, values, found)
        self.slope = self._slope()

    def _likely(self, points: int, chance: np.random.Generator, seed: int) -> np.ndarray:
        """Inputs drawn from the prior by a power of their likelihood, [points, inputs]."""
        drawn = prior_draws((*self.inputs, *OF_VISITS), LIKELY_OF, seed)
        with jax.enable_x64(True):
            log = np.asarray(jax.jit(jax.vmap(self.log_likelihood))(drawn))
        weight = np.exp(TEMPERED * (log - log.max()))
        rows = chance.choice(len(drawn), points, replace=False, p=weight / weight.sum())
        return drawn[rows, : len(self.inputs)]

    def _toward(self, points: int, last: np.ndarray, chance: np.random.Generator) -> np.ndarray:
        """Inputs on the way from the middle of the last round to the most probable ones.

        Around the way they are spread as the posterior is there, SPREAD times as far.
        """
        best, covariance = most_probable(self.stage)
        count = len(self.inputs)
        middle = standard(self.inputs, last).mean(axis=0)
        way = chance.random((points, 1)) * (best[:count] - middle)
        off = chance.multivariate_normal(np.zeros(count), covariance[:count, :count], points)
        return values_at(self.inputs, middle + way + SPREAD * off)

    @property
    def inputs(self) -> tuple[Free, ...]:
        """What the statistics of simulated people depend on."""
        return (*self.simulated, *self.before)

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage(
            "medications", (*self.inputs, *OF_VISITS),
            lambda values, latents: self.log_likelihood(values), again=AGAIN, own=OWN,
            of_site={one.name: site for one, site in zip(OF_SITE, SITES, strict=True)},
        )  # fmt: skip

    def fitted_to(self, seen: Treated) -> Medications:
        """The same emulator, with other people's shares."""
        other = copy(self)
        other.seen = seen
        if self.root is not None:
            other.root = other._root()
        return other

    def without(self, fold: str) -> Medications:
        """The same emulator, fitted to the sites of the other folds."""
        return self.fitted_to(without(fold))

    def statistics(self, values: Any, latents: Any = 0.0) -> Any:
        """Statistics of simulated people on their scales, [arms, SIZE]; latents are their error."""
        x = standard(self.inputs, values[: len(self.inputs)], jnp)
        error = self.emulator.sd(x, jnp) * latents
        return (self.emulator.mean(x, jnp) + error).reshape(len(ARMS), SIZE)

    def screen(self, values: Any) -> Screen:
        """How the trial's urines show use."""
        return Screen.of(Urine(), *sigmoid(values[len(self.inputs) :]))

    def predicted(self, eta: Any, screen: Screen) -> Any:
        """The quantities of the trial on their scales, [arms, quantities]."""
        return jax.vmap(lambda one: _scale(shown(_shares(one), screen)))(eta)

    def log_likelihood(self, values: Any) -> Any:
        """ln P of what was seen of both arms, but for a constant where the error is held.

        ``values`` are the inputs, then the logits of no urine.
        """
        predicted = self.predicted(self.statistics(values), self.screen(values))
        off = (jnp.asarray(self.seen.scaled) - predicted).ravel()[TWICE]
        if self.root is not None:
            return -0.5 * jnp.sum((jnp.asarray(self.root) @ off) ** 2)
        L = self._cholesky(standard(self.inputs, values[: len(self.inputs)], jnp))
        e = jax.scipy.linalg.solve_triangular(L, off, lower=True)
        return -0.5 * jnp.sum(e**2) - jnp.sum(jnp.log(jnp.diagonal(L)))

    def _cholesky(self, x: Any) -> Any:
        """L L' = C + J E(x) J'."""
        moved = jnp.asarray(self.slope[TWICE]) * self.emulator.sd(x, jnp)
        sampled = block_diag(*self.seen.covariance)[np.ix_(TWICE, TWICE)]
        return jnp.linalg.cholesky(moved @ self.emulator.correlation @ moved.T + sampled)

    def _hold_error(self, values: np.ndarray) -> None:
        """The error of the emulator from here on as in the middle of these values of the inputs."""
        self.middle = standard(self.inputs, values).mean(axis=0)
        self.root = self._root()

    def _root(self) -> np.ndarray:
        with jax.enable_x64(True):
            return np.linalg.inv(np.asarray(self._cholesky(jnp.asarray(self.middle))))

    def _slope(self) -> np.ndarray:
        """J at the medians of the priors, [quantities, statistics] of both arms."""
        values = np.array([one.slab.quantile(0.5) for one in (*self.inputs, *OF_VISITS)])
        with jax.enable_x64(True):
            eta, screen = self.statistics(values), self.screen(values)
            each = jax.vmap(jax.jacfwd(lambda one: _scale(shown(_shares(one), screen))))
            return np.asarray(block_diag(*np.asarray(each(eta))))

    def cells(self, eta: Any, screen: Screen) -> Any:
        """Of all randomised: negative, positive and missing in each of WEEKS, [arms, weeks, 3]."""
        begun, used = jnp.split(sigmoid(eta[:, WHILE_IN_TREATMENT:]), 2, axis=-1)
        return states(begun, used, screen)

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """Retention, weekly urines and what follows what, each against its bar of five points.

        Simulated at draws of the posterior, each with people whom nothing was fitted with, so that
        intervals hold the chance of that many people too.
        """
        draws, people = self.checked
        picked = posterior.draws[np.linspace(0, len(posterior.draws) - 1, draws).astype(int)]
        eta = self._simulate(picked[:, : len(self.inputs)], people)
        quantities, cells = self.shown_by(picked, eta.reshape(draws, len(ARMS), SIZE))
        return (*_quantity_checks(self.seen, quantities), *cell_checks(cells))

    def shown_by(self, values: np.ndarray, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Quantities on their scales and cells, of statistics [draws, arms, SIZE] of people."""

        def one(v: Any, eta: Any) -> Any:
            screen = self.screen(v)
            return self.predicted(eta, screen), self.cells(eta, screen)

        with jax.enable_x64(True):
            quantities, cells = jax.jit(jax.vmap(one))(values, eta)
        return np.asarray(quantities), np.asarray(cells)

    def errors(self, count: int, chance: np.random.Generator) -> np.ndarray:
        """Correlated standard errors of the emulator, [count, statistics]."""
        size = len(self.emulator.correlation)
        L = np.linalg.cholesky(self.emulator.correlation + CAUTION * np.eye(size))
        return np.asarray(chance.standard_normal((count, size)) @ L.T)


STATES = ("negative", "positive", "missing")
TWICE = np.flatnonzero(np.tile(FITTED, len(ARMS)))
"""places of what is fitted, of both arms"""


def calibrate(
    *, quick: bool = False, samples: int | None = None, progress: Listener | None = None,
    earlier: ParameterSet | None = None,
) -> StageFit:  # fmt: skip
    """Fit the stage over stage b, the one that ships or ``earlier``.

    Refused where the sampler did not converge.
    """
    rounds, checked = (QUICK_ROUNDS, QUICK_CHECKED) if quick else (ROUNDS, CHECKED)
    one = Medications(rounds, progress, checked, earlier)
    sums = {name: checksums()[name] for name in TABLES}
    return fitted(
        one.stage, one.checks, (PROTOCOL,), sums, samples=samples, quick=quick, progress=progress
    )


def _quantity_checks(seen: Treated, draws: np.ndarray) -> Iterator[Check]:
    shares = np.where(RETAINED, np.exp(-np.exp(draws)), 1.0 / (1.0 + np.exp(-draws)))
    for k, arm in enumerate(ARMS):
        for j, name in enumerate(QUANTITIES):
            share = float(seen.shares[k, j])
            yield five(f"{arm}, {name}", share, shares[:, k, j], bool(FITTED[j]))


def cell_checks(cells: np.ndarray) -> Iterator[Check]:
    """Draws of every cell, [draws, arms, weeks, 3], each against its bar."""
    for k, arm in enumerate(ARMS):
        for j, week in enumerate(WEEKS):
            for s, (count, n) in enumerate(_urines(arm, week)):
                yield five(f"{arm}, urine {STATES[s]} in week {week}", count / n, cells[:, k, j, s])


def five(quantity: str, published: float, draws: np.ndarray, fitted: bool = True) -> Check:
    """A share of the trial against its bar, five points to each side."""
    return check(quantity, published, (published - BAR, published + BAR), draws, fitted)


def _shares(eta: Any) -> Any:
    """Statistics of one arm from their scales."""
    kept, rest = eta[: len(DAYS)], eta[len(DAYS) :]
    return jnp.concatenate([jnp.exp(-jnp.exp(kept)), sigmoid(rest)])


def _scale(shares: Any) -> Any:
    """Quantities of one arm on their scales."""
    kept, rest = shares[: len(DAYS)], shares[len(DAYS) :]
    return jnp.concatenate([jnp.log(-jnp.log(kept)), jnp.log(rest) - jnp.log1p(-rest)])


def _scaled(found: np.ndarray, people: int) -> np.ndarray:
    """[points, arms, SIZE] on their scales, [points, statistics]."""
    inside = np.clip(found, 0.5 / people, 1.0 - 0.5 / people)
    kept = np.log(-np.log(inside[..., : len(DAYS)]))
    scaled = np.concatenate([kept, logit(inside[..., len(DAYS) :])], axis=-1)
    return np.asarray(scaled.reshape(len(found), -1))


def _urines(arm: str, week: int) -> list[tuple[int, int]]:
    """Count and n of each of STATES."""
    rows = {
        row["state"]: (int(row["count"]), int(row["n"]))
        for row in shipped("weekly_urine")
        if row["arm"] == arm and row["week"] == str(week)
    }
    return [rows[state] for state in STATES]
