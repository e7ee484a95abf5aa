"""May a programme be computed while a person waits? Asked before anything is allocated."""

from __future__ import annotations

from resynapse.protocol import Arm, Protocol
from resynapse.trial.timeline import RUN_IN_DAYS
from resynapse.web.refusal import Refused

MOST_PERSON_DAYS = 2_000_000
MOST_EVENTS = 500
"""doses, sessions and times of medication in one arm; the longest trial has about 400"""


class TooMuchError(Refused):
    """A programme that takes longer than anyone waits."""


def ensure_quick(protocol: Protocol, patients: int) -> None:
    """Refuse, with the bound, what would keep the page waiting."""
    before = RUN_IN_DAYS + protocol.setting.detoxification_days
    days = protocol.follow_up_days + before
    person_days = len(protocol.arms) * patients * days
    if not person_days <= MOST_PERSON_DAYS:
        fitting = max(1, int(MOST_PERSON_DAYS / (len(protocol.arms) * days)))
        raise TooMuchError(
            f"{len(protocol.arms)} arms of {patients} people over {days:.0f} days are "
            f"{person_days:.3g} days of lives; the page takes up to {MOST_PERSON_DAYS:.0e}. "
            f"Ask for at most {fitting} people, or a shorter follow-up."
        )
    for arm in protocol.arms:
        count = _events(arm, protocol.follow_up_days)
        if not count <= MOST_EVENTS:
            raise TooMuchError(
                f"Arm {arm.id} has {count:.3g} doses, sessions and times of medication; the page "
                f"takes up to {MOST_EVENTS}. Give it less often."
            )


def _events(arm: Arm, follow_up: float) -> float:
    """How many instants of an arm something happens at."""
    planned = sum(len(dose.days) for dose in arm.doses)
    planned += sum(len(therapy.days) for therapy in arm.therapies)
    taken = 0.0
    for one in arm.medications:
        stop = follow_up if one.stop_day is None else min(one.stop_day, follow_up)
        taken += 1.0 if one.every_days is None else (stop - one.start_day) / one.every_days
    return planned + taken
