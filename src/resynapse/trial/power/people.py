"""What do people simulated by the engine show in a trial of two arms?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.opioids_alone import ensure
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.allocation import of_two
from resynapse.trial.arm_run import ensure_sound
from resynapse.trial.conduct import Conduct
from resynapse.trial.endpoint_name import MONTH_DAYS, endpoints_for, parse
from resynapse.trial.hypothesis import hypothesis
from resynapse.trial.knowledge import drawn
from resynapse.trial.parameter_set import ParameterSet, middle
from resynapse.trial.pilots import arms_felt
from resynapse.trial.power.batch import CONTROL, TREATED, WORLDS
from resynapse.trial.power.measured import measured
from resynapse.trial.power.outcome import Outcome, joined, outcome
from resynapse.trial.site_draws import at_draw
from resynapse.trial.streams import Streams
from resynapse.trial.table import patients_table

SWITCHED: dict[str, dict[str, bool]] = {
    "as asked": {},
    "no effect": {"expectancy": False, "expectancy_only": False},
    "expectancy alone": {"expectancy_only": True, "expectancy": True},
}
"""What each world changes; in the second everybody goes through the reference arm"""
BASELINE = ("female", "age_years", "weight_kg")
"""What strata may be made of, beside the site"""
ROOM = 2.0
"""d of follow-up kept beyond the last day that an endpoint needs"""


def two_arms(protocol: Protocol, treated: str) -> Protocol:
    """The trial of one arm against the reference: what people know of their odds follows it."""
    names = [arm.id for arm in protocol.arms]
    if treated not in names or treated == protocol.reference:
        others = [name for name in names if name != protocol.reference]
        raise InputError(
            f"--arm {treated}: no arm to set against {protocol.reference}."
            f"{did_you_mean(treated, others)} Choose from {', '.join(others)}."
        )
    arms = (protocol.arm(protocol.reference), protocol.arm(treated))
    how = protocol.conduct and of_two(protocol.conduct, protocol, treated)
    return protocol.model_copy(update={"arms": arms, "conduct": how})


def for_endpoint(protocol: Protocol, endpoint: str) -> Protocol:
    """The protocol with this endpoint alone, and no longer than it needs."""
    ensure(protocol, endpoint)
    asked = parse(endpoint)
    latest = max(protocol.origin_day(arm) for arm in protocol.arms)
    endpoints_for([endpoint], protocol.follow_up_days, latest)
    end = protocol.follow_up_days
    if asked.horizon is not None and asked.kind != "last_weeks":
        start = 0.0 if asked.kind == "scale" else latest
        end = min(end, start + asked.horizon + ROOM)
    visits = (asked.horizon,) if asked.kind == "scale" and asked.horizon is not None else ()
    return protocol.model_copy(
        update={"endpoints": (endpoint,), "follow_up_days": end, "visits": visits}
    )


def horizon(protocol: Protocol, endpoint: str) -> float:
    """Days from the origin over which an endpoint is read."""
    asked = parse(endpoint)
    latest = max(protocol.origin_day(arm) for arm in protocol.arms)
    whole = protocol.follow_up_days - latest
    return whole if asked.horizon is None else min(asked.horizon, whole)


def months(days: float) -> float:
    """Days as months."""
    return days / MONTH_DAYS


@dataclass
class Population:
    """A protocol of two arms with one endpoint, its parameters, and where its people come from."""

    protocol: Protocol
    endpoint: str
    seed: int
    switches: Mapping[str, bool] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    fitted: ParameterSet | None = None
    backend: str = DEFAULT
    rival: Mapping[str, bool] = field(default_factory=dict)
    """switches that win over all that was asked for, in every world"""
    _felt: dict[tuple[str, int | None], tuple[Patient, dict[str, ArmsFelt]]] = field(
        default_factory=dict, repr=False
    )

    def worlds(self, first: int, count: int, draw: int | None) -> dict[str, dict[str, Outcome]]:
        """Outcomes of ``count`` people from number ``first`` on, in every world and arm.

        ``draw`` is the draw of the parameters from what is known of them; None for the middle.
        """
        control, treated = self.protocol.arms
        found: dict[str, dict[str, Outcome]] = {}
        for world in WORLDS:
            arms = {CONTROL: control, TREATED: treated}
            if world == "no effect":
                arms = {CONTROL: control}
            made = {
                name: self._outcome(world, arm, first, count, draw) for name, arm in arms.items()
            }
            found[world] = {TREATED: made[CONTROL], **made}
        return found

    def baseline(self, first: int, count: int) -> dict[str, np.ndarray]:
        """What is known of ``count`` people from number ``first`` on when they are randomised."""
        conduct = Conduct(self.protocol, self.patient("as asked", None), self.seed)
        parties = list(conduct.parties(first, count, count))
        return {
            name: np.concatenate([np.asarray(getattr(party, name)) for party in parties])
            for name in BASELINE
        }

    def patient(self, world: str, draw: int | None) -> Patient:
        """The parameters of a world."""
        rival = {**self.rival, **SWITCHED[world]}
        under = hypothesis(self.protocol, self.switches, self.settings, rival)
        patient = under.of(middle(self.protocol.disorder, self.fitted))
        if draw is None:
            return patient
        return drawn(patient, self.seed, draw, under.fixed, self.fitted)

    def at(self, draw: int | None) -> Protocol:
        """The protocol, its site as this draw of the parameters has it."""
        return self.protocol if draw is None else at_draw(self.protocol, self.fitted, draw)

    def _outcome(self, world: str, arm: Arm, first: int, count: int, draw: int | None) -> Outcome:
        patient, felt = self._known(world, draw)
        conduct = Conduct(self.at(draw), patient, self.seed, backend=self.backend)
        plan = conduct.plan(arm)
        through = conduct.prepared(arm, felt[arm.id], plan)
        tables, used = [], []
        for chunk in conduct.sent(through, plan, first, count):
            ensure_sound(chunk, plan, arm, conduct.patient)
            tables.append(patients_table(self.protocol, arm, patient, plan, chunk, self.seed))
            used.append(chunk.use_days)
        how = self.protocol.conduct
        if how is None:
            parts = zip(tables, used, strict=True)
            return joined([outcome(self.endpoint, table, days) for table, days in parts])
        table, days = pd.concat(tables, ignore_index=True), np.concatenate(used)
        return measured(self.endpoint, table, days, how, Streams(self.seed, first))

    def _known(self, world: str, draw: int | None) -> tuple[Patient, dict[str, ArmsFelt]]:
        if (world, draw) not in self._felt:
            patient = self.patient(world, draw)
            self._felt = {key: value for key, value in self._felt.items() if key[1] == draw}
            self._felt[world, draw] = patient, arms_felt(self.at(draw), patient, self.seed)
        return self._felt[world, draw]
