"""Part of stage c: who stays on naltrexone, in the study, and without relapse?

Laws of stopping monthly and oral naltrexone and of leaving a study are fitted to the counts of
three trials, and of each trial its site: log hazard and share uncommitted, as in stage b. Each
simulated point has its own draw of stage b (a cut). With k of n people counted, p emulated on the
logit scale with error sd s:

    ln((k + 1/2) / (n - k + 1/2)) ~ Normal(logit p, 1 / (k + 1/2) + 1 / (n - k + 1/2) + s^2)      1

Only published counts enter. Both arms of these trials were started, so that what stands in the way
of a first injection is in none of them: X:BOT counted it (evidence, lee2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import logit

from resynapse.evidence import study, usable
from resynapse.inference.at_once import in_order
from resynapse.inference.comparator_course import (
    SEED,
    Estimator,
    confirmed_abstinence,
    in_study,
    relapse_10_of_28,
    retained_without_relapse,
    shares,
)
from resynapse.inference.emulator import Emulator, fit, standard
from resynapse.inference.free import Free, slab_points
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.inference.stages.natural_history import BETWEEN_COMMITMENTS
from resynapse.inference.synthetic_likelihood import BETWEEN_BASELINES
from resynapse.parameter import Normal, entries
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import load
from resynapse.trial.estimate import wilson
from resynapse.trial.parameter_set import shipped_set

POINTS, PEOPLE = 128, 256
QUICK_POINTS, QUICK_PEOPLE = 64, 96
PATHS = (
    "medication_stop.depot_scale", "medication_stop.depot_shape",
    "medication_stop.oral_naltrexone_scale", "medication_stop.oral_naltrexone_shape",
    "dropout.baseline", "dropout.use_weight",
)  # fmt: skip
SITE_PATHS = ("people.site_hazard", "people.site_commitment")


@dataclass(frozen=True)
class Target:
    """A count that was published."""

    arm: str
    endpoint: str
    """as the study file names it"""
    estimator: Estimator
    day: float | None = None
    """of a median that was published: half of the people were there"""


TRIALS: Mapping[str, tuple[Target, ...]] = {
    "krupitsky-2011": (
        Target("xr_naltrexone", "total confirmed abstinence wk 5-24", confirmed_abstinence),
        Target("placebo", "total confirmed abstinence wk 5-24", confirmed_abstinence),
        Target("placebo", "median retention", in_study(96.0), 96.0),
    ),
    "lee-2016": (
        Target("naltrexone", "relapse_24_weeks", relapse_10_of_28),
        Target("usual_care", "relapse_24_weeks", relapse_10_of_28),
    ),
    "krupitsky-2012": (
        Target("oral", "retained without relapse at 6 months", retained_without_relapse),
        Target("placebo", "retained without relapse at 6 months", retained_without_relapse),
    ),
}


@dataclass(frozen=True)
class Trial:
    """A trial's counts, and what would be simulated of it."""

    name: str
    targets: tuple[Target, ...]
    count: np.ndarray
    n: np.ndarray
    emulator: Emulator
    place: tuple[int, ...]
    """of its inputs among the free numbers"""


def common() -> tuple[Free, ...]:
    """Parameters that all trials share, priors as declared."""
    declared = {entry.path: entry.declared for entry in entries(apply(Patient(), "heroin"))}
    return tuple(
        Free(path.replace(".", "_"), path, declared[path].unit, declared[path].prior, {path: 1.0},
             "as declared")
        for path in PATHS
    )  # fmt: skip


def of_site(trial: str) -> tuple[Free, ...]:
    """What is a trial's own."""
    return (
        Free(f"{trial}_hazard", f"log hazard of the site, {trial}", "1",
             Normal(0.0, BETWEEN_BASELINES), {}, "beside that of its protocol"),
        Free(f"{trial}_commitment", f"logit of the uncommitted share, {trial}", "1",
             Normal(0.0, BETWEEN_COMMITMENTS), {}, "beside that of its protocol"),
    )  # fmt: skip


