"""How is a protocol simulated again and again while a person changes one thing after another?

Nothing is approximated: what a change leaves as it was is taken from before, and the rest is run
as ``simulate`` runs it, so the numbers are the same (a test holds them together).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.engine.native import loops
from resynapse.patient import Patient
from resynapse.patient.state import Person
from resynapse.protocol import Arm, Protocol, describe, run_size
from resynapse.trial.arm_run import ArmRun, run_arm
from resynapse.trial.conduct import Conduct
from resynapse.trial.enantiomers import apart, with_both
from resynapse.trial.fitted import fitted_at
from resynapse.trial.grid import NOT_MEASURED
from resynapse.trial.grid_told import grid_told
from resynapse.trial.hypothesis import hypothesis
from resynapse.trial.parameter_set import CALIBRATED, ParameterSet, middle
from resynapse.trial.pilots import PILOT_KEYS, peaks_of, pooled
from resynapse.trial.plan import ArmPlan, kept_days
from resynapse.trial.provenance import manifest, of_parameters
from resynapse.trial.result import Result, Singles
from resynapse.trial.runnable import ensure_runnable
from resynapse.trial.simulate import VARIANTS, about, assembled, reference_infusion
from resynapse.trial.site_draws import intervals, told
from resynapse.trial.site_numbers import at_site
from resynapse.trial.timeline import first_dose, last_treatment

AT_ONCE = 2
"""arms that run beside one another"""
TOGETHER = 256
"""people that go through an arm together, so that pilots of one arm use two processors"""
ROOM_BYTES = 256_000_000
SMALL_BYTES = 100_000
"""what is taken to be the size of anything that is not an arm"""
NEXT_DAY = 1.0
"""days after the first dose at which nothing can reach the pilots any more"""
TOLD = {"name", "title", "source", "study", "state", "arms"}
"""parts of a protocol that change no number of an arm"""


def _always() -> bool:
    """Wanted to the end."""
    return True


class Remembered:
    """What was made before, up to so many bytes; the longest unused goes first."""

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self._room, self._used = room, 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The thing of this key, made now if it is not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        made = make()
        self._put(key, made, _bytes(made))
        return made

    def there(self, key: Hashable) -> Any:
        """The thing of this key, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Hashable, thing: Any) -> None:
        """Remember a thing that knows its size."""
        self._put(key, thing, _bytes(thing))

    def _put(self, key: Hashable, made: Any, size: int) -> None:
        with self._lock:
            self._used += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = made, size
            while self._used > self._room and len(self._kept) > 1:
                self._used -= self._kept.popitem(last=False)[1][1]


def _bytes(made: Any) -> int:
    if isinstance(made, bytes):
        return len(made)
    if isinstance(made, ArmRun):
        return made.minutes.nbytes + made.days.nbytes
    return getattr(made, "nbytes", SMALL_BYTES)


@dataclass(frozen=True)
class _World:
    """One hypothesis about one protocol: whose people, and how many."""

    words: str
    protocol: Protocol
    patient: Patient
    count: int
    seed: int
    leave: Callable[[], object] = _always
    """raises where nobody wants the result any more"""
    ends: float = 0.0
    """day of the last dose or session of any arm"""

    @cached_property
    def people(self) -> str:
        """All that decides who the people are."""
        parts = {"disorder", "population", "severity", "setting", "switches"}
        told = self.protocol.model_dump_json(include=parts)
        return f"{self.words} {self.seed} {told}"

    @cached_property
    def common(self) -> str:
        """All that the arms share."""
        return f"{self.words} {self.seed} {self.protocol.model_dump_json(exclude=TOLD)}"


class AbandonedError(Exception):
    """Nobody wants the result any more."""


