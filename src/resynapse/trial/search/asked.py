"""What does a search ask for, and can it be answered?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from resynapse.input_error import InputError
from resynapse.protocol import Arm, Protocol, consistency
from resynapse.protocol.run_size import ensure_whole
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.endpoint_name import parse
from resynapse.trial.fitted import fitted_at
from resynapse.trial.parameter_set import CALIBRATED, ParameterSet
from resynapse.trial.power.people import for_endpoint
from resynapse.trial.search.allowed import ensure_time_counts
from resynapse.trial.search.candidate import Candidate, candidate, starting_arm
from resynapse.trial.search.limit import PLANNED, Limit
from resynapse.trial.search.people import People
from resynapse.trial.search.space import Point, Space, points
from resynapse.trial.simulate import VARIANTS
from resynapse.trial.site_numbers import ensure_general
from resynapse.trial.testable import KINDS

DRAWS, PEOPLE, DESIGNS = 32, 256, 64
FEWEST_DRAWS, FEWEST_PEOPLE = 8, 64
MOST_DRAWS, MOST_PEOPLE = 4096, 65_536
WORLDS = tuple(VARIANTS)
"""the search is made three times: as asked, by expectancy alone, and without a window"""
AS_ASKED, RIVAL, CLOSED = WORLDS


@dataclass(frozen=True)
class Asked:
    """A protocol, the arm to begin with, what may vary, and what counts."""

    protocol: Protocol
    benefit: str
    """an endpoint"""
    space: Space
    arm: str | None = None
    limits: tuple[Limit, ...] = ()
    costs: Mapping[str, float] = field(default_factory=dict)
    burden: str = "cumulative_dose"
    designs: int = DESIGNS
    draws: int = DRAWS
    people: int = PEOPLE
    seed: int = 1
    switches: Mapping[str, bool] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    parameters: str = CALIBRATED

    def __post_init__(self) -> None:
        _ensure_endpoint(self.benefit)
        _ensure_amount("--draws", self.draws, FEWEST_DRAWS, MOST_DRAWS)
        _ensure_amount("--people", self.people, FEWEST_PEOPLE, MOST_PEOPLE)
        ensure_whole("seed", self.seed, "--")
        ensure_general(self.protocol, self.settings)
        if self.burden not in PLANNED:
            raise InputError(
                f"--burden {self.burden}: name one of {', '.join(PLANNED)}."
                f"{did_you_mean(self.burden, PLANNED)}"
            )
        twice = [one.name for one in self.limits]
        if len(set(twice)) < len(twice):
            raise InputError("--limit: each may be given once; keep the stricter.")

    @cached_property
    def start(self) -> Arm:
        """The arm that designs are made of."""
        return starting_arm(self.protocol, self.arm)

    @cached_property
    def short(self) -> Protocol:
        """The reference arm and the start, no longer than the endpoint needs."""
        reference = self.protocol.arm(self.protocol.reference)
        return for_endpoint(
            self.protocol.model_copy(update={"arms": (reference, self.start)}), self.benefit
        )

    @cached_property
    def fitted(self) -> ParameterSet | None:
        """What was fitted and holds for these people; None for priors."""
        return fitted_at(self.parameters, self.protocol)

    @cached_property
    def people_of(self) -> People:
        """Where the people of each draw come from."""
        alone = self.short.model_copy(update={"arms": self.short.arms[:1]})
        return People(
            alone, self.benefit, self.seed, self.people, self.switches, self.settings,
            self.fitted,
        )  # fmt: skip

    @property
    def acute(self) -> tuple[Limit, ...]:
        """Limits that have to be simulated."""
        return tuple(one for one in self.limits if one.acute)

    def candidates(self) -> tuple[list[Candidate], int, int]:
        """Designs to simulate, how many the space holds, and how many planned limits took away.

        The arm as it is written is always among them, unless a limit takes it away.
        """
        chosen, possible = points(self.space, self.designs, self.seed)
        made = [self._made(point, number) for number, point in enumerate(chosen)]
        if not any(one.written for one in made):
            own = self._made(Point(), len(made))
            made.append(replace(own, name=f"{own.name}, as written"))
        kept = [one for one in made if self._within(one)]
        if not kept:
            planned = "; ".join(str(one) for one in self.limits if not one.acute)
            raise InputError(
                f"--limit: no design of the space keeps {planned}. Widen a limit, or list lower "
                "values in --vary."
            )
        if "minutes" in self.space:
            ensure_time_counts(self.people_of.patient(AS_ASKED, draw) for draw in range(self.draws))
        return kept, possible, len(made) - len(kept)

    def _within(self, one: Candidate) -> bool:
        one.burden(self.burden)
        planned = (limit for limit in self.limits if not limit.acute)
        return all(one.burden(limit.name) <= limit.value + 1e-9 for limit in planned)

    def _made(self, point: Point, number: int) -> Candidate:
        found = candidate(self.protocol, self.start, point, self.costs, number)
        end = self.short.follow_up_days
        late = max(day for dose in found.arm.doses[:1] for day in dose.days)
        if late > end:
            raise InputError(
                f"{found.name}: its last dose is on day {late:g}, after {self.benefit} has been "
                f"read (day {end:g}). List fewer or closer doses, or choose a later endpoint."
            )
        whole = self.protocol.model_copy(update={"arms": (self.short.arms[0], found.arm)})
        for path, message in consistency.problems(whole):
            if path[:2] == ("arms", 1):
                raise InputError(f"{found.name}: {message}")
        return found


def _ensure_amount(option: str, given: int, low: int, high: int) -> None:
    if not low <= given <= high:
        raise InputError(
            f"{option} {given}: give {low} to {high}. A search averages over people and over draws "
            "of the parameters; it is never for one patient."
        )


def _ensure_endpoint(name: str) -> None:
    asked = parse(name)
    if asked.kind not in KINDS or asked.kind == "median" or asked.committed:
        raise InputError(
            f"--benefit {name}: a search needs the mean of something that every person has, at a "
            "horizon; choose relapse_6_months, abstinence_6_months, retention_6_months, "
            "days_abstinent_percent_6_months, craving_vas_day_28 or the like."
        )
    if asked.observed:
        raise InputError(
            f"--benefit {name}: the benefit is read in everybody, as if nobody had left; leave "
            "_observed out."
        )
