"""How many people, and events, tell two times to an event apart?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import optimize

from resynapse.input_error import InputError
from resynapse.trial.design.follow_up import NEVER, Accrual, Arm, Course
from resynapse.trial.design.log_rank_drift import Drift, drift
from resynapse.trial.design.piecewise import Piecewise
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.sizes import Design, analyses, bounds_in_words, expected
from resynapse.trial.design.validity import between, even_enough, one_of, positive

METHODS = ("schoenfeld", "freedman", "hsieh-freedman", "expected-score")
SOURCE = {
    "schoenfeld": "Schoenfeld 1981",
    "freedman": "Freedman 1982",
    "hsieh-freedman": "Hsieh 1992",
    "expected-score": "Schoenfeld 1981; Lakatos 1988",
}
FORMULA = {
    "schoenfeld": "events = (z_(1-alpha) + z_power)^2 (1+r)^2 / (r ln(HR)^2)",
    "freedman": "events = (z_(1-alpha) + z_power)^2 (1 + r HR)^2 / (r (1 - HR)^2)",
    "hsieh-freedman": "events = (z_(1-alpha) + z_power)^2 (1+r)^2 (1+HR)^2 / (4 r (1-HR)^2)",
    "expected-score": "n = (drift sqrt(V) / U)^2, U = integral (h0-h1) Y1 Y0 / (Y1+Y0) dt, "
    "V = integral (h1 Y1 + h0 Y0) Y1 Y0 / (Y1+Y0)^2 dt",
}


def survival(
    looks: Looks,
    hazard_ratio: Piecewise,
    control: Piecewise,
    accrual: Accrual,
    follow_up: float,
    dropout: tuple[Piecewise, Piecewise] = (NEVER, NEVER),
    ratio: float = 1.0,
    method: str = "", margin: float = 1.0,
) -> Design:  # fmt: skip
    """The log-rank test, for hazards that are proportional or change piece by piece.

    With a ``margin`` other than 1 it is the test of H0: hazard ratio = margin, by Schoenfeld's
    formula with HR / margin for HR.

    ``control`` is the hazard of the event in controls and ``dropout`` the hazards of leaving,
    treated and control, all by time since entry; the last look is at accrual + follow-up.
    By default events are Schoenfeld's where hazards are proportional, and the expected score
    of the log-rank test stands in where they are not.
    """
    course = _course(hazard_ratio, control, accrual, dropout, ratio)
    method = _method(method, hazard_ratio, follow_up, margin)
    shown = hazard_ratio.values[0] / margin
    T = accrual.duration + follow_up
    events = sum(course.events(T))
    times = [_time_of(course, rate * events, T) for rate in looks.information]
    drifts = [drift(course, time) for time in times]
    mean, n_fixed, n_max = _sizes(looks, shown, ratio, method, events, drifts)
    n = n_max * accrual.share(np.array(times))
    D = looks.information * n_max * events
    benefit = np.sign(drifts[-1].z) if margin == 1 else -np.sign(np.log(shown))
    at_bound = margin * np.exp(-benefit * looks.critical_values * (1 + ratio) / np.sqrt(ratio * D))
    more = {"time": times, "average_hazard_ratio": [one.average_hazard_ratio for one in drifts]}
    return Design(
        endpoint="survival",
        method=f"log-rank test, {_tested(margin)}{method}, {bounds_in_words(looks)}",
        formula=f"{_formula(method, margin)}; n = events / P(event by accrual + follow-up)",
        source=f"{SOURCE[method]}; inflation: Jennison and Turnbull 2000",
        looks=looks,
        ratio=ratio,
        assumptions=_assumptions(hazard_ratio, course, follow_up, margin),
        effect_scale="hazard ratio",
        n_fixed=float(n_fixed),
        n_max=float(n_max),
        events=float(D[-1]),
        expected_n=expected(looks, n, mean),
        expected_events=expected(looks, D, mean),
        notes=_side(shown, margin) + _notes(looks, hazard_ratio, accrual, n_max),
        analyses=analyses(looks, n, at_bound, mean, events=D.tolist(), **more),
    )


def _side(shown: float, margin: float) -> tuple[str, ...]:
    """Which side of the margin is shown."""
    side = "below" if shown < 1 else "above"
    return () if margin == 1 else (f"Shown is a hazard ratio {side} {margin:g}.",)


def _tested(margin: float) -> str:
    return "" if margin == 1 else f"against a hazard ratio of {margin:g}, "


def _formula(method: str, margin: float) -> str:
    return FORMULA[method] if margin == 1 else FORMULA[method].replace("ln(HR)", "ln(HR/margin)")


def _sizes(
    looks: Looks, HR: float, ratio: float, method: str, events: float, drifts: list[Drift]
) -> tuple[np.ndarray, float, float]:
    """E[Z] at each look, people of a design with one look and with all; events are a share."""
    if method == "expected-score":
        return _by_score(looks, np.array([one.z for one in drifts]))
    per_drift = events_per_drift(HR, ratio, method) / events
    mean = looks.drift * np.sqrt(looks.information)
    return mean, looks.fixed_drift**2 * per_drift, looks.drift**2 * per_drift


def events_per_drift(HR: float, r: float, method: str) -> float:
    """Events over the square of E[Z]; formulas as ``FORMULA`` gives them."""
    if method == "schoenfeld":
        return (1 + r) ** 2 / (r * np.log(HR) ** 2)
    if method == "freedman":
        return (1 + r * HR) ** 2 / (r * (1 - HR) ** 2)
    return (1 + r) ** 2 * (1 + HR) ** 2 / (4 * r * (1 - HR) ** 2)


def _by_score(looks: Looks, z: np.ndarray) -> tuple[np.ndarray, float, float]:
    """E[Z] at each look, and people of one look and of all; z is E[Z] / sqrt(n)."""
    if abs(z[-1]) < 1e-6:
        raise InputError(
            "Over the whole trial the hazard ratios cancel, and the log-rank test sees no effect; "
            "change the follow-up or the test."
        )
    z = z * np.sign(z[-1])

    def short(n: float) -> float:
        return looks.crossing(np.sqrt(n) * z).upper.sum() - looks.power

    n_fixed = (looks.fixed_drift / z[-1]) ** 2
    high = n_fixed
    while short(high) < 0:
        high *= 2
        if high > 1e4 * n_fixed:
            raise InputError(
                "No number of people reaches the power: early looks stop the trial for futility "
                "before the effect shows. Look later or lower the futility bounds."
            )
    n = optimize.brentq(short, 1e-3 * n_fixed, high, xtol=1e-9 * n_fixed)
    return np.sqrt(n) * z, n_fixed, n


def _course(
    hazard_ratio: Piecewise,
    control: Piecewise,
    accrual: Accrual,
    dropout: tuple[Piecewise, Piecewise],
    ratio: float,
) -> Course:
    even_enough(ratio)
    for value in hazard_ratio.values:
        positive("hazard ratio", value)
        between("hazard ratio", value, 1e-3, 1e3)
    if not max(control.values) > 0 or min(control.values) < 0:
        raise InputError("The control hazard is not above zero; without events nothing is learnt.")
    changes = tuple(sorted({*hazard_ratio.changes, *control.changes}))
    starts = np.array([0.0, *changes])
    treated = Piecewise(tuple((hazard_ratio.at(starts) * control.at(starts)).tolist()), changes)
    return Course(Arm(treated, dropout[0]), Arm(control, dropout[1]), accrual, ratio)


def _method(wanted: str, hazard_ratio: Piecewise, follow_up: float, margin: float) -> str:
    """The method, by default the one that fits; refused where it cannot be used."""
    proportional = len(set(hazard_ratio.values)) == 1
    method = wanted or ("schoenfeld" if proportional else "expected-score")
    one_of("method", method, METHODS)
    if follow_up < 0 or not np.isfinite(follow_up):
        raise InputError(f"follow-up was given as {follow_up:g}; it must be 0 or above.")
    if margin != 1:
        _ensure_margin(margin, hazard_ratio.values, method)
    elif proportional and hazard_ratio.values[0] == 1:
        raise InputError(
            "A hazard ratio of 1 is no effect, and no number of people shows it; give another."
        )
    if not proportional and method != "expected-score":
        raise InputError(
            f"{method} needs one hazard ratio; for several give --method expected-score."
        )
    return method


def _ensure_margin(margin: float, values: tuple[float, ...], method: str) -> None:
    """Refuse a margin that is none, leaves nothing to show, or has no formula here."""
    positive("margin", margin, "It is the hazard ratio under H0; 1 is no margin.")
    between("margin", margin, 1e-3, 1e3)
    if method != "schoenfeld" or len(set(values)) > 1:
        raise InputError(
            "A margin needs one hazard ratio and --method schoenfeld; leave --margin out, or"
            " --method and pieces of the hazard ratio."
        )
    if abs(np.log(values[0] / margin)) < 1e-12:
        raise InputError(
            f"A hazard ratio of {values[0]:g} with a margin of {margin:g} leaves nothing to show;"
            " give a wider margin."
        )


def _time_of(course: Course, events: float, T: float) -> float:
    """The calendar time by which so many events (as a share of people) are expected."""
    if sum(course.events(T)) <= events:
        return T
    return optimize.brentq(lambda t: sum(course.events(t)) - events, 1e-9 * T, T, xtol=1e-10 * T)


def _assumptions(
    hazard_ratio: Piecewise, course: Course, follow_up: float, margin: float
) -> dict[str, Any]:
    D_1, D_0 = course.events(course.accrual.duration + follow_up)
    pieces = {
        "hazard_ratio": hazard_ratio,
        "hazard_control": course.control.event,
        "accrual_rate": course.accrual.rate,
        "dropout_hazard_treatment": course.treatment.dropout,
        "dropout_hazard_control": course.control.dropout,
    }
    return (
        {name: dict(vars(rate)) for name, rate in pieces.items()}
        | {
            "accrual": course.accrual.duration,
            "follow_up": follow_up,
            "event_probability_treatment": D_1 / course.shares[0],
            "event_probability_control": D_0 / course.shares[1],
        }
        | ({} if margin == 1 else {"margin": margin})
    )


def _notes(looks: Looks, hazard_ratio: Piecewise, accrual: Accrual, n: float) -> tuple[str, ...]:
    notes = []
    if accrual.rate.changes:
        people = float(accrual.rate.total(accrual.duration))
        notes.append(
            f"The rates given recruit {people:g} people in {accrual.duration:g}; this design needs "
            f"{n:.1f}, so rates {n / people:.2f} times as high. Only their shape was used."
        )
    if looks.futility.spending and len(set(hazard_ratio.values)) > 1:
        notes.append(
            "Futility bounds spend beta under a constant hazard ratio; under the hazard ratios "
            "given, the power is computed with these bounds, but the beta spent differs."
        )
    return tuple(notes)


def hazard_of_median(median: float) -> Piecewise:
    """A constant hazard, ln 2 / median."""
    positive("median-control", median, "It is the time by which half of controls have the event.")
    return Piecewise((float(np.log(2) / median),))
