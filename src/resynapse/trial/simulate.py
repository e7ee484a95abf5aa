"""What is the result of a protocol?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.evidence import published
from resynapse.parameter import replace
from resynapse.patient import Patient, configured
from resynapse.patient import settings as switched
from resynapse.population.disorder import apply
from resynapse.protocol import Dose, Protocol, run_size
from resynapse.trial.arm_run import ArmRun, run_arm
from resynapse.trial.comparison import comparisons
from resynapse.trial.conduct import Conduct
from resynapse.trial.dataset import days_dataset, minutes_dataset
from resynapse.trial.grid import NOT_MEASURED, grid_error
from resynapse.trial.knowledge import PEOPLE, knowledge
from resynapse.trial.parameter_set import PRIOR, parameter_set
from resynapse.trial.pilots import arms_felt
from resynapse.trial.plan import kept_days
from resynapse.trial.provenance import counts, manifest, of_parameters, parameter_rows
from resynapse.trial.result import PublishedValue, Result
from resynapse.trial.table import events_table

REFERENCE_PEOPLE = 256
VARIANTS: dict[str, dict[str, bool]] = {
    "default": {},
    "expectancy alone": {"expectancy_only": True, "expectancy": True},
    "no window": {"window_gain": False},
}
"""every run is made three times: as asked for, as the rival has it, and without a window"""
Listener = Callable[[float, str], None]


def simulate(
    protocol: Protocol,
    *,
    patients: int | None = None,
    seed: int = 1,
    switches: dict[str, bool] | None = None,
    settings: dict[str, float] | None = None,
    draws: int | None = None,
    progress: Listener | None = None,
    backend: str = DEFAULT,
    check_grid: bool = False,
    parameters: str = PRIOR,
) -> Result:
    """Simulate every arm, the rival in which only expectancy acts, and the run without a window.

    ``patients`` people an arm (by default the protocol's); ``switches`` and ``settings`` change
    hypotheses and parameters by name, over what the protocol says of them; ``draws`` sets of
    parameters from the priors show the width of knowledge (0 for none); ``backend`` is one of
    ``BACK_ENDS``; ``check_grid`` measures the error of its time grid against the reference, for
    the manifest; ``parameters`` is ``prior``, ``calibrated``, or a file that a calibration wrote.
    Wrong input raises an InputError that says what to do.
    """
    begun = time.monotonic()
    count = protocol.population.patients_per_arm if patients is None else patients
    draws = run_size.DRAWS if draws is None else draws
    run_size.ensure_possible(protocol, count, seed, draws)
    back_end(backend)
    keep_compiled()
    fitted = parameter_set(parameters)
    base = replace(apply(Patient(), protocol.disorder), fitted.medians() if fitted else {})
    asked = protocol.switches.chosen | (switches or {})
    patient = configured(base, asked, settings)
    heard = _Progress(progress, protocol, count, draws)
    worlds = {words: configured(base, asked | to, settings) for words, to in VARIANTS.items()}
    runs = {
        words: _variant(protocol, world, seed, count, backend, heard.part(words))
        for words, world in worlds.items()
    }
    fixed = switched(asked) | (settings or {})
    width = knowledge(
        protocol, patient, seed, draws, fixed, heard.part("width of knowledge"), fitted
    )
    made = manifest(protocol, patient, seed, count, backend, switches, settings, draws)
    made |= of_parameters(fitted, parameters, made["command"])
    made["grid_error"] = NOT_MEASURED
    if check_grid:
        made["grid_error"] = grid_error(protocol, patient, seed, backend=backend)
    reference = _reference(protocol, patient, seed)
    return _result(protocol, patient, runs, width, reference, made, time.monotonic() - begun)


def _result(
    protocol: Protocol, patient: Patient, runs: dict[str, dict[str, ArmRun]],
    width: dict[str, dict[str, Any]], reference: xr.Dataset, made: dict[str, Any], seconds: float,
) -> Result:  # fmt: skip
    default, rival, closed = (
        {id: run.result for id, run in runs[words].items()} for words in VARIANTS
    )
    names = [name for arm in default.values() for name in arm.endpoints]
    first = runs["default"]
    return Result(
        protocol=protocol,
        seed=made["seed"],
        patients_per_arm=made["patients"],
        parameters="calibrated" if "calibrated_to" in made else "prior",
        backend=made["backend"],
        arms=default,
        comparisons=comparisons(default, protocol.reference, dict.fromkeys(names)),
        rival=rival,
        window_off=closed,
        published=published_values(protocol),
        acute=minutes_dataset({id: run.minutes for id, run in first.items()}),
        chronic=_days(protocol, first),
        knowledge=width,
        wall_seconds=seconds,
        reference_kinetics=reference,
        parameter_counts=counts(patient),
        parameters_table=parameter_rows(patient),
        manifest=made,
        events=_events(protocol, first),
    )


def _variant(
    protocol: Protocol, patient: Patient, seed: int, count: int, backend: str,
    done: Callable[[int], None],
) -> dict[str, ArmRun]:  # fmt: skip
    felt = arms_felt(protocol, patient, seed)
    conduct = Conduct(protocol, patient, seed, backend=backend)
    return {arm.id: run_arm(conduct, arm, felt[arm.id], count, done) for arm in protocol.arms}


def _days(protocol: Protocol, runs: dict[str, ArmRun]) -> xr.Dataset:
    return days_dataset({id: run.days for id, run in runs.items()}, np.array(kept_days(protocol)))


def _events(protocol: Protocol, runs: dict[str, ArmRun]) -> pd.DataFrame:
    parts = [events_table(protocol.arm(id), run.result.patients) for id, run in runs.items()]
    return pd.concat(parts, ignore_index=True)


def published_values(protocol: Protocol) -> list[PublishedValue]:
    """What the study of a protocol reported, also what the model has no quantity for."""
    if protocol.study is None or protocol.state == "pending":
        return []
    return [
        PublishedValue(**asdict(value))
        for value in published(protocol.study, comparable_only=False)
    ]


def _reference(protocol: Protocol, patient: Patient, seed: int) -> xr.Dataset:
    """The reference infusion, 0.5 mg/kg over 40 min, in people of this protocol."""
    dose = Dose(
        drug="ketamine", route="iv", amount={"value": 0.5, "unit": "mg/kg"}, minutes=40.0,
        days=(0.0,),
    )  # fmt: skip
    arm = protocol.arms[0].model_copy(
        update={"doses": (dose,), "medications": (), "therapies": (), "id": "reference"}
    )
    alone = protocol.model_copy(
        update={
            "arms": (arm,), "rules": (), "visits": (), "endpoints": (), "follow_up_days": 2.0,
            "reference": "reference",
        }
    )  # fmt: skip
    felt = arms_felt(alone.model_copy(update={"blinding": "open"}), patient, seed)
    run = run_arm(
        Conduct(alone, patient, seed), arm, felt["reference"], REFERENCE_PEOPLE, lambda _: None
    )
    return minutes_dataset({"reference": run.minutes}).isel(arm=0, drop=True)


class _Progress:
    """Share of all people that have arrived, over all variants and draws."""

    def __init__(
        self, listener: Listener | None, protocol: Protocol, count: int, draws: int
    ) -> None:
        self.listener, self.arrived = listener, 0
        self.total = len(protocol.arms) * (len(VARIANTS) * count + draws * PEOPLE)

    def part(self, words: str) -> Callable[[int], None]:
        """What hears of people that have arrived in one part of the work."""

        def heard(people: int) -> None:
            self.arrived += people
            if self.listener is not None:
                self.listener(min(1.0, self.arrived / self.total), words)

        return heard
