"""What do the words after an option mean: lists, ratios, pieces, drop-out?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.design.follow_up import Accrual
    from resynapse.trial.design.piecewise import Piecewise


def number(option: str, text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{option} {text}: this is not a number. Write it as 0.5.")
    return value


def numbers(option: str, text: str) -> list[float]:
    """Numbers between commas."""
    return [number(option, part) for part in text.replace(",", " ").split()]


def ratio(text: str) -> float:
    """People treated for each control: "2:1" or "2"."""
    treated, colon, control = text.partition(":")
    values = number("--ratio", treated), number("--ratio", control) if colon else 1.0
    if min(values) <= 0:
        raise InputError(f"--ratio {text}: both sides must be above 0, treated first, as 2:1.")
    return values[0] / values[1]


def pieces(option: str, text: str) -> tuple[list[float], list[float]]:
    """Values and durations of "10x4,20x8"; the last may lack its duration."""
    values, durations = [], []
    parts = text.replace(",", " ").split()
    for place, part in enumerate(parts):
        value, times, duration = part.partition("x")
        if not times and place < len(parts) - 1:
            raise InputError(
                f"{option} {text}: every value but the last needs how long it holds, as 0.5x3,0.9."
            )
        values.append(number(option, value))
        durations += [number(option, duration)] if times else []
    if not values or any(duration <= 0 for duration in durations):
        raise InputError(f"{option} {text}: give values and durations above 0, as 0.5x3,0.9.")
    return values, durations


def piecewise(option: str, text: str) -> Piecewise:
    """A rate: "0.6", or "0.6x3,0.9" for 0.6 over 3 units of time and 0.9 from then on."""
    from resynapse.trial.design.piecewise import by_durations

    values, durations = pieces(option, text)
    return by_durations(values, durations)


def dropout(text: str) -> tuple[Piecewise, Piecewise]:
    """Hazards of "0.1@6", of both arms, or of "0.1@6,0.2@6", treated and control."""
    from resynapse.trial.design.piecewise import Piecewise

    parts = text.replace(",", " ").split()
    if len(parts) not in (1, 2):
        raise InputError(f"--dropout {text}: give one value, or one treated and one control.")
    hazards = [Piecewise((_hazard(part),)) for part in parts]
    return hazards[0], hazards[-1]


def _hazard(text: str) -> float:
    """-ln(1 - share) / time."""
    share, at, time = text.partition("@")
    if not at:
        raise InputError(f"--dropout {text}: say by when, as 0.1@6 for 10 % within 6 months.")
    p, t = number("--dropout", share), number("--dropout", time)
    if not (0 <= p < 1 and t > 0):
        raise InputError(f"--dropout {text}: a share from 0 to below 1 by a time above 0.")
    return -math.log1p(-p) / t


def accrual(text: str) -> Accrual:
    """A duration, "12", or people a unit of time in pieces, "5x4,10x8"."""
    from resynapse.trial.design.follow_up import Accrual
    from resynapse.trial.design.piecewise import by_durations

    if "x" not in text:
        return Accrual(number("--accrual", text))
    rates, durations = pieces("--accrual", text)
    if len(durations) < len(rates):
        raise InputError(
            f"--accrual {text}: every rate needs how long it holds, as 5x4,10x8 for 12 in all."
        )
    return Accrual(sum(durations), by_durations(rates, durations))
