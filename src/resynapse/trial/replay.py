"""What became of one person of a run, sent through its arms alone?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.patient.observe import QUANTITIES
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.run_size import ensure_whole
from resynapse.trial.arm_run import Passage
from resynapse.trial.conduct import Conduct
from resynapse.trial.fitted import fitted_at
from resynapse.trial.grid_choice import RULE
from resynapse.trial.grid_choice import grid as grid_for
from resynapse.trial.hypothesis import ensure_consistent, hypothesis
from resynapse.trial.parameter_set import CALIBRATED, middle
from resynapse.trial.pilots import arms_felt
from resynapse.trial.table import patients_table


@dataclass(frozen=True)
class Path:
    """One person in one arm, with the same bits as in the run."""

    arm: str
    row: pd.Series
    """the person's row of patients.parquet"""
    days: np.ndarray
    """d from entry, of the records"""
    states: dict[str, np.ndarray]
    """quantity -> its value at ``days``"""
    use_days: np.ndarray
    """1 = any use that day, from the day of entry on"""


def replay(
    protocol: Protocol,
    key: int,
    *,
    seed: int = 1,
    switches: dict[str, bool] | None = None,
    settings: dict[str, float] | None = None,
    backend: str = DEFAULT,
    grid: str = RULE,
    budget: float | None = None,
    parameters: str = CALIBRATED,
) -> list[Path]:
    """The person with this number, from 0, in each arm; nobody else is needed for it."""
    ensure_whole("patient", key)
    ensure_whole("seed", seed)
    back_end(backend)
    keep_compiled()
    ensure_consistent(protocol, switches, settings)
    base = middle(protocol.disorder, fitted_at(parameters, protocol))
    patient = hypothesis(protocol, switches, settings).of(base)
    felt = arms_felt(protocol, patient, seed)
    cut = grid_for(protocol, patient, seed, backend, grid, budget).cut
    conduct = Conduct(protocol, patient, seed, backend=backend, cut=cut)
    return [_path(conduct, arm, felt[arm.id], key) for arm in protocol.arms]


def _path(conduct: Conduct, arm: Arm, felt: ArmsFelt, key: int) -> Path:
    passage = Passage.of(conduct, arm, felt)
    plan, protocol = passage.plan, conduct.protocol
    (chunk,) = conduct.sent(passage.through, plan, key, 1)
    row = patients_table(protocol, arm, conduct.patient, plan, chunk, conduct.seed).iloc[0]
    states = {q.name: chunk.records[:, k, 0] for k, q in enumerate(QUANTITIES)}
    return Path(arm.id, row, plan.record_days, states, chunk.use_days[0])
