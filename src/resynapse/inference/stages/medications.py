"""Stage c: who stays on methadone or buprenorphine, and who uses week after week, in CTN-0027?

Four numbers of the law of stopping a medication, the hazard of ending a bout, and the hazard of use
in people who do not mean to abstain are fitted, of the trial's people the log hazard of use and the
share of those, of its visits how often no urine is given without use and with use. Stage b is at
its medians, a cut, but for that hazard, which it leaves as it was: it is fitted again, with stage
b's posterior as prior. Points are simulated over all of stage b's posterior.

    x          fitted numbers and those of stage b, on standard scales
    eta(x)     statistics of simulated people (``treated_course``), emulated
    g(eta)     what the trial's urines would show of them (``weekly_urines``), scaled
    y          the same shares, counted in the trial and scaled (``treated_data``)
    y ~ Normal(g(eta), C + J E J')                                          1

C is the covariance of y over resampled people, so that weeks of one person count as what they are;
E is that of the emulator's error, J = dg/d eta at the medians of the priors. Points are simulated
in two rounds, over the priors and then where the first makes y likely; from then on E is that in
the middle of the second.
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
from resynapse.inference.emulator import fit, standard
from resynapse.inference.free import Free, slab_points
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SAMPLES, SmoothStage, prior_draws
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.inference.treated_course import DAYS, SEED, SIZE, WEEKS, treated_course
from resynapse.inference.treated_data import ARMS, FITTED, RETAINED, Treated, everybody, without
from resynapse.inference.weekly_urines import Screen, given, positive, shown
from resynapse.parameter import HalfNormal, LogNormal, Normal, entries
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, load
from resynapse.protocol.conduct import Urine
from resynapse.protocol.setting import Site
from resynapse.trial.parameter_set import shipped_set

PROTOCOL = "ctn-0027"
POINTS, PEOPLE = 128, 512
"""of each of two rounds: over the priors, then where the first round makes the data likely"""
FIRST, SECOND = f"simulating {PROTOCOL}", f"simulating {PROTOCOL} where it is likely"
LIKELY_OF, TEMPERED = 16384, 0.25
"""draws of the prior among which the second round is chosen, by this power of their likelihood"""
CAUTION = 1.0e-6
BAR = 0.05
"""five points"""
UPPER = 1.96
"""95 % point of a half-normal law, in units of its scale"""
TABLES = ("weeks_in_treatment.csv", "weeks_in_treatment_covariance.csv", "weekly_urine.csv")
REFERENCE = Site(uncommitted=0.05, log_hazard=2.4)
"""fitted by hand before (docs/baseline.md); what is fitted here stands beside it"""
OF_SITE = (
    Free("ctn0027_hazard", "log hazard of the site, ctn0027", "1", Normal(0.0, 1.0), {},
         "beside 2.4"),
    Free("ctn0027_commitment", "logit of the uncommitted share, ctn0027", "1", Normal(0.0, 1.5),
         {}, "beside 5 %; spread as between the sites of stage b"),
)  # fmt: skip
PATHS = (
    *(f"medication_stop.{arm}_{what}" for arm in ARMS for what in ("scale", "shape")),
    "stop.baseline", "lapse.blockade_weight",
)  # fmt: skip
HELD = ("lapse.blockade_weight",)
"""simulated and not fitted: here it would stand in for the next, and other trials set it"""
AGAIN = ("lapse.uncommitted",)
"""what stage b leaves as its prior was; CTN-0027 says more of it"""
SITE_PATHS = ("people.site_hazard", "people.site_commitment")
OF_VISITS = (
    Free("missed", "logit of no urine, without use", "1", Normal(-1.7, 1.0), {}, "of this trial"),
    Free("missed_using", "logit of no urine, with use", "1", Normal(-1.7, 1.0), {},
         "of this trial"),
)  # fmt: skip
"""numbers that act on what is seen alone, so that nothing is simulated for them"""


def trial() -> Protocol:
    """The protocol, at the site that its own numbers count from."""
    protocol = load(PROTOCOL)
    setting = protocol.setting.model_copy(update={"site": REFERENCE})
    return protocol.model_copy(update={"setting": setting})


def simulated_numbers() -> tuple[Free, ...]:
    """Numbers of this stage that the simulation depends on, priors as declared."""
    declared = {entry.path: entry for entry in entries(apply(Patient(), "heroin"))}
    fixed = [
        Free(path.rpartition(".")[2], path, declared[path].declared.unit,
             _log_normal(declared[path].declared.prior), {} if path in HELD else {path: 1.0},
             "as declared")
        for path in PATHS
    ]  # fmt: skip
    return (*fixed, *OF_SITE)


def numbers_before() -> tuple[Free, ...]:
    """The numbers of stage b, its posterior as prior; one of them is fitted again."""
    before = shipped_set("natural-history")
    values = np.array(before.draws)
    return tuple(
        Free(f"before_{path.rpartition('.')[2]}", f"{path} (stage b)", "1/d", _law(path, column),
             {path: 1.0} if path in AGAIN else {}, "posterior of stage b")
        for path, column in zip(before.paths, values.T, strict=True)
    )  # fmt: skip


def _law(path: str, draws: np.ndarray) -> LogNormal | HalfNormal:
    """A half-normal law stays one; correlations, at most 0.3, are left out."""
    if path == "lapse.withdrawal_weight":
        return HalfNormal(float(np.quantile(draws, 0.95) / UPPER))
    logs = np.log(draws)
    return LogNormal(float(np.exp(np.median(logs))), float(logs.std()))


def _log_normal(prior: Any) -> LogNormal:
    assert isinstance(prior, LogNormal)
    return prior


class Medications:
    """The stage: points, emulator, likelihood and checks."""

    def __init__(
        self, points: int = POINTS, people: int = PEOPLE, progress: Listener | None = None
    ) -> None:
        self.simulated = simulated_numbers()
        self.before = numbers_before()
        self.seen = everybody()
        self.root: np.ndarray | None = None
        say = progress or (lambda share, words: None)
        first = slab_points(self.inputs, points, SEED)
        found = self._simulate(first, people, lambda k: say(0.3 * k / points, FIRST))
        self._emulate(first, found, people)
        second = self._likely(points)
        more = self._simulate(second, people, lambda k: say(0.3 + 0.3 * k / points, SECOND))
        self._emulate(np.concatenate([first, second]), np.concatenate([found, more]), people)
        self._hold_error(second)

    def _simulate(self, values: np.ndarray, people: int, done: Callable[[int], None]) -> np.ndarray:
        """Statistics at these values of the inputs, [points, arms, SIZE]."""
        found = []
        for number, row in enumerate(values):
            found.append(treated_course(trial(), self.settings(row), people))
            done(number + 1)
        return np.array(found)

    def _emulate(self, values: np.ndarray, found: np.ndarray, people: int) -> None:
        self.emulator = fit(self.inputs, values, _scaled(found, people))
        self.slope = self._slope()

    def _likely(self, points: int) -> np.ndarray:
        """Inputs drawn from the prior by a power of their likelihood, [points, inputs]."""
        drawn = prior_draws((*self.inputs, *OF_VISITS), LIKELY_OF, SEED)
        with jax.enable_x64(True):
            log = np.asarray(jax.jit(jax.vmap(self.log_likelihood))(drawn))
        weight = np.exp(TEMPERED * (log - log.max()))
        chance = np.random.default_rng(SEED)
        rows = chance.choice(len(drawn), points, replace=False, p=weight / weight.sum())
        return drawn[rows, : len(self.inputs)]

    @property
    def inputs(self) -> tuple[Free, ...]:
        """What the statistics of simulated people depend on."""
        return (*self.simulated, *self.before)

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage(
            "medications", (*(self.inputs[k] for k in self.places), *OF_VISITS),
            lambda values, latents: self.log_likelihood(self.whole(values)), again=AGAIN,
        )  # fmt: skip

    @property
    def places(self) -> list[int]:
        """Which of the inputs are fitted; the others are held at their medians."""
        return [k for k, one in enumerate(self.inputs) if one.moves or one in OF_SITE]

    def whole(self, values: Any) -> Any:
        """Values of the fitted numbers, with those that are held among them."""
        held = jnp.array([one.slab.quantile(0.5) for one in self.inputs])
        count = len(self.places)
        return jnp.concatenate([held.at[jnp.array(self.places)].set(values[:count]),
                                values[count:]])  # fmt: skip

    def settings(self, row: np.ndarray) -> dict[str, float]:
        """Parameters by path, at values of the inputs."""
        paths = (*PATHS, *SITE_PATHS, *shipped_set("natural-history").paths)
        return dict(zip(paths, map(float, row), strict=True))

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

        Here and below ``values`` are whole: the inputs, then the chances of no urine.
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

    def cells(self, values: Any, latents: Any) -> Any:
        """Of all randomised: negative, positive and missing in each of WEEKS, [arms, weeks, 3]."""
        eta, screen = self.statistics(values, latents), self.screen(values)
        start = len(DAYS)
        retained = jnp.exp(-jnp.exp(eta[:, [DAYS.index(7 * week) for week in WEEKS]]))
        used = sigmoid(eta[:, start : start + len(WEEKS)])
        here = retained * given(used, screen)
        share = positive(used, screen)
        return jnp.stack([here * (1.0 - share), here * share, 1.0 - here], axis=-1)

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """Retention, weekly urines and what follows what, each against its bar of five points.

        The error of the emulator is drawn with every draw.
        """
        picked = np.linspace(0, len(posterior.draws) - 1, 500).astype(int)
        latents = self.errors(len(picked), np.random.default_rng(SEED))
        with jax.enable_x64(True):
            of = jax.jit(
                jax.vmap(
                    lambda v, z: (
                        self.predicted(self.statistics(v, z), self.screen(v)),
                        self.cells(v, z),
                    )
                )
            )
            whole = jax.vmap(self.whole)(posterior.draws[picked])
            quantities, cells = (np.asarray(part) for part in of(whole, latents))
        return (*_quantity_checks(self.seen, quantities), *_cell_checks(cells))

    def errors(self, count: int, chance: np.random.Generator) -> np.ndarray:
        """Correlated standard errors of the emulator, [count, statistics]."""
        size = len(self.emulator.correlation)
        L = np.linalg.cholesky(self.emulator.correlation + CAUTION * np.eye(size))
        return np.asarray(chance.standard_normal((count, size)) @ L.T)


STATES = ("negative", "positive", "missing")
TWICE = np.flatnonzero(np.tile(FITTED, len(ARMS)))
"""places of what is fitted, of both arms"""


def calibrate(*, samples: int = SAMPLES, progress: Listener | None = None) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    one = Medications(progress=progress)
    sums = {name: checksums()[name] for name in TABLES}
    return fitted(
        one.stage, one.checks, (PROTOCOL,), sums, samples=samples, progress=progress
    )  # fmt: skip


def _quantity_checks(seen: Treated, draws: np.ndarray) -> Iterator[Check]:
    shares = np.where(RETAINED, np.exp(-np.exp(draws)), 1.0 / (1.0 + np.exp(-draws)))
    for k, arm in enumerate(ARMS):
        for j, name in enumerate(QUANTITIES):
            share = float(seen.shares[k, j])
            yield _five(f"{arm}, {name}", share, shares[:, k, j], bool(FITTED[j]))


def _cell_checks(cells: np.ndarray) -> Iterator[Check]:
    for k, arm in enumerate(ARMS):
        for j, week in enumerate(WEEKS):
            for s, (count, n) in enumerate(_urines(arm, week)):
                yield _five(
                    f"{arm}, urine {STATES[s]} in week {week}", count / n, cells[:, k, j, s]
                )


def _five(quantity: str, published: float, draws: np.ndarray, fitted: bool = True) -> Check:
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
