"""How much of the two states that lift mood is there after infusions, and for how long?

    L_b(t): b    relaxed with tau_D                                       1
    L_S(t): S    relaxed with tau_D, where dS/dt = k_S P - S / tau_S      1
    lift(t) = d_H L_b(t) + d_S L_S(t)                                     1, share of the MADRS

b (habenula block) and P (window) do not depend on d_H, d_S or tau_S, so one run gives both; the
lift follows smoothly from it. Means over people; nobody is so well that nothing is left to lift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.inference.recorded_course import recorded, spaced_days
from resynapse.patient import Patient
from resynapse.patient.chain import ArmSetting
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, load
from resynapse.trial.observer import Observed

PEOPLE = 64
DOSE_DAY = 2
SPACING = ((0.05, 1.0), (0.25, 4.0), (0.5, 15.0), (2.0, 200.0))
"""(days between moments that are kept, until which day after a dose)"""
ONCE, UNTIL = (0.0,), 15.0
"""days of the infusions, and the last day that is kept, from the first infusion"""


class Lifted(Observed):
    """Records what lifts mood after ketamine."""

    def observe(self, person: Any, arm: ArmSetting, lane: Any, amounts: Any) -> tuple[Any, ...]:
        """b and P."""
        return lane.state.habenula, lane.state.window.window


@dataclass(frozen=True)
class MoodCourse:
    """Means over people at days after the dose."""

    day: np.ndarray
    habenula: np.ndarray
    """b"""
    window: np.ndarray
    """P"""
    opening: float
    """k_S, 1/d"""
    mood_time: float
    """tau_D, d"""

    def lifts(self, days: Any, sustained_time: Any) -> tuple[Any, Any]:
        """L_b and L_S at these days after the dose."""
        P = jnp.asarray(0.5 * (self.window[1:] + self.window[:-1]))
        S = self._relaxed(self.opening * P * sustained_time, sustained_time)
        between = 0.5 * (S[1:] + S[:-1])
        b = jnp.asarray(0.5 * (self.habenula[1:] + self.habenula[:-1]))
        found = (self._relaxed(to, self.mood_time) for to in (b, between))
        L_b, L_S = (jnp.interp(jnp.asarray(days), self.day, one) for one in found)
        return L_b, L_S

    def _relaxed(self, to: Any, time_constant: Any) -> Any:
        """x at every moment from 0, where dx/dt = (to - x) / time_constant, exactly by step."""

        def step(x: Any, pair: Any) -> tuple[Any, Any]:
            target, dt = pair
            x = target + (x - target) * jnp.exp(-dt / time_constant)
            return x, x

        _, rest = jax.lax.scan(step, 0.0 * to[0], (to, np.diff(self.day)))
        return jnp.concatenate([jnp.zeros(1), rest])


def moments(given: Sequence[float] = ONCE, until: float = UNTIL) -> np.ndarray:
    """Days after the first infusion that are kept, close together after each."""
    ends = (*given[1:], until)
    parts = [
        begin + spaced_days(SPACING, end - begin) for begin, end in zip(given, ends, strict=True)
    ]
    return np.unique(np.concatenate(parts).round(9))


def infusions(given: Sequence[float] = ONCE, until: float = UNTIL) -> Protocol:
    """0.5 mg/kg over 40 minutes on these days, and nothing else."""
    whole = load("scenario-heroin-ketamine")
    (arm,) = (one for one in whole.arms if one.id == "ketamine-1-therapy")
    doses = arm.doses
    if tuple(given) != ONCE:
        on = tuple(DOSE_DAY + day for day in given)
        doses = (arm.doses[0].model_copy(update={"days": on}),)
    alone = arm.model_copy(update={"therapies": (), "doses": doses})
    days = moments(given, until)
    return whole.model_copy(
        update={"arms": (alone,), "reference": alone.id, "endpoints": (),
                "visits": tuple(float(DOSE_DAY + day) for day in days),
                "follow_up_days": float(DOSE_DAY + days[-1])}
    )  # fmt: skip


def mood_course(
    people: int = PEOPLE, backend: str = DEFAULT, given: Sequence[float] = ONCE,
    until: float = UNTIL,
) -> MoodCourse:  # fmt: skip
    """The course at the medians of all parameters."""
    protocol = infusions(given, until)
    patient = apply(Patient(), protocol.disorder)
    mean = recorded(protocol, patient, Lifted, people, backend).astype(float).mean(axis=2)
    return MoodCourse(
        moments(given, until), mean[:, 0], mean[:, 1], float(patient.window.sustained_gain),
        float(patient.mood.time_constant),
    )  # fmt: skip
