"""What does the dissociation of an arm without ketamine stand for, where it is drawn at 0?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.protocol.vocabulary import BENZODIAZEPINES
from resynapse.report.arms import ArmStyle, some
from resynapse.report.wording import NARROW, listed, sentence_case

if TYPE_CHECKING:
    from resynapse.protocol import Arm
    from resynapse.trial.result import Result

CAPTION = "Of ketamine alone: what is felt of a control is not drawn."
SEDATED, SALINE = "dissociation.after_midazolam", "dissociation.after_saline"


def controls(result: Result, arms: tuple[ArmStyle, ...]) -> list[ArmStyle]:
    """Arms in which doses are given, and none is ketamine."""
    dosed = {arm.id for arm in _dosed(result)}
    return [arm for arm in arms if arm.id in dosed]


def controls_felt(result: Result, arms: tuple[ArmStyle, ...]) -> str:
    """That 0 is ketamine's own, and what the model takes a control to be felt as; or nothing.

    Only where people guess from it what they were given: masked, and belief not switched off.
    """
    found, plan = controls(result, arms), result.protocol
    if not found or plan.blinding == "open" or plan.switches.expectancy is False:
        return ""
    given = _dosed(result)
    value = {row["path"]: row["value"] for row in result.parameters_table}
    drugs = dict.fromkeys(dose.drug for arm in given for dose in arm.doses)
    told = [(SEDATED, drug) for drug in drugs if drug in BENZODIAZEPINES]
    if any(not any(dose.drug in BENZODIAZEPINES for dose in arm.doses) for arm in given):
        told.append((SALINE, "saline"))
    peaks = [f"{drug} {value[path]:g}{NARROW}CADSS" for path, drug in told if path in value]
    assumed = f", {listed(peaks)} at its peak in the median person," if peaks else ""
    names = sentence_case(some([arm.name for arm in found], [arm.name for arm in arms]))
    return (
        f"Dissociation is that of ketamine alone. {names}: 0 in table and figure does not say that"
        f" nothing is felt. What is felt of a control is an assumption{assumed} which acts on what"
        " people believe they were given and nowhere else."
    )


def _dosed(result: Result) -> list[Arm]:
    return [arm for arm in result.protocol.arms if arm.doses and not arm.has_ketamine]
