"""Do the sets that ship keep people of CTN-0027 in treatment, and using, as the trial saw them?

The bar, set beforehand: retention and weekly urine states of both arms within five points. Judged
as a run of the library's protocol has it: draws of the sets that ship, all that is its site's own
in the row of the fit that the rest is of; people who were in no fit. Urines are missed as the
package's visits say, and once more as often as the trial's own fit has it, at its medians.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from scipy.special import expit

from resynapse import __version__
from resynapse.evidence.ctn0094 import checksums
from resynapse.evidence.ctn0094.in_treatment import QUANTITIES
from resynapse.inference.at_once import in_order
from resynapse.inference.stage_fit import Check, Listener
from resynapse.inference.stages.medications import cell_checks, five
from resynapse.inference.treated_course import DAYS, SEED, WHILE_IN_TREATMENT, treated_course
from resynapse.inference.treated_data import ARMS, everybody
from resynapse.inference.treated_numbers import OF_VISITS, PROTOCOL
from resynapse.inference.weekly_urines import Screen, states
from resynapse.protocol import load
from resynapse.protocol.conduct import Urine, Visits
from resynapse.trial.fitted import fitted_at
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import CALIBRATED, FILES, holds, shipped_set
from resynapse.trial.site_draws import at_draw

DRAWS, PEOPLE = 128, 1536
FIRST = 4_000_000
"""number of the first person; those of the fit have numbers below a million"""
TABLES = ("weeks_in_treatment.csv", "weekly_urine.csv")
COMMAND = "resynapse validate --weeks"
STAGE = "medications"


@dataclass(frozen=True)
class WeeksJudged:
    """Every share of the trial beside what a run of it gives."""

    retention: tuple[Check, ...]
    urines: tuple[Check, ...]
    own_visits: tuple[Check, ...]
    """the urines, missed as often as the trial's own fit has it"""
    model: str
    """hash of the model that was run"""
    sets: Mapping[str, str]
    """by stage, the content of the set that was drawn from"""
    tables: Mapping[str, str]
    """checksum of each derived table"""
    made: Mapping[str, Any]
    """by which command, when, and from how many people and draws"""


def judge(progress: Listener, draws: int = DRAWS, people: int = PEOPLE) -> WeeksJudged:
    """Run both arms at draws of the sets that ship; nobody is in two draws."""
    protocol = load(PROTOCOL)
    fitted = fitted_at(CALIBRATED, protocol)
    assert fitted is not None
    numbers = np.linspace(0, len(fitted.draws) - 1, draws).astype(int).tolist()

    def course(k: int) -> np.ndarray:
        here = at_draw(protocol, fitted, numbers[k])
        return treated_course(here, fitted.row(numbers[k]), people, FIRST + k * people)

    found = []
    for one in in_order(course, range(draws)):
        found.append(one)
        progress(len(found) / draws, f"{PROTOCOL}, draw {len(found)} of {draws}")
    return judged(np.array(found), people)


def judged(statistics: np.ndarray, people: int) -> WeeksJudged:
    """Statistics of people, [draws, arms, SIZE], against what was seen."""
    sums = checksums()
    begun, used = np.split(statistics[..., WHILE_IN_TREATMENT:], 2, axis=-1)
    cells, own = (np.asarray(states(begun, used, one)) for one in (screen(), own_screen()))
    disorder = load(PROTOCOL).disorder
    drawn = {name: shipped_set(name).content for name in FILES if holds(name, disorder)}
    made = {
        "command": COMMAND, "version": __version__,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"), "seed": SEED, "draws": len(statistics),
        "people_per_arm": people, "first_person": FIRST,
    }  # fmt: skip
    return WeeksJudged(
        _retention(statistics), tuple(cell_checks(cells)), tuple(cell_checks(own)), model_hash(),
        drawn, {name: sums[name] for name in TABLES}, made,
    )  # fmt: skip


def screen() -> Screen:
    """How urines show use, missed as the package's visits say."""
    visits = Visits()
    return Screen.of(Urine(), visits.missed, visits.missed_using)


def own_screen() -> Screen:
    """The same, missed as often as the trial's own fit has it."""
    return Screen.of(Urine(), *own_missed())


def own_missed() -> tuple[float, float]:
    """Shares of visits that give no urine without use and with it, in the trial's own fit."""
    own = {one["name"]: one["median"] for one in shipped_set(STAGE).made["own_to_a_site"]}
    without, using = (float(expit(own[one.name])) for one in OF_VISITS)
    return without, using


def _retention(statistics: np.ndarray) -> tuple[Check, ...]:
    seen = everybody().shares
    return tuple(
        five(f"{arm}, {QUANTITIES[j]}", float(seen[k, j]), statistics[:, k, j])
        for k, arm in enumerate(ARMS)
        for j in range(len(DAYS))
    )
