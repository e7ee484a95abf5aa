"""Which doses and infusion times may a search look at?

A search stays within doses that were given to people in addiction trials. It does not look over
infusion time where the window depends on the area under the drug alone: there a longer infusion
costs nothing, and the search would stretch it for free.
"""

from __future__ import annotations

from collections.abc import Iterable

from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.protocol import Dose, limits

IN_ADDICTION = "human addiction trials"
LONGEST_MINUTES = 90.0
"""of an infusion of ketamine in a trial of addiction: Jovaisa 2006, 0.5 mg/kg/h over 90 min"""


def ensure_given(dose: Dose, weight_kg: float) -> None:
    """Refuse a dose that no trial of addiction gave."""
    limit = limits.limit_of(dose)
    said = limits.spoken(dose)
    if limit is None or not limit.given_in.startswith(IN_ADDICTION):
        known = "is not known from any trial" if limit is None else f"is known {limit}"
        raise InputError(
            f"{dose.amount} of {said}: a search stays within doses given in human addiction "
            f"trials, and this {known}. Start from an arm with another route."
        )
    if limits.times_limit(dose, weight_kg) > 1.0 + 1e-9:
        raise InputError(
            f"{dose.amount} of {said} is more than was given {limit}. A search stays within that; "
            "leave it out of --vary, or start from an arm that keeps to it."
        )
    if dose.route == "iv":
        _ensure_usual_time(dose, weight_kg)


def _ensure_usual_time(dose: Dose, weight_kg: float) -> None:
    speed = dose.amount.milligrams(weight_kg, dose.minutes) / weight_kg / max(dose.minutes, 1.0)
    if speed > limits.FASTEST_INFUSION * (1.0 + 1e-9):
        raise InputError(
            f"{dose.amount} over {dose.minutes:g} min is faster than any infusion of an addiction "
            "trial, 0.11 mg/kg over 2 min (Dakwar 2014); take more minutes or a lower dose."
        )
    if dose.minutes > LONGEST_MINUTES:
        raise InputError(
            f"{dose.minutes:g} min is longer than any infusion of an addiction trial, "
            f"{LONGEST_MINUTES:g} min (Jovaisa 2006); take fewer minutes."
        )


def ensure_number(infusions: int) -> None:
    """Refuse more doses than anybody got."""
    if infusions > limits.MOST_KETAMINE_DOSES:
        raise InputError(
            f"{infusions} doses of ketamine are more than one person was given in a trial of "
            f"addiction, {limits.MOST_KETAMINE_DOSES} (NCT04177706); take fewer."
        )


def ensure_time_counts(patients: Iterable[Patient]) -> None:
    """Refuse a search over infusion time where a longer infusion costs nothing.

    The drive of the window is A^n / (A^n + A_50^n) by both routes, the surge and direct block. At
    n = 1 it depends on area alone (decisions 2 and A6); at 2 and 4 both saturate.
    """
    linear = sum(float(one.window.steepness) == 1.0 for one in patients)
    if linear:
        raise InputError(
            f"--vary minutes: in {linear} of the draws of the parameters the window's steepness is "
            "1, so that its drive does not saturate and a search would stretch the infusion for "
            "free. Give --set window.steepness=2 (or 4), which makes the surge and the direct "
            "route saturate, or leave minutes out."
        )
