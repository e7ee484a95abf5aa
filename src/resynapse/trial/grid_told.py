"""What does a manifest say of the error of the time grid?"""

from __future__ import annotations

from typing import Any

from resynapse.patient import Patient
from resynapse.protocol import Protocol, run_size
from resynapse.trial.grid import NOT_MEASURED, PEOPLE
from resynapse.trial.grid_known import (
    HERE,
    Found,
    known,
    made_now,
    measured,
    nearest,
    otherwise,
    subject,
)

ERROR, OTHERWISE = "grid_error", "grid_measured_otherwise"
NO_GRID = "the reference has no time grid"
SECONDS = 60.0
"""processor time of measuring an arm in PEOPLE people, s, kernels compiled (docs/engine.md)"""
SHARE = 0.03
"""of a run's processor time: what an error may cost that nobody asked for"""
WORDS = {"code": "the code of model or engine", "parameters": "the parameters"}
"""what may be another where the same protocol was measured"""


def grid_told(
    protocol: Protocol, patient: Patient, seed: int, backend: str, cut: int, check: bool = False
) -> dict[str, Any]:
    """The error as it is known; measured in people of this seed where ``check`` asks for it.

    ``grid_error`` is an error of exactly this protocol, these parameters and this code, with where
    and when it was measured, or ``not measured``. Where only another version or other parameters
    were measured, that stands apart, with what differs.
    """
    if backend == "reference":
        return {ERROR: NO_GRID}
    about = subject(protocol, patient, backend, cut)
    if check:
        error = measured(protocol, patient, seed, backend=backend, people=PEOPLE, cut=cut)
        return {ERROR: _words(_as_found(about, error))}
    found = nearest(known(about), seed)
    if found is not None:
        return {ERROR: _words(found)}
    other = otherwise(about)
    if other is None:
        return {ERROR: NOT_MEASURED}
    before, differs = other
    return {
        ERROR: NOT_MEASURED,
        OTHERWISE: {"differs": [WORDS[name] for name in differs], **_words(before)},
    }


def worth_measuring(
    protocol: Protocol, patients: int, draws: int, kept: bool, variants: int
) -> bool:
    """Whether measuring every arm costs little beside a run of this size."""
    hours = run_size.size(protocol, patients, draws, kept, variants).hours
    seconds = hours * 3600.0 * run_size.CORES
    return len(protocol.arms) * SECONDS <= SHARE * seconds


def _as_found(about: dict[str, Any], error: dict[str, Any]) -> Found:
    """An error that was just asked for; it may stand nowhere, where nothing can be kept."""
    before = (one for one in known(about) if one.error == error)
    return next(before, Found(about, error, {**made_now(), "where": HERE}))


def _words(found: Found) -> dict[str, Any]:
    by = {**found.made, "parameter_hash": found.subject["parameters"]}
    return {**found.error, "known": by}
