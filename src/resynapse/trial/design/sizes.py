"""What a design says: sizes, exact and rounded, bounds, and the formula that they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.validity import even_enough

HYPOTHESES = {"h0": 0.0, "between": 0.5, "h1": 1.0}
"""Share of the effect that is true: none, half, all of it"""
MOST = 1e9
"""People; no trial has more"""
HAIR = 1e-9
"""An exact size this close above a whole number is that number"""


@dataclass(frozen=True)
class LookAt:
    """One analysis of the trial."""

    information_rate: float
    n: float
    """People in the trial by then, both arms, not rounded"""
    critical_value: float
    futility_bound: float | None
    nominal_p: float
    """One-sided p that crosses the efficacy bound"""
    alpha_spent: float
    power: float
    """Probability under H1 of having claimed efficacy by then"""
    effect_at_bound: float
    """Estimate that just crosses the efficacy bound, on the scale of ``Design.effect_scale``"""
    events: float | None = None
    time: float | None = None
    """From the first person in, in the unit of accrual"""
    average_hazard_ratio: float | None = None


@dataclass(frozen=True)
class Design:
    """A trial of two arms. ``as_dict`` is what --json prints."""

    endpoint: str
    method: str
    """The test and its bounds"""
    formula: str
    source: str
    """Where the formula stands"""
    looks: Looks
    ratio: float
    """People treated for each control"""
    assumptions: dict[str, Any]
    effect_scale: str
    n_fixed: float
    """People of a design with one look, both arms, not rounded"""
    n_max: float
    """People if the trial runs to its last look, not rounded"""
    analyses: tuple[LookAt, ...]
    expected_n: dict[str, float]
    """People on average where none, half and all of the effect is true"""
    events: float | None = None
    """Events at the last look, not rounded"""
    expected_events: dict[str, float] | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
    lost: float = 0.0
    """Share of people whose outcome will be missing, where the sizes above leave it out"""

    def __post_init__(self) -> None:
        ensure_possible_size(self.n_max)
        if not 0 <= self.lost < 1:
            raise InputError(f"dropout was given as {self.lost:g}; it lies from 0 to below 1.")

    @property
    def n_recruited(self) -> float:
        """People to recruit so that n_max are left: n_max / (1 - lost), not rounded."""
        return self.n_max / (1 - self.lost)

    @property
    def n_per_arm(self) -> dict[str, float]:
        """Of n_max, not rounded."""
        return split(self.n_max, self.ratio)

    @property
    def rounded(self) -> dict[str, Any]:
        """Each arm up to a whole person, events up to a whole event."""
        arms = {arm: whole(n) for arm, n in self.n_per_arm.items()}
        return {
            "n_fixed": sum(whole(n) for n in split(self.n_fixed, self.ratio).values()),
            "n_max": sum(arms.values()),
            "n_per_arm": arms,
            "n_recruited": sum(whole(n) for n in split(self.n_recruited, self.ratio).values()),
            "events": None if self.events is None else whole(self.events),
        }

    def as_dict(self) -> dict[str, Any]:
        """In plain types, under the names that the command line promises."""
        bounds, beta = self.looks.futility_bounds, self.looks.beta_spent
        return {
            "endpoint": self.endpoint,
            "method": self.method,
            "formula": self.formula,
            "source": self.source,
            "alpha": self.looks.alpha,
            "sided": self.looks.sided,
            "power": self.looks.power,
            "ratio": self.ratio,
            "spending": self.looks.spending if len(self.analyses) > 1 else None,
            "assumptions": self.assumptions,
            "information_rates": [look.information_rate for look in self.analyses],
            "critical_values": [look.critical_value for look in self.analyses],
            "futility_bounds": [] if bounds is None else bounds.tolist(),
            "binding": self.looks.futility.binding,
            "alpha_spent": [look.alpha_spent for look in self.analyses],
            "beta_spent": [] if beta is None else beta.tolist(),
            "inflation": self.n_max / self.n_fixed,
            "n_fixed": self.n_fixed,
            "n_max": self.n_max,
            "n_per_arm": self.n_per_arm,
            "n_recruited": self.n_recruited,
            "events": self.events,
            "rounded": self.rounded,
            "expected_n": self.expected_n,
            "expected_events": self.expected_events,
            "effect_scale": self.effect_scale,
            "looks": [vars(look) for look in self.analyses],
            "notes": list(self.notes),
        }


def ensure_possible_size(n: float) -> None:
    """A number of people, and not more than there could be."""
    if not 0 < n <= MOST:
        raise InputError(
            f"This design would need {n:.3g} people; at most {MOST:.0e} are taken for a trial. "
            "Check the effect and the times."
        )


def whole(exact: float) -> int:
    """Rounded up."""
    return math.ceil(exact - HAIR * max(1.0, abs(exact)))


def split(n: float, ratio: float) -> dict[str, float]:
    """A total over arms, treated to control as ``ratio`` to 1."""
    even_enough(ratio)
    return {"treatment": n * ratio / (1 + ratio), "control": n / (1 + ratio)}


def analyses(
    looks: Looks,
    n: Sequence[float],
    effect: Sequence[float],
    mean: np.ndarray | None = None,
    **more: Sequence[float | None],
) -> tuple[LookAt, ...]:
    """A record for each look, from columns; ``mean`` is E[Z_k] under H1."""
    mean = looks.drift * np.sqrt(looks.information) if mean is None else mean
    power, spent = np.cumsum(looks.crossing(mean).upper), looks.alpha_spent
    futility = looks.futility_bounds
    return tuple(
        LookAt(
            information_rate=float(looks.information[k]),
            n=float(n[k]),
            critical_value=float(critical),
            futility_bound=_at(futility, k),
            nominal_p=float(special.ndtr(-critical)),
            alpha_spent=float(spent[k]),
            power=float(power[k]),
            effect_at_bound=float(effect[k]),
            **{name: column[k] for name, column in more.items()},
        )
        for k, critical in enumerate(looks.critical_values)
    )


def _at(bounds: np.ndarray | None, k: int) -> float | None:
    return float(bounds[k]) if bounds is not None and k < len(bounds) else None


def expected(looks: Looks, at_look: np.ndarray, mean: np.ndarray | None = None) -> dict[str, float]:
    """What has been used when the trial stops, on average; ``at_look`` is used by each look."""
    mean = looks.drift * np.sqrt(looks.information) if mean is None else mean
    found = {}
    for name, share in HYPOTHESES.items():
        stops = looks.crossing(share * mean).stopping.copy()
        stops[-1] = 1 - stops[:-1].sum()
        found[name] = float(stops @ at_look)
    return found


def bounds_in_words(looks: Looks) -> str:
    """How the trial is looked at."""
    if len(looks.information) == 1:
        return "one look"
    words = f"{len(looks.information)} looks, {looks.spending}"
    if looks.futility.any:
        binds = "binding" if looks.futility.binding else "non-binding"
        words += f", {binds} futility ({looks.futility.spending or 'given bounds'})"
    return words
