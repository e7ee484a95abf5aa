"""How do tests have every state take the same steps, whatever drugs drive?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from resynapse.protocol import Arm
from resynapse.trial.plan import ArmPlan


def stepped_alike(_: Arm, new: Callable[[], ArmPlan]) -> ArmPlan:
    """A plan on the same grid that leaves out the rule of order 4 and the pieces it asks for."""
    made = new()
    return replace(made, plan=made.plan._replace(driven=np.zeros_like(made.plan.driven)))
