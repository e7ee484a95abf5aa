"""Why do the arms differ in the model: drug, block, surge, window, and the two pathways?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.protocol.vocabulary import KETAMINES
from resynapse.protocol.without_use import uses
from resynapse.report.arms import ArmStyle
from resynapse.report.concentration import NG_PER_ML, Unit, unit
from resynapse.report.drawing.ticks import MONTH
from resynapse.report.figure import Figure
from resynapse.report.panel import Clock, Panel, panel
from resynapse.report.sections.opening import LONG

if TYPE_CHECKING:
    from resynapse.trial.result import Result

LABEL = "Model quantity. No human study has shown this."
IMAGING = "Imaging of synapse density at 24\u00a0h was negative in people."
ACUTE_END = 240.0
AFTER_LAST = 21.0
"""The window is followed for so many days after the last dose of ketamine"""
SHORTEST, LONGEST = 28.0, 84.0
SINCE_DOSE = "from the first dose"


def acute_panels(result: Result, unit: Unit = NG_PER_ML) -> tuple[Panel, ...]:
    """The first hours after the first dose."""
    minutes = infusion(result)
    common: dict = {
        "clock": "minutes",
        "end": ACUTE_END,
        "since": SINCE_DOSE,
        "infusion": minutes,
    }
    return (
        Panel(
            "arterial_ketamine",
            "Ketamine in arterial blood",
            unit.name,
            said=f"Ketamine in arterial blood, {unit.name}",
            scale=unit.per_ng_mL,
            log=unit.log,
            **common,
        ),
        Panel(
            "block_interneuron",
            "NMDA block of interneurons",
            "share of channels, 0 to 1",
            said="NMDA block of interneurons, share of channels",
            whole=1.0,
            label=LABEL,
            **common,
        ),
        Panel(
            "surge",
            "Glutamate surge",
            "increase, share of the resting rate",
            said="Glutamate surge",
            label=LABEL,
            **common,
        ),
    )


def closer_panels(result: Result, shown_in: Unit = NG_PER_ML) -> tuple[Panel, ...]:
    """The first hours again: venous blood, metabolites and the other pools of channels."""
    common: dict = {
        "clock": "minutes", "end": ACUTE_END, "since": SINCE_DOSE, "infusion": infusion(result),
    }  # fmt: skip
    drugs = tuple(
        Panel(
            f"venous_{drug}", f"{drug.capitalize()} in venous blood", shown_in.name,
            said=f"{drug.capitalize()} in venous blood, {shown_in.name}",
            scale=unit(shown_in.name, drug).per_ng_mL, log=shown_in.log, **common,
        )
        for drug in ("ketamine", "norketamine", "hydroxynorketamine")
    )  # fmt: skip
    pools = tuple(
        Panel(
            f"block_{pool}", f"NMDA block {words}", "share of channels, 0 to 1",
            said=f"NMDA block {words}, share of channels", whole=1.0, label=LABEL, **common,
        )
        for pool, words in (("pyramidal", "of pyramidal cells"), ("resting", "at rest"))
    )  # fmt: skip
    return *drugs, *pools


def window_panels(result: Result) -> tuple[Panel, ...]:
    """The days that follow a dose."""
    end = window_end(result)
    doses = dose_days(result, end)
    triangles = "Triangles: doses of ketamine." if doses else ""
    common: dict = {"clock": "days", "end": end, "doses": doses, "label": LABEL}
    return (
        Panel(
            "window",
            "Plasticity window",
            "0 to 1",
            said="Plasticity window",
            note=triangles,
            **common,
        ),
        Panel(
            "sustained",
            "Sustained synaptic state",
            "0 to 1",
            said="Sustained synaptic state",
            note=IMAGING,
            **common,
        ),
    )


def pathway_panels(result: Result) -> tuple[Panel, ...]:
    """The months in which old and new pathways compete."""
    length = result.protocol.follow_up_days
    clock: Clock = "months" if length > LONG else "days"
    end = length / MONTH if clock == "months" else length
    common: dict = {"clock": clock, "end": end, "label": LABEL, "whole": 1.0}
    told = (
        ("drug_memory", "Old", "drug memory", "The association of cues with the drug."),
        ("recovery", "New", "recovery", "What therapy and abstinent living teach."),
        ("extinction", "New", "extinction", "Learning that cues no longer lead to the drug."),
    )
    return tuple(
        Panel(
            variable,
            f"{age} pathway: {words}",
            "strength, 0 to 1",
            said=words.capitalize(),
            note=note,
            **common,
        )
        for variable, age, words, note in told
    )


def mechanism(
    result: Result, arms: tuple[ArmStyle, ...], unit: Unit = NG_PER_ML
) -> tuple[Figure, ...]:
    """Every panel that the run can fill, from minutes to months; ``unit`` of concentrations."""
    return drawn(result, arms, panels(result, unit))


def drawn(
    result: Result, arms: tuple[ArmStyle, ...], specs: tuple[Panel, ...]
) -> tuple[Figure, ...]:
    """Those of these panels that the run can fill."""
    figures = (panel(result, arms, spec) for spec in specs)
    return tuple(figure for figure in figures if figure is not None)


def panels(result: Result, unit: Unit = NG_PER_ML) -> tuple[Panel, ...]:
    """What the section draws."""
    return (*acute_panels(result, unit), *window_panels(result), *pathway_panels(result))


def why_words(result: Result) -> str:
    """What the section shows; which of it stays at zero."""
    if not uses(result.protocol):
        return "From the dose to the sustained state that lifts mood, over minutes and days."
    if dose_days(result, result.protocol.follow_up_days):
        return "From the dose to the two pathways, over minutes, days and months."
    return (
        "No arm has ketamine: its concentration, the block, the surge and the window stay at zero "
        "and are not drawn. What is left are the two pathways over months."
    )


def infusion(result: Result) -> float:
    """Minutes of the first dose, where all arms that get one share it; 0 otherwise."""
    firsts = set()
    for arm in result.protocol.arms:
        timed = sorted((min(dose.days), dose.minutes) for dose in arm.doses)
        firsts |= {timed[0][1]} if timed else set()
    return float(firsts.pop()) if len(firsts) == 1 else 0.0


def dose_days(result: Result, end: float) -> tuple[float, ...]:
    """Days on which any arm gets ketamine, up to a day."""
    days = {
        float(day)
        for arm in result.protocol.arms
        for dose in arm.doses
        if dose.drug in KETAMINES
        for day in dose.days
    }
    return tuple(sorted(day for day in days if day <= end))


def window_end(result: Result) -> float:
    """Until the window has closed after the last dose, as far as people are followed."""
    follow_up = result.protocol.follow_up_days
    last = max(dose_days(result, LONGEST), default=0.0)
    return min(follow_up, max(SHORTEST, last + AFTER_LAST))
