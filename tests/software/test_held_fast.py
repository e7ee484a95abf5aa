"""Is no derivative given with respect to what acts through what is held fast?"""

import pytest

from resynapse.inference.gradient import GradientError, outcome
from resynapse.inference.held_fast import held_fast
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.trial.conduct import Conduct
from software.small_trial import TEXT

INJECTED = TEXT.replace("0.5 mg/kg iv over 40 min", "0.5 mg/kg im")
"""what of a dose gets into the blood is written into the plan"""
POOR = TEXT + "population: {liver: mild}\nseverity: {craving: severe}\n"
"""what slows a liver is told of people before they are drawn"""
ASKED = (
    "absorption.intramuscular", "covariates.mild_liver_disease", "people.severe",
    "dropout.follow_up_factor", "craving.time_constant", "s_enantiomer.intrinsic_clearance",
)  # fmt: skip


def conducted(text):
    protocol = parse(text, "test")
    return Conduct(protocol, Patient(), 3, backend="xla"), protocol.arm("all")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (TEXT, ["dropout.follow_up_factor"]),
        (INJECTED, ["absorption.intramuscular", "dropout.follow_up_factor"]),
        (POOR, ["covariates.mild_liver_disease", "people.severe", "dropout.follow_up_factor"]),
    ],
    ids=["infused", "injected", "with liver disease and severe craving"],
)
def test_what_the_plan_or_the_covariates_depend_on_is_found(text, held):
    conduct, arm = conducted(text)

    assert list(held_fast(conduct, arm, ASKED, 4)) == held


def test_a_derivative_that_would_be_wrong_is_refused_in_a_sentence():
    conduct, arm = conducted(INJECTED)

    with pytest.raises(
        GradientError, match=r"^absorption.intramuscular: the plan of the arm, at some time"
    ):
        outcome(conduct, arm, ["craving.time_constant", "absorption.intramuscular"], 2, 2.0)
