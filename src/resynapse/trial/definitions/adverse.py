"""When did the first of the adverse outcomes of opioid use disorder happen?"""

from __future__ import annotations

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.definitions.days import Timed


def time_to_adverse_outcome(days: np.ndarray, followed: float) -> Timed:
    """Days to the first of several outcomes; without one, censored when follow-up ended.

    ``days`` holds the day of each outcome, NaN where it did not happen, (outcomes,). Raises
    InputError for a day that is negative or later than follow-up.
    """
    known = np.asarray(days, dtype=float)
    known = known[~np.isnan(known)]
    if not followed >= 0.0:
        raise InputError(f"followed for {followed:g} days cannot be; write 0 or more.")
    if len(known) and not 0.0 <= known.min() <= known.max() <= followed:
        raise InputError(
            f"an outcome on day {known.max() if known.max() > followed else known.min():g} lies "
            f"outside the {followed:g} days of follow-up; mend the day or the follow-up."
        )
    return Timed(float(known.min()), True) if len(known) else Timed(float(followed), False)
