"""What does the band of a figure mean: people, parameters, or both?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.report.wording import NARROW

if TYPE_CHECKING:
    from resynapse.trial.over_draws import OverDraws
    from resynapse.trial.result import Result

PATIENTS = f"Median and middle 80{NARROW}% of {{n}}, parameters fixed."


def course_words(result: Result, over: bool, n: str) -> str:
    """Line and band of a quantity over time; over draws of the parameters, or ``n`` alone."""
    bands = result.bands
    if bands is None or not over:
        return f"{PATIENTS.format(n=n)} {fixed_words(result)}".strip()
    if bands.kind == "knowledge":
        return (
            f"Line: median; band: knowledge, 90{NARROW}% of {_drawn(bands)}, of the median of "
            f"{_people(bands)} in each. Line at the reference parameters, {n}."
        )
    return (
        f"Line: median; band: both, middle 80{NARROW}% of people and parameters at once, "
        f"{_people(bands)} in each of {_drawn(bands)}. Line at the reference parameters, {n}."
    )


def brief_words(result: Result, over: bool) -> str:
    """The same in a few words, beneath the sentence that says all of it."""
    if result.bands is None or not over:
        return f"Median, middle 80{NARROW}% of people."
    if result.bands.kind == "knowledge":
        return f"Median, 90{NARROW}% of draws of the parameters."
    return f"Median, middle 80{NARROW}% of people and parameters."


def curve_words(result: Result, over: bool, n: str) -> str:
    """The band of a curve of events."""
    bands = result.bands
    if bands is None or not over:
        return (
            f"band: 95{NARROW}% interval over people (log-log). {n} {fixed_words(result)}".strip()
        )
    what = (
        f"knowledge, 90{NARROW}% of the curves of {_people(bands)} in each of {_drawn(bands)}"
        if bands.kind == "knowledge"
        else f"both, 90{NARROW}% over {_drawn(bands)} and over which {_people(bands)} take part"
    )
    return f"band: {what}. Line at the reference parameters, {n}"


def brief_curve_words(result: Result, over: bool) -> str:
    """The same in a few words, beneath the sentence that says all of it."""
    if result.bands is None or not over:
        return f"Band: 95{NARROW}% interval over people."
    if result.bands.kind == "knowledge":
        return f"Band: 90{NARROW}% of draws of the parameters."
    return f"Band: 90{NARROW}% over people and parameters."


def crowded_words(result: Result, over: bool) -> str:
    """What stands in the table where bands of many arms would cover one another."""
    if result.bands is None or not over:
        return f"their middle 80{NARROW}% stands"
    kind = "the parameters" if result.bands.kind == "knowledge" else "people and parameters"
    return f"limits over {kind} stand"


def fixed_words(result: Result) -> str:
    """For a figure whose parameters were not drawn, where other figures show what was."""
    return "" if result.bands is None else "The parameters are not drawn in this figure. "


def table_words(result: Result, over: bool) -> str:
    """The interval beside the median in the table of a quantity over time."""
    if result.bands is None or not over:
        return "median and middle 80 %"
    if result.bands.kind == "knowledge":
        return "median, and 90 % of draws of the parameters"
    return "median, and middle 80 % of people and parameters"


def _drawn(bands: OverDraws) -> str:
    return f"{len(bands.draws)} draws of the parameters"


def _people(bands: OverDraws) -> str:
    return f"{bands.people} people"
