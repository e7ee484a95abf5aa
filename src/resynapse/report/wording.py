"""How are a number, its interval and its unit written for a reader?"""

from __future__ import annotations

import math
from collections.abc import Sequence

NARROW = "\u00a0"
"""A space that does not break"""
MINUS = "\u2212"
SHARES = frozenset({"1", "proportion", "fraction", "share", "%", "percent"})
"""Units of a quantity that is written in percent"""
PERCENT = frozenset({"%", "percent"})
ONE = {"points": "point", "people": "person", "days": "day"}
"""Units in words, as they stand behind 1"""
COUNTS = ("No arm", "One arm", "Two arms", "Three arms", "Four arms", "Five arms", "Six arms")


def is_share(unit: str) -> bool:
    """Whether a quantity in this unit is shown in percent."""
    return unit in SHARES


def shown(value: float, unit: str) -> float:
    """The number in the unit that a reader sees: shares become percent."""
    return 100.0 * value if unit in SHARES - PERCENT else float(value)


def shown_unit(unit: str) -> str:
    """The unit beside the number that ``shown`` returns."""
    return "%" if is_share(unit) else unit


def decimals(value: float, unit: str) -> int:
    """How many digits after the point tell a reader something."""
    size = abs(value)
    if shown_unit(unit) == "%":
        return 1 if 0.05 <= size < 0.95 else 0
    if unit in {"ratio", "hazard ratio"} or size < 1.0:
        return 2
    return 1 if size < 100.0 else 0


def number(value: float, digits: int, signed: bool = False) -> str:
    """Fixed digits with a true minus, and no minus before zero."""
    text = f"{abs(value):.{digits}f}" if value else "0"
    if float(text) == 0.0:
        return text
    sign = MINUS if value < 0 else ("+" if signed else "")
    return sign + text


def plain(
    value: float | None, unit: str = "", signed: bool = False, digits: int | None = None
) -> str:
    """A number with its unit, or a dash where it is not defined."""
    if value is None or not math.isfinite(value):
        return "\u2013"
    x = shown(value, unit)
    text = number(x, decimals(x, unit) if digits is None else digits, signed)
    return text + beside(text, unit)


def beside(text: str, unit: str) -> str:
    """The unit as it follows a number; dimensionless quantities have none."""
    name = counted(text, shown_unit(unit))
    return f"{NARROW}{name}" if name and name not in {"ratio", "hazard ratio", "1"} else ""


def counted(text: str, words: str) -> str:
    """What stands behind a number that is written so: "point" behind 1, "points" behind 1.0."""
    return ONE.get(words, words) if text.lstrip(f"+{MINUS}") == "1" else words


def close(low: float | None, high: float | None, unit: str) -> bool:
    """Whether limits of a share read alike in its usual digits, and not with one more."""
    if low is None or high is None or not is_share(unit):
        return False
    ends = [shown(low, unit), shown(high, unit)]
    alike = number(ends[0], decimals(ends[0], unit)) == number(ends[1], decimals(ends[1], unit))
    return alike and round(ends[0], 1) != round(ends[1], 1)


def interval(low: float | None, high: float | None, unit: str, value: float | None = None) -> str:
    """Two limits joined by "to", with as many digits as the value; empty where one is missing.

    Limits of a share that would read alike get one digit more: "31.9 to 32.2", not "32 to 32".
    """
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    ends = [shown(low, unit), shown(high, unit)]
    if is_share(unit):
        texts = [number(x, decimals(x, unit)) for x in ends]
        if close(low, high, unit):
            texts = [number(x, 1) for x in ends]
    else:
        digits = decimals(shown(value, unit) if value is not None else max(ends, key=abs), unit)
        texts = [number(x, digits) for x in ends]
    return f"{texts[0]} to {texts[1]}".replace(" ", NARROW)


def listed(words: Sequence[str]) -> str:
    """Words joined as in a sentence; a comma parts those that hold an "and" themselves."""
    if len(words) < 2:
        return "".join(words)
    last = ", and " if any(" and " in one for one in words) else " and "
    return ", ".join(words[:-1]) + last + words[-1]


def arms_in_words(count: int) -> str:
    """How many arms, at the beginning of a sentence."""
    return COUNTS[count] if count < len(COUNTS) else f"{count} arms"


def thousands(count: float) -> str:
    """A whole number; from five digits on in groups of three."""
    return f"{count:,.0f}".replace(",", NARROW) if abs(count) >= 10_000 else f"{count:.0f}"


def sentence_case(name: str) -> str:
    """A name with underscores as words, first letter large."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def people_drawn(seen: int, whole: int, arms: int, what: str = "") -> str:
    """How many people of an arm a drawing rests on; of a large run the first ones only."""
    each, kind = " in each arm" if arms > 1 else "", f"{NARROW}{what}" if what else ""
    if seen >= whole:
        return f"{whole}{kind}{each}"
    return f"{thousands(seen)}{kind}, the first of {thousands(whole)}{each}"
