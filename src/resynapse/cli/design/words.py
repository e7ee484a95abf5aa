"""What do the words after an option mean: lists, ratios, pieces, drop-out?"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.design.assurance import Assurance
    from resynapse.trial.design.follow_up import Accrual
    from resynapse.trial.design.piecewise import Piecewise
    from resynapse.trial.design.sizes import Design


def number(option: str, text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{option} {text or '(nothing)'}: this is not a number. Write it as 0.5.")
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
    if len(durations) == len(values):
        raise InputError(
            f"{option} {text}: the last value holds from then on; give one more, as 0.5x3,0.9, or "
            "leave out how long it holds."
        )
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


def assured(design: Design, text: str) -> Assurance:
    """Assurance over "normal(0.4, 0.2)", or over draws in a file, one a line."""
    from resynapse.trial.design import assurance

    normal = re.fullmatch(r"normal\(([^,]+),([^,]+)\)", text.strip())
    if normal:
        mean, sd = (number("--prior", part.strip()) for part in normal.groups())
        return assurance.normal(design, mean, sd)
    try:
        text_of = Path(text).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"--prior {text}: neither normal(MEAN,SD) nor a file that can be read."
        ) from error
    lines = [line.strip() for line in text_of.splitlines() if line.strip()]
    values = lines[1:] if lines and not _is_number(lines[0]) else lines
    draws = [number(f"--prior {text}, a line", line.partition(",")[0]) for line in values]
    return assurance.draws(design, draws, Path(text).name)


def _is_number(text: str) -> bool:
    try:
        float(text.partition(",")[0])
    except ValueError:
        return False
    return True


def shares(option: str, text: str) -> list[tuple[int, int]]:
    """Responders among people: "12/40,15/50"."""
    found = []
    for part in text.replace(",", " ").split():
        whole = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", part)
        if not whole:
            raise InputError(f"{option} {part}: write responders and people, as 12/40.")
        found.append((int(whole[1]), int(whole[2])))
    return found


def beta(option: str, text: str) -> tuple[float, float]:
    """The two parameters of a beta distribution: "1,1"."""
    values = numbers(option, text)
    if len(values) != 2:
        raise InputError(f"{option} {text}: give the two parameters of a beta prior, as 1,1.")
    return values[0], values[1]