class NaltrexoneTrials:
    """The stage: points, emulators, likelihood and checks."""

    def __init__(
        self, points: int = POINTS, people: int = PEOPLE, progress: Listener | None = None
    ) -> None:
        self.free = (*common(), *(one for name in TRIALS for one in of_site(name)))
        say = progress or (lambda share, words: None)
        self.trials = tuple(
            self._trial(name, points, people,
                        lambda part, k=k, name=name: say(0.6 * (k + part) / len(TRIALS),
                                                         f"simulating {name}"))
            for k, name in enumerate(TRIALS)
        )  # fmt: skip

    def _trial(self, name: str, points: int, people: int, done: Any) -> Trial:
        inputs, before, protocol = (
            (*common(), *of_site(name)),
            shipped_set("natural-history"),
            load(name),
        )
        asked = {f"{t.arm}, {t.endpoint}": (t.arm, t.estimator) for t in TRIALS[name]}
        values, found = slab_points(inputs, points, SEED), []

        def at(number: int) -> np.ndarray:
            paths = zip((*PATHS, *SITE_PATHS), map(float, values[number]), strict=True)
            return shares(protocol, before.row(number) | dict(paths), people, asked)

        for number, one in enumerate(in_order(at, range(points))):
            found.append(one)
            done((number + 1) / points)
        names = [one.name for one in self.free]
        counts = [_counted(name, target) for target in TRIALS[name]]
        return Trial(
            name, TRIALS[name], np.array([k for k, _ in counts]), np.array([n for _, n in counts]),
            fit(inputs, values, logit(np.array(found))),
            tuple(names.index(one.name) for one in inputs),
        )  # fmt: skip

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage("naltrexone", self.free, self.log_likelihood)

    def scaled(self, trial: Trial, values: Any) -> tuple[Any, Any]:
        """Mean and sd of the logits of a trial's shares."""
        x = standard(trial.emulator.free, values[jnp.array(trial.place)], jnp)
        return trial.emulator.mean(x, jnp), trial.emulator.sd(x, jnp)

    def log_likelihood(self, values: Any, latents: Any = None) -> Any:
        """ln P of all counts."""
        total: Any = 0.0
        for trial in self.trials:
            mean, sd = self.scaled(trial, values)
            yes, no = trial.count + 0.5, trial.n - trial.count + 0.5
            spread = jnp.sqrt(1.0 / yes + 1.0 / no + sd**2)
            total += jnp.sum(jax.scipy.stats.norm.logpdf(jnp.log(yes / no), mean, spread))
        return total

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """Each count beside the posterior, the error of the emulator drawn with every draw."""
        return tuple(
            check(f"{trial.name}, {target.arm}, {target.endpoint}",
                  float(trial.count[k] / trial.n[k]),
                  wilson(float(trial.count[k]), int(trial.n[k])), drawn[:, k])
            for trial in self.trials
            for drawn in [self._drawn(trial, posterior)]
            for k, target in enumerate(trial.targets)
        )  # fmt: skip

    def _drawn(self, trial: Trial, posterior: Posterior) -> np.ndarray:
        with jax.enable_x64(True):
            of = jax.jit(jax.vmap(lambda values: self.scaled(trial, values)))
            mean, sd = (np.asarray(part) for part in of(posterior.draws))
        chance = np.random.default_rng(SEED)
        return np.asarray(1.0 / (1.0 + np.exp(-mean - sd * chance.standard_normal(sd.shape))))


def calibrate(
    *, quick: bool = False, samples: int | None = None, progress: Listener | None = None
) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    points, people = (QUICK_POINTS, QUICK_PEOPLE) if quick else (POINTS, PEOPLE)
    one = NaltrexoneTrials(points, people, progress)
    return fitted(
        one.stage, one.checks, tuple(TRIALS), {}, samples=samples, quick=quick, progress=progress
    )


def _counted(name: str, target: Target) -> tuple[float, int]:
    """Count and n; of a median, half of the people were still there."""
    (number,) = [
        one for one in usable(study(load(name).study or ""))
        if (one.arm, one.endpoint) == (target.arm, target.endpoint) and one.reference is None
    ]  # fmt: skip
    n = number.n or 0
    if target.day is not None:
        return 0.5 * n, n
    return float(round(number.value * n)), n
