"""Does what is said of the meta-analysis hang on how it forecasts a new study?

The baseline is DerSimonian and Laird's, by a normal distribution, which takes the little that three
studies say of their spread for known. With Student's t, and with the usual one degree of freedom
less for that spread (Higgins, Thompson and Spiegelhalter 2009), its forecasts are wider:

    normal                 mean + sd z
    t, k - 1               as ``meta_analysis.wider``
    t, k - 2               mean + sd t, sd as for the normal

It also knows all other studies, where the model is fitted to some: given those alone, it forecasts
by the normal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from resynapse.evidence import study
from resynapse.evidence.study import Number
from resynapse.inference.design import asked
from resynapse.inference.meta_analysis import (
    LogEffect,
    heterogeneity,
    log_effect,
    predicted,
    wider,
)
from resynapse.inference.score import crps, interval
from resynapse.inference.scored import PRIMARY, Score
from resynapse.inference.stages.ketamine import FITTED
from resynapse.inference.words import OWN
from resynapse.protocol import load

DRAWS = 100_000
SEED = 11
WAYS = ("normal", "t, k - 1", "t, k - 2")
KNOWN_TO_THE_MODEL = tuple(sorted({one.protocol for one in FITTED} & set(PRIMARY)))
"""studies with a scored ratio to which the model is fitted, where they are not left out"""


@dataclass(frozen=True)
class Pooled:
    """One way of forecasting the scored ratios, each from the other studies."""

    way: str
    crps: float
    width90: float
    """log units, mean"""
    hits90: int
    tau2: tuple[float, ...]
    """variance between the other studies, by the study that is forecast"""


def published_effects() -> dict[str, LogEffect]:
    """The ratio of use by which each study is scored, on the log scale."""
    return {name: log_effect(_ratio(name)) for name in PRIMARY}


def ways(effects: dict[str, LogEffect]) -> tuple[Pooled, ...]:
    """All of them."""
    return tuple(_pooled(way, effects) for way in WAYS)


def of_the_fitted(effects: dict[str, LogEffect]) -> Pooled:
    """Each study from those others that the model is fitted to; the first way."""
    return _pooled(WAYS[0], effects, KNOWN_TO_THE_MODEL)


def sentences(scores: Mapping[str, Score]) -> str:
    """What each way would change, beside the calibrated model."""
    own = scores[OWN]
    normal, hartung, fewest = ways(published_effects())
    none = sum(not one for one in normal.tau2)
    ratios = [own.width90 / one.width90 for one in (normal, hartung, fewest)]
    worse = sum(own.crps > one.crps for one in (normal, hartung, fewest))
    fitted = of_the_fitted(published_effects())
    return (
        "The meta-analysis is DerSimonian and Laird's, forecasting by a normal distribution; the"
        f" variance that it finds between the other studies is 0 in {none} of {len(normal.tau2)}"
        " cases, where it is a fixed-effect pool. With Student's t, as Hartung, Knapp, Sidik and"
        f" Jonkman, its CRPS would be {hartung.crps:.2f} in place of {normal.crps:.2f}, and with"
        f" one degree of freedom less (Higgins 2009) {fewest.crps:.2f}; the model's is"
        f" {own.crps:.2f}, worse in {worse} of 3 ways. Its intervals would be wider, and the"
        f" model's {ratios[1]:.2f} and {ratios[2]:.2f} times as wide as they are in place of"
        f" {ratios[0]:.2f} (with other draws, so not to the last digit of the bar). Given those"
        f" trials alone that the model is fitted to ({' and '.join(KNOWN_TO_THE_MODEL)}, the one"
        f" that is forecast left out), its CRPS would be {fitted.crps:.2f}, with"
        f" {fitted.hits90} of {len(PRIMARY)} within its 90 %: so it does not win by knowing more"
        " trials. Looked at after the scores had been read."
    )


def _ratio(name: str) -> Number:
    numbers = asked(study(load(name).study or ""))
    return next(one for one in numbers if (one.endpoint, one.measure) == PRIMARY[name])


def _pooled(
    way: str, effects: dict[str, LogEffect], known: Collection[str] | None = None
) -> Pooled:
    """``known``: studies that may be pooled, if not all."""
    chance = np.random.default_rng(SEED)
    scores, widths, hits, tau2 = [], [], 0, []
    for name, one in effects.items():
        others = [effects[key] for key in effects if key != name and (not known or key in known)]
        samples = _new_study(way, others, chance)
        samples = samples + one.standard_error * chance.standard_normal(DRAWS)
        low, high = interval(samples, 90)
        scores.append(crps(samples, one.value))
        widths.append(high - low)
        hits += bool(low <= one.value <= high)
        tau2.append(heterogeneity(others))
    return Pooled(way, float(np.mean(scores)), float(np.mean(widths)), hits, tuple(tau2))


def _new_study(way: str, others: list[LogEffect], chance: np.random.Generator) -> np.ndarray:
    """Draws of the effect in a new study."""
    mean, sd = predicted(others)
    if way == "normal":
        return np.asarray(mean + sd * chance.standard_normal(DRAWS))
    mean, scale, freedom = wider(others) if way == "t, k - 1" else (mean, sd, len(others) - 2)
    return np.asarray(mean + scale * chance.standard_t(freedom, DRAWS))
