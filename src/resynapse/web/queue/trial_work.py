"""How is a trial that is run many times asked for, done part by part, and read back?"""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from resynapse.protocol import Protocol, from_data
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.allocation import ratio_of_two
from resynapse.trial.parameter_set import CALIBRATED, PRIOR
from resynapse.trial.power import Asked, Design, Extent, Found, designs, extent
from resynapse.trial.power.as_they_come import (
    TESTED,
    BatchShown,
    found_so_far,
    shown_batches,
)
from resynapse.trial.power.batch import sizes as both_arms
from resynapse.trial.power.people import two_arms
from resynapse.trial.power.question import ACCRUAL_DAYS, FEWEST_BATCHES
from resynapse.trial.power.tally import Tally
from resynapse.trial.provenance import as_given
from resynapse.trial.testable import kind, may_be_tested
from resynapse.trial.timeline import RUN_IN_DAYS
from resynapse.web.bounds import TooMuchError, ensure_quick
from resynapse.web.refusal import Refused
from resynapse.web.request import RequestError

MOST_TRIALS = 5000
MOST_PERSON_DAYS = 2.0e9
"""About half an hour on one processor"""
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Of the largest trial, whose people hold the smaller ones"""
BATCHES = 40
"""of people that share nobody; as many steps in which the result comes"""
LEAST_PEOPLE, REUSE = 256, 2
"""of a batch; and for each of the largest trial"""
LIVES = 5
"""of each person: both arms as asked, one where nothing acts, both where only expectancy does"""
WHERE = "The programme"
EARLIER = (
    "This run was kept by an earlier version, which played trials out in another way. Open its "
    "programme and run it again."
)


class EarlierError(Refused):
    """A run that this version cannot go on with."""


@dataclass(frozen=True)
class Question:
    """Which arm is compared with the reference, by which endpoint, with how many people."""

    arm: str
    endpoint: str
    sizes: tuple[int, ...]
    """of the reference arm, rising; a trial of the last size holds the people of smaller ones"""

    @property
    def largest(self) -> int:
        """People in the reference arm of the largest trial."""
        return self.sizes[-1]


@dataclass(frozen=True)
class TrialWork:
    """A trial, and how often it is run."""

    protocol: Protocol
    question: Question
    trials: int
    seed: int
    parameters: str = CALIBRATED
    earlier: bool = False
    """asked of a version that played trials out in another way"""

    @classmethod
    def of(cls, asked: str) -> TrialWork:
        """Read back from JSON; what was kept without a set of parameters was of the prior."""
        given = json.loads(asked)
        earlier = "endpoint" not in given
        endpoint = f"time_to_{given['event']}_median" if earlier else given["endpoint"]
        question = Question(given["arm"], endpoint, tuple(given["sizes"]))
        protocol = from_data(given["protocol"], WHERE)
        parameters = given.get("parameters", PRIOR)
        return cls(protocol, question, given["trials"], given["seed"], parameters, earlier)

    def told(self) -> str:
        """All of it as JSON."""
        data: dict[str, Any] = {
            "protocol": self.protocol.model_dump(mode="json", exclude_none=True),
            "arm": self.question.arm, "endpoint": self.question.endpoint,
            "sizes": list(self.question.sizes), "trials": self.trials, "seed": self.seed,
            "parameters": self.parameters,
        }  # fmt: skip
        return json.dumps(data)

    @cached_property
    def design(self) -> Design:
        """The two arms, and where their people come from."""
        asked = self.question
        return designs(
            self.protocol, asked.endpoint, (asked.arm,), seed=self.seed, parameters=self.parameters
        )[0]

    @cached_property
    def asked(self) -> Asked:
        """The question as ``resynapse power`` takes it, without the parameters of the people."""
        methods = TESTED[kind(self.question.endpoint)]
        how = two_arms(self.protocol, self.question.arm).conduct
        return Asked(
            self.question.endpoint, methods, self.question.sizes, trials=self.trials,
            ratio=ratio_of_two(how) if how else 1.0, accrual=None if how else ACCRUAL_DAYS,
            seed=self.seed,
        )  # fmt: skip

    @cached_property
    def extent(self) -> Extent:
        """How many people, in how many batches."""
        largest = both_arms(self.question.largest, self.asked.ratio).total
        return extent(self.asked, max(LEAST_PEOPLE, REUSE * largest), BATCHES)

    @property
    def each(self) -> int:
        """Trials of a batch."""
        return per_batch(self.trials)

    @property
    def total(self) -> int:
        """Trials in all, a whole number from each batch."""
        return BATCHES * self.each

    def parts(self, done: int) -> Iterator[tuple[int, bytes]]:
        """From trial ``done`` on, batch by batch: how many trials, and what they came to."""
        if self.earlier:
            raise EarlierError(EARLIER)
        for one in shown_batches(self.design, self.asked, self.extent, done // self.each):
            yield len(one.z), packed(one)

    def found(self, batches: Sequence[BatchShown]) -> Found | None:
        """What these batches come to; None before there are enough to tell the error."""
        told = [one.tallies for one in batches]
        return found_so_far(self.question.arm, self.asked, self.extent.people, told)

    def command(self, batches: int) -> str:
        """What gives the same numbers of so many batches, from the downloaded programme."""
        if batches < FEWEST_BATCHES:
            return ""
        words = ["resynapse", "power", f"{self.protocol.name}.yaml"]
        words += ["--endpoint", self.question.endpoint]
        words += [word for name in self.asked.methods for word in ("--analysis", name)]
        words += ["--arm", self.question.arm, "--n", ",".join(map(str, self.question.sizes))]
        words += ["--trials", str(self.each * batches), "--people", str(self.extent.people)]
        words += ["--batches", str(batches), "--seed", str(self.seed)]
        return shlex.join([*words, "--parameters", as_given(self.parameters)])


def per_batch(trials: int) -> int:
    """Trials of a batch, so that all together are no fewer than asked for."""
    return -(-trials // BATCHES)


def sizes(largest: int) -> tuple[int, ...]:
    """Some numbers of people up to the largest."""
    return tuple(sorted({max(2, round(share * largest)) for share in SHARES}))


def ensure_askable(work: TrialWork) -> None:
    """Refuse, with what is allowed, an arm or an endpoint that no trial of this tests."""
    protocol, asked = work.protocol, work.question
    ids = [arm.id for arm in protocol.arms if arm.id != protocol.reference]
    if asked.arm not in ids:
        raise RequestError(
            f"arm {asked.arm!r} cannot be compared with the reference {protocol.reference!r}. "
            f"Name one of: {', '.join(ids) or 'none, as there is one arm only; add another'}.",
            ("arm",),
        )
    known = may_be_tested(protocol)
    if asked.endpoint not in known:
        raise RequestError(
            f"endpoint {asked.endpoint[:60]!r} is none that a trial of this programme tests."
            f"{did_you_mean(asked.endpoint, known)} There are: {', '.join(known)}.",
            ("endpoint",),
        )


def ensure_bounded(work: TrialWork) -> None:
    """Refuse, with the bound, what would take longer than one run may."""
    ensure_quick(work.protocol, 1)
    ensure_askable(work)
    days = RUN_IN_DAYS + work.protocol.setting.detoxification_days + work.protocol.follow_up_days
    people = BATCHES * work.extent.people
    lives = LIVES * people * days
    if lives > MOST_PERSON_DAYS:
        fitting = int(work.question.largest * MOST_PERSON_DAYS / lives)
        raise TooMuchError(
            f"Trials of {work.question.largest} people in each arm are drawn from {people} people, "
            f"whose {LIVES} lives each over {days:.0f} days are {lives:.2g} days; a run holds up "
            f"to {MOST_PERSON_DAYS:.0e}. Ask for at most {fitting} people in each arm.",
            ("people",),
        )


def packed(found: BatchShown) -> bytes:
    """As bytes, without loss."""
    stream = io.BytesIO()
    told = json.dumps([asdict(one) for one in found.tallies])
    np.savez(stream, z=found.z, estimate=found.estimate, tallies=np.array(told))
    return stream.getvalue()


def unpacked(parts: Sequence[bytes]) -> list[BatchShown]:
    """The batches of all parts, in order."""
    found = []
    for body in parts:
        with np.load(io.BytesIO(body), allow_pickle=False) as read:
            told = tuple(_tally(one) for one in json.loads(str(read["tallies"])))
            found.append(BatchShown(told, read["z"], read["estimate"]))
    return found


def _tally(given: dict[str, Any]) -> Tally:
    lists = {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    return Tally(**{**given, **lists})