class Live:
    """A laboratory that stays open; may be asked from several threads."""

    def __init__(self, room: int = ROOM_BYTES, parameters: str = CALIBRATED) -> None:
        self._made = Remembered(room)
        self.parameters = parameters
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def result(
        self, protocol: Protocol, *, patients: int, seed: int = 1,
        worlds: Sequence[str] = tuple(VARIANTS), courses: bool = True, singles: int = 0,
        enantiomers: bool = False,
        wanted: Callable[[], bool] = _always, turn: Callable[[], object] = _always,
    ) -> Result:  # fmt: skip
        """The result of ``simulate`` with no draws, and only those ``worlds`` of VARIANTS.

        Where the rivals are not asked for, hashes and command are left out of the manifest too;
        without ``courses``, percentiles over time and the table of events. So many ``singles`` of
        each arm are kept one by one, and ``enantiomers`` adds S and R by themselves. Once
        ``wanted`` says no, an AbandonedError comes before the next arm or part of one; before each
        world ``turn`` may let others go first.
        """
        begun = time.monotonic()
        run_size.ensure_possible(ensure_runnable(protocol), patients, seed, 0)
        keep_compiled()
        loops.begin()
        patient = self._patient(protocol, {})
        patient_of = {words: self._patient(protocol, VARIANTS[words]) for words in worlds}
        known: dict[str, Any] = {"seed": seed, "patients": patients, "backend": DEFAULT}
        if len(worlds) > 1:
            known = manifest(
                protocol, patient, seed, patients, DEFAULT, None, None, 0, self.parameters
            )
        runs = {}
        for words in worlds:
            turn()
            world = _World(words, protocol, patient_of[words], patients, seed, _leaving(wanted))
            runs[words] = self._arms(world)
        made = {**known, **self._fitted_told(protocol), "grid_error": NOT_MEASURED}
        if len(worlds) > 1:
            made |= grid_told(protocol, patient, seed, DEFAULT, 1)
        parameters = self._about(protocol, patient)
        people = _World("reference", protocol, patient, patients, seed).people
        reference = self._get(
            "reference", people, lambda: reference_infusion(protocol, patient, seed)
        )
        seconds = time.monotonic() - begun
        made_of = assembled(protocol, runs, {}, reference, made, parameters, seconds, courses)
        if enantiomers and courses:
            world = _World("default", protocol, patient, patients, seed, _leaving(wanted))
            made_of = with_both(made_of, self._apart(world))
        return replace(made_of, singles=_first(runs["default"], singles)) if singles else made_of

    def paths(
        self, protocol: Protocol, *, patients: int, seed: int = 1
    ) -> tuple[Patient, dict[str, ArmRun]]:
        """The parameters, and every arm with the records of each of its people."""
        patient = self._patient(protocol, {})
        return patient, self._arms(_World("default", protocol, patient, patients, seed))

    def _patient(self, protocol: Protocol, variant: dict[str, bool]) -> Patient:
        """The parameters of a protocol under a hypothesis."""
        pack, under = protocol.disorder, hypothesis(protocol, rival=variant)
        site, named = str(protocol.setting.site), str(sorted(under.switches.items()))
        base = self._get("base", pack, site, lambda: middle(pack, self._fitted(protocol)))
        made = self._get("patient", pack, site, named, lambda: under.of(base))
        return at_site(protocol, made)

    def _fitted(self, protocol: Protocol) -> ParameterSet | None:
        """The draws that hold for a protocol, which depend on nothing else of it."""
        key = "set", protocol.disorder, str(protocol.setting.site)
        return self._get(*key, lambda: fitted_at(self.parameters, protocol))

    def _fitted_told(self, protocol: Protocol) -> dict[str, Any]:
        """What a manifest says of the fitted numbers."""
        fitted, own = self._fitted(protocol), str(protocol.setting.site)
        key = "fitted", protocol.disorder, own
        made = partial(of_parameters, fitted, self.parameters)
        return self._get(*key, lambda: made() | told(protocol, fitted))

    def _about(self, protocol: Protocol, patient: Patient) -> dict[str, Any]:
        """What a result says of its parameters."""
        fitted, under = self._fitted(protocol), hypothesis(protocol)
        key = protocol.disorder, str(sorted(under.switches.items())), str(protocol.setting.site)
        made = partial(about, patient, fitted, under.fixed)
        return self._get("about", *key, lambda: made(intervals(protocol, fitted)))

    def _get(self, *key: Any) -> Any:
        """Remembered under all but the last, which makes it."""
        return self._made.get(key[:-1], key[-1])

    def _arms(self, world: _World) -> dict[str, ArmRun]:
        arms = sorted(world.protocol.arms, key=_fine_steps, reverse=True)
        world = replace(world, ends=self._treatment_ends(world))
        felt = self._felt(world, arms)
        found = self._pool.map(lambda arm: self._arm(world, arm, felt[arm.id]), arms)
        runs = {arm.id: run for arm, run in zip(arms, found, strict=True)}
        shown = zip(world.protocol.arms, describe(world.protocol), strict=True)
        return {
            arm.id: replace(
                runs[arm.id],
                result=replace(runs[arm.id].result, label=arm.label, sentence=sentence),
            )
            for arm, sentence in shown
        }

    def _felt(self, world: _World, arms: Sequence[Arm]) -> dict[str, ArmsFelt]:
        """How all arms feel, from pilots of each."""
        pilots = self._pool.map(lambda arm: self._pilots(world, arm), arms)
        return pooled(world.protocol, {a.id: p for a, p in zip(arms, pilots, strict=True)})

    def _apart(self, world: _World) -> dict[str, np.ndarray]:
        """S and R of each arm by themselves, from people who are drawn and planned already."""
        world = replace(world, ends=self._treatment_ends(world))
        felt = self._felt(world, world.protocol.arms)

        def of(arm: Arm) -> np.ndarray:
            conduct = self._conduct(world, 0)
            conduct.memory = None
            return apart(conduct, arm, felt[arm.id], world.count)

        def kept(arm: Arm) -> np.ndarray:
            world.leave()
            return self._made.get(("apart", *self._key(world, arm, felt[arm.id])), lambda: of(arm))

        return {arm.id: kept(arm) for arm in world.protocol.arms}

    def _treatment_ends(self, world: _World) -> float:
        """Day of the last dose or session of any arm."""
        told = world.common, str(sorted(world.protocol.switches.chosen.items()))
        return max(
            self._get(
                "ends", *told, arm.model_dump_json(exclude={"label", "n"}),
                lambda arm=arm: last_treatment(world.protocol, arm, world.patient),
            )
            for arm in world.protocol.arms
        )  # fmt: skip

    def _arm(self, world: _World, arm: Arm, felt: ArmsFelt) -> ArmRun:
        world.leave()
        key = ("arm", *self._key(world, arm, felt))
        return self._made.get(
            key, lambda: run_arm(self._conduct(world, 0), arm, felt, world.count, _nobody)
        )

    def _key(self, world: _World, arm: Arm, felt: ArmsFelt) -> tuple[Hashable, ...]:
        """All that decides what becomes of an arm's people."""
        feel = tuple(float(value) for value in vars(felt).values())
        return world.count, *self._planned(world, arm), feel

    def _planned(self, world: _World, arm: Arm) -> tuple[Hashable, ...]:
        """All that decides the plan of an arm."""
        told = arm.model_dump_json(exclude={"label", "n"})
        return world.common, told, world.ends, tuple(kept_days(world.protocol))

    def _pilots(self, world: _World, arm: Arm) -> np.ndarray:
        """How strongly pilots feel the first dose; what comes a day later cannot change it."""
        world.leave()
        until = first_dose(arm) + NEXT_DAY
        common = world.protocol if world.protocol.rules else world.people
        early = [
            (kind, one.model_dump_json(exclude={"days"}), tuple(d for d in one.days if d <= until))
            for kind in ("doses", "therapies")
            for one in getattr(arm, kind)
        ]
        taken = [medication.model_dump_json() for medication in arm.medications]
        days = tuple(day for day in kept_days(world.protocol) if day <= until)
        key = ("pilots", str(common), str(early), str(taken), arm.control, days)
        return self._made.get(key, lambda: peaks_of(self._conduct(world, PILOT_KEYS), arm))

    def _conduct(self, world: _World, first: int) -> Conduct:
        def between() -> None:
            """Another process may still compile what the next part goes through."""
            world.leave()
            loops.wait()
            world.leave()

        conduct = Conduct(
            world.protocol, world.patient, world.seed, first_key=first, room=TOGETHER,
            ends=world.ends, memory=self._made, between=between,
        )  # fmt: skip
        people = world.people

        def draw(start: int, count: int) -> Person:
            key = ("people", people, first, start, count)
            return self._made.get(key, lambda: conduct.persons(start, count))

        def planned(arm: Arm, new: Callable[[], ArmPlan]) -> ArmPlan:
            return self._made.get(("plan", *self._planned(world, arm)), new)

        conduct.draw, conduct.planned = draw, planned
        return conduct


def _leaving(wanted: Callable[[], bool]) -> Callable[[], None]:
    """What raises once the result is not wanted any more."""

    def leave() -> None:
        if not wanted():
            raise AbandonedError

    return leave


def _fine_steps(arm: Arm) -> tuple[int, int]:
    """How long an arm takes beside the others, so that the longest is not begun last."""
    doses = sum(len(dose.days) for dose in arm.doses if dose.drug != "saline")
    return len(arm.medications), doses


def _first(runs: dict[str, ArmRun], count: int) -> dict[str, Singles]:
    """So many people of each arm."""
    return {
        id: Singles(run.minutes[:, :, :count], run.days[:, :, :count]) for id, run in runs.items()
    }


def _nobody(_: int) -> None:
    """Hears of people that have arrived, and tells no one."""
