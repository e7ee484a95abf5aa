"""Are exact steps made once for the same people, and where they are said to be?"""

import numpy as np

from resynapse.engine.native.propagators import ROOM, Propagators

ENTRIES, PEOPLE = (3, 2), 4


def asked(kept, made, *days):
    """Of lengths for two blocks; ``made`` notes what was made for it."""

    def fill(rows, block, lengths):
        made.extend((block, float(day)) for day in lengths)
        rows[:] = np.repeat(lengths, ENTRIES[block])[:, None] + 100.0 * block

    return kept.of([np.array(lengths) for lengths in days], fill)


def shown(found, block, place):
    """The propagator of one length that was asked for."""
    begin = found.start[block][place]
    return found.exact[begin : begin + ENTRIES[block]]


def test_a_new_length_of_step_costs_only_itself_and_the_others_stay_where_they_were():
    kept, made = Propagators(ENTRIES, PEOPLE), []
    before = asked(kept, made, [0.1, 0.2], [0.1])
    made.clear()

    after = asked(kept, made, [0.3, 0.2], [0.1])

    assert made == [(0, 0.3)]
    assert after.start[0][1] == before.start[0][1]
    assert (shown(after, 0, 0) == 0.3).all()
    assert (shown(after, 0, 1) == 0.2).all()
    assert (shown(after, 1, 0) == 100.1).all()


def test_where_there_are_too_many_lengths_it_begins_anew_and_older_answers_still_hold():
    kept, made = Propagators(ENTRIES, PEOPLE), []
    first = asked(kept, made, [0.1], [0.1])
    for day in range(1, 3 * ROOM):
        found = asked(kept, made, [float(day)], [0.1])

    assert (shown(first, 0, 0) == 0.1).all()
    assert (shown(found, 0, 0) == 3 * ROOM - 1).all()
    assert (shown(found, 1, 0) == 100.1).all()
    assert kept.nbytes <= ROOM * sum(ENTRIES) * PEOPLE * 8
