"""Do the blinding indices give the numbers of their published example?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse.input_error import InputError
from resynapse.trial.blinding import bang, guess_counts, james

EXAMPLE = np.array([[48, 22], [4, 30], [330, 319]])
"""Guesses as the documentation of R's BI package, and of BlindingIndex.jl, prints them"""


def test_the_james_index_of_the_documented_example_is_0_896():
    found = james(EXAMPLE)

    printed = [found.value, found.standard_error, found.low, found.high]
    assert printed == pytest.approx([0.896, 0.011, 0.875, 0.918], abs=5e-4)


def test_the_bang_indices_of_the_documented_example_are_0_115_and_0_022():
    active, control = bang(EXAMPLE)

    assert [active.value, active.standard_error, active.low, active.high] == pytest.approx(
        [0.115, 0.018, 0.080, 0.150], abs=5e-4
    )
    assert [control.value, control.standard_error, control.low, control.high] == pytest.approx(
        [0.022, 0.019, -0.016, 0.060], abs=5e-4
    )


def test_everybody_right_everybody_unsure_and_chance_are_0_1_and_one_half():
    right = np.array([[50, 0], [0, 50], [0, 0]])
    unsure = np.array([[0, 0], [0, 0], [50, 50]])
    chance = np.array([[25, 25], [25, 25], [0, 0]])

    assert [james(one).value for one in (right, unsure, chance)] == pytest.approx([0.0, 1.0, 0.5])
    assert [bang(one)[0].value for one in (right, unsure, chance)] == pytest.approx([1.0, 0.0, 0.0])


def test_people_who_were_not_asked_are_left_out_of_the_table():
    people = pd.DataFrame(
        {
            "arm": ["low", "high", "high", "low"],
            "guess": ["control", "active", "not asked", "active"],
        }
    )

    assert guess_counts(people, "low").tolist() == [[1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("counts", "said"),
    [([[1, 2], [3, 4]], "3 rows"), ([[0, 1], [0, 1], [0, 1]], "Nobody of one arm")],
)
def test_a_table_of_another_shape_or_an_empty_arm_is_refused(counts, said):
    with pytest.raises(InputError, match=said):
        bang(np.array(counts))
