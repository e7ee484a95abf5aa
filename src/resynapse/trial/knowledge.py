"""How far apart do parameter sets drawn from the priors put a result?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from resynapse.engine import random
from resynapse.parameter import draw, entries, replace
from resynapse.patient import Patient
from resynapse.protocol import Protocol
from resynapse.protocol.without_use import uses
from resynapse.purpose import Purpose
from resynapse.trial.arm_run import ArmRun, run_arm
from resynapse.trial.comparison import comparisons
from resynapse.trial.conduct import Conduct
from resynapse.trial.depression import held
from resynapse.trial.parameter_set import ParameterSet
from resynapse.trial.pilots import arms_felt
from resynapse.trial.result import ArmResult
from resynapse.trial.site_draws import at_draw

PEOPLE = 256
"""people an arm of one draw; the same people in every draw"""
INTERVAL = (5.0, 50.0, 95.0)


def drawn(
    patient: Patient, seed: int, number: int, fixed: dict[str, float],
    fitted: ParameterSet | None = None,
) -> Patient:  # fmt: skip
    """The patient with every parameter drawn from its prior, or from where it was fitted.

    A number that a disorder's pack sets is the middle of its spread, or stays where it is if it has
    none; what the user set stays set.
    """
    found = list(entries(patient))
    with jax.enable_x64(True):
        events = np.arange(len(found), dtype=np.uint32)
        uniforms = np.asarray(
            random.uniform(np.uint32(seed), int(Purpose.PARAMETERS), np.uint32(number), events)
        )
    known = fitted.row(number) if fitted else {}
    return replace(draw(patient, uniforms), known | fixed)


def one_draw(
    protocol: Protocol, patient: Patient, seed: int, number: int, fixed: dict[str, float],
    fitted: ParameterSet | None = None,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Name, value and unit of every endpoint and comparison under one draw of the parameters."""
    arms = drawn_arms(protocol, patient, seed, number, fixed, fitted)
    return named(protocol, {id: run.result for id, run in arms.items()})


def drawn_arms(
    protocol: Protocol, patient: Patient, seed: int, number: int, fixed: dict[str, float],
    fitted: ParameterSet | None = None, people: int = PEOPLE, only: Collection[str] | None = None,
) -> dict[str, ArmRun]:  # fmt: skip
    """Every arm, or those named, under one draw of the parameters, with ``people`` people each.

    What the site of the protocol has for itself is of the same draw, where ``fitted`` knows it.
    """
    protocol = at_draw(protocol, fitted, number)
    patient = drawn(patient, seed, number, held(protocol.disorder) | fixed, fitted)
    felt = arms_felt(protocol, patient, seed)
    conduct = Conduct(protocol, patient, seed)
    return {
        arm.id: run_arm(conduct, arm, felt[arm.id], people, lambda _: None)
        for arm in protocol.arms
        if only is None or arm.id in only
    }


def named(protocol: Protocol, arms: dict[str, ArmResult]) -> dict[str, np.ndarray]:
    """Name, value and unit of every endpoint and comparison that has a value."""
    found = list(_told(protocol, arms))
    names, values, units = zip(*found, strict=True) if found else ((), (), ())
    return {
        "name": np.array(names, str),
        "value": np.array(values, float),
        "unit": np.array(units, str),
    }


def knowledge(draws: Iterable[Mapping[str, np.ndarray]]) -> dict[str, dict[str, Any]]:
    """Median and central 90 % of every endpoint and comparison over draws of the parameters."""
    values: dict[str, list[float]] = {}
    units: dict[str, str] = {}
    for one in draws:
        rows = (one[column].tolist() for column in ("name", "value", "unit"))
        for name, value, unit in zip(*rows, strict=True):
            values.setdefault(name, []).append(value)
            units[name] = unit
    found = {}
    for name, seen in values.items():
        low, median, high = np.percentile(seen, INTERVAL)
        found[name] = {
            "low": float(low), "median": float(median), "high": float(high),
            "draws": len(seen), "unit": units[name],
        }  # fmt: skip
    return found


def _told(protocol: Protocol, arms: dict[str, ArmResult]) -> Iterator[tuple[str, float, str]]:
    for id, arm in arms.items():
        for name, estimate in arm.endpoints.items():
            if estimate.value is not None:
                yield f"{id}: {name}", estimate.value, estimate.unit
    names = list(next(iter(arms.values())).endpoints)
    for one in comparisons(arms, protocol.reference, names, uses(protocol)):
        if one.value is not None:
            yield f"{one.arm} against {one.reference}: {one.endpoint} {one.measure}", one.value, "1"
