"""Do measures of urine words count what they say?"""

from __future__ import annotations

import pytest

from resynapse.input_error import InputError
from resynapse.trial.urine_word import longest_negative_run, negative_at_the_end, share_negative


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


@pytest.mark.parametrize(("word", "said"), [("--x", "the letter 'x'"), ("", "no letter")])
def test_a_word_of_other_letters_is_refused(word, said):
    with pytest.raises(InputError, match=said):
        share_negative(word)
