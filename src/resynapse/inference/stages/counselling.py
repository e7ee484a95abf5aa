"""Part of stage c: what does counselling leave behind, as far as CTN-0030 tells?

The trial gave buprenorphine and its taper with standard or with enhanced counselling. First use
after both tapers, by intensity, is fitted: how fast a session teaches (eta_R), how far recovery
keeps itself up (p_R, R_half), and the log hazard of the site. As in stage b nothing that happens
before a first use depends on its hazard, so one run in which nobody uses gives the share without
use; that share, scaled ln(-ln S), is a smooth function of the four numbers, emulated over Sobol
points. All else has the medians of stage b.

Standard counselling, which both arms had, is none here, as in the library's protocols. Enhanced is
one session of an hour a week from the first week of a phase to the end of its follow-up: assumed.
No study of the evidence base compares counselling with none for a year or more without ketamine,
so that what keeps itself up for a year is fitted to nothing (decisions, A8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.evidence.ctn0094 import checksums
from resynapse.inference.emulator import fit, standard
from resynapse.inference.first_use import FirstUse, LifeTable, Site
from resynapse.inference.free import Free, slab_points
from resynapse.inference.recorded_course import SEED
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.inference.stages.natural_history import tapered
from resynapse.inference.synthetic_likelihood import BETWEEN_BASELINES
from resynapse.inference.temptation_course import temptation_course
from resynapse.parameter import HalfSpike, Normal, entries, replace
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, load
from resynapse.protocol.setting import Site as SiteOfProtocol
from resynapse.protocol.treatment import Therapy
from resynapse.trial.parameter_set import shipped_set

POINTS, PEOPLE = 64, 64
QUICK_POINTS, QUICK_PEOPLE = 32, 32
INTENSITIES = ("standard", "enhanced")
PHASES = {"1": "ctn-0030-short", "2": "ctn-0030-long"}
FOLLOWED_DAYS = 56
SESSION_HOURS = 1.0
TABLE = "first_use_after_taper.csv"
CONTRAST_DAY = 28.0
LEAST = 1.0e-6
WHY = {
    "recovery.learning_rate": "what a session teaches",
    "recovery.practice_rate": "how far recovery keeps itself up",
    "recovery.practice_half": "recovery at which half of that holds",
}
SITE = Free("ctn0030_hazard", "log hazard of the site, ctn0030", "1",
            Normal(0.0, BETWEEN_BASELINES), {}, "beside that of stage b")  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """First uses of one intensity after one taper."""

    phase: str
    intensity: str
    protocol: Protocol
    table: LifeTable


def curves() -> tuple[Curve, ...]:
    """Both intensities of both phases."""
    return tuple(
        Curve(phase, intensity, _given(load(name), intensity),
              tapered(phase, f"CTN-0030, phase {phase}, {intensity}", counselling=intensity))
        for phase, name in PHASES.items() for intensity in INTENSITIES
    )  # fmt: skip


def _given(protocol: Protocol, intensity: str) -> Protocol:
    """The protocol with the sessions of an intensity."""
    if intensity == "standard":
        return protocol
    end = protocol.setting.community_day + FOLLOWED_DAYS
    days = tuple(float(day) for day in np.arange(7.0, end + 1.0, 7.0))
    sessions = Therapy(type="counselling", days=days, hours=SESSION_HOURS)
    (arm,) = protocol.arms
    return protocol.model_copy(
        update={"arms": (arm.model_copy(update={"therapies": (sessions,)}),)}
    )


def free_numbers() -> tuple[Free, ...]:
    """Three parameters of the recovery pathway at their declared slabs, and the site."""
    declared = {entry.path: entry.declared for entry in entries(apply(Patient(), "heroin"))}
    return (
        *(Free(path.rpartition(".")[2], path, declared[path].unit, _slab(declared[path].prior),
               {path: 1.0}, why) for path, why in WHY.items()),
        SITE,
    )  # fmt: skip


def _slab(prior: Any) -> Any:
    return prior.slab if isinstance(prior, HalfSpike) else prior


class Counselling:
    """The stage: courses, emulator, likelihood and checks."""

    def __init__(
        self, points: int = POINTS, people: int = PEOPLE, progress: Listener | None = None
    ) -> None:
        self.free, self.curves = free_numbers(), curves()
        values = slab_points(self.free, points, SEED)
        found = []
        for number, row in enumerate(values):
            found.append(np.concatenate([_scaled(one, self.free, row, people)
                                         for one in self.curves]))  # fmt: skip
            if progress:
                progress(0.5 * (number + 1) / points, "first use after a taper, with counselling")
        self.emulator = fit(self.free, values, np.array(found))
        ends = np.cumsum([len(one.table.day) for one in self.curves])
        self.place = [slice(end - len(one.table.day), end)
                      for one, end in zip(self.curves, ends, strict=True)]  # fmt: skip

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage("counselling", self.free, self.log_likelihood)

    def scaled(self, values: Any) -> Any:
        """ln(-ln S) on the days of every curve, a curve after the other."""
        return self.emulator.mean(standard(self.free, values, jnp), jnp)

    def log_likelihood(self, values: Any, latents: Any = None) -> Any:
        """ln P of the life tables."""
        found = jnp.exp(-jnp.exp(self.scaled(values)))
        total: Any = 0.0
        for one, place in zip(self.curves, self.place, strict=True):
            S = found[place]
            stay = jnp.clip(S / jnp.concatenate([jnp.ones(1), S[:-1]]), LEAST, 1.0 - LEAST)
            used, entered = one.table.used, one.table.entered
            total += jnp.sum(used * jnp.log1p(-stay) + (entered - used) * jnp.log(stay))
        return total

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """First use by each day, and the ratio of the two intensities in each phase."""
        with jax.enable_x64(True):
            found = np.asarray(jax.vmap(self.scaled)(posterior.draws))
        rows = []
        for one, place in zip(self.curves, self.place, strict=True):
            shares = 1.0 - np.exp(-np.exp(found[:, place]))
            rows += [
                check(f"{one.table.label}, first use by {day:g} d", 1.0 - S, band, shares[:, k])
                for k, (day, S, band) in enumerate(
                    zip(one.table.day, one.table.survival, one.table.bands, strict=True)
                )
            ]
        return (*rows, *(self._contrast(phase, found) for phase in PHASES))

    def _contrast(self, phase: str, found: np.ndarray) -> Check:
        """ln S of enhanced over ln S of standard counselling at CONTRAST_DAY."""
        seen, drawn = {}, {}
        for one, place in zip(self.curves, self.place, strict=True):
            if one.phase == phase:
                k = int(np.flatnonzero(one.table.day == CONTRAST_DAY)[0])
                seen[one.intensity] = float(np.log(one.table.survival[k]))
                drawn[one.intensity] = found[:, place][:, k]
        ratio = np.exp(drawn["enhanced"] - drawn["standard"])
        published = seen["enhanced"] / seen["standard"]
        label = f"CTN-0030, phase {phase}, enhanced v standard, ln S / ln S at {CONTRAST_DAY:g} d"
        return check(label, published, None, ratio, False)


def calibrate(
    *, quick: bool = False, samples: int | None = None, progress: Listener | None = None
) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    points, people = (QUICK_POINTS, QUICK_PEOPLE) if quick else (POINTS, PEOPLE)
    one = Counselling(points, people, progress)
    return fitted(one.stage, one.checks, tuple(PHASES.values()), {TABLE: checksums()[TABLE]},
                  samples=samples, quick=quick, progress=progress)  # fmt: skip


def _scaled(one: Curve, free: tuple[Free, ...], row: np.ndarray, people: int) -> np.ndarray:
    """ln(-ln S) on the days of a curve, at these values."""
    before = shipped_set("natural-history")
    settings = before.medians()
    for number, value in zip(free, row, strict=True):
        settings |= number.settings(float(value))
    patient = replace(apply(Patient(), one.protocol.disorder), settings)
    first_use = FirstUse(temptation_course(one.protocol, patient, people, FOLLOWED_DAYS))
    own = {item["name"]: item["median"] for item in before.made["own_to_a_site"]}
    usual = SiteOfProtocol()
    logit = np.log(usual.uncommitted / (1.0 - usual.uncommitted)) + own["ctn0030_commitment"]
    site = Site(usual.log_hazard + own["ctn0030_hazard"] + row[-1], 1.0 / (1.0 + np.exp(-logit)))
    S = np.asarray(first_use.at(one.table.day, patient.lapse, site))
    return np.log(-np.log(S))
