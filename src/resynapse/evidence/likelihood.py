"""Which published numbers may a model be fitted to?

The rule is applied here and nowhere else. A number that was recalled or stood only in a press
report is kept and shown, and never enters a likelihood; neither does one that a simulated trial
cannot yield, or one without the number of people behind it. Held-out studies and forecasts have
no numbers to fit at all.
"""

from __future__ import annotations

from resynapse.evidence.exposure import Exposure
from resynapse.evidence.study import Concentrations, EvidenceError, Number, Study
from resynapse.input_error import InputError

UNREAD = ("recalled", "press")
"""Ways of having seen a number that keep it out of every likelihood"""

NEVER_FITTED = ("held-out", "forecast")
"""Roles of studies that nothing may be fitted to"""


def why_set_aside(number: Number | Concentrations | Exposure) -> str | None:
    """Why this number may not enter a likelihood; None if it may."""
    if number.seen == "recalled":
        return "it was recalled, and read in no source"
    if number.seen == "press":
        return "it stood in a press report, not in the paper"
    if isinstance(number, Exposure):
        reason = _why_not_judged(number)
        if reason is not None:
            return reason
    elif not number.comparable:
        return "a simulated trial does not yield the same quantity"
    if number.n is None:
        return "the number of people behind it is missing"
    return None


def why_in_no_fit(study: Study, number: Number) -> str | None:
    """Why no fit uses a number that one may use; None if the study's file gives no reason."""
    if why_set_aside(number) is not None:
        return None
    reasons = (one.reason for one in study.in_no_fit if one.holds(number))
    return next(reasons, study.not_fitted)


def in_no_fit_count(study: Study) -> int:
    """Of the numbers that a fit may use, how many no fit uses."""
    return sum(why_in_no_fit(study, number) is not None for number in study.numbers)


def why_no_number(study: Study) -> str | None:
    """Why no fit uses any number of a study that is marked calibration; None if one may."""
    if study.role != "calibration" or study.not_fitted is not None:
        return study.not_fitted
    if usable_count(study):
        return None
    return "No number of it may enter a likelihood; each says why."


def _why_not_judged(exposure: Exposure) -> str | None:
    """Why a summary of concentrations is no datum of its own."""
    if exposure.role in NEVER_FITTED:
        return f"it is marked {exposure.role}"
    if exposure.informed:
        return f"the model was set with it in view ({exposure.informed}), so it would count twice"
    if exposure.reported_only:
        return f"it is shown and not judged ({exposure.reported_only})"
    return None


class NotFitted(EvidenceError, InputError):
    """A number or a study that no fit may use."""


def may_be_fitted(number: Number, name: str) -> Number:
    """The number itself; NotFitted, with the reason, if it may not enter a likelihood."""
    reason = why_set_aside(number)
    if reason is None:
        return number
    raise NotFitted(
        f"{name}, {number.endpoint} in {number.arm}: {reason}, so nothing is fitted to it."
        " Fit other numbers, or complete the study's file."
    )


def usable(study: Study) -> tuple[Number, ...]:
    """The numbers that a fit may use; NotFitted if the study was held out or is pending."""
    _fitted(study)
    return tuple(number for number in study.numbers if why_set_aside(number) is None)


def usable_concentrations(study: Study) -> tuple[Concentrations, ...]:
    """The concentrations that a fit may use; NotFitted as for ``usable``."""
    _fitted(study)
    return tuple(curve for curve in study.concentrations if why_set_aside(curve) is None)


def usable_exposures(study: Study) -> tuple[Exposure, ...]:
    """The summaries of concentrations that a fit may use; NotFitted as for ``usable``."""
    _fitted(study)
    return tuple(one for one in study.exposures if why_set_aside(one) is None)


def set_aside(study: Study) -> tuple[tuple[Number, str], ...]:
    """The numbers that no fit may use, each with the reason."""
    reasons = ((number, why_set_aside(number)) for number in study.numbers)
    return tuple((number, reason) for number, reason in reasons if reason is not None)


def usable_count(study: Study) -> int:
    """How many numbers, concentration curves and summaries of them a fit may use."""
    if study.role in NEVER_FITTED:
        return 0
    found = (usable(study), usable_concentrations(study), usable_exposures(study))
    return sum(map(len, found))


def value_count(study: Study) -> int:
    """How many numbers, concentration curves and summaries of them a study published."""
    return len(study.numbers) + len(study.concentrations) + len(study.exposures)


def _fitted(study: Study) -> None:
    if study.role in NEVER_FITTED:
        raise NotFitted(
            f"{study.id} is marked {study.role}: nothing may be fitted to it. Compare a finished "
            "fit with it through resynapse.evidence.published, or change the role of your own "
            "study in its file before any fit."
        )
