"""Stage b: how soon do people use again after detoxification, and how far do settings differ?

Five parameters of ``LapseHazard`` are fitted, and of each cohort its site: log hazard and share
uncommitted, spread between cohorts with sd 0.7 and 1.5 (logit) around the default site. First uses
alone are fitted. They are smooth in all of these, so the likelihood is exact for the people
simulated and the sampler follows its gradient. Everything that moves the states before a first use
(craving, withdrawal, stability, control) is held at its median: a cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from resynapse.behaviour.lapse import LapseHazard
from resynapse.evidence import study, usable
from resynapse.evidence.ctn0094 import checksums, shipped
from resynapse.inference.first_use import FirstUse, LifeTable, Site
from resynapse.inference.free import Free
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.inference.synthetic_likelihood import BETWEEN_BASELINES
from resynapse.inference.temptation_course import temptation_course
from resynapse.parameter import Normal, entries
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import load
from resynapse.protocol.setting import Site as SiteOfProtocol
from resynapse.trial.estimate import wilson

PEOPLE, QUICK_PEOPLE = 64, 32
BETWEEN_COMMITMENTS = 1.5
"""sd of the logit of the uncommitted share between sites, as declared for ``people``"""
FITTED = (
    "baseline", "frailty_sd", "withdrawal_weight", "stability_weight", "uncommitted",
)  # fmt: skip
WHY = {
    "baseline": "daily hazard of a first use at the default site, without pull or hold",
    "frailty_sd": "how far people differ in log hazard",
    "withdrawal_weight": "log hazard per unit of withdrawal, which a taper leaves behind",
    "stability_weight": "log hazard that lasting abstinence takes away",
    "uncommitted": "daily hazard in people who do not mean to abstain",
}
CHECKED = 500
"""draws that checks are made of"""
LATE = 0.75
"""decisions 5: 0.75 to 0.8 in fits to follow-ups; without n, so not fitted"""


@dataclass(frozen=True)
class Cohort:
    """People whose first uses are fitted; those of one site share it."""

    protocol: str
    site: str
    table: LifeTable


def cohorts(left_out: str | None = None) -> tuple[Cohort, ...]:
    """Detoxification alone in Dublin and London, and both tapers of CTN-0030, less a fold."""
    return (
        Cohort("smyth-2010", "smyth", _published("smyth-2010", (7, 30, 900))),
        Cohort("gossop-1989", "gossop", _published("gossop-1989", (42,))),
        Cohort("ctn-0030-short", "ctn0030", tapered("1", "CTN-0030, 2 weeks", left_out)),
        Cohort("ctn-0030-long", "ctn0030", tapered("2", "CTN-0030, 12 weeks", left_out)),
    )


def tapered(
    phase: str, label: str, left_out: str | None = None, counselling: str = "all"
) -> LifeTable:
    """The Kaplan-Meier curve of a phase of CTN-0030 as a life table; no bands with a fold left out.

    entered = (r_j-1 + r_j) / (1 + S_j / S_j-1), half of those lost in an interval taken off
    """
    name = "first_use_after_taper" if left_out is None else "first_use_without_fold"
    asked = {"counselling": counselling} if left_out is None else {"left_out": left_out}
    asked |= {"phase": phase}
    rows = [row for row in shipped(name) if row["at_risk"] and asked.items() <= row.items()]
    S = np.array([1.0, *(float(row["no_use"]) for row in rows)])
    r = np.array([float(rows[0]["n"]), *(float(row["at_risk"]) for row in rows)])
    stay = S[1:] / S[:-1]
    entered = (r[:-1] + r[1:]) / (1.0 + stay)
    days = np.array([float(row["day"]) for row in rows])
    bands = tuple((1.0 - float(q["high"]), 1.0 - float(q["low"])) for q in rows if "low" in q)
    return LifeTable(label, days, entered, entered * (1.0 - stay), bands)


def _published(protocol: str, days: tuple[int, ...]) -> LifeTable:
    """Cumulative counts of first uses as a life table; nobody is lost."""
    found = {one.endpoint: one for one in usable(study(load(protocol).study or ""))}
    numbers = [found[f"lapse_{day}_days"] for day in days]
    n = numbers[0].n or 0
    by_day = np.array([0.0, *(round(one.value * n) for one in numbers)])
    bands = tuple(wilson(float(count), n) for count in by_day[1:])
    return LifeTable(protocol, np.array(days, float), n - by_day[:-1], np.diff(by_day), bands)


def calibrate(
    *, quick: bool = False, samples: int | None = None, progress: Listener | None = None
) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    one = NaturalHistory(QUICK_PEOPLE if quick else PEOPLE)
    name = "first_use_after_taper.csv"
    return fitted(
        one.stage, one.checks, [c.protocol for c in one.cohorts], {name: checksums()[name]},
        samples=samples, quick=quick, progress=progress,
    )  # fmt: skip


class NaturalHistory:
    """The stage: its free numbers, courses of states, and likelihood."""

    def __init__(self, people: int = PEOPLE, widened: float = 1.0) -> None:
        self.widened = widened
        self.held = apply(Patient(), "heroin").lapse
        self._follow(cohorts())
        self.first_use = {one.protocol: _course(one, people) for one in self.cohorts}

    def _follow(self, cohorts: tuple[Cohort, ...]) -> None:
        self.cohorts = cohorts
        self.sites = tuple(dict.fromkeys(one.site for one in cohorts))
        self.free = (*_parameters(self.widened), *_sites(self.sites))
        self.place = {one.name: k for k, one in enumerate(self.free)}

    def fitted_to(self, cohorts: tuple[Cohort, ...]) -> NaturalHistory:
        """The same courses with other tables of the same protocols."""
        other = copy(self)
        other._follow(cohorts)
        return other

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage("natural-history", self.free, self.log_likelihood)

    def log_likelihood(self, values: Any, latents: Any = None) -> Any:
        """ln P of all life tables."""
        lapse = self.lapse(values)
        return sum(
            self.first_use[one.protocol].log_likelihood(
                one.table, lapse, self.site(values, one.site)
            )
            for one in self.cohorts
        )

    def survival(self, values: Any, cohort: Cohort, days: Any) -> Any:
        """Share without use at these days."""
        use = self.first_use[cohort.protocol]
        return use.at(days, self.lapse(values), self.site(values, cohort.site))

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """First use by each published day, and how late hazards fall, beside what was published."""
        thinned = posterior.draws[:: max(1, len(posterior.draws) // CHECKED)]
        rows = [row for cohort in self.cohorts for row in self._checks(cohort, thinned)]
        smyth = self.cohorts[0]
        half, year = self._shares(smyth, thinned, (180.0, 365.0)).T
        late = check(
            "smyth-2010, no use by 365 d of those without by 180 d", LATE, None, year / half, False
        )
        return (*rows, late)

    def _checks(self, cohort: Cohort, draws: np.ndarray) -> list[Check]:
        table = cohort.table
        shares = 1.0 - self._shares(cohort, draws, table.day)
        return [
            check(f"{table.label}, first use by {day:g} d", 1.0 - S, band, shares[:, k])
            for k, (day, S, band) in enumerate(
                zip(table.day, table.survival, table.bands, strict=True)
            )
        ]

    def _shares(self, cohort: Cohort, draws: np.ndarray, days: Any) -> np.ndarray:
        with jax.enable_x64(True):
            of = jax.jit(jax.vmap(lambda values: self.survival(values, cohort, days)))
            return np.asarray(of(draws))

    def lapse(self, values: Any) -> LapseHazard:
        """The hazard with the fitted parameters in it."""
        fitted = {name: values[self.place[name]] for name in FITTED}
        held = {name: getattr(self.held, name) for name in _names(self.held)}
        return LapseHazard(**{**held, **fitted})

    def site(self, values: Any, site: str, beside: Any = (0.0, 0.0)) -> Site:
        """The site of a cohort: the default one, what is its own, and what is ``beside`` it.

        ``beside`` is log hazard and logit of the uncommitted share. A cohort that was not fitted
        has nothing of its own.
        """
        usual = SiteOfProtocol()
        logit = np.log(usual.uncommitted / (1.0 - usual.uncommitted))
        hazard, commitment = (
            values[self.place[name]] if name in self.place else 0.0
            for name in (f"{site}_hazard", f"{site}_commitment")
        )  # fmt: skip
        return Site(
            usual.log_hazard + hazard + beside[0],
            jax.nn.sigmoid(logit + commitment + beside[1]),
        )


def _course(cohort: Cohort, people: int) -> FirstUse:
    protocol = load(cohort.protocol)
    patient = apply(Patient(), protocol.disorder)
    return FirstUse(temptation_course(protocol, patient, people, float(cohort.table.day[-1])))


def _names(lapse: LapseHazard) -> tuple[str, ...]:
    return tuple(lapse.__dataclass_fields__)


def _parameters(widened: float) -> tuple[Free, ...]:
    declared = {entry.path: entry for entry in entries(apply(Patient(), "heroin"))}
    return tuple(
        Free(
            name, f"lapse.{name}", declared[f"lapse.{name}"].declared.unit,
            _wider(declared[f"lapse.{name}"].declared.prior, widened),
            {f"lapse.{name}": 1.0}, WHY[name],
        )
        for name in FITTED
    )  # fmt: skip


def _wider(prior: Any, factor: float) -> Any:
    """The same prior with its spread multiplied."""
    if factor == 1.0:
        return prior
    field = "scale" if hasattr(prior, "scale") else "sd"
    return type(prior)(**{**_fields(prior), field: factor * getattr(prior, field)})


def _fields(prior: Any) -> Mapping[str, float]:
    return {name: getattr(prior, name) for name in prior.__dataclass_fields__}


def _sites(sites: tuple[str, ...]) -> tuple[Free, ...]:
    return tuple(
        free
        for site in sites
        for free in (
            Free(f"{site}_hazard", f"log hazard of the site, {site}", "1",
                 Normal(0.0, BETWEEN_BASELINES), {}, "beside that of the default site"),
            Free(f"{site}_commitment", f"logit of the uncommitted share, {site}", "1",
                 Normal(0.0, BETWEEN_COMMITMENTS), {}, "beside that of the default site"),
        )
    )  # fmt: skip
