"""Which acute effects does the model carry, and which harms does it not?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from resynapse.report.arms import ArmStyle, named, some
from resynapse.report.concentration import NG_PER_ML, Unit
from resynapse.report.curves import curve
from resynapse.report.drawing import Limit
from resynapse.report.figure import Figure
from resynapse.report.names import endpoint
from resynapse.report.panel import CROWDED, Panel, panel
from resynapse.report.sections.controls_felt import CAPTION, controls
from resynapse.report.sections.mechanism import ACUTE_END, SINCE_DOSE, infusion
from resynapse.report.sections.outcomes import estimate_cell
from resynapse.report.sections.safety_limits import HEAD as LIMIT_HEAD
from resynapse.report.sections.safety_limits import MARKED_RISE, limit_cell, told
from resynapse.report.table import Cell, Row, Table
from resynapse.report.wording import NARROW, is_share, sentence_case

if TYPE_CHECKING:
    from resynapse.trial.result import Result

NOT_SAFE = "No event in the model is not the same as safe."
NOT_CARRIED = (
    "The model does not carry ketamine use disorder, urinary harm, suicidality, respiratory "
    "depression with opioids or benzodiazepines, or methadone and QT."
)
HEAD = "Acute effects"
ELSEWHERE = "overdose_deaths"
"""Stands among the outcomes"""
RESPONSE_RETURNS = 1060.0
"""ng/mL of ketamine, where people after anaesthesia respond again (1.06, SD 0.21 ug/mL)"""
NO_LEVEL = "No level is known above which dissociation harms."
NO_DEPTH = "No limit is known: it is a chance, not a depth."
MARKED = (
    f"A rise of {MARKED_RISE:g}{NARROW}mmHg is what the US label of nasal esketamine counts: "
    f"8{NARROW}% of people, 0.5{NARROW}% without drug."
)
NEAR = 0.5
"""The level is drawn where concentrations reach this share of it"""


def safety(
    result: Result, arms: tuple[ArmStyle, ...], unit: Unit = NG_PER_ML
) -> tuple[Figure, ...]:
    """Dissociation, pressure and sedation after the first dose; levels where they are high."""
    felt = f"{CAPTION} " if controls(result, arms) else ""
    figures = (
        panel(result, arms, replace(spec, note=f"{felt}{spec.note}".strip()))
        if spec.variable == "dissociation"
        else panel(result, arms, spec)
        for spec in panels(result, unit)
    )
    return tuple(figure for figure in figures if figure is not None)


def panels(result: Result, unit: Unit = NG_PER_ML) -> tuple[Panel, ...]:
    """What the section draws."""
    clock = {"clock": "minutes", "end": ACUTE_END, "since": SINCE_DOSE}
    common: dict = {**clock, "infusion": infusion(result)}
    dissociation = _rules(result, "dissociation")
    specs = (
        Panel(
            "dissociation",
            "Dissociation",
            "CADSS, 0 to 84",
            said="Dissociation, CADSS",
            whole=84.0,
            limits=dissociation,
            room=max((1.05 * limit.value for limit in dissociation), default=0.0),
            note="" if dissociation else NO_LEVEL,
            **common,
        ),
        Panel(
            "pressure_rise",
            "Rise of systolic pressure",
            "mmHg",
            said="Rise of systolic pressure, mmHg",
            limits=(Limit(MARKED_RISE, f"{MARKED_RISE:g}{NARROW}mmHg"),),
            room=MARKED_RISE + 5.0,
            note=MARKED,
            **common,
        ),
        Panel(
            "sedation",
            "Sedation",
            "chance of any sedation, 0 to 1",
            said="Chance of any sedation",
            whole=1.0,
            note=NO_DEPTH,
            **common,
        ),
    )
    return specs + _high_levels(result, common, unit)


def _high_levels(result: Result, common: dict, unit: Unit) -> tuple[Panel, ...]:
    """The concentration against loss of response, where a dose comes near it."""
    if "arterial_ketamine" not in result.acute:
        return ()
    peaks = [
        float(np.nanmax(curve(result.acute, "arterial_ketamine", str(arm)).high))
        for arm in result.acute["arm"].values
    ]
    if max(peaks) < NEAR * RESPONSE_RETURNS:
        return ()
    level = RESPONSE_RETURNS * unit.per_ng_mL
    said = f"{level:.4g}{NARROW}{unit.name}"
    return (
        Panel(
            "arterial_ketamine",
            "Ketamine and loss of response",
            f"{unit.name}, arterial",
            said=f"Ketamine in arterial blood, {unit.name}",
            limits=(Limit(level, f"response returns, {said}"),),
            room=1.1 * level,
            scale=unit.per_ng_mL,
            log=unit.log,
            note=f"People after anaesthesia responded again at {said} "
            f"(standard deviation {210.0 * unit.per_ng_mL:.3g}).",
            **common,
        ),
    )


def _rules(result: Result, quantity: str) -> tuple[Limit, ...]:
    """Thresholds of the protocol's own rules."""
    return tuple(
        Limit(rule.threshold, f"rule {rule.name}, {rule.threshold:g}")
        for rule in result.protocol.rules
        if rule.quantity == quantity and rule.threshold is not None
    )


def safety_table(result: Result, arms: tuple[ArmStyle, ...]) -> Table | None:
    """What the run counted in each arm; more than three arms below one another."""
    found = dict.fromkeys(name for arm in arms for name in result.arms[arm.id].safety)
    names = tuple(name for name in found if name != ELSEWHERE)
    if not names:
        return None
    if len(arms) <= CROWDED:
        rows = tuple(
            Row(
                _words(name, result, arms),
                (*(_cell(name, result, arm) for arm in arms), limit_cell(name)),
            )
            for name in names
        )
        heads = (HEAD, *(named(arm) for arm in arms), LIMIT_HEAD)
        names_of = (HEAD, *(arm.name for arm in arms), LIMIT_HEAD)
        return Table("Safety in the model", heads, rows, names_of)
    below: list[Row] = []
    for name in names:
        below.append(Row(_words(name, result, arms), group=True))
        below += [*_alike(name, result, arms), Row(LIMIT_HEAD, (limit_cell(name),))]
    return Table("Safety in the model", (HEAD, "Value"), tuple(below))


def _alike(name: str, result: Result, arms: tuple[ArmStyle, ...]) -> list[Row]:
    """A row an arm; arms with the same value on one row."""
    groups: dict[Cell, list[ArmStyle]] = {}
    for arm in arms:
        groups.setdefault(_cell(name, result, arm), []).append(arm)
    everyone = [arm.name for arm in arms]
    return [
        Row(
            named(group[0])
            if len(group) == 1
            else sentence_case(some([arm.name for arm in group], everyone)),
            (cell,),
        )
        for cell, group in groups.items()
    ]


def _cell(name: str, result: Result, arm: ArmStyle) -> Cell:
    found = result.arms[arm.id].safety.get(name)
    return told(found, estimate_cell(found))


def _words(name: str, result: Result, arms: tuple[ArmStyle, ...]) -> str:
    """The quantity, with its unit where its words do not tell it."""
    unit = next(s[name].unit for arm in arms if name in (s := result.arms[arm.id].safety))
    words = endpoint(name)
    told = is_share(unit) or unit in words or "per 100" in words or "CADSS" in words
    return words if told else f"{words}, {unit}"
