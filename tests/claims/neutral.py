"""How does a test show that a claim rests on a parameter?"""

from __future__ import annotations

from collections.abc import Callable

from resynapse.parameter import replace
from resynapse.patient import Patient

Values = dict[str, float]
"""parameters by path, and what they are changed to"""


def rests_on(claim: Callable[[Values], bool], neutral: Values) -> None:
    """The claim holds, and no longer does once these parameters are made neutral."""
    assert claim({}), "the claim does not hold"
    assert not claim(neutral), f"the claim still holds with {neutral}"


def with_values(values: Values) -> Patient:
    """The typical patient with these parameters."""
    return replace(Patient(), values)
