"""Is a forecast worse than a meta-analysis on levels or on effects?

Every value is put on its scale (ratios by their log) and counted in standard errors of the trial
that published it, so that a share and a ratio can be averaged. Each baseline knows the other
studies alone:

    levels    no difference  p ~ Beta(k + 1/2, n - k + 1/2), k and n over the same arms elsewhere
              meta-analysis  logit p ~ Normal(mean, tau^2 + se^2), DerSimonian and Laird
    effects   no effect      x ~ Normal(0, se^2), se of the trial that is forecast
              meta-analysis  x ~ Normal(mean, tau^2 + se_mean^2 + se^2)

A level is the share of one arm, treated or reference; the three studies asked of different things
(a year, two weeks), and neither model nor baselines are told how far these differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as students_t

from resynapse.evidence.study import Number
from resynapse.inference.meta_analysis import WIDTH_OF_95, LogEffect, predicted
from resynapse.inference.scale import to_scale
from resynapse.inference.score import crps, interval
from resynapse.inference.scored import PRIMARY, Forecasts
from resynapse.inference.share_baselines import Counted, meta_analysis, no_difference
from resynapse.inference.statistic import no_effect
from resynapse.inference.words import OWN

LEVELS = "levels: share abstinent, by arm"
SHARED = "effects on use that several trials published"
ONCE = "effects that one trial published"
NONE, POOLED = "no difference", "random-effects meta-analysis"
DRAWS = 4000
SEED = 1


@dataclass(frozen=True)
class KindScore:
    """One way to forecast one kind of values; CRPS and width in standard errors of the trial."""

    studies: tuple[str, ...]
    values: int
    hits90: int
    width90: float
    """mean of the 90 % interval"""
    crps_by_study: tuple[float, ...]
    """mean over the values of each of ``studies``"""

    @property
    def crps(self) -> float:
        """Mean over studies."""
        return float(np.mean(self.crps_by_study))

    def less(self, other: KindScore) -> tuple[float, float]:
        """Mean CRPS less that of another forecast, and its standard error over studies."""
        gap = np.array(self.crps_by_study) - np.array(other.crps_by_study)
        return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


@dataclass(frozen=True)
class Count:
    """People abstinent, of so many."""

    count: int
    n: int


Kinds = Mapping[str, Mapping[str, KindScore]]
"""by kind of value and forecast"""


def by_kind(made: Mapping[str, Forecasts]) -> dict[str, dict[str, KindScore]]:
    """Scores of every hypothesis and both baselines, a kind of values after the other."""
    numbers = {name: [one.number for one in made[OWN][name]] for name in PRIMARY}
    known = [(study, one) for study, of in numbers.items() for one in of if error(one)]
    wanted: dict[str, list[tuple[str, Number]]] = {LEVELS: [], SHARED: [], ONCE: []}
    for study, one in known:
        wanted[kind(one, _elsewhere(known, study, one))].append((study, one))
    return {name: dict(_scores(made, known, of)) for name, of in wanted.items() if of}


def wider(kinds: Kinds) -> list[tuple[str, float]]:
    """In words and as a ratio, how wide 90 % is beside the meta-analysis's, where it has one."""
    found = []
    for name, of in kinds.items():
        if POOLED in of:
            own, pooled = of[OWN], of[POOLED]
            ratio = own.width90 / pooled.width90
            said = (
                f"On {name} ({own.values} values) they are {ratio:.2f} times as wide"
                f" ({own.width90:.1f} against {pooled.width90:.1f} standard errors of the trial)"
            )
            found.append((said, ratio))
    return found


def kind(number: Number, elsewhere: Sequence[Number]) -> str:
    """Which kind of value a published number is."""
    if number.measure == "proportion":
        return LEVELS
    return SHARED if elsewhere else ONCE


def error(number: Number) -> float | None:
    """Standard error on the number's scale, from its 95 % interval; None without one."""
    if number.low is None or number.high is None:
        return None
    if number.measure == "proportion":
        return (number.high - number.low) / WIDTH_OF_95
    low, high = (to_scale(number.measure, np.array(end)) for end in (number.low, number.high))
    return float(high - low) / WIDTH_OF_95


def _scores(
    made: Mapping[str, Forecasts], known: Sequence[tuple[str, Number]],
    wanted: Sequence[tuple[str, Number]],
) -> Iterator[tuple[str, KindScore]]:  # fmt: skip
    for name, of in made.items():
        found = {id(one.number): one.samples for study in PRIMARY for one in of[study]}
        if all(id(number) in found for _, number in wanted):
            yield name, _score([(s, one, _scaled(one, found[id(one)])) for s, one in wanted])
    chance = np.random.default_rng(SEED)
    for name in (NONE, POOLED):
        drawn = [(study, one, _baseline(name, known, study, one, chance)) for study, one in wanted]
        if all(samples is not None for _, _, samples in drawn):
            yield name, _score(drawn)


