"""On which day does a relapse begin?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse.trial.time_to_event import time_to_event


def one_person(first_use, relapse_day, origin=5.0):
    used = np.zeros((1, 60), np.uint8)
    used[0, int(relapse_day) : int(relapse_day) + 7] = 1
    used[0, int(first_use)] = 1
    table = pd.DataFrame(
        {
            "origin_day": [origin], "end_day": [60.0], "dropout_day": [np.nan],
            "first_use_day": [first_use], "relapse_day": [float(relapse_day)],
        }
    )  # fmt: skip
    return table, used


@pytest.mark.parametrize(("first_use", "relapse_day"), [(5.4, 5), (9.9, 9), (6.2, 20)])
def test_a_relapse_never_comes_before_the_first_use(first_use, relapse_day):
    table, used = one_person(first_use, relapse_day)

    lapse, relapse = (time_to_event(name, table, used).time[0] for name in ("lapse", "relapse"))

    assert lapse == pytest.approx(first_use - 5.0)
    assert relapse == pytest.approx(max(first_use, relapse_day) - 5.0)
    assert relapse >= lapse
