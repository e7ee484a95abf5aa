"""Do urine words give the outcomes that the CTN-0094 team computed for the same people?

Words and outcomes of people of CTN-0027 and CTN-0030, from CTNote's
inst/extdata/outcomes_relapse_20221123.csv (Odom, Brandt, Luo, Balise); chosen for variety before
our functions were run on them, and none left out after.
"""

from __future__ import annotations

import pytest

from resynapse.input_error import InputError
from resynapse.trial.urine_word import (
    first_run,
    longest_negative_run,
    negative_at_the_end,
    share_negative,
)

KEY = """
ooooooooooooooo 1 1 1 1 1 1 3 1 1 1
*---oo-o-o-o+oo 12 1 12 0 1 1 12 1 12 1
o-ooo-ooooooooooooooooo 7 1 7 1 1 1 7 1 3 1
-------------------o-o-o 21 0 21 0 0 0 21 0 22 0
*oooooooooooooo 1 1 2 1 1 1 3 1 1 1
------+++-++++o+++o+-o 11 1 19 0 1 1 11 1 7 1
-+-o+o+--o*----o--o---o- 4 1 21 0 1 1 4 1 4 1
+-++-*o--o-+o-o--+----oo 21 0 21 0 1 0 21 0 22 0
+---o-o-oo-o-oo 12 0 12 0 1 0 12 0 13 0
---------oo--oo-o--o-o++ 21 0 21 0 1 1 21 0 22 1
-o-------o------o-o-o+o+ 21 1 21 0 1 1 21 1 21 1
+----o------o--o-------- 21 0 21 0 0 0 21 0 22 0
+---o-o-o-o+----o----o---o-o-oo-o-o- 33 0 33 0 1 0 33 0 34 0
*++++-+-----++-ooooooooo 1 1 16 1 1 1 16 1 1 1
+-++++++++-+-++++--o-+o+o+o+o 3 1 26 0 1 1 3 1 3 1
oo++---o---o----o--o-o-- 1 1 21 0 0 1 21 0 1 1
++oo--+----------------- 1 1 21 0 0 1 21 0 1 1
-+--++--------+-++-+++-o 21 0 21 0 1 1 21 0 20 1
*o--+*-+-------++-+-+o+oooooo+ 21 1 24 1 1 1 21 1 21 1
----------------o---o-- 20 0 20 0 0 0 20 0 21 0
"""
ROWS = [line.split() for line in KEY.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_relapse_and_dropout_fall_in_the_week_that_the_trial_network_computed(row):
    word, *key = row
    names = ("relapse_ctn0094", "dropout_ctn0094", "relapse_ctn0051", "relapse_schottenfeld2008")

    found = [(run.week, int(run.event)) for run in (first_run(word, name) for name in names)]
    yes = [
        int(first_run(word, name).event)
        for name in ("relapse_johnson1992", "relapse_krupitsky2004")
    ]

    weeks = [int(one) for one in key]
    assert found == [tuple(weeks[k : k + 2]) for k in (0, 2, 6, 8)]
    assert yes == weeks[4:6]


def test_missing_urines_decide_how_much_abstinence_is_seen():
    word = "--o--+"

    assert [longest_negative_run(word, how) for how in ("positive", "negative", "skipped")] == [
        2,
        5,
        4,
    ]
    assert [share_negative(word, how) for how in ("positive", "negative", "skipped")] == [
        4 / 6,
        5 / 6,
        4 / 5,
    ]


def test_the_last_weeks_are_negative_only_if_each_of_them_was_seen_negative():
    assert negative_at_the_end("++--__-", 3)
    assert not negative_at_the_end("--o-", 2)
    assert not negative_at_the_end("--", 3)


def test_weeks_without_a_required_urine_are_passed_over():
    assert first_run("-_+_+_+_+", "relapse_ctn0094").week == 3


@pytest.mark.parametrize(("word", "said"), [("--x", "the letter 'x'"), ("", "no letter")])
def test_a_word_of_other_letters_is_refused(word, said):
    with pytest.raises(InputError, match=said):
        first_run(word, "relapse_ctn0094")
