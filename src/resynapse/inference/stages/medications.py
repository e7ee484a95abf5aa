"""Stage c: who stays on methadone or buprenorphine, and whose urine shows use, in CTN-0027?

Four numbers of the law of stopping a medication, the log hazard of the trial's site and the hazard
of ending a bout are fitted. Use is a count with jumps, so statistics are emulated over Sobol
points, each with its own draw of stage b (a cut: nothing here moves that stage). With R_w retained
and u_w positive among them at the end of week w, and p the chance of giving no urine in treatment:

    R_w        = (1 - f) R*_w                                             1
    negative_w = R_w (1 - p) (1 - u_w)                                    1
    positive_w = R_w (1 - p) u_w                                          1
    missing_w  = 1 - R_w (1 - p)                                          1

f, of each arm, never got started on the medication (``induction_failure`` of a protocol) and R* is
what is simulated of those who were. f and p belong to the trial, not to the model.
Retention is a multinomial over its intervals. The weeks show the same people, so each week counts
by one over the number of weeks. Week 1, in which a third gave no urine, is not fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.nn import sigmoid
from scipy.special import logit
from scipy.stats import qmc

from resynapse.evidence.ctn0094 import checksums, shipped
from resynapse.inference.emulator import fit, standard
from resynapse.inference.free import Free
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SAMPLES, SmoothStage
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.inference.treated_course import SEED, treated_course
from resynapse.parameter import LogNormal, Normal, entries
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import load
from resynapse.trial.parameter_set import ParameterSet, parameter_set

PROTOCOL = "ctn-0027"
ARMS = ("methadone", "buprenorphine")
DAYS = (7, 14, 28, 56, 84, 112, 140, 161)
WEEKS = (2, 4, 8, 12, 16, 20)
POINTS, PEOPLE = 192, 512
CAUTION = 1.0e-6
BAR = 0.05
"""five points"""
OF_TRIAL = (
    *(Free(f"failed_{arm}", f"logit of never started, {arm}", "1", Normal(-3.0, 1.0), {},
           "induction failure in this trial") for arm in ARMS),
    Free("missed", "logit of a urine not given in treatment", "1", Normal(-1.7, 1.0), {},
         "of this trial"),
)  # fmt: skip
"""numbers that act on what is seen alone, so that nothing is simulated for them"""


def simulated_numbers() -> tuple[Free, ...]:
    """The free numbers that the simulation depends on, priors as declared."""
    declared = {entry.path: entry for entry in entries(apply(Patient(), "heroin"))}
    paths = (
        *(f"medication_stop.{arm}_{what}" for arm in ARMS for what in ("scale", "shape")),
        "stop.baseline",
    )
    fixed = [
        Free(path.rpartition(".")[2], path, declared[path].declared.unit,
             _prior(declared[path].declared.prior), {path: 1.0}, "as declared")
        for path in paths
    ]  # fmt: skip
    site = Free(
        "ctn0027_hazard", "log hazard of the site, ctn0027", "1", Normal(0.0, 1.0), {},
        "beside the 2.4 of its protocol",
    )  # fmt: skip
    return (*fixed, site)


def _prior(prior: Any) -> LogNormal:
    assert isinstance(prior, LogNormal)
    return prior


class Medications:
    """The stage: points, emulator, likelihood and checks."""

    def __init__(
        self, points: int = POINTS, people: int = PEOPLE, progress: Listener | None = None
    ) -> None:
        self.simulated = simulated_numbers()
        values = _sobol(self.simulated, points)
        found = []
        for number, row in enumerate(_settings(self.simulated, values)):
            found.append(treated_course(load(PROTOCOL), row, people, DAYS, WEEKS))
            if progress:
                progress(0.5 * (number + 1) / points, f"simulating {PROTOCOL}")
        self.emulator = fit(self.simulated, values, _scaled(np.array(found)))
        self.retained = {arm: _retained(arm) for arm in ARMS}
        self.urines = {arm: np.array([_urines(arm, week) for week in WEEKS]) for arm in ARMS}

    def without(self, fold: str) -> Medications:
        """The same emulator, fitted to the sites of the other folds."""
        other = copy(self)
        kept = _without(fold)
        other.retained = {
            arm: np.array([kept[arm, "retained", DAYS[0]][0],
                           *(kept[arm, "retained", day][1] for day in DAYS)])
            for arm in ARMS
        }  # fmt: skip
        other.urines = {
            arm: np.array([[kept[arm, f"urine {s}", week][1] for s in STATES] for week in WEEKS])
            for arm in ARMS
        }
        return other

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        size = len(ARMS) * (len(DAYS) + len(WEEKS))
        return SmoothStage("medications", (*self.simulated, *OF_TRIAL), self.log_likelihood, size)

    def shares(self, values: Any, latents: Any) -> Any:
        """Retained on each day, and negative and positive in each week, an arm after the other."""
        x = standard(self.simulated, values[: len(self.simulated)], jnp)
        mean, sd = self.emulator.mean(x, jnp), self.emulator.sd(x, jnp)
        eta = mean + sd * (jnp.linalg.cholesky(self._correlation) @ latents)
        by_arm = eta.reshape(len(ARMS), -1)
        started = 1.0 - sigmoid(values[len(self.simulated) : -1])
        kept = started[:, None] * jnp.exp(-jnp.exp(by_arm[:, : len(DAYS)]))
        u, given = sigmoid(by_arm[:, len(DAYS) :]), 1.0 - sigmoid(values[-1])
        here = kept[:, [DAYS.index(7 * week) for week in WEEKS]] * given
        return kept, here * (1.0 - u), here * u

    @property
    def _correlation(self) -> np.ndarray:
        size = len(self.emulator.correlation)
        return (1.0 - CAUTION) * self.emulator.correlation + CAUTION * np.eye(size)

    def log_likelihood(self, values: Any, latents: Any) -> Any:
        """ln P of retention and urines of both arms."""
        kept, negative, positive = self.shares(values, latents)
        total: Any = 0.0
        for k, arm in enumerate(ARMS):
            steps = jnp.concatenate([jnp.ones(1), kept[k], jnp.zeros(1)])
            lost = -np.diff(np.array([*self.retained[arm], 0.0]))
            total += jnp.sum(lost * _log(steps[:-1] - steps[1:]))
            parts = [negative[k], positive[k], 1.0 - negative[k] - positive[k]]
            seen = jnp.log(jnp.clip(jnp.stack(parts, axis=1), CAUTION))
            total += jnp.sum(self.urines[arm] * seen) / len(WEEKS)
        return total

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """Retention and weekly urines, each against its bar of five points.

        The error of the emulator is drawn anew: where the fit leant on it, this shows the miss.
        """
        picked = np.linspace(0, len(posterior.draws) - 1, 500).astype(int)
        with jax.enable_x64(True):
            of = jax.jit(jax.vmap(self.shares))
            anew = np.random.default_rng(SEED).standard_normal((len(picked), self.stage.latents))
            found = of(posterior.draws[picked], anew)
            kept, negative, positive = (np.asarray(part) for part in found)
        return tuple(self._checks(kept, negative, positive))

    def _checks(
        self, kept: np.ndarray, negative: np.ndarray, positive: np.ndarray
    ) -> Iterator[Check]:
        for k, arm in enumerate(ARMS):
            n = self.retained[arm][0]
            for j, day in enumerate(DAYS):
                seen = self.retained[arm][j + 1] / n
                yield _five(f"{arm}, in treatment at {day} d", seen, kept[:, k, j])
            for j, week in enumerate(WEEKS):
                a, b = negative[:, k, j], positive[:, k, j]
                for count, state, draws in zip(
                    self.urines[arm][j], STATES, (a, b, 1.0 - a - b), strict=True
                ):
                    yield _five(f"{arm}, urine {state} in week {week}", count / n, draws)


STATES = ("negative", "positive", "missing")


def calibrate(*, samples: int = SAMPLES, progress: Listener | None = None) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    one = Medications(progress=progress)
    sums = {name: checksums()[name] for name in ("retention.csv", "weekly_urine.csv")}
    return fitted(
        one.stage, one.checks, (PROTOCOL,), sums, samples=samples, progress=progress
    )  # fmt: skip


def _five(quantity: str, published: float, draws: np.ndarray) -> Check:
    return check(quantity, published, (published - BAR, published + BAR), draws)


def _log(share: Any) -> Any:
    return jnp.log(jnp.clip(share, CAUTION))


def _sobol(free: tuple[Free, ...], points: int) -> np.ndarray:
    uniform = qmc.Sobol(len(free), scramble=True, seed=SEED).random(256)[:points]
    rows = [[one.slab.quantile(float(u)) for one, u in zip(free, row, strict=True)]
            for row in uniform]  # fmt: skip
    return np.array(rows)


def _settings(free: tuple[Free, ...], values: np.ndarray) -> Iterator[dict[str, float]]:
    """Parameters by path at every point, with a draw of stage b each."""
    before = parameter_set("natural-history")
    assert isinstance(before, ParameterSet)
    for number, row in enumerate(values):
        found = before.row(number)
        for one, value in zip(free, row, strict=True):
            found |= one.settings(float(value))
        found["people.site_hazard"] = float(row[-1])
        yield found


def _scaled(found: np.ndarray) -> np.ndarray:
    """[points, arms, days + weeks] on their scales, [points, statistics]."""
    inside = np.clip(found, 0.5 / PEOPLE, 1.0 - 0.5 / PEOPLE)
    kept = np.log(-np.log(inside[..., : len(DAYS)]))
    scaled = np.concatenate([kept, logit(inside[..., len(DAYS) :])], axis=-1)
    return np.asarray(scaled.reshape(len(found), -1))


def _retained(arm: str) -> np.ndarray:
    """People in treatment at randomisation and on each of DAYS."""
    rows = {row["day"]: row for row in shipped("retention") if row["arm"] == arm}
    n = float(rows[str(DAYS[0])]["n"])
    return np.array([n, *(float(rows[str(day)]["count"]) for day in DAYS)])


def _without(fold: str) -> dict[tuple[str, str, int], tuple[float, float]]:
    """n and count by arm, quantity and day or week."""
    return {
        (row["arm"], row["quantity"], int(row["time"])): (float(row["n"]), float(row["count"]))
        for row in shipped("start_without_fold")
        if row["left_out"] == fold and row["count"]
    }


def _urines(arm: str, week: int) -> list[float]:
    rows = {
        row["state"]: float(row["count"])
        for row in shipped("weekly_urine")
        if row["arm"] == arm and row["week"] == str(week)
    }
    return [rows[state] for state in STATES]
