"""Which people does one simulated trial hold, row by row, so that its analysis can be rehearsed?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.protocol import Arm, Protocol
from resynapse.trial.allocation import strata
from resynapse.trial.arm_run import ensure_sound
from resynapse.trial.conduct import Conduct
from resynapse.trial.pilots import arms_felt
from resynapse.trial.power.batch import CONTROL, TREATED
from resynapse.trial.power.example import Example
from resynapse.trial.power.measured import learned, written_down
from resynapse.trial.power.people import Population
from resynapse.trial.streams import Streams
from resynapse.trial.table import patients_table

NAMES = (TREATED, CONTROL)
"""The order in which arms are rehearsed"""


@dataclass(frozen=True)
class ArmRows:
    """People of one arm of one trial."""

    arm: str
    label: str
    patients: pd.DataFrame
    """A row a person"""
    use_days: np.ndarray
    """[people, days]"""
    treated_day: float = np.nan
    """d from entry on which the protocol first treats the arm; NaN where nothing is given"""


def first_treated(arm: Arm) -> float:
    """Day of the arm's first dose, placebo too, d from entry; without doses that of its first
    medication, without both of its first session, without all three NaN.

    What waits for a decision rule counts only where nothing else is given.
    """
    doses = [(one.days[0], one.if_rule) for one in arm.doses]
    medications = [(one.start_day, one.if_rule) for one in arm.medications]
    sessions = [(min(one.days), None) for one in arm.therapies if one.days]
    for given in (doses, medications, sessions):
        sure = [day for day, rule in given if rule is None]
        if given:
            return float(min(sure or [day for day, _ in given]))
    return np.nan


def rehearsed(
    population: Population, whole: Population, example: Example, people: int, draw: int | None
) -> list[ArmRows]:
    """Treated and control people of an example, with everything that the protocol measures.

    ``whole`` is the population of the protocol before it was cut to one endpoint; the same people
    go through it, with what they know of the arms taken from ``population``. With a conduct, it
    is what the trial learns at visits, which are drawn anew for the whole protocol.
    """
    protocol, seed = whole.at(draw), whole.seed
    patient = whole.patient("as asked", draw)
    felt = arms_felt(population.at(draw), patient, seed)
    conduct = Conduct(protocol, patient, seed, backend=whole.backend)
    found = []
    rows = (example.treated, example.control)
    for arm, name, chosen in zip(protocol.arms[::-1], NAMES, rows, strict=True):
        plan = conduct.plan(arm)
        through = conduct.prepared(arm, felt[arm.id], plan)
        tables, used = [], []
        for chunk in conduct.sent(through, plan, example.batch * people, people):
            ensure_sound(chunk, plan, arm, conduct.patient)
            tables.append(patients_table(protocol, arm, patient, plan, chunk, seed))
            used.append(chunk.use_days)
        both = pd.concat(tables, ignore_index=True), np.concatenate(used)
        table, days = _as_seen(whole, example.batch * people, *both)
        own = _at_sites(protocol, table.iloc[chosen].reset_index(drop=True), example.sites[name])
        found.append(ArmRows(arm.id, arm.label, own, days[chosen], first_treated(arm)))
    return found


def _at_sites(protocol: Protocol, table: pd.DataFrame, sites: np.ndarray | None) -> pd.DataFrame:
    """People with their ``site`` and the ``stratum`` in which they were randomised, in words."""
    how = protocol.conduct
    if how is None or sites is None:
        return table
    entered = table.assign(site=np.array(how.site_names, dtype=object)[sites])
    return entered.assign(stratum=strata(entered, how.randomisation.strata))


def _as_seen(
    whole: Population, first: int, table: pd.DataFrame, used: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """What a trial with the protocol's conduct learns at visits; everything without one."""
    how = whole.protocol.conduct
    if how is None:
        return table, used
    known = learned(table, used, how, Streams(whole.seed, first))
    return written_down(known), known.use_days.astype(np.uint8)
