"""Was the model right about sites of CTN-0030 and CTN-0027 that it was not fitted to?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from resynapse import __version__
from resynapse.evidence.ctn0094 import checksums
from resynapse.inference import treated_course
from resynapse.inference.score import SHARES, crps, interval, pit
from resynapse.inference.share_baselines import (
    META_ANALYSIS,
    NO_DIFFERENCE,
    meta_analysis,
    no_difference,
)
from resynapse.inference.sites_left_out import first_use, retention
from resynapse.inference.sites_left_out.observed import SiteCount, counted, other_folds
from resynapse.inference.sites_left_out.score import SiteScore, sampled, score
from resynapse.inference.smooth_stage import SAMPLES
from resynapse.inference.stage_fit import Listener
from resynapse.inference.stages.medications import ARMS, ROUNDS, Medications
from resynapse.inference.stages.natural_history import NaturalHistory
from resynapse.inference.validation import Endpoint
from resynapse.trial.model_hash import model_hash

ROLE = "held-out-site"
OWN, NO_TRIAL = "model", "model, whole trial left out"
TABLES = (
    "sites.csv", "first_use_without_fold.csv", "weeks_in_treatment.csv",
    "weeks_in_treatment_covariance.csv",
)  # fmt: skip
SEED = 1
COMMAND = "resynapse validate --sites"

Shares = Mapping[str, np.ndarray]
"""by site, draws of the chance of each person there"""


@dataclass(frozen=True)
class Quantity:
    """One thing counted at the sites of a trial, and every forecast of it."""

    label: str
    counts: tuple[SiteCount, ...]
    forecasts: Mapping[str, Shares]
    study: str
    protocol: str
    endpoint: str
    arm: str
    scored: bool
    """whether every site, or nearly, shows its count"""


@dataclass(frozen=True)
class SitesLeftOut:
    """All of it."""

    endpoints: tuple[Endpoint, ...]
    scores: Mapping[str, Mapping[str, SiteScore]]
    """by quantity and forecast"""
    model: str
    """hash of the model that forecast"""
    tables: Mapping[str, str]
    """checksum of each derived table that was used"""
    made: Mapping[str, Any] = field(default_factory=dict)
    """by which command, when, and from how many people and draws"""


def judge(progress: Listener) -> SitesLeftOut:
    """Fit the stages without each fold of sites and score their forecasts.

    What is simulated and what is fitted is kept, so that a call that was stopped goes on.
    """
    progress(0.0, "first use: courses of states")
    here, elsewhere = first_use.forecasts(
        NaturalHistory(first_use.PEOPLE), lambda share, words: progress(0.05 + 0.45 * share, words)
    )
    stage = Medications(progress=lambda share, words: progress(0.5 + 0.8 * share, words))
    stay = retention.forecasts(stage, lambda share, words: progress(0.9 + 0.1 * share, words))
    return judged((*_first_uses(here, elsewhere), *_retentions(stay)))


def judged(quantities: Sequence[Quantity]) -> SitesLeftOut:
    """Rows and scores of quantities that were forecast."""
    sums = checksums()
    return SitesLeftOut(
        tuple(_endpoint(one, count) for one in quantities for count in one.counts),
        {
            one.label: {name: score(one.counts, made) for name, made in one.forecasts.items()}
            for one in quantities if one.scored
        },
        model_hash(), {name: sums[name] for name in TABLES}, made(),
    )  # fmt: skip


def made() -> dict[str, Any]:
    """What it takes to do it again."""
    return {
        "command": COMMAND,
        "version": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seeds": {"sampler": 1, "people": treated_course.SEED, "sites": first_use.SEED},
        "samples_of_each_chain": {"first use": first_use.SAMPLES, "retention": SAMPLES},
        "people": {"first use": first_use.PEOPLE, "retention": [people for _, people in ROUNDS]},
        "simulated_points": {"retention": [points for points, _ in ROUNDS]},
        "draws": first_use.DRAWS,
    }


def _first_uses(here: Shares, elsewhere: Shares) -> list[Quantity]:
    return [
        _quantity(
            f"{first_use.TRIAL}, first use by {day:g} d", first_use.TRIAL, "both",
            f"first use by {day:g} d",
            {OWN: _column(here, k), NO_TRIAL: _column(elsewhere, k)},
            ("ctn0030", first_use.PROTOCOL, f"lapse_{day:g}_days"), day == first_use.DAYS[0],
        )
        for k, day in enumerate(first_use.DAYS)
    ]  # fmt: skip


def _retentions(stay: Shares) -> list[Quantity]:
    return [
        _quantity(
            f"{retention.TRIAL}, {arm}, in treatment at {retention.DAY} d", retention.TRIAL, arm,
            f"retained at {retention.DAY} d", {OWN: _column(stay, k)},
            ("ctn0027", retention.PROTOCOL, f"retention_{retention.DAY}_days"), True,
        )
        for k, arm in enumerate(ARMS)
    ]  # fmt: skip


def _quantity(
    label: str, trial: str, arm: str, name: str, own: dict[str, Shares],
    known_as: tuple[str, str, str], scored: bool,
) -> Quantity:  # fmt: skip
    """With the forecasts of both baselines beside those of the model."""
    counts = counted(trial, arm, name)
    chance = np.random.default_rng(SEED)
    made: dict[str, Shares] = {**own, NO_DIFFERENCE: {}, META_ANALYSIS: {}}
    for way, forecast in ((NO_DIFFERENCE, no_difference), (META_ANALYSIS, meta_analysis)):
        made[way] = {
            one.site: forecast(other_folds(counts, one.fold), first_use.DRAWS, chance)
            for one in counts
        }
    return Quantity(label, counts, made, *known_as, arm, scored)


def _column(shares: Shares, k: int) -> Shares:
    return {site: draws[:, k] for site, draws in shares.items()}


def _endpoint(one: Quantity, count: SiteCount) -> Endpoint:
    samples = sampled(one.forecasts[OWN][count.site], count.n, count.site)
    ends = {
        f"{side}{share}": value
        for share in SHARES
        for side, value in zip(("low", "high"), interval(samples, share), strict=True)
    }
    where = f"site {count.site}" if one.arm == "both" else f"{one.arm}, site {count.site}"
    return Endpoint(
        study=one.study, protocol=one.protocol, endpoint=one.endpoint, arm=where, reference=None,
        measure="proportion", unit="proportion", role=ROLE, published=count.share,
        median=float(np.median(samples)), pit=pit(samples, count.share),
        crps=crps(samples, count.share),
        hit90=bool(ends["low90"] <= count.share <= ends["high90"]), **ends,
    )  # fmt: skip
