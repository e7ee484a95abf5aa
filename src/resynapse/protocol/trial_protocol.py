"""What is done to whom, and when: the whole protocol?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, ValidationInfo, field_validator, model_validator

from resynapse.protocol import consistency, without_use
from resynapse.protocol.arm import Arm
from resynapse.protocol.conduct import TrialConduct
from resynapse.protocol.errors import Inconsistent
from resynapse.protocol.estimand import Estimands
from resynapse.protocol.fields import (
    AbstractRecord,
    Days,
    Fact,
    Identifier,
    SpanInDays,
    Text,
    renamed,
)
from resynapse.protocol.people import Population, Severity
from resynapse.protocol.rule import DecisionRule
from resynapse.protocol.setting import Setting
from resynapse.protocol.switches import Switches
from resynapse.protocol.vocabulary import OPIOID_DISORDERS, Blinding, Disorder, Origin, State

LONGEST_FOLLOW_UP_DAYS: Final = 3652.5
"""Ten years. No trial of the library follows people beyond two."""

MOST_RULES: Final = 4
"""A simulated person carries the answers to four rules."""


class Protocol(AbstractRecord):
    """A trial or a scenario. Every day is counted from entry, day 0."""

    name: Identifier
    title: Text
    source: Text | None = Field(default=None, description="where the programme is described")
    study: Identifier | None = Field(default=None, description="study of the evidence, by its id")
    state: State = "scenario"
    disorder: Disorder
    blinding: Blinding
    population: Population = Population()
    severity: Severity = Severity()
    setting: Setting = Setting()
    arms: Annotated[tuple[Arm, ...], Field(min_length=1, max_length=consistency.MOST_ARMS)]
    rules: Annotated[tuple[DecisionRule, ...], Field(max_length=MOST_RULES)] = ()
    follow_up_days: Annotated[SpanInDays, Field(gt=0, le=LONGEST_FOLLOW_UP_DAYS)] = Field(
        description="last day of follow-up, counted from entry"
    )
    visits: Days = ()
    endpoints: tuple[Identifier, ...] = ()
    reference: Identifier = Field(description="id of the arm that others are compared with")
    origin: Origin = Field(default="community", description="day 0 of times to an event")
    switches: Switches = Field(
        default=Switches(), description="contested mechanisms, on or off; one not named stays"
    )
    conduct: TrialConduct | None = Field(
        default=None, description="how trials are drawn from the simulated people"
    )
    estimands: Estimands | None = Field(
        default=None, description="effects that are asked for (ICH E9 R1)"
    )
    beyond_evidence: Fact = Field(
        default=False, description="allows doses far above those given in human addiction trials"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_short(cls, data: Any) -> Any:
        fields = renamed(data, {"follow_up": "follow_up_days"})
        if isinstance(fields, Mapping):
            fields = without_use.with_setting(fields)
        if not isinstance(fields, Mapping) or "reference" in fields:
            return fields
        arms = fields.get("arms")
        if not isinstance(arms, list | tuple) or len(arms) != 1:
            return fields
        only = arms[0].get("id") if isinstance(arms[0], Mapping) else getattr(arms[0], "id", None)
        return {**fields, "reference": only} if isinstance(only, str) else fields

    @field_validator("arms")
    @classmethod
    def _historical_follows(cls, arms: tuple[Arm, ...], info: ValidationInfo) -> tuple[Arm, ...]:
        if info.data.get("disorder") not in OPIOID_DISORDERS:
            return arms
        return tuple(_marked_historical(arm) for arm in arms)

    @model_validator(mode="after")
    def _agree(self) -> Protocol:
        found = tuple(consistency.problems(self))
        if found:
            raise Inconsistent(found)
        return self

    def arm(self, id: str) -> Arm:
        """The arm of this id."""
        return next(arm for arm in self.arms if arm.id == id)

    def origin_day(self, arm: Arm) -> float:
        """Day 0 of this arm's times to an event, in days from entry."""
        if self.origin == "community":
            return self.setting.community_day
        if self.origin == "first_dose":
            return min((day for dose in arm.doses for day in dose.days), default=0.0)
        return 0.0


def _marked_historical(arm: Arm) -> Arm:
    said = "historical_comparator" in arm.model_fields_set
    if said or arm.has_opioid_medication:
        return arm
    return arm.model_copy(update={"historical_comparator": True})
