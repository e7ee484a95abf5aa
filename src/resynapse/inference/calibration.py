"""What do the published trials of ketamine leave of what was believed before?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from resynapse import __version__
from resynapse.inference.added import Added
from resynapse.inference.design import (
    PEOPLE,
    SEED,
    Design,
    Listener,
    design,
    simulated_before,
)
from resynapse.inference.identified import Identified, identified, weighted
from resynapse.inference.kept import engine_hash
from resynapse.inference.sampling import SAMPLES, Posterior, sample
from resynapse.inference.stages.ketamine import FITTED, KETAMINE, over_stages
from resynapse.inference.synthetic_likelihood import Problem, problem, published
from resynapse.input_error import InputError
from resynapse.protocol import load
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import OVER, QUICK, ParameterSet, data_hash

DRAWS = 512
QUICK_DRAWS, QUICK_PEOPLE, QUICK_SAMPLES = 64, 256, 1000
KEPT = 400
"""draws that are written"""
DIGITS = 6


class NotConverged(InputError):
    """A calibration whose sampler cannot be believed."""


@dataclass(frozen=True)
class Calibration:
    """The last stage, done."""

    problem: Problem
    posterior: Posterior
    identified: tuple[Identified, ...]
    designs: Mapping[str, Design]
    log_evidence: float
    quick: bool = False


def calibrate(
    extra: tuple[Added, ...] = (), *, before: Sequence[ParameterSet] = (), draws: int | None = None,
    samples: int | None = None, quick: bool = False, progress: Listener | None = None,
) -> Calibration:  # fmt: skip
    """Fit the ketamine stage; ``extra`` are studies that a user adds.

    ``before`` are the sets of the earlier stages; without, those that ship.
    """
    world = over_stages(KETAMINE, before)
    draws = draws or (QUICK_DRAWS if quick else DRAWS)
    people = QUICK_PEOPLE if quick else PEOPLE
    samples = samples or (QUICK_SAMPLES if quick else SAMPLES)
    wanted = (*FITTED, *(one for added in extra for one in added.wanted))
    plans = {name: load(name) for name in dict.fromkeys(one.protocol for one in FITTED)}
    plans |= {added.protocol.name: added.protocol for added in extra}
    own = {added.protocol.name: added.study for added in extra}
    designs = {}
    for done, (name, plan) in enumerate(plans.items()):

        def heard(share: float, words: str, done: int = done) -> None:
            if progress:
                progress(0.95 * (done + share) / len(plans), f"simulating {words}")

        designs[name] = design(
            plan, world, draws, people=people, progress=heard, study=own.get(name)
        )
    if progress:
        progress(0.96, "fitting")
    found = fitted(problem(world, wanted, designs), designs, samples)
    return replace(found, quick=True) if quick or samples < SAMPLES else found


def fitted(
    one: Problem, designs: Mapping[str, Design], samples: int = SAMPLES, *, trusted: bool = True
) -> Calibration:
    """The posterior of a problem; refused where the sampler did not converge."""
    seen = published(one)
    posterior = sample(one, seen, samples=samples)
    if trusted and not posterior.converged:
        raise NotConverged(posterior.refusal())
    found = weighted(one, seen)
    return Calibration(
        one, posterior, identified(found, posterior.slabs), designs, found.log_evidence
    )


def kept(quick: bool = False) -> bool:
    """Whether any draw of the fitted trials was simulated before, with this model."""
    people = QUICK_PEOPLE if quick else PEOPLE
    names = dict.fromkeys(one.protocol for one in FITTED)
    return any(simulated_before(load(name), over_stages(KETAMINE), people) for name in names)


def as_parameter_set(done: Calibration, command: str) -> ParameterSet:
    """What is written: parameters by path, thinned evenly, with where they come from."""
    free, draws = done.problem.world.free, done.posterior.draws
    rows = draws[np.linspace(0, len(draws) - 1, KEPT).astype(int)]
    paths = tuple(path for one in free for path in one.moves)
    factors = [(k, factor) for k, one in enumerate(free) for factor in one.moves.values()]
    table = tuple(
        tuple(float(f"{row[k] * factor:.{DIGITS}g}") for k, factor in factors) for row in rows
    )
    protocols = dict.fromkeys(one.wanted.protocol for one in done.problem.targets)
    return ParameterSet(
        paths, table, tuple(protocols), ("ketamine",), model_hash(),
        data_hash(tuple(protocols)), _made(done, command),
    )  # fmt: skip


def _made(done: Calibration, command: str) -> dict[str, Any]:
    rows = len(next(iter(done.designs.values())).free)
    return {
        "version": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": command,
        **({QUICK: True} if done.quick else {}),
        "simulated_draws": rows,
        "seed": SEED,
        "engine": engine_hash(),
        OVER: {one.stages[0]: one.content for one in done.problem.world.over},
        "divergences": done.posterior.divergences,
        "diagnoses": [asdict(one) for one in done.posterior.diagnoses],
        "probability_on": {one.name: one.on_after for one in done.identified},
    }