def _score(drawn: Sequence[tuple[str, Number, Any]]) -> KindScore:
    studies = tuple(dict.fromkeys(study for study, _, _ in drawn))
    each: dict[str, list[float]] = {study: [] for study in studies}
    hits, widths = 0, []
    for study, number, samples in drawn:
        unit, value = error(number) or 1.0, _scaled(number, np.array(number.value))
        each[study].append(crps(samples / unit, float(value) / unit))
        low, high = interval(samples, 90)
        hits += bool(low <= value <= high)
        widths.append((high - low) / unit)
    return KindScore(
        studies, len(drawn), hits, float(np.mean(widths)),
        tuple(float(np.mean(each[study])) for study in studies),
    )  # fmt: skip


def _scaled(number: Number, value: np.ndarray) -> np.ndarray:
    """Shares as they are, anything else on the scale on which it is near normal."""
    return value if number.measure == "proportion" else to_scale(number.measure, value)


def _elsewhere(known: Sequence[tuple[str, Number]], study: str, one: Number) -> list[Number]:
    """What other studies published of the same thing."""
    return [
        number for name, number in known if name != study and _alike((name, number), (study, one))
    ]


def _alike(a: tuple[str, Number], b: tuple[str, Number]) -> bool:
    """Ratios of use that a study is scored by; else the same measure of people abstinent."""
    primary = [(number.endpoint, number.measure) == PRIMARY[name] for name, number in (a, b)]
    if any(primary):
        return all(primary)
    return a[1].measure == b[1].measure and all("abstin" in one.endpoint for _, one in (a, b))


def _baseline(
    name: str, known: Sequence[tuple[str, Number]], study: str, one: Number,
    chance: np.random.Generator,
) -> np.ndarray | None:  # fmt: skip
    """Draws of a new trial's value on its scale; None where the baseline knows nothing."""
    others = _elsewhere(known, study, one)
    if one.measure == "proportion":
        return _level(name, known, study, one, chance)
    sd = error(one) or 0.0
    middle = float(_scaled(one, np.array(no_effect(one.measure))))
    if name == POOLED:
        if not others:
            return None
        middle, apart = predicted([_effect(other) for other in others])
        sd = float(np.hypot(sd, apart))
    return middle + sd * chance.standard_normal(DRAWS)


def _effect(number: Number) -> LogEffect:
    return LogEffect(float(_scaled(number, np.array(number.value))), error(number) or 0.0)


def _level(
    name: str, known: Sequence[tuple[str, Number]], study: str, one: Number,
    chance: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Shares counted in an arm of the published size, from arms of the same kind elsewhere."""
    treated = _treated(known)
    counts: list[Counted] = [
        Count(round(number.value * (number.n or 0)), number.n or 0)
        for other, number in known
        if other != study and number.measure == "proportion"
        and ((other, number.arm) in treated) == ((study, one.arm) in treated)
    ]  # fmt: skip
    forecast = meta_analysis if name == POOLED else no_difference
    p = forecast(counts, DRAWS, chance)
    n = one.n or 0
    return np.asarray(chance.binomial(n, p) / n)


def _treated(known: Sequence[tuple[str, Number]]) -> set[tuple[str, str]]:
    """Arms that a contrast compares with another one."""
    return {(study, one.arm) for study, one in known if one.reference}


def sentences(kinds: Kinds) -> Iterator[str]:
    """Is the model worse on levels or on effects? One sentence a kind."""
    for name, made in kinds.items():
        own = made[OWN]
        against = [_against(other, made[other], own) for other in (NONE, POOLED) if other in made]
        yield (
            f"{name[0].upper()}{name[1:]}: {own.hits90} of {own.values} within 90 %, CRPS"
            f" {own.crps:.2f} standard errors of the trial. {' '.join(against)}"
        )


def _against(name: str, other: KindScore, own: KindScore) -> str:
    """A baseline beside the model; told apart by Student's t over studies."""
    gap, spread = other.less(own)
    reach = float(students_t.ppf(0.975, len(own.studies) - 1)) * spread
    told = "not told apart" if abs(gap) <= reach else "better" if gap < 0.0 else "worse"
    return (
        f"{name[0].upper()}{name[1:]}: {other.hits90} of {other.values}, {other.crps:.2f}"
        f" ({gap:+.2f}, standard error {spread:.2f}, Student's t over"
        f" {len(own.studies)} studies: {told})."
    )


def rows(kinds: Kinds) -> Iterator[str]:
    """The table."""
    yield (
        "| kind of value | forecast | studies | within 90 % | width of 90 % | CRPS |"
        " less calibrated (SE) |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for value, made in kinds.items():
        for name, one in made.items():
            gap = "-"
            if name != OWN:
                mean, spread = one.less(made[OWN])
                gap = f"{mean:+.2f} ({spread:.2f})"
            yield (
                f"| {value} | {name} | {len(one.studies)} | {one.hits90} of {one.values} |"
                f" {one.width90:.1f} | {one.crps:.2f} | {gap} |"
            )


def restored(told: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Kinds:
    """From what is kept."""
    return {
        value: {
            name: KindScore(
                tuple(one["studies"]), one["values"], one["hits90"], one["width90"],
                tuple(one["crps_by_study"]),
            )
            for name, one in made.items()
        }
        for value, made in told.items()
    }  # fmt: skip
