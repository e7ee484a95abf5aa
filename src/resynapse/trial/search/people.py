"""What becomes of the same people under each design of a search, in one draw of the parameters?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT
from resynapse.patient import Patient
from resynapse.patient.state import Person
from resynapse.protocol import Arm, Protocol
from resynapse.trial.arm_run import ensure_sound
from resynapse.trial.conduct import Conduct
from resynapse.trial.parameter_set import ParameterSet
from resynapse.trial.pilots import PILOT_KEYS, peaks_of, pooled
from resynapse.trial.power.outcome import higher_is_better, outcome
from resynapse.trial.power.people import Population
from resynapse.trial.search.limit import ACUTE
from resynapse.trial.simulate import VARIANTS
from resynapse.trial.site_draws import at_draw
from resynapse.trial.table import patients_table
from resynapse.trial.testable import kind

PERCENT = 100.0


@dataclass(frozen=True)
class Seen:
    """A row a person."""

    value: np.ndarray
    """The endpoint, had nobody left; more is better; shares in per cent"""
    acute: np.ndarray
    """[people, acute effects], in the order of ``ACUTE``"""


@dataclass
class People:
    """A protocol whose reference arm every design is set against, in a trial of two arms."""

    protocol: Protocol
    """the reference arm alone"""
    endpoint: str
    seed: int
    count: int
    """people of one draw, other people in every draw"""
    switches: Mapping[str, bool] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    fitted: ParameterSet | None = None
    backend: str = DEFAULT
    _felt: dict[tuple, np.ndarray] = field(default_factory=dict, repr=False)

    def patient(self, world: str, draw: int) -> Patient:
        """One draw of the parameters under one of ``VARIANTS``."""
        switches = {**self.switches, **VARIANTS[world]}
        made = Population(
            self.protocol, self.endpoint, self.seed, switches, self.settings, self.fitted
        )
        return made.patient("as asked", draw)

    def through(self, world: str, draw: int, arms: Sequence[Arm]) -> Iterator[Seen]:
        """The people of a draw through the reference arm, then through each of these arms."""
        patient, protocol = self.patient(world, draw), at_draw(self.protocol, self.fitted, draw)
        reference = protocol.arms[0]
        conducts = [self._conduct(protocol, patient, key) for key in (0, PILOT_KEYS)]
        for arm in (reference, *arms):
            both = (reference,) if arm is reference else (reference, arm)
            trial = protocol.model_copy(update={"arms": both})
            people, pilots = (replace(one, protocol=trial, _plans={}) for one in conducts)
            felt = {one.id: self._peaks(pilots, one, draw) for one in both}
            yield self._seen(people, arm, pooled(trial, felt)[arm.id], draw)

    def _conduct(self, protocol: Protocol, patient: Patient, key: int) -> Conduct:
        """With people from this number on, who are drawn once for all arms."""
        made = Conduct(protocol, patient, self.seed, first_key=key, backend=self.backend)
        return replace(made, draw=_once(made.persons))

    def _seen(self, conduct: Conduct, arm: Arm, felt: ArmsFelt, draw: int) -> Seen:
        plan = conduct.plan(arm)
        through = conduct.prepared(arm, felt, plan)
        values, acute = [], []
        for chunk in conduct.sent(through, plan, draw * self.count, self.count):
            ensure_sound(chunk, plan, arm, conduct.patient)
            table = patients_table(conduct.protocol, arm, conduct.patient, plan, chunk, self.seed)
            values.append(_better(self.endpoint, table, chunk.use_days))
            acute.append(np.stack([table[name] for name, *_ in ACUTE.values()], axis=1))
        return Seen(np.concatenate(values), np.concatenate(acute))

    def _peaks(self, pilots: Conduct, arm: Arm, draw: int) -> np.ndarray:
        """How the first dose feels; later doses, therapy and what ketamine does do not enter."""
        first = min(arm.doses, key=lambda dose: dose.days[0], default=None)
        alone = None if first is None else first.model_copy(update={"days": first.days[:1]})
        key = (draw, alone, arm.medications)
        if key not in self._felt:
            self._felt = {k: v for k, v in self._felt.items() if k[0] == draw}
            self._felt[key] = peaks_of(pilots, arm)
        return self._felt[key]


def _once(draw: Callable[[int, int], Person]) -> Callable[[int, int], Person]:
    """The same people wherever the same are asked for."""
    kept: dict[tuple[int, int], Person] = {}

    def people(first: int, count: int) -> Person:
        if (first, count) not in kept:
            kept[first, count] = draw(first, count)
        return kept[first, count]

    return people


def _better(endpoint: str, patients: pd.DataFrame, use_days: np.ndarray) -> np.ndarray:
    """The endpoint of each person, turned so that more is better."""
    found, of = outcome(endpoint, patients, use_days), kind(endpoint)
    value = found.whole_event.astype(float) if of == "time" else found.whole
    scale = 1.0 if of == "number" else PERCENT
    return (scale if higher_is_better(endpoint) else -scale) * value
