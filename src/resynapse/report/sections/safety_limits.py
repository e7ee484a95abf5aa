"""Which level of a harm is known to matter, and what is said where none is?"""

from __future__ import annotations

from dataclasses import replace

from resynapse.report.table import Cell
from resynapse.report.wording import NARROW
from resynapse.trial.estimate import Estimate

HEAD = "Limit"
MARKED_RISE = 40.0
"""mmHg of systolic pressure, the rise that the US label of nasal esketamine counts"""
LABEL = f"{MARKED_RISE:g}{NARROW}mmHg, counted in the US label of nasal esketamine"
OWN = "our own cut-off"
HALF = f"40 of 84, {OWN}"
LIMITS = {
    "dissociation_peak": f"{HALF}; no level is known to harm",
    "dissociation_above_40": f"{HALF}; no share is known to be too large",
    "pressure_peak_rise": LABEL,
    "pressure_rise_above_40": f"8{NARROW}% of people in that label, 0.5{NARROW}% without drug",
    "unresponsive": f"a chance of one half or more, {OWN}; no share is known to be safe",
    "nausea": "no limit known: trials report how many have it, not how many are too many",
    "rescue_medication": "no limit known: it follows from the protocol",
    "incarceration": "no limit known: it is no effect of a dose",
    "death": "no limit known: no number of deaths is set",
}
NONE = "no limit known"
NOT_COUNTED = "not counted in this run"
NOT_DEFINED = "not defined: nobody to count"
ONE_PERSON = "no interval: one person"
SAME = "same for all"
"""Everybody has this value, so that there is no spread to make an interval of"""
NO_INTERVAL = "no interval: none was computed"


def limit_cell(name: str) -> Cell:
    """The level of a quantity that somebody has named, or that none is known, and why."""
    return Cell(words=LIMITS.get(name, NONE))


def told(found: Estimate | None, cell: Cell) -> Cell:
    """The cell of an estimate, in which nothing is left empty without a reason."""
    if found is None:
        return Cell(words=NOT_COUNTED)
    if found.value is None:
        return Cell(words=NOT_DEFINED)
    if cell.interval:
        return replace(cell, interval=SAME) if found.n > 1 and found.low == found.high else cell
    return replace(cell, interval=ONE_PERSON if found.n == 1 else NO_INTERVAL)
