"""What can one arm not have together, since a person of the model has one body?

A person of the model has one agonist, one antagonist and one benzodiazepine in the body, and either
takes what the arm has for opioid use or does not. What asks for more would be counted as something
else: buprenorphine after methadone as so many mg of methadone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resynapse.protocol.vocabulary import (
    AGONISTS,
    ANTAGONISTS,
    BENZODIAZEPINES,
    KETAMINES,
    OPIOID_MEDICATIONS,
)

if TYPE_CHECKING:
    from resynapse.protocol.arm import Arm
    from resynapse.protocol.errors import Path
    from resynapse.protocol.treatment import Medication

Found = tuple["Path", str]
Taken = Sequence[tuple[int, "Medication"]]

ONE_VISIT: Final = 1.0 / 24.0
"""Days within which doses into the nose are taken for one visit (assumed)"""
_KINDS: Final = {"agonist": AGONISTS, "antagonist": ANTAGONISTS}


def problems(arm: Arm, place: Path) -> Iterator[Found]:
    """What one person of this arm cannot take beside something else of it."""
    taken = [(k, one) for k, one in enumerate(arm.medications) if one.drug in OPIOID_MEDICATIONS]
    where = (*place, "medications")
    for kind, drugs in _KINDS.items():
        yield from _one_of_a_kind([one for one in taken if one[1].drug in drugs], kind, where)
    yield from _alike(taken, where)
    yield from _for_everybody(arm, where)
    yield from _one_benzodiazepine(arm, (*place, "doses"))


def _one_of_a_kind(taken: Taken, kind: str, where: Path) -> Iterator[Found]:
    for index, one in taken:
        first = taken[0][1].drug
        if one.drug != first:
            yield (
                (*where, index, "drug"),
                f"{one.drug} in an arm with {first}: a person of the model has one {kind} in the"
                f" body, so that {one.amount} of {one.drug} would be counted as {first}. A change"
                f" from one to the other cannot be simulated: keep to {first}, or write an arm for"
                " each.",
            )


def _alike(taken: Taken, where: Path) -> Iterator[Found]:
    """A rule, and whether people may stop, hold for all that an arm has for opioid use."""
    for index, one in taken:
        first = taken[0][1]
        if one.if_rule != first.if_rule:
            at, ruled, other = (
                (index, one, first) if one.if_rule is not None else (taken[0][0], first, one)
            )
            yield (
                (*where, at, "if_rule"),
                f"who is on {other.drug} of this arm would be given this {ruled.drug} too, whether"
                " or not the rule fired: all medications for opioid use of an arm hang on the same"
                " rule, or none does. Give each the same if_rule, or leave it out of each; for a"
                " rule on one alone write an arm for each.",
            )
        if one.may_stop != first.may_stop:
            yield (
                (*where, index, "may_stop"),
                f"may_stop is {_yes(first.may_stop)} for {first.drug} and {_yes(one.may_stop)}"
                f" here: people of the model stop all medication for opioid use at once. Write the"
                " same for each.",
            )


def _for_everybody(arm: Arm, where: Path) -> Iterator[Found]:
    """An antidepressant is taken by all people of an arm."""
    for index, one in enumerate(arm.medications):
        if one.drug in OPIOID_MEDICATIONS:
            continue
        said = f"in the model everybody of an arm takes its {one.drug}"
        if one.if_rule is not None:
            yield (*where, index, "if_rule"), f"{said}, whatever a rule says. Leave if_rule out."
        if one.induction_failure > 0.0:
            yield (*where, index, "induction_failure"), f"{said}. Leave induction_failure out."


def _one_benzodiazepine(arm: Arm, where: Path) -> Iterator[Found]:
    given = [(k, dose.drug) for k, dose in enumerate(arm.doses) if dose.drug in BENZODIAZEPINES]
    for index, drug in given:
        if drug != given[0][1]:
            yield (
                (*where, index, "drug"),
                f"{drug} in an arm with {given[0][1]}: a person of the model has one of them in"
                " the body, and mg of the one would be counted as the other. Keep to one.",
            )


def _yes(fact: bool) -> str:
    return str(fact).lower()


def sequences(arm: Arm) -> Iterator[str]:
    """What is not carried where an arm has an agonist and an antagonist."""
    taken = [one.drug for one in arm.medications if one.drug in OPIOID_MEDICATIONS]
    kinds = {drug in AGONISTS for drug in taken}
    if len(kinds) > 1:
        names = list(dict.fromkeys(taken))
        yield (
            f"{' and '.join(names)}: how long people stay on either follows the law of"
            f" {names[0]}, which is named first, and who stops the one is not given the other."
        )


def nasal_doses(arm: Arm) -> Iterator[str]:
    """Where doses into the nose that belong to one visit are written as several."""
    given = sorted(
        (day, dose.route)
        for dose in arm.doses
        if dose.route.startswith("intranasal") and dose.drug in KETAMINES
        for day in dose.days
    )
    if any(later - earlier < ONE_VISIT for (earlier, _), (later, _) in pairwise(given)):
        yield (
            "doses into the nose less than an hour apart are each taken up as a first dose, and the"
            " nose takes up less of what follows: write what is given at one visit as one dose"
            " (two devices of esketamine as 56 mg; as twice 28 mg its level is about 12 % higher)."
        )
