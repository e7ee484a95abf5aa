"""What does a stage leave of its numbers without some sites?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from resynapse.evidence.ctn0094 import checksums
from resynapse.inference.kept import kept, method_hash
from resynapse.inference.smooth_stage import SmoothStage, sample
from resynapse.inference.stage_fit import NotConverged
from resynapse.trial.model_hash import model_hash


def draws(
    stage: SmoothStage, left_out: str, samples: int, beside: Any, say: Callable[[], None]
) -> np.ndarray:
    """Draws of the posterior, [draws, free numbers]; refused where the sampler did not converge.

    Kept with what they depend on: model, ways of inferring, derived tables, what is left out and
    what is ``beside`` them, as JSON. ``say`` is called before what takes minutes.
    """

    def fitted() -> np.ndarray:
        say()
        posterior = sample(stage, samples=samples, warmup=samples)
        if not posterior.converged:
            raise NotConverged(posterior.refusal())
        return posterior.draws

    tables = sorted(checksums().items())
    key = [model_hash(), method_hash(), tables, stage.name, left_out, samples, beside]
    return kept("sites", key, fitted)
