"""How do the arms of a trial feel, so that people can guess which one they are in?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT
from resynapse.patient import Patient
from resynapse.protocol import Arm, Protocol
from resynapse.trial.arm_setting import arm_setting, unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.plan import ArmPlan
from resynapse.trial.timeline import first_dose

PILOTS = 512
"""pilot patients an arm (decisions 7)"""
PILOT_KEYS = 2**31
"""pilots are numbered from here, so that no patient of the run is one of them"""
NARROWEST = 0.2
"""least standard deviation of ln(1 + CADSS), where everyone feels alike"""
HOURS = 4.5 / 24.0


def arms_felt(
    protocol: Protocol, patient: Patient, seed: int, backend: str = DEFAULT
) -> dict[str, ArmsFelt]:
    """ln(1 + peak CADSS) in active and control arms, weighted by allocation, for each arm."""
    felt = {arm.id: peaks_felt(protocol, arm, patient, seed, backend) for arm in protocol.arms}
    return pooled(protocol, felt)


def pooled(protocol: Protocol, felt: dict[str, np.ndarray]) -> dict[str, ArmsFelt]:
    """What everyone may know of how arms feel, from the pilots of each arm."""
    blank = {arm.id: unknown_arms(protocol, arm) for arm in protocol.arms}
    if protocol.blinding == "open":
        return blank
    active, control = _pooled(protocol, felt, True), _pooled(protocol, felt, False)
    active, control = active or control, control or active
    return {
        id: ArmsFelt(
            active_mean=active[0],
            active_sd=active[1],
            control_mean=control[0],
            control_sd=control[1],
            active_share=one.active_share,
            masked=one.masked,
            is_active=one.is_active,
        )
        for id, one in blank.items()
    }


def peaks_felt(
    protocol: Protocol, arm: Arm, patient: Patient, seed: int, backend: str = DEFAULT
) -> np.ndarray:
    """ln(1 + peak CADSS) of pilots."""
    return peaks_of(Conduct(protocol, patient, seed, first_key=PILOT_KEYS, backend=backend), arm)


def peaks_of(conduct: Conduct, arm: Arm) -> np.ndarray:
    """The same from a conduct of pilots; without any dose they feel what saline makes them feel."""
    protocol, patient = conduct.protocol, conduct.patient
    control = float(arm_setting(protocol, arm, patient, unknown_arms(protocol, arm)).felt_control)
    if not arm.doses:
        return np.log1p(control * np.asarray(conduct.persons(0, PILOTS).dissociation_factor))
    plan, until = conduct.plan(arm), first_dose(arm) + HOURS
    through = conduct.prepared(arm, unknown_arms(protocol, arm), _unseen(plan), until)
    chunks = conduct.sent(through, plan, 0, PILOTS)
    peaks = [c.marks.felt + control * c.person.dissociation_factor for c in chunks]
    return np.log1p(np.concatenate(peaks))


def _unseen(plan: ArmPlan) -> ArmPlan:
    """The same plan without observations: of pilots only what they feel is asked."""
    record = np.full_like(plan.segments.record, -1)
    return replace(plan, segments=plan.segments._replace(record=record))


def _pooled(
    protocol: Protocol, felt: dict[str, np.ndarray], active: bool
) -> tuple[float, float] | None:
    arms = [arm for arm in protocol.arms if arm.active == active]
    if not arms:
        return None
    weight = np.concatenate(
        [np.full(len(felt[a.id]), a.allocation / len(felt[a.id])) for a in arms]
    )
    values = np.concatenate([felt[arm.id] for arm in arms])
    mean = float(np.average(values, weights=weight))
    sd = float(np.sqrt(np.average((values - mean) ** 2, weights=weight)))
    return mean, max(sd, NARROWEST)
