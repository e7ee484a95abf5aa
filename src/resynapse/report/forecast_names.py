"""What is a published value that was forecast called, in words a reader says aloud?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from resynapse.evidence.study import is_study, study
from resynapse.protocol import library, load
from resynapse.report.names import MEASURES, endpoint, spoken
from resynapse.report.wording import MINUS, sentence_case

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint

SAID_BY_ARMS = ("proportion", "mean", "risk_difference", "mean_difference", "percent_difference")
"""Measures that follow from whether one arm or two are named"""


def told(one: Endpoint) -> str:
    """Study, quantity, arms and, where these do not say it, the measure."""
    words = f"{source(one)}: {quantity(one)}; {arms(one)}"
    return words if one.measure in SAID_BY_ARMS else f"{words}; {measure(one)}"


def source(one: Endpoint) -> str:
    """The study as it is cited; the protocol where no study is stored."""
    return study(one.study).short_citation if is_study(one.study) else one.protocol


def quantity(one: Endpoint) -> str:
    """What was measured, with its horizon; a hyphen before a number is a minus."""
    return endpoint(one.endpoint).replace(" -", f" {MINUS}")


def measure(one: Endpoint) -> str:
    """How it was counted."""
    return MEASURES.get(one.measure, sentence_case(one.measure).lower())


def arms(one: Endpoint) -> str:
    """One arm, or one against another; an end that both share is said once."""
    named = _labels(one.protocol)
    first = named.get(one.arm, spoken(one.arm.replace("-", "_")))
    if not one.reference:
        return _within(first)
    second = named.get(one.reference, spoken(one.reference.replace("-", "_")))
    (one_arm, comma, shared), (other, _, end) = first.partition(", "), second.partition(", ")
    if not comma or shared != end:
        return f"{_within(first)} against {_within(second)}"
    return f"{_within(one_arm)} against {_within(other)}, {shared}"


@cache
def _labels(protocol: str) -> dict[str, str]:
    if protocol not in library():
        return {}
    return {arm.id: arm.label for arm in load(protocol).arms}


def _within(label: str) -> str:
    """As it stands within a sentence: no capital unless the word has more of them."""
    first = label.split(" ")[0]
    return label[:1].lower() + label[1:] if first[1:].islower() or len(first) == 1 else label
