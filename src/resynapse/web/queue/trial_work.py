"""How is a trial that is run many times asked for, done part by part, and read back?"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.protocol import Protocol, from_data
from resynapse.trial.parameter_set import CALIBRATED, PRIOR
from resynapse.trial.power.one_by_one import Found, Question, ensure_askable, repeats
from resynapse.trial.timeline import RUN_IN_DAYS
from resynapse.web.bounds import TooMuchError, ensure_quick

MOST_TRIALS = 5000
MOST_PERSON_DAYS = 2.0e9
"""About half an hour on one processor"""
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Of the largest trial, whose first people are the smaller ones"""
WHERE = "The programme"


@dataclass(frozen=True)
class TrialWork:
    """A trial, and how often it is run."""

    protocol: Protocol
    question: Question
    trials: int
    seed: int
    parameters: str = CALIBRATED

    @classmethod
    def of(cls, asked: str) -> TrialWork:
        """Read back from JSON; what was kept without a set of parameters was of the prior."""
        given = json.loads(asked)
        question = Question(given["arm"], given["event"], tuple(given["sizes"]))
        protocol = from_data(given["protocol"], WHERE)
        parameters = given.get("parameters", PRIOR)
        return cls(protocol, question, given["trials"], given["seed"], parameters)

    def told(self) -> str:
        """All of it as JSON."""
        data: dict[str, Any] = {
            "protocol": self.protocol.model_dump(mode="json", exclude_none=True),
            "arm": self.question.arm, "event": self.question.event,
            "sizes": list(self.question.sizes), "trials": self.trials, "seed": self.seed,
            "parameters": self.parameters,
        }  # fmt: skip
        return json.dumps(data)

    def parts(self, done: int) -> Iterator[tuple[int, bytes]]:
        """From trial ``done`` on: how many trials, and what they found."""
        asked = self.protocol, self.question, self.trials, self.seed, done, self.parameters
        for found in repeats(*asked):
            yield len(found.z), packed(found)


def sizes(largest: int) -> tuple[int, ...]:
    """Some numbers of people up to the largest."""
    return tuple(sorted({max(2, round(share * largest)) for share in SHARES}))


def ensure_bounded(work: TrialWork) -> None:
    """Refuse, with the bound, what would take longer than one run may."""
    largest = work.question.largest
    ensure_quick(work.protocol, 1)
    ensure_askable(work.protocol, work.question, work.trials)
    days = RUN_IN_DAYS + work.protocol.setting.detoxification_days + work.protocol.follow_up_days
    lives = 2.0 * work.trials * largest * days
    if lives > MOST_PERSON_DAYS:
        fitting = max(1, int(MOST_PERSON_DAYS / (2.0 * largest * days)))
        raise TooMuchError(
            f"{work.trials} trials of 2 arms of {largest} people over {days:.0f} days are "
            f"{lives:.2g} days of lives; a run holds up to {MOST_PERSON_DAYS:.0e}. Ask for at "
            f"most {fitting} trials, or for smaller ones."
        )


def packed(found: Found) -> bytes:
    """As bytes, without loss."""
    stream = io.BytesIO()
    np.savez(stream, z=found.z, log_hazard_ratio=found.log_hazard_ratio)
    return stream.getvalue()


def unpacked(parts: Sequence[bytes], sizes: int) -> Found:
    """All parts together, in order."""
    z, ratio = [np.empty((0, sizes))], [np.empty((0, sizes))]
    for body in parts:
        with np.load(io.BytesIO(body), allow_pickle=False) as read:
            z.append(read["z"])
            ratio.append(read["log_hazard_ratio"])
    return Found(np.concatenate(z), np.concatenate(ratio))
