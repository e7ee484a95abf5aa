"""How much of ketamine in blood is S, and how much is R, and in which arms is there none?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.report.arms import ArmStyle, some
from resynapse.report.concentration import NG_PER_ML, Unit, unit
from resynapse.report.curves import curve
from resynapse.report.figure import Figure
from resynapse.report.panel import NOTHING, Panel, panel
from resynapse.report.sections.mechanism import ACUTE_END, KETAMINES, SINCE_DOSE, infusion
from resynapse.report.wording import listed, sentence_case

if TYPE_CHECKING:
    from resynapse.trial.result import Result

PLACES = (
    ("arterial", "ketamine", "arterial blood"),
    ("venous", "ketamine", "venous blood"),
    ("venous", "norketamine", "venous blood"),
    ("venous", "hydroxynorketamine", "venous blood"),
)
SIDES = ("s", "r")
ALONE = {"s": "arketamine", "r": "esketamine"}
"""the drug that has none of this enantiomer"""


def enantiomer_panels(result: Result, shown_in: Unit = NG_PER_ML) -> tuple[Panel, ...]:
    """S and R of each kind beside one another, on the same axis; none where a run has only both."""
    found = []
    for place, drug, where in PLACES:
        names = [f"{place}_{side}_{drug}" for side in SIDES]
        if names[0] not in result.acute:
            return ()
        each = unit(shown_in.name, drug).per_ng_mL
        highest = max(each * _highest(result, name, arm) for name in names for arm in result.arms)
        found += [_spec(result, name, drug, where, shown_in, each, highest) for name in names]
    return tuple(found)


def enantiomers(
    result: Result, arms: tuple[ArmStyle, ...], shown_in: Unit = NG_PER_ML
) -> tuple[Figure, ...]:
    """The panels, each with the arms that have this enantiomer."""
    drawn = (panel(result, having(result, arms, p), p) for p in enantiomer_panels(result, shown_in))
    return tuple(figure for figure in drawn if figure is not None)


def having(result: Result, arms: tuple[ArmStyle, ...], spec: Panel) -> tuple[ArmStyle, ...]:
    """The arms in which there is any of it."""
    return tuple(arm for arm in arms if _highest(result, spec.variable, arm.id) > NOTHING)


def none_words(result: Result, arms: tuple[ArmStyle, ...]) -> str:
    """Which enantiomer is in no drug of an arm, and why; empty where each ketamine is both."""
    if not enantiomer_panels(result):
        return ""
    said = []
    for side in SIDES:
        given = {dose.drug for arm in result.protocol.arms for dose in arm.doses}
        without = [arm.name for arm in arms if _only(result, arm.id, ALONE[side])]
        if without and ALONE[side] in given:
            named = some(without, [arm.name for arm in arms])
            other = SIDES[1 - SIDES.index(side)].upper()
            drug = sentence_case(ALONE[side])
            said.append(f"{side.upper()}-ketamine: none in {named}. {drug} is {other} alone.")
    return " ".join(said)


def _only(result: Result, arm: str, drug: str) -> bool:
    """Whether this is the only ketamine that the arm is given."""
    given = {dose.drug for dose in result.protocol.arm(arm).doses}
    return given & set(KETAMINES) == {drug}


def _highest(result: Result, name: str, arm: str) -> float:
    return float(curve(result.acute, name, arm).until(ACUTE_END).high.max())


def _spec(
    result: Result, name: str, drug: str, where: str, shown_in: Unit, each: float, highest: float
) -> Panel:
    side = name.split("_")[1].upper()
    title = f"{side}-{drug} in {where}"
    without = [a.label or a.id for a in result.protocol.arms if _highest(result, name, a.id) <= 0.0]
    note = f"None in {listed(without)}." if without else ""
    return Panel(
        name, title, shown_in.name, clock="minutes", end=ACUTE_END, since=SINCE_DOSE,
        infusion=infusion(result), said=f"{title}, {shown_in.name}", scale=each, room=highest,
        note=note, log=shown_in.log,
    )  # fmt: skip
