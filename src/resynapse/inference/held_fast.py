"""Which parameters act through what is held fast while derivatives are taken?

The plan of an arm (doses with what of them gets into the blood, steps, how often people are seen)
and the covariates that recruitment draws are made before people run, by Python and NumPy. What acts
through them has a derivative that a run cannot give: it would say 0, or a part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import jax
import numpy as np

from resynapse.parameter import lookup, replace
from resynapse.patient import Patient
from resynapse.protocol import Arm
from resynapse.trial import recruitment
from resynapse.trial.conduct import Conduct
from resynapse.trial.plan import arm_plan

CHANGE = 1.0e-3
"""share of a value, or of 1 where it is 0, that a parameter is moved by"""


def held_fast(conduct: Conduct, arm: Arm, names: Sequence[str], count: int) -> Iterator[str]:
    """Those of these parameters on which the plan or the covariates of people depend."""
    numbers = recruitment.keys(conduct.first_key, count)

    def made(patient: Patient) -> list[np.ndarray]:
        plan = arm_plan(conduct.protocol, arm, patient, conduct.ends, conduct.cut)
        known = recruitment.given(conduct.protocol, patient, numbers, conduct.seed)
        return [np.asarray(x) for x in jax.tree.leaves((plan.plan, plan.segments, known))]

    before = made(conduct.patient)
    for name in names:
        value = float(lookup(conduct.patient, name))
        moved = value + CHANGE * (abs(value) or 1.0)
        after = made(replace(conduct.patient, {name: moved}))
        if not all(map(np.array_equal, before, after)):
            yield name
