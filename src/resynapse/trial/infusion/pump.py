"""At which rates does a pump infuse, by plan or by what it believes of a patient?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from resynapse.trial.infusion.kinetics import STEP_SECONDS, Linear
from resynapse.trial.infusion.plan import Hold, InfusionPlan, Part

A_MINUTE = round(60.0 / STEP_SECONDS)
"""steps"""
AHEAD = 45 * A_MINUTE
"""steps that a pump looks ahead for the peak at the effect site; it comes within 15 min"""
MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True)
class Pumped:
    """What the pump did, a row a step."""

    rate: np.ndarray
    """[steps, people], mg/h"""
    plasma: np.ndarray
    """[steps, people], ng/mL, what the pump believes at the end of the step"""
    effect: np.ndarray
    """the same at the effect site"""
    target: np.ndarray
    """[steps], ng/mL; NaN where it had none"""


def pumped(plan: InfusionPlan, believed: Linear, weight_kg: np.ndarray) -> Pumped:
    """The whole infusion and what is watched after it, in people of these weights."""
    after = round(plan.watched * A_MINUTE)
    if plan.mode == "rate":
        planned = _planned(plan.parts, weight_kg)
        target = np.full(len(planned) + after, np.nan)
        rates = np.concatenate([planned, np.zeros((after, len(weight_kg)))])
        return _followed(believed, target, lambda k, x: rates[k])
    held = _held(plan.holds)
    target = np.concatenate([held, np.zeros(after)])
    steer = _to_plasma if plan.mode == "plasma" else _to_effect_site
    most = plan.highest_rate * MINUTES_PER_HOUR
    asked = steer(believed, target)
    rest = np.zeros(len(weight_kg))
    found = _followed(
        believed, target, lambda k, x: np.clip(asked(k, x), 0.0, most) if k < len(held) else rest
    )
    return Pumped(found.rate, found.plasma, found.effect, np.where(target > 0.0, target, np.nan))


def _planned(parts: tuple[Part, ...], weight_kg: np.ndarray) -> np.ndarray:
    """mg/h in each step."""
    rows = [
        np.tile(one.mg_per_kg * weight_kg / one.minutes * MINUTES_PER_HOUR, (_steps(one), 1))
        for one in parts
    ]
    return np.concatenate(rows)


def _held(holds: tuple[Hold, ...]) -> np.ndarray:
    return np.concatenate([np.full(_steps(one), one.target) for one in holds])


def _steps(one: Part | Hold) -> int:
    return round(one.minutes * A_MINUTE)


Rate = Callable[[int, np.ndarray], np.ndarray]
"""number of a step and what the pump believes is in each person -> mg/h"""


def _followed(believed: Linear, target: np.ndarray, rate: Rate) -> Pumped:
    """x at the end of a step = Phi x + gamma u."""
    Phi, gamma = believed.steps()
    x = np.zeros(gamma.shape)
    rates, plasma, effect = [], [], []
    for k in range(len(target)):
        u = rate(k, x)
        x = np.matmul(Phi, x[..., None])[..., 0] + gamma * u[:, None]
        rates.append(u)
        plasma.append((believed.plasma * x).sum(axis=1))
        effect.append((believed.effect * x).sum(axis=1))
    return Pumped(np.array(rates), np.array(plasma), np.array(effect), target)


def _to_plasma(believed: Linear, target: np.ndarray) -> Rate:
    """The rate that has plasma at its target at the end of the step.

    u = (target - c Phi x) / (c gamma)                                    mg/h
    """
    Phi, gamma = believed.steps()
    without = np.einsum("pn,pnm->pm", believed.plasma, Phi)
    each = (believed.plasma * gamma).sum(axis=1)

    def rate(k: int, x: np.ndarray) -> np.ndarray:
        return (target[k] - (without * x).sum(axis=1)) / each

    return rate


def _to_effect_site(believed: Linear, target: np.ndarray) -> Rate:
    """The highest rate in this step after which the effect site never exceeds its target.

    u = min over later steps j of (target - e Phi^j x) / (e Phi^(j-1) gamma)   mg/h
    """
    Phi, gamma = believed.steps()
    rows, without, each = believed.effect, [], []
    for _ in range(AHEAD):
        each.append((rows * gamma).sum(axis=1))
        rows = np.einsum("pn,pnm->pm", rows, Phi)
        without.append(rows)
    later, added = np.stack(without, axis=1), np.stack(each, axis=1)

    def rate(k: int, x: np.ndarray) -> np.ndarray:
        coming = np.matmul(later, x[..., None])[..., 0]
        return ((target[k] - coming) / added).min(axis=1)

    return rate
