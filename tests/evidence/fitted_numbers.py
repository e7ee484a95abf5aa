"""Which published numbers does the code of the stages read when it makes the data of a fit?"""

from __future__ import annotations

from typing import Any

import pytest

from resynapse.evidence import Number, study, usable
from resynapse.inference.kinetics.comparison import Row
from resynapse.inference.stages import ketamine, kinetics, mood, naltrexone, natural_history
from resynapse.patient import Patient
from resynapse.protocol import load

Key = tuple[str, str, str, str, str | None]
"""study, endpoint, arm, measure, reference"""


def key(id: str, number: Any) -> Key:
    """What tells a number from the others of its study."""
    return id, number.endpoint, number.arm, number.measure, number.reference


class _Watched:
    """A number that notes when its value or its people are asked for."""

    def __init__(self, id: str, number: Number, read: set[Key]) -> None:
        self._id, self._number, self._read = id, number, read

    def __getattr__(self, name: str) -> Any:
        if name in ("value", "count", "n"):
            self._read.add(key(self._id, self._number))
        return getattr(self._number, name)


def read_by_the_stages(monkeypatch: pytest.MonkeyPatch) -> set[Key]:
    """Numbers of the studies; derived tables and concentrations are no numbers of a study."""
    read: set[Key] = set()
    for stage in (natural_history, naltrexone, mood):
        monkeypatch.setattr(
            stage, "usable", lambda of: [_Watched(of.id, one, read) for one in usable(of)]
        )
    natural_history.cohorts()
    mood.contrasts()
    assert all(one.value for one in mood.responders())
    for trial, targets in naltrexone.TRIALS.items():
        assert all(naltrexone._counted(trial, target) for target in targets)
    return read | {key(*_wanted(one)) for one in ketamine.FITTED}


def _wanted(one: Any) -> tuple[str, Number]:
    """The number that the last stage asks for."""
    name = load(one.protocol).study or ""
    (found,) = (
        number for number in usable(study(name))
        if (number.endpoint, number.arm, number.measure) == (one.endpoint, one.arm, one.measure)
    )  # fmt: skip
    return name, found


def levels_of_the_stage() -> set[tuple[str, str, str]]:
    """Study, substance and quantity of what the stage of kinetics is fitted to."""
    rows: tuple[Row, ...] = kinetics.rows_of([Patient()])
    return {(row.study, row.analyte, row.quantity) for row in rows}
