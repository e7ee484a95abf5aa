"""How does a result become files for a spreadsheet, with units and nothing that could run?"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence

import numpy as np

from resynapse.exchange.spreadsheet import harmless
from resynapse.trial.power.as_they_come import BatchShown
from resynapse.trial.power.method import LOG_RATIOS
from resynapse.trial.result import Result
from resynapse.web.queue.trial_work import TrialWork


def outcomes_csv(result: Result) -> str:
    """A row an arm and endpoint, as ``summary.csv`` of a run folder."""
    heads = ("arm", "endpoint", "value", "unit", "low", "high", "n", "label")
    rows = (
        (arm.id, name, e.value, e.unit, e.low, e.high, e.n, arm.label)
        for arm in result.arms.values()
        for name, e in arm.endpoints.items()
    )
    return _written(heads, rows)


def curves_csv(result: Result) -> str:
    """A row an arm, quantity and time: the middle person and the middle 80 % of people."""
    heads = ("arm", "quantity", "unit", "time", "time_unit", "percentile_10", "median",
             "percentile_90", "label")  # fmt: skip
    return _written(heads, _points(result))


ESTIMATES = {
    "cox": "hazard_ratio",
    "risk_difference": "difference_of_shares",
    "mean_difference": "difference_of_means",
}


def trials_csv(work: TrialWork, batches: Sequence[BatchShown]) -> str:
    """A row a trial and number of people: its result and the z of its test, empty without answer.

    z is positive for a benefit; results are of the arm against, or less, the reference.
    """
    tested, estimated = work.asked.methods[0], work.asked.methods[-1]
    heads = ("trial", "people_in_reference_arm", ESTIMATES[estimated], f"{tested}_z")
    z, found = (
        np.concatenate([np.empty((0, len(work.asked.n))), *(getattr(b, part) for b in batches)])
        for part in ("z", "estimate")
    )
    found = np.exp(found) if estimated in LOG_RATIOS else found
    rows = (
        (trial + 1, size, _known(found[trial, k].item()), _known(z[trial, k].item()))
        for trial in range(len(z))
        for k, size in enumerate(work.asked.n)
    )
    return _written(heads, rows)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _points(result: Result) -> Iterator[tuple[object, ...]]:
    labels = {arm.id: arm.label for arm in result.arms.values()}
    for dataset, axis in ((result.acute, "minute"), (result.chronic, "day")):
        unit = dataset[axis].attrs.get("units", axis)
        times = dataset[axis].values
        for name, variable in dataset.data_vars.items():
            for arm, values in zip(dataset["arm"].values, variable.values, strict=True):
                for time, row in zip(times, values, strict=True):
                    if np.isfinite(row).all():
                        yield (str(arm), name, variable.attrs["units"], float(time), unit,
                               *(float(f"{x:.6g}") for x in row), labels[str(arm)])  # fmt: skip


def _written(heads: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return stream.getvalue()
