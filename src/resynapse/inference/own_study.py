"""What did the shipped posterior forecast for a study that it has never seen?"""

from __future__ import annotations

import numpy as np

from resynapse.inference.added import Added
from resynapse.inference.design import PEOPLE, Listener, design
from resynapse.inference.forecast import forecast
from resynapse.inference.free import World
from resynapse.inference.stages.ketamine import KETAMINE, over_stages
from resynapse.inference.validation import KEPT, Endpoint, endpoint
from resynapse.input_error import InputError
from resynapse.trial.parameter_set import ParameterSet, shipped_set

DRAWS = 96


def judge(
    one: Added, *, draws: int = DRAWS, people: int = PEOPLE, progress: Listener | None = None,
) -> tuple[Endpoint, ...]:  # fmt: skip
    """Every number of the study that may be used, beside its forecast."""
    fitted = shipped_set("ketamine")
    if one.protocol.name in fitted.studies:
        raise InputError(
            f"--add {one.protocol.name}: the ketamine set was fitted to it, so it would be no"
            " test. `resynapse validate` leaves it out and fits the rest again."
        )
    if not one.study.numbers:
        told = "\n".join(f"  {said}" for said in one.aside)
        raise InputError(f"--add {one.protocol.name}: nothing can be judged.\n{told}".rstrip())
    world = over_stages(KETAMINE)
    made = design(one.protocol, world, draws, people=people, progress=progress, study=one.study)
    found = forecast(world, made, values(world, fitted))
    return tuple(endpoint(one.protocol.name, one.study, one.study.role, each) for each in found)


def values(world: World, fitted: ParameterSet, count: int = KEPT) -> np.ndarray:
    """The free numbers [draws, free numbers] of a fitted set, rows repeated to ``count``."""
    rows = np.array(fitted.draws)
    columns = []
    for free in world.free:
        path, factor = next(iter(free.moves.items()))
        columns.append(rows[:, fitted.paths.index(path)] / factor)
    table = np.array(columns).T
    return table[np.arange(count) % len(table)]
