"""Designs made of a known law in place of the simulator, so that inference can be checked fast."""

from __future__ import annotations

import numpy as np

from resynapse.evidence import study
from resynapse.inference.design import Design, asked, free_points
from resynapse.inference.emulator import standard
from resynapse.inference.free import World
from resynapse.inference.scale import from_scale
from resynapse.inference.stages.ketamine import FITTED, KETAMINE

STUDIES = {"krupitsky-2002": "krupitsky2002_heroin", "dakwar-2019": "dakwar2019_cocaine"}
SLOPES = {"hazard_ratio": (-0.4, 0.0, -0.2), "percent_difference": (-0.3, -0.2, 0.0)}
PEOPLE, TRIALS = 512, 4


def law(measure: str, x: np.ndarray) -> np.ndarray:
    """A statistic on its scale: a line in the standard free numbers."""
    slope = np.array(SLOPES.get(measure, (0.1, 0.1, 0.5)))[: x.shape[-1]]
    return 0.2 + x @ slope


def designs(
    draws: int, spread: float, sampling: float, world: World = KETAMINE
) -> dict[str, Design]:
    """``spread``: sd of what is not fitted; ``sampling``: sd that a small trial adds."""
    chance, found = np.random.default_rng(5), {}
    for protocol, id in STUDIES.items():
        numbers = asked(study(id))
        free = free_points(world, draws)
        x = standard(world.free, free)
        eta = np.stack([law(one.measure, x) for one in numbers], axis=1)
        eta = eta + spread * chance.standard_normal(eta.shape)
        small = eta[:, None] + sampling * chance.standard_normal((draws, TRIALS, len(numbers)))
        found[protocol] = Design(
            id, protocol, numbers, free, _natural(numbers, eta), _natural(numbers, small), PEOPLE
        )
    return found


def _natural(numbers: tuple, eta: np.ndarray) -> np.ndarray:
    columns = [from_scale(one.measure, eta[..., k]) for k, one in enumerate(numbers)]
    return np.stack(columns, axis=-1)


__all__ = ["FITTED", "KETAMINE", "designs", "law"]
