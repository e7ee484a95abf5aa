"""Is a run that goes on from an earlier one, the same for a while, a run from the beginning?"""

import jax
import numpy as np
import pytest

from resynapse.engine.native.halts import Halt
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.live import Remembered
from software import small_trial

PEOPLE = 40
TEXT = small_trial.TEXT.replace("blinding: open", "blinding: masked")


class Noted(Remembered):
    """Remembers, and notes from which segments runs went on."""

    def __init__(self):
        super().__init__()
        self.segments = []

    def there(self, key):
        found = super().there(key)
        if isinstance(found, Halt):
            self.segments.append(found.segment)
        return found


def conducted(protocol, memory=None, felt=None, patient=None, seed=3):
    arm = protocol.arms[0]
    conduct = Conduct(protocol, patient or Patient(), seed, room=32, memory=memory)
    chunks = list(conduct.chunks(arm, felt or unknown_arms(protocol, arm), PEOPLE))
    arrays = [(c.records, c.use_days.T, *jax.tree.leaves((c.marks, c.totals))) for c in chunks]
    return [np.concatenate(parts, axis=-1) for parts in zip(*arrays, strict=True)]


def same(one, other):
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def protocol():
    return parse(TEXT, "test")


CHANGES = {
    "last session": ("days: [2, 5], hours", "days: [2, 6], hours", 5.0),
    "first session": ("days: [2, 5], hours", "days: [2.3, 5], hours", 2.0),
    "amount of a dose": ("0.5 mg/kg iv", "0.4 mg/kg iv", 1.0),
    "day of the last dose": ("days: [1, 4]}", "days: [1, 4.6]}", 4.0),
    "start of a medication": ("start_day: 3", "start_day: 3.5", 3.0),
    "end of follow-up": ("follow_up: 30 d", "follow_up: 31 d", 15.0),
}


@pytest.mark.parametrize("what", CHANGES)
def test_after_a_change_people_go_on_from_before_it_and_come_where_a_whole_run_comes(
    what, protocol
):
    was, now, day = CHANGES[what]
    changed, memory = parse(TEXT.replace(was, now), "test"), Noted()
    first = conducted(protocol, memory)
    assert memory.segments == []

    again = conducted(changed, memory)

    whole = conducted(changed)
    assert same(again, whole)
    assert not same(again, first) or what == "end of follow-up"
    plan = Conduct(changed, Patient(), 3).plan(changed.arms[0])
    begins = plan.plan.time[plan.segments.first[memory.segments]]
    assert begins.tolist() == [day, day]  # two chunks


def test_what_people_may_know_of_how_arms_feel_matters_from_the_first_guess_on(protocol):
    memory, unknown = Noted(), unknown_arms(protocol, protocol.arms[0])
    felt = replace(unknown, {"active_mean": 3.0})
    first = conducted(protocol, memory)

    again = conducted(protocol, memory, felt)

    assert same(again, conducted(protocol, felt=felt))
    assert not same(again, first)
    plan = Conduct(protocol, Patient(), 3).plan(protocol.arms[0])
    assert (plan.plan.time[plan.segments.first[memory.segments]] == 2.0).all()


@pytest.mark.parametrize("what", ["people", "parameters"])
def test_other_people_or_other_parameters_begin_at_the_beginning(what, protocol):
    memory, quick = Noted(), replace(Patient(), {"mood.time_constant": 0.2})
    other = {"seed": 4} if what == "people" else {"patient": quick}
    conducted(protocol, memory)

    again = conducted(protocol, memory, **other)

    assert memory.segments == []
    assert same(again, conducted(protocol, **other))
