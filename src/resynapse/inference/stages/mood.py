"""Stage d: how strongly does ketamine lift mood, through which state, and how long?

Two weights are fitted: of the block in the habenula, which goes in days, and of the sustained state
behind the window. In a trial whose arms people can tell apart belief lifts mood too; anaesthesia
leaves the drug alone (Lii 2023). With x the published difference in standard deviations of the
score, t days after one infusion of 0.5 mg/kg:

    drug(t)  = 60 (d_H L_b(t) + d_S L_S(t)) / sd                          SD
    effect   = (drug + belief exp(-t / 21 d)) exp(0.3 u)                  SD
    x        ~ Normal(effect, se), once a study: its days share a weight
    counts   ~ Binomial(n, Phi(effect - threshold))                       of responders in the arm

u is the study's own effect; under anaesthesia belief is 0. tau_S is seen here too, but what is
learned of it stays here: a misfit in depression must not move the course of craving or use. Pools
share trials, so only three studies are fitted; the rest is compared and not fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from resynapse.evidence import study, usable
from resynapse.evidence.study import Number
from resynapse.inference import repeated_infusions
from resynapse.inference.between_studies import BETWEEN_EFFECTS
from resynapse.inference.free import Free
from resynapse.inference.mood_course import PEOPLE, MoodCourse, mood_course
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.parameter import HalfNormal, LogNormal, Normal, entries
from resynapse.patient import Patient
from resynapse.trial.estimate import wilson

QUICK_PEOPLE = 32
MADRS = 60.0
BELIEF_DAYS = 21.0
"""tau_e at its median"""
ALIKE = 0.5
"""correlation of a score with itself at entry, assumed, where only means by arm were published"""
WIDTH = 2.0 * 1.959964
CHECKED = 500
POOL, MASKED, COURSE = "kishimoto2016", "lii2023", "han2016"
FITTED = (POOL, MASKED, COURSE)
MASKED_DAYS, COURSE_DAYS = (1, 3, 7), (1, 3, 7)
OWN = (
    Free("belief", "lift by belief where arms can be told apart", "SD", HalfNormal(0.5), {},
         "between arms, on the day of the dose"),
    Free("score_sd", "sd of depression scores between people", "MADRS", LogNormal(10.0, 0.15), {},
         "turns points into standard deviations; 10.2 are declared"),
    Free("threshold", "improvement that a responder needs without ketamine", "SD",
         Normal(1.2, 0.4), {}, "11 % respond without ketamine (5 to 25), assumed"),
)  # fmt: skip


@dataclass(frozen=True)
class Contrast:
    """Ketamine against control in standard deviations, positive where ketamine is better."""

    study: str
    day: float
    value: float
    error: float
    masked: bool = False
    points: float = 0.0
    """MADRS points, where the value is to be divided by the free sd"""


def free_numbers() -> tuple[Free, ...]:
    """Weights as declared, tau_S as declared but kept here, and what belongs to the trials."""
    declared = {entry.path: entry.declared for entry in entries(Patient())}
    weights = tuple(
        Free(name, f"mood.{name}", "1", _prior(declared[f"mood.{name}"].prior),
             {f"mood.{name}": 1.0}, "share of the scale at a full state")
        for name in ("habenula_weight", "sustained_weight")
    )  # fmt: skip
    path = "window.sustained_time"
    time = Free("sustained_time", f"{path}, as mood shows it", "d", _prior(declared[path].prior),
                {}, "not handed on: a cut")  # fmt: skip
    return (*weights, time, *OWN)


def _prior(prior: Any) -> LogNormal:
    assert isinstance(prior, LogNormal)
    return prior


def contrasts() -> tuple[Contrast, ...]:
    """What is fitted as a difference: the pool at its peak, and the trial under anaesthesia."""
    (pool,) = (one for one in usable(study(POOL)) if one.measure == "hedges_g")
    assert pool.low is not None
    assert pool.high is not None
    peak = Contrast(POOL, 1.0, -pool.value, (pool.high - pool.low) / WIDTH)
    return (peak, *(_masked(day) for day in MASKED_DAYS))


def _masked(day: int) -> Contrast:
    """Means of two arms, less half of their difference at entry.

    x = [(M_s - M_k)(t) - rho (M_s - M_k)(0)] / sd                        SD
    se = sqrt((1 - rho^2) (1/n + 1/m))                                    SD
    """
    means = {(one.arm, one.day): one for one in usable(study(MASKED)) if one.measure == "mean"}
    after, entry = (
        means["saline", when].value - means["ketamine", when].value for when in (day, 0)
    )
    n, m = (int(means[arm, day].n or 0) for arm in ("saline", "ketamine"))
    error = float(np.sqrt((1.0 - ALIKE**2) * (1.0 / n + 1.0 / m)))
    return Contrast(MASKED, float(day), 0.0, error, True, after - ALIKE * entry)


def responders() -> tuple[Number, ...]:
    """Gross shares of responders on ketamine, of the same people on three days."""
    return tuple(
        one for one in usable(study(COURSE))
        if one.endpoint.startswith("response") and one.day in COURSE_DAYS
    )  # fmt: skip


class Mood:
    """The stage: courses of the two states, likelihood and checks."""

    def __init__(self, people: int = PEOPLE, repeated: bool = True) -> None:
        """``repeated``: whether its numbers are also followed through six infusions."""
        self.repeated = repeated
        self.free = free_numbers()
        self.course = mood_course(people)
        self.contrasts, self.responders = contrasts(), responders()

    def over(self, course: MoodCourse) -> Mood:
        """The same numbers over another course of infusions."""
        other = copy(self)
        other.course = course
        return other

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage("mood", self.free, self.log_likelihood, len(FITTED))

    def effect(self, values: Any, day: Any, masked: bool = False) -> Any:
        """Ketamine against control, SD."""
        d_H, d_S, tau, belief, sd, _ = values
        L_b, L_S = self.course.lifts(day, tau)
        drug = MADRS * (d_H * L_b + d_S * L_S) / sd
        return drug + (0.0 if masked else belief) * jnp.exp(-jnp.asarray(day) / BELIEF_DAYS)

    def share(self, values: Any, effect: Any) -> Any:
        """Of people who respond on ketamine."""
        return norm.cdf(effect - values[-1])

    def log_likelihood(self, values: Any, latents: Any) -> Any:
        """ln P of all that is fitted; the days of one study count once."""
        own = jnp.exp(BETWEEN_EFFECTS * latents)
        total: Any = 0.0
        for one in self.contrasts:
            expected = own[FITTED.index(one.study)] * self.effect(values, one.day, one.masked)
            seen = one.points / values[4] if one.masked else one.value
            weight = 1.0 / sum(other.study == one.study for other in self.contrasts)
            total += weight * norm.logpdf(seen, expected, one.error)
        for number in self.responders:
            effect = own[FITTED.index(COURSE)] * self.effect(values, number.day)
            p, n = self.share(values, effect), _treated(number)
            here = number.value * jnp.log(p) + (1.0 - number.value) * jnp.log1p(-p)
            total += n * here / len(self.responders)
        return total

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """Fitted values, and those of other studies that were not fitted."""
        draws = posterior.draws[:: max(1, len(posterior.draws) // CHECKED)]
        found = (*self._fitted(draws), *self._others(draws))
        if not self.repeated:
            return found
        again = self.over(repeated_infusions.course())
        return (*found, *repeated_infusions.checks(again, draws))

    def _fitted(self, draws: np.ndarray) -> Iterator[Check]:
        for one in self.contrasts:
            sd = float(np.median(draws[:, 4]))
            seen = one.points / sd if one.masked else one.value
            band = (seen - 0.5 * WIDTH * one.error, seen + 0.5 * WIDTH * one.error)
            name = f"{one.study}, ketamine better by, SD, day {one.day:g}"
            yield check(name, seen, band, self.effects(draws, one.day, one.masked))
        for number in self.responders:
            shares, n = self.shares(draws, number.day or 0.0), _treated(number)
            name = f"{COURSE}, share responding, day {number.day:g}"
            yield check(name, number.value, wilson(number.value * n, round(n)), shares)

    def _others(self, draws: np.ndarray) -> Iterator[Check]:
        for name, day, value, error in others():
            band = (value - 0.5 * WIDTH * error, value + 0.5 * WIDTH * error)
            yield check(f"{name}, ketamine better by, SD, day {day:g}", value, band,
                        self.effects(draws, day), False)  # fmt: skip

    def shares(self, draws: np.ndarray, day: float) -> np.ndarray:
        """Of people who respond on ketamine on a day, [draws]."""
        return np.asarray(norm.cdf(self.effects(draws, day) - draws[:, -1]))

    def effects(self, draws: np.ndarray, day: float, masked: bool = False) -> np.ndarray:
        """Ketamine against control on a day, SD, [draws]."""
        with jax.enable_x64(True):
            of = jax.jit(jax.vmap(lambda values: self.effect(values, day, masked)))
            return np.asarray(of(draws))


def others() -> Iterator[tuple[str, float, float, float]]:
    """Study, day, difference in SD and its error: published, and not fitted.

    Odds of response become SD by sqrt(3) / pi (Chinn 2000); changes are divided by their own sd.
    """
    (odds,) = (one for one in usable(study("newport2015")) if one.measure == "odds_ratio")
    assert odds.low is not None
    assert odds.high is not None
    to_sd = np.sqrt(3.0) / np.pi
    error = to_sd * (np.log(odds.high) - np.log(odds.low)) / WIDTH
    yield "newport2015", 1.0, float(to_sd * np.log(odds.value)), float(error)
    small = {one.arm: one for one in usable(study("berman2000")) if one.sd}
    drug, saline = small["ketamine_0.5_mg_kg_iv_40_min"], small["saline"]
    spread = np.sqrt(0.5 * ((drug.sd or 0.0) ** 2 + (saline.sd or 0.0) ** 2))
    d = (saline.value - drug.value) / spread
    n, m = int(drug.n or 0), int(saline.n or 0)
    yield "berman2000", 3.0, float(d), float(np.sqrt(1 / n + 1 / m + d**2 / (2.0 * (n + m))))


def _treated(number: Number) -> float:
    """People on ketamine: half of those pooled, as the review gives both arms together."""
    return 0.5 * float(number.n or 0)


def calibrate(
    *, quick: bool = False, samples: int | None = None, progress: Listener | None = None
) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    one = Mood(QUICK_PEOPLE if quick else PEOPLE, repeated=not quick)
    return fitted(
        one.stage, one.checks, FITTED, {}, samples=samples, quick=quick, progress=progress
    )
