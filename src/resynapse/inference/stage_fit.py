"""What does a stage with a smooth likelihood leave of its numbers, and does it meet its data?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from resynapse import __version__
from resynapse.inference.between_studies import (
    BETWEEN_BASELINES,
    SEED,
    OverStudies,
    over_studies,
)
from resynapse.inference.identified import Identified
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import (
    QUICK_SAMPLES,
    QUICK_WARMUP,
    SAMPLES,
    WARMUP,
    SmoothStage,
    identified,
    sample,
)
from resynapse.input_error import InputError
from resynapse.parameter import LogNormal, Prior
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import QUICK, ParameterSet, data_hash

KEPT = 400
"""draws that are written"""
DIGITS = 6

Listener = Callable[[float, str], None]


class NotConverged(InputError):
    """A stage whose sampler cannot be believed."""


@dataclass(frozen=True)
class Check:
    """One published value beside what the posterior of the mean says of it."""

    quantity: str
    published: float
    band: tuple[float, float] | None
    """where the median must lie: 95 % of the published value, or 5 points; None without either"""
    median: float
    low90: float
    high90: float
    fitted: bool = True
    """whether it is among the data of the stage"""

    @property
    def within(self) -> bool | None:
        """Whether the median lies in the published band; None without a band."""
        return None if self.band is None else bool(self.band[0] <= self.median <= self.band[1])


@dataclass(frozen=True)
class StageFit:
    """A stage, done: posterior, what was identified, and the checks."""

    stage: SmoothStage
    posterior: Posterior
    identified: tuple[Identified, ...]
    checks: tuple[Check, ...]
    protocols: tuple[str, ...]
    sources: Mapping[str, str]
    """checksum of each derived table that was fitted"""
    quick: bool = False

    @property
    def unidentified(self) -> tuple[str, ...]:
        """Numbers that the data leave as they were."""
        return tuple(one.name for one in self.identified if not one.learned)


def fitted(
    stage: SmoothStage, checks: Callable[[Posterior], tuple[Check, ...]],
    protocols: Sequence[str], sources: Mapping[str, str], *, samples: int | None = None,
    warmup: int | None = None, quick: bool = False, progress: Listener | None = None,
) -> StageFit:  # fmt: skip
    """Sample, refuse what did not converge, and compare; ``checks`` takes the posterior."""
    say = progress or (lambda share, words: None)
    samples = samples or (QUICK_SAMPLES if quick else SAMPLES)
    warmup = warmup or (QUICK_WARMUP if quick else WARMUP)
    say(0.1, f"sampling {stage.name}")
    posterior = sample(stage, samples=samples, warmup=warmup)
    if not posterior.converged:
        raise NotConverged(posterior.refusal())
    say(0.7, "profiles")
    found = identified(stage, posterior)
    say(0.9, "comparing")
    compared = checks(posterior)
    return StageFit(
        stage, posterior, found, compared, tuple(protocols), sources, quick or samples < SAMPLES
    )


def check(
    quantity: str, published: float, band: tuple[float, float] | None, draws: np.ndarray,
    fitted: bool = True,
) -> Check:  # fmt: skip
    """A published value beside draws of the quantity."""
    low, middle, high = (float(v) for v in np.percentile(draws, (5, 50, 95)))
    return Check(quantity, published, band, middle, low, high, fitted)


def as_parameter_set(done: StageFit, command: str) -> ParameterSet:
    """What is written: the parameters of the model, without what belongs to one site."""
    rows, over = handed_on(done.stage, done.posterior.draws)
    moved = [
        (k, path, factor)
        for k, one in enumerate(done.stage.free)
        for path, factor in one.moves.items()
    ]
    table = tuple(
        tuple(float(f"{row[k] * factor:.{DIGITS}g}") for k, _, factor in moved) for row in rows
    )
    made = _made(done, command) | (of_one_study(done.stage.own, over) if over else {})
    made |= of_its_site(done.stage, rows) if done.stage.of_site else {}
    return ParameterSet(
        tuple(path for _, path, _ in moved), table, done.protocols, (done.stage.name,),
        model_hash(), data_hash(done.protocols), made,
    )  # fmt: skip


def handed_on(stage: SmoothStage, draws: np.ndarray) -> tuple[np.ndarray, OverStudies | None]:
    """KEPT draws of the free numbers; the study's own baselines give way to those of all studies.

    ``draws`` [draws, free numbers]; with the second, which says how, where there are such.
    """
    if not stage.own:
        return draws[np.linspace(0, len(draws) - 1, KEPT).astype(int)], None
    of = {path: k for k, one in enumerate(stage.free) for path in one.moves}
    places = [of[path] for path in stage.own]
    priors = [_log_normal(stage.free[k].slab) for k in places]
    over = over_studies(draws[:, places], priors, KEPT)
    rows = draws[over.rows]
    rows[:, places] = over.general
    return rows, over


def _log_normal(prior: Prior) -> LogNormal:
    assert isinstance(prior, LogNormal)
    return prior


def of_one_study(paths: Sequence[str], over: OverStudies) -> dict[str, Any]:
    """What a set says of the baselines that were the study's own, its draws of them among it."""
    draws = [[float(f"{v:.{DIGITS}g}") for v in row] for row in over.own]
    return {
        "over_studies": {
            "paths": list(paths), "log_sd_between_baselines": BETWEEN_BASELINES, "seed": SEED,
            "effective_sample": round(over.effective, 1), "own_draws": draws,
        }
    }  # fmt: skip


def of_its_site(stage: SmoothStage, rows: np.ndarray) -> dict[str, Any]:
    """What a set says of the study's own site: draws about their medians, in the rows kept.

    ``rows`` [kept, free numbers]. Medians are on the scale of the parameter, the site's zero in
    them: a log hazard, the logit of a share.
    """
    places = [k for k, one in enumerate(stage.free) if one.name in stage.of_site]
    paths, zeros = zip(*(stage.of_site[stage.free[k].name] for k in places), strict=True)
    middle = np.median(rows[:, places], axis=0)
    off = np.round(rows[:, places] - middle, DIGITS)
    medians = (middle + zeros).round(DIGITS).tolist()
    return {"of_site": {"paths": list(paths), "medians": medians, "draws": off.tolist()}}


def _made(done: StageFit, command: str) -> dict[str, Any]:
    return {
        "version": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": command,
        **({QUICK: True} if done.quick else {}),
        "divergences": done.posterior.divergences,
        "diagnoses": [asdict(one) for one in done.posterior.diagnoses],
        "tables": dict(done.sources),
        "again": list(done.stage.again),
        "own_to_a_site": [
            _own(done, k) for k, one in enumerate(done.stage.free) if not one.moves
        ],
    }  # fmt: skip


def _own(done: StageFit, k: int) -> dict[str, Any]:
    low, middle, high = np.percentile(done.posterior.draws[:, k], (5, 50, 95)).round(4)
    return {"name": done.stage.free[k].name, "median": middle, "low90": low, "high90": high}
