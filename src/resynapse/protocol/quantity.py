"""What number, in which unit, did a person write?

=====================  =======================================
Text                   Value
=====================  =======================================
24 months              24 * 30.4375 d
day 7 + 24 months      7 d + 24 * 30.4375 d
1.5 h                  1.5 h
0.5 mg/kg              Amount 0.5 mg/kg
2 mg/kg im             that amount, by injection into a muscle
0.5 mg/kg over 40 min  that amount, spread over 40 min
=====================  =======================================
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, get_args

from resynapse.protocol.vocabulary import Route, did_you_mean

MINUTES_IN: Final = {
    "min": 1.0,
    "h": 60.0,
    "d": 24.0 * 60.0,
    "week": 7.0 * 24.0 * 60.0,
    "month": 30.4375 * 24.0 * 60.0,
    "year": 12.0 * 30.4375 * 24.0 * 60.0,
}
"""Minutes in one unit of time; a month is 30.4375 d, as in the endpoints."""

_TIME_WORDS: Final = {
    "min": "min",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "h": "h",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "d": "d",
    "day": "d",
    "days": "d",
    "wk": "week",
    "week": "week",
    "weeks": "week",
    "month": "month",
    "months": "month",
    "y": "year",
    "year": "year",
    "years": "year",
}
_MILLIGRAMS_IN: Final = {"ug": 1e-3, "µg": 1e-3, "μg": 1e-3, "mcg": 1e-3, "mg": 1.0, "g": 1e3}
_PER_HOUR: Final = {"h": 1.0, "hr": 1.0, "hour": 1.0, "min": 60.0}

_NUMBER: Final = r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_TIME: Final = re.compile(rf"{_NUMBER}\s*([a-zA-Z]+)")
_DAY: Final = re.compile(rf"day\s+{_NUMBER}")
_AMOUNT: Final = re.compile(rf"{_NUMBER}\s*([^\s\d/]+)((?:\s*/\s*[a-zA-Z]+)*)")
_RANGE: Final = re.compile(rf"days\s+{_NUMBER}\s+to\s+{_NUMBER}")
_EVERY: Final = re.compile(
    rf"every\s+{_NUMBER}\s+days?\s+from\s+day\s+{_NUMBER}\s+to\s+day\s+{_NUMBER}"
)
_MOST_DAYS: Final = 1000


@dataclass(frozen=True)
class DoseText:
    """What the text of a dose says; None where it does not say."""

    value: float | None
    unit: str | None
    route: str | None
    minutes: float | None


def number(given: object) -> float:
    """A finite number; text, true and false, and infinity are refused."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(refused(given))
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError(f"{_shown(given)} is not a finite number.")
    return value


def time_in(unit: str, given: object) -> float:
    """A span of time, or a day counted from entry, in ``unit`` (a key of MINUTES_IN)."""
    if not isinstance(given, str):
        return number(given)
    parts = [_minutes(part.strip(), given) for part in given.strip().split("+")]
    return number(math.fsum(parts) / MINUTES_IN[unit])


def days_listed(given: object) -> object:
    """The days of "day 2", "days 1 to 6" or "every 7 days from day 7 to day 35" as a list."""
    if isinstance(given, list | tuple):
        return given
    if not isinstance(given, str):
        return [given]
    text = given.strip()
    if match := _RANGE.fullmatch(text):
        return _spaced(float(match[1]), float(match[2]), 1.0, text)
    if match := _EVERY.fullmatch(text):
        return _spaced(float(match[2]), float(match[3]), float(match[1]), text)
    return [text]


def amount(given: str) -> tuple[float, str]:
    """Value and unit (mg, mg/kg or mg/kg/h) of "0.5 mg/kg"."""
    text = given.strip()
    _refuse_decimal_comma(text)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"{_shown(given)} is not an amount. {_AMOUNT_HELP}")
    return _canonical(float(match[1]), match[2].lower(), match[3].replace(" ", ""), given)


def dose(given: str) -> DoseText:
    """What "0.5 mg/kg iv over 40 min" says; every part may be missing but not misspelt."""
    _refuse_decimal_comma(given)
    main, over, span = (part.strip() for part in given.strip().partition("over "))
    span, late_route = (span, None) if _is_time(span) else _split_route(span)
    main, minutes = _split_bolus(main)
    main, route = _split_route(main)
    if over:
        if minutes is not None:
            raise ValueError(f"{_shown(given)} is both a bolus and an infusion. Keep one.")
        minutes = time_in("min", span)
        if _TIME.fullmatch(span) is None or minutes <= 0.0:
            raise ValueError(f"{_shown(given)}: write the time after `over` as `over 40 min`.")
    value, unit = amount(main) if main else (None, None)
    return DoseText(value, unit, route or late_route, minutes)


