"""Who has depression and uses no drug: which numbers of the model hold for them?

The equations are the same. These numbers leave of the chain what reaches mood without a drug of
abuse: load and stress against the lift by the block in the habenula, the sustained state, belief
and an antidepressant. They stand beside the packs of disorders of use and not among them, as no
stage was fitted to runs of these people: stage d followed the two states that lift mood, which no
number here moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.population.disorder import Row, apply, pack
from resynapse.protocol.vocabulary import WITHOUT_USE
from resynapse.protocol.without_use import uses

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.trial.courses import Courses

_NONE: Final = "these people use no drug: what use and abstinence do to mood is not in them"
_NEVER: Final = "these people use no drug"
ROWS: Final = (
    Row("depression", "mood.trait", 0.45, "1", "assumed",
        "27 MADRS points, with stress some 28: people who enter trials have 25 to 33"),
    Row("depression", "mood.allostatic_weight", 0.0, "1", "derived", _NONE),
    Row("depression", "mood.withdrawal_weight", 0.0, "1", "derived", _NONE),
    Row("depression", "mood.opioid_weight", 0.0, "1", "derived", _NONE),
    Row("depression", "mood.recovery_weight", 0.0, "1", "derived", _NONE),
    Row("depression", "lapse.baseline", 0.0, "1/d", "derived", _NEVER),
    Row("depression", "lapse.uncommitted", 0.0, "1/d", "derived", _NEVER),
    Row("depression", "dropout.baseline", 0.0, "1/d", "assumed",
        "who leaves these trials was not read; everyone is measured"),
)  # fmt: skip
"""What differs from heroin, the base"""
STAGES: Final = ("mood",)
"""stages whose numbers hold for these people: the others were fitted to people who use"""
SHOWN: Final = (
    *(name for name in NAMES if name.startswith(("arterial", "venous", "block", "mood"))),
    *("surge", "dissociation", "pressure_rise", "sedation", "window", "sustained"),
    *("habenula_block", "expectancy"),
)
"""quantities that these people have"""
NOT_THEIRS: Final = (
    "committed", "first_use_day", "relapse_day", "dropout_day", "medication_stop_day", "bouts",
    "sessions_attended", "overdose_deaths_expected", "days_in_community", "community_day",
)  # fmt: skip
"""columns of the table of people that say nothing of people who use no drug"""
RATED: Final = ("craving_vas_day_", "withdrawal_cows_day_")


def own_numbers(disorder: str) -> dict[str, float]:
    """Path -> value of the numbers that a disorder sets, of use or not."""
    if disorder in WITHOUT_USE:
        return {row.path: row.value for row in ROWS}
    return pack(disorder).overrides


def held(disorder: str) -> dict[str, float]:
    """What is not drawn: how depressed these people enter is known of trials, and no question."""
    level = "mood.trait"
    return {level: own_numbers(disorder)[level]} if disorder in WITHOUT_USE else {}


def patient_with(disorder: str) -> Patient:
    """The default patient with the numbers of a disorder, of use or not."""
    if disorder in WITHOUT_USE:
        return replace(Patient(), own_numbers(disorder))
    return apply(Patient(), disorder)


def holds(stage: str, disorder: str) -> bool:
    """Whether what a stage learned may be used for people who use no drug; others: always."""
    return disorder not in WITHOUT_USE or stage in STAGES


def not_theirs(column: str) -> bool:
    """Whether a column of the table of people says nothing of people who use no drug."""
    return column in NOT_THEIRS or column.startswith(RATED)


def theirs(protocol: Protocol, courses: Courses) -> Courses:
    """Courses without the quantities that people who use no drug do not have."""
    return courses if uses(protocol) else courses.some(SHOWN)
