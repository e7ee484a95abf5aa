"""What of one simulated person's state does the picture of the circuit show, minute by minute?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.trial.arm_run import ArmRun
from resynapse.trial.plan import MINUTES
from resynapse.trial.result import Result

LATE = 14.0
"""day after which a return to use lets both the fading and the growing be seen"""
MINUTES_END = 240.0
RETURNED = "the first in the reference arm who first returned to use after two weeks"
NOBODY_LATE = (
    "the first of all, as nobody in the reference arm first returned to use after two weeks"
)
WEEK = 7.0
"""days over which use is averaged"""
DIGITS = 3


@dataclass(frozen=True)
class Edge:
    """A connection: from, to, how far its curve bends, and what it does."""

    start: str
    end: str
    bend: int
    sign: str
    meaning: str


EDGES = (
    Edge("BLA", "NAc", -10, "drive", "cue: the old pathway, W (1 \u2212 chi X)"),
    Edge("vHPC", "NAc", -4, "drive", "context: 0.8 of the old pathway"),
    Edge("vmPFC", "NAc", -14, "drive", "drug value: 0.7 W"),
    Edge("insula", "NAc", -12, "drive", "urge: 0.6 of the old pathway, 0.4 of withdrawal"),
    Edge("VTA", "NAc", -8, "drive", "reward: the opioid effect, while using"),
    Edge("NAc", "DLS", -30, "drive", "habit: use, averaged over a week"),
    Edge("dlPFC", "NAc", -14, "brake", "control K"),
    Edge("dlPFC", "DLS", -44, "brake", "recovery R"),
    Edge("vmPFC", "CeA", 26, "brake", "extinction X"),
    Edge("CeA", "BNST", 10, "drive", "stress of withdrawal"),
    Edge("BNST", "VTA", -16, "brake", "stress of withdrawal"),
    Edge("LHb", "RMTg", 12, "brake", "anti-reward: low mood that ketamine does not hold"),
    Edge("RMTg", "VTA", -16, "brake", "anti-reward: low mood that ketamine does not hold"),
    Edge("LHb", "DRN", -22, "brake", "anti-reward: low mood that ketamine does not hold"),
    Edge("LC", "BNST", -44, "drive", "somatic withdrawal"),
)


def circuit(result: Result, runs: dict[str, ArmRun], patient: Patient) -> dict[str, Any]:
    """One person under every arm, with the same chance events, as numbers from 0 to 1."""
    number, chosen = _person(result)
    minutes = result.acute["minute"].values
    days = result.chronic["day"].values
    return {
        "person": number + 1,
        "chosen": chosen,
        "edges": [vars(edge) for edge in EDGES],
        "minutes": _list(minutes[minutes <= MINUTES_END]),
        "days": _list(days),
        "end": result.protocol.follow_up_days,
        "arms": {id: _arm(run, number, days, patient) for id, run in runs.items()},
    }


def _person(result: Result) -> tuple[int, str]:
    """The first who returns to use late in the reference arm, or the first; and which it is."""
    table = result.arms[result.protocol.reference].patients
    late = np.flatnonzero(table["first_use_day"].to_numpy(float) > LATE)
    return (int(late[0]), RETURNED) if len(late) else (0, NOBODY_LATE)


def _arm(run: ArmRun, number: int, days: np.ndarray, patient: Patient) -> dict[str, Any]:
    use = run.result.use_days[number].astype(float)
    weekly = averaged(use)
    at = np.clip(np.floor(days).astype(int), 0, len(weekly) - 1)
    uses = weekly[at]
    short = run.minutes[:, :, number].astype(float)
    early = sum(minute <= MINUTES_END for minute in MINUTES[: len(short)])
    return {
        "minutes": _shown(short[:early], np.full(early, uses[0]), patient),
        "days": _shown(run.days[:, :, number].astype(float), uses[: len(run.days)], patient),
        "lapses": [float(day) for day in _starts(use)],
    }


def averaged(use: np.ndarray) -> np.ndarray:
    """dU/dt = (use - U) / 7 d, at the end of each day."""
    kept, found = np.exp(-1.0 / WEEK), np.zeros(len(use))
    level = 0.0
    for day, used in enumerate(use):
        level = kept * level + (1.0 - kept) * used
        found[day] = level
    return found


def _starts(use: np.ndarray) -> np.ndarray:
    """Days of use after one without."""
    before = np.concatenate([[0.0], use[:-1]])
    return np.flatnonzero((use > 0.0) & (before == 0.0))


def _shown(records: np.ndarray, uses: np.ndarray, patient: Patient) -> dict[str, list]:
    """Strength of every edge, and the marks, at each time.

    cue = W (1 - chi X)                                                   1
    Q   = COWS / its highest, D = MADRS / its highest                     1
    """
    state = dict(zip(NAMES, records.T, strict=True))
    W, X, R = state["drug_memory"], state["extinction"], state["recovery"]
    chi, held = float(patient.craving.extinction_share), state["habenula_block"]
    cue = W * (1.0 - chi * X)
    Q = state["withdrawal"] / float(patient.scales.cows_range)
    D = state["mood"] / float(patient.scales.madrs_range)
    reward = state["using"] * state["opioid_effect"]
    anti = D * (1.0 - held)
    edges = (
        cue, 0.8 * cue, 0.7 * W, 0.6 * cue + 0.4 * Q, reward, uses, state["control"], R, X,
        Q, Q, anti, anti, anti, Q,
    )  # fmt: skip
    marks = {
        "old": cue, "new": 0.5 * (R + X), "held": held, "sustained": state["sustained"],
        "block": state["block_interneuron"], "opioid": state["opioid_effect"],
        "using": state["using"],
    }  # fmt: skip
    return {"edges": [_list(row) for row in edges]} | {k: _list(row) for k, row in marks.items()}


def _list(values: np.ndarray) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
