"""Where was the model right about trials that it was not fitted to, and where wrong?

Every published number that a simulation can yield is forecast. A study that was fitted is left
out and the rest fitted again; a study that shaped the structure, but was not fitted, is
forecast from all that were, and called retrospective. Rival hypotheses are fitted to the same
numbers and scored alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from resynapse import __version__
from resynapse.evidence import study as study_of
from resynapse.evidence.study import Study
from resynapse.inference import coverage, discrepancy_told, meta_analysis, words
from resynapse.inference.by_kind import Kinds, by_kind, sentences
from resynapse.inference.design import PEOPLE, SEED, Design, Listener, design
from resynapse.inference.discrepancy import Discrepancy, discrepancy
from resynapse.inference.forecast import Forecast, forecast
from resynapse.inference.free import World
from resynapse.inference.identified import weighted
from resynapse.inference.power import power
from resynapse.inference.predictive import from_prior
from resynapse.inference.score import SHARES, crps, interval, pit
from resynapse.inference.scored import (
    PRIMARY,
    Forecasts,
    Score,
    primary,
    score,
    units,
    within90,
)
from resynapse.inference.stages.ketamine import FITTED, KETAMINE, WORLDS, over_stages
from resynapse.inference.synthetic_likelihood import Problem, Wanted, problem, published
from resynapse.input_error import InputError
from resynapse.parameter import HalfSpike, Normal
from resynapse.protocol import load
from resynapse.trial.model_hash import model_hash

STUDIES = (
    *("krupitsky-2002", "krupitsky-2007", "dakwar-2019", "grabski-2022", "engeriser-2026"),
    "lee-2018",
)
"""in the last two no fitted number acts: read within the hour of a dose; people without ketamine"""
DRAWS = {"krupitsky-2002": 512, "dakwar-2019": 512, "krupitsky-2007": 192, "grabski-2022": 96}
OWN = words.OWN
RIVAL_DRAWS = 96
OTHER_DRAWS = 64
KEPT = 4000
NEVER = 1e-9
FEWEST = 400
"""weighted draws that must count"""


class TooFew(InputError):
    """Weights that rest on a handful of draws."""


@dataclass(frozen=True)
class Endpoint:
    """One published number beside its forecast, in its own unit."""

    study: str
    protocol: str
    endpoint: str
    arm: str
    reference: str | None
    measure: str
    unit: str
    role: str
    published: float
    median: float
    low50: float
    high50: float
    low80: float
    high80: float
    low90: float
    high90: float
    low95: float
    high95: float
    pit: float
    crps: float
    hit90: bool


@dataclass(frozen=True)
class Validation:
    """All of it."""

    endpoints: tuple[Endpoint, ...]
    studies: tuple[str, ...]
    scores: Mapping[str, Score]
    power: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """by hypothesis and study, how often the calibrated model would score better, were it right"""
    model: str = ""
    """hash of the model that forecast"""
    most: int = 0
    """simulated draws of each trial, at most"""
    kinds: Kinds = field(default_factory=dict)
    """levels and effects apart"""
    made: Mapping[str, Any] = field(default_factory=dict)
    """by which command, and when"""
    discrepancy: Discrepancy = field(default_factory=Discrepancy)
    """what trials showed beyond the model, and forecasts that allow for it"""

    def differences(self) -> dict[str, dict[str, float]]:
        """Scores of every other hypothesis less those of the calibrated model, over studies."""
        own = self.scores["calibrated"]
        found = {}
        for name, one in self.scores.items():
            if name == "calibrated":
                continue
            crps, error = _gap(one.crps_by_study, own.crps_by_study)
            log, log_error = _gap(one.log_scores, own.log_scores)
            found[name] = {
                "crps": crps, "standard_error": error, "log": log, "log_error": log_error,
            }  # fmt: skip
            if one.energy_by_study and own.energy_by_study:
                joint, joint_error = _gap(one.energy_by_study, own.energy_by_study)
                found[name] |= {"energy": joint, "energy_error": joint_error}
        return found

    def words(self) -> tuple[str, ...]:
        """What the evidence can and cannot tell, one sentence each."""
        told = words.words(self.endpoints, self.scores, self.differences(), self.power)
        return (
            *told, *sentences(self.kinds), *coverage.sentences(self.coverage_by()),
            *discrepancy_told.sentences(self.discrepancy),
        )  # fmt: skip

    def coverage_by(self) -> tuple[coverage.Reading, ...]:
        """Hits in every way of counting values."""
        return coverage.readings(self.endpoints)


def _gap(other: tuple[float, ...], own: tuple[float, ...]) -> tuple[float, float]:
    """Mean difference over studies and its standard error."""
    gap = np.array(other) - np.array(own)
    return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


def planned(most: int) -> list[tuple[str, World, str, int]]:
    """Hypothesis, its world, a study and how many draws of it, for all that is simulated."""
    own = [(KETAMINE.name, KETAMINE, name, DRAWS.get(name, OTHER_DRAWS)) for name in STUDIES]
    rivals = [
        (rival, world, name, RIVAL_DRAWS)
        for rival, world in WORLDS.items()
        if world is not KETAMINE
        for name in PRIMARY
    ]
    return [(rival, world, name, min(draws, most)) for rival, world, name, draws in own + rivals]


def designs_of(
    plan: list[tuple[str, World, str, int]], progress: Listener | None
) -> dict[str, dict[str, Design]]:
    """The designs of every hypothesis; what was simulated before is read."""
    total, done = sum(draws for *_, draws in plan), 0
    found: dict[str, dict[str, Design]] = {}
    for rival, world, name, draws in plan:
        say = _part(progress, done / total, draws / total)
        found.setdefault(rival, {})[name] = design(
            load(name), over_stages(world), draws, progress=say
        )
        done += draws
    return found


def _part(progress: Listener | None, begin: float, length: float) -> Listener | None:
    """What tells of a part as of the whole."""
    if progress is None:
        return None
    return lambda share, words: progress(begin + length * share, words)


def validate(progress: Listener | None = None, most: int = 512) -> Validation:
    """Forecast every study and score every hypothesis; ``most`` draws of a design at most."""
    compared = tuple(PRIMARY)
    designs = designs_of(planned(most), progress)
    made = _hypotheses(designs)
    apart = by_kind(made)
    model = made[OWN]
    scored = {name: designs[KETAMINE.name][name] for name in PRIMARY}
    beyond = discrepancy(model, lambda trial: _forecasts(KETAMINE, scored, also=trial))
    unit = units(made["prior"])
    scores = {name: score(one, unit) for name, one in made.items()}
    for name, pooled in (("no effect", False), ("random-effects meta-analysis", True)):
        made[name] = baseline(model, pooled=pooled)
        scores[name] = score(made[name])
    told = {name: power(model, one) for name, one in made.items() if name != OWN}
    endpoints = tuple(_endpoint(name, one) for name, found in model.items() for one in found)
    return Validation(
        endpoints, compared, _weighted(scores), told, model_hash(), most, apart, written(most),
        beyond,
    )  # fmt: skip


def written(most: int) -> dict[str, Any]:
    """What it takes to do it again."""
    return {
        "command": f"resynapse validate --draws {most}",
        "version": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seed": SEED,
        "people": PEOPLE,
    }


def _hypotheses(designs: dict[str, dict[str, Design]]) -> dict[str, Forecasts]:
    """Forecasts of every hypothesis that simulates, each left out of its own fit."""
    own = designs[KETAMINE.name]
    found: dict[str, Forecasts] = {
        OWN: _forecasts(KETAMINE, own),
        "prior": _of_prior(KETAMINE, own),
        "window gain zero": _forecasts(KETAMINE, own, without="window_gain"),
    }
    for name, world in WORLDS.items():
        if world is not KETAMINE:
            found[name] = _forecasts(world, designs[name])
    return found


def _forecasts(
    world: World, designs: dict[str, Design], without: str | None = None, also: str | None = None
) -> dict[str, tuple[Forecast, ...]]:
    """A forecast of every study, from the fitted studies other than itself and ``also``."""
    asked = _switched_off(world, without) if without else world
    known: dict[tuple[Wanted, ...], np.ndarray] = {}
    found = {}
    for name, one in designs.items():
        wanted = tuple(target for target in FITTED if target.protocol not in (name, also))
        if wanted not in known:
            known[wanted] = _known(asked, wanted, designs)
        found[name] = forecast(asked, one, known[wanted])
    return found


def _known(world: World, wanted: tuple[Wanted, ...], designs: dict[str, Design]) -> np.ndarray:
    """Draws of the free numbers from what was published, or from the prior where nothing was."""
    return _posterior(problem(world, wanted, designs)) if wanted else from_prior(world, KEPT)


def _posterior(one: Problem) -> np.ndarray:
    """Draws of the free numbers by weights on draws of the prior, which needs no sampler."""
    found = weighted(one, published(one))
    if found.effective < FEWEST:
        raise TooFew(
            f"Only {found.effective:.0f} of the weighted draws of the prior count, so the data and"
            " the prior disagree too much for this way of validating. Fit it with `resynapse"
            " calibrate`."
        )
    return found.resampled(KEPT)


def _switched_off(world: World, name: str) -> World:
    """The same hypothesis with one number at zero."""
    free = tuple(
        dataclasses.replace(one, prior=HalfSpike(one.slab, 0.0, NEVER))
        if one.name == name and isinstance(one.slab, Normal)
        else one
        for one in world.free
    )
    return dataclasses.replace(world, free=free)


def _of_prior(world: World, designs: dict[str, Design]) -> dict[str, tuple[Forecast, ...]]:
    """Forecasts from the prior, indicators drawn."""
    values = from_prior(world, KEPT)
    return {name: forecast(world, one, values) for name, one in designs.items()}


def baseline(model: Forecasts, *, pooled: bool) -> dict[str, tuple[Forecast, ...]]:
    """No effect, or what a random-effects meta-analysis of the other studies forecasts."""
    known = {name: primary(made, name) for name, made in model.items() if name in PRIMARY}
    effects = {name: meta_analysis.log_effect(one.number) for name, one in known.items()}
    chance = np.random.default_rng(1)
    found: dict[str, tuple[Forecast, ...]] = {}
    for name, one in known.items():
        others = [effect for other, effect in effects.items() if other != name]
        mean, sd = meta_analysis.predicted(others) if pooled else (0.0, 0.0)
        width = np.hypot(sd, effects[name].standard_error)
        samples = np.exp(mean + width * chance.standard_normal(KEPT))
        found[name] = (Forecast(one.number, samples),)
    return found


def _weighted(scores: dict[str, Score]) -> dict[str, Score]:
    """Weights by the summed log scores; they add to 1."""
    sums = np.array([sum(one.log_scores) for one in scores.values()])
    weights = np.exp(sums - sums.max())
    shares = weights / weights.sum()
    return {
        name: dataclasses.replace(one, weight=float(w))
        for (name, one), w in zip(scores.items(), shares, strict=True)
    }


def _endpoint(protocol: str, one: Forecast) -> Endpoint:
    study = study_of(load(protocol).study or "")
    left_out = any(w.protocol == protocol for w in FITTED)
    return endpoint(protocol, study, "leave-one-study-out" if left_out else study.role, one)


def endpoint(protocol: str, study: Study, role: str, one: Forecast) -> Endpoint:
    """A published number beside its forecast."""
    number = one.number
    ends = {
        f"{side}{share}": value
        for share in SHARES
        for side, value in zip(("low", "high"), interval(one.samples, share), strict=True)
    }
    return Endpoint(
        study=study.id, protocol=protocol, endpoint=number.endpoint, arm=number.arm,
        reference=number.reference, measure=number.measure, unit=number.unit, role=role,
        published=number.value, median=float(np.median(one.samples)),
        pit=pit(one.samples, number.value), crps=crps(one.samples, number.value),
        hit90=within90(one), **ends,
    )  # fmt: skip