_AMOUNT_HELP: Final = "Write a number and a unit: mg, mg/kg or mg/kg/h, for example `0.5 mg/kg`."


def _canonical(value: float, mass: str, per: str, given: str) -> tuple[float, str]:
    if mass not in _MILLIGRAMS_IN:
        raise ValueError(f"{_shown(given)}: {mass} is not a unit of mass. {_AMOUNT_HELP}")
    milligrams = value * _MILLIGRAMS_IN[mass]
    steps = [step.lower() for step in per.split("/") if step]
    if not steps:
        return milligrams, "mg"
    if steps == ["kg"]:
        return milligrams, "mg/kg"
    if len(steps) == 2 and steps[0] == "kg" and steps[1] in _PER_HOUR:
        return milligrams * _PER_HOUR[steps[1]], "mg/kg/h"
    raise ValueError(f"{_shown(given)}: {mass}{per} is not a unit of dose. {_AMOUNT_HELP}")


def _split_route(text: str) -> tuple[str, str | None]:
    words = text.split()
    if not words or re.search(r"\d", words[-1]) or "/" in words[-1]:
        return text, None
    last = words[-1]
    if last in get_args(Route):
        return " ".join(words[:-1]), last
    before = text[: len(text) - len(last)].rstrip()
    if before.endswith("/") or last.lower() in _MILLIGRAMS_IN or last.lower() in _TIME_WORDS:
        return text, None
    routes = ", ".join(get_args(Route))
    guess = did_you_mean(last, get_args(Route))
    raise ValueError(f"{_shown(last)} is not a route. Allowed: {routes}.{guess}")


def _is_time(text: str) -> bool:
    """Whether this is a number and a word that is no route: a time, though perhaps misspelt."""
    match = _TIME.fullmatch(text)
    return match is not None and match[2] not in get_args(Route)


def _split_bolus(text: str) -> tuple[str, float | None]:
    words = text.split()
    return (" ".join(words[:-1]), 0.0) if words and words[-1] == "bolus" else (text, None)


def _minutes(part: str, whole: str) -> float:
    _refuse_decimal_comma(part)
    if match := _DAY.fullmatch(part):
        return float(match[1]) * MINUTES_IN["d"]
    match = _TIME.fullmatch(part)
    if match is None:
        raise ValueError(
            f"{_shown(whole)} is not a time. Write a number and a unit (min, h, d, weeks, months),"
            " for example `24 months`, `day 2` or `day 7 + 24 months`."
        )
    word = match[2].lower()
    if word not in _TIME_WORDS:
        guess = did_you_mean(word, _TIME_WORDS)
        raise ValueError(
            f"{_shown(whole)}: {word} is not a unit of time."
            f" Allowed: min, h, d, weeks, months, years.{guess}"
        )
    return float(match[1]) * MINUTES_IN[_TIME_WORDS[word]]


def _spaced(first: float, last: float, step: float, text: str) -> list[float]:
    if step <= 0.0 or last < first or (last - first) / step > _MOST_DAYS:
        raise ValueError(
            f"{_shown(text)} names no days, or more than {_MOST_DAYS}. Write a rising range,"
            " for example `days 1 to 6` or `every 7 days from day 7 to day 35`."
        )
    count = math.floor((last - first) / step + 1e-9) + 1
    return [first + index * step for index in range(count)]


def refused(given: object) -> str:
    """That this is no number, and how it is written as one."""
    return f"{_shown(given)} is not a number.{_alone(given)}"


def _alone(given: object) -> str:
    """How text that holds one number, and perhaps a unit, is written as one."""
    text = given.strip() if isinstance(given, str) else ""
    match = re.fullmatch(r"([+-]?\d+)(?:([.,])(\d+))?\s*(%|[^\W\d_]*)", text)
    if match is None:
        return ""
    whole, mark, rest, unit = match.groups()
    written = f"{whole}.{rest}" if mark else whole
    comma = ", with a point" if mark == "," else ""
    if unit == "%":
        return f" Write a share of 0 to 1{comma}: {float(written) / 100.0:g}."
    field = " in the unit of the field" if unit else ""
    return f" Write the number alone{field}{comma}: {written}."


def _refuse_decimal_comma(text: str) -> None:
    if re.search(r"\d,\d", text):
        raise ValueError(f"{_shown(text)} has a comma in a number. Write a point: 0.5, not 0,5.")


def _shown(given: object) -> str:
    if isinstance(given, dict | list | tuple):
        return "a mapping" if isinstance(given, dict) else "a list"
    text = given if isinstance(given, str) else repr(given)
    return f'"{text[:60]}{"..." if len(text) > 60 else ""}"' if text else "nothing"
