"""What does a reader learn of the error of the time grid?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resynapse.report.wording import listed

NAME = "Error of the time grid"
REMEDY = "`--check-grid` measures it"
PLACES = {
    "on this machine": "measured on this machine, {date}, version {version}",
    "shipped with the package": "shipped with the package, {date}, version {version}",
}


def grid_words(manifest: Mapping[str, Any]) -> str | None:
    """The error in the worst arm, of whom it was measured and when; nothing where none is told."""
    told = manifest.get("grid_error")
    if told is None or isinstance(told, str):
        return _unmeasured(told, manifest.get("grid_measured_otherwise"))
    place = PLACES[told["known"]["where"]].format(**told["known"])
    return f"{_error(told)} ({_whom(told)}; {place})"


def _unmeasured(told: str | None, other: Mapping[str, Any] | None) -> str | None:
    if other is None:
        return f"{told}; {REMEDY}" if told == "not measured" else told
    return (
        f"not measured for this run; {REMEDY}. With {listed(other['differs'])} as of"
        f" {other['known']['date']}, version {other['known']['version']}:"
        f" {_error(other)} ({_whom(other)})"
    )


def _error(told: Mapping[str, Any]) -> str:
    """The worst arm of each; what nobody of any arm could be compared in is not called exact."""
    arms = list(told["arms"].values())
    bouts = min(arm["same_bouts"] for arm in arms)
    return (
        f"{_first_use(arms)}, as many bouts of use in {100.0 * bouts:.3g} % of people,"
        f" {_states(arms)}"
    )


def _first_use(arms: Sequence[Mapping[str, Any]]) -> str:
    if not any(arm["first_uses"] for arm in arms):
        return "no first use to compare"
    median = max(arm["first_use_median_d"] for arm in arms)
    tail = max(arm["first_use_99th_percentile_d"] for arm in arms)
    return (
        f"first use off by {_short(median)} d at the median and {_short(tail)} d at the 99th"
        " percentile"
    )


def _states(arms: Sequence[Mapping[str, Any]]) -> str:
    from resynapse.trial.grid_choice import ACUTE

    known = [arm["states_share_of_range"] for arm in arms if arm["states_share_of_range"]]
    if not known:
        return "no state compared, since everybody has used"
    acute = max(states.get(name, 0.0) for states in known for name in ACUTE)
    return f"states of the acute clock off by {_short(acute)} of their range at most"


def _short(number: float) -> str:
    """Two digits, the power of ten without its zero."""
    return f"{number:.2g}".replace("e-0", "e-")


def _whom(told: Mapping[str, Any]) -> str:
    first, last = told["people"]
    worst = "" if len(told["arms"]) == 1 else f", the worst of {len(told['arms'])} arms"
    return (
        f"against the reference, {last - first + 1} people an arm, numbers {first} to {last},"
        f" seed {told['seed']}, {told['days']:g} days{worst}"
    )
