"""What can the published evidence tell about the model, and what not, in sentences?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Score

TWO_ERRORS = 2.0


def words(
    endpoints: Sequence[Endpoint], scores: Mapping[str, Score],
    differences: Mapping[str, Mapping[str, float]],
) -> tuple[str, ...]:  # fmt: skip
    """Counts of hits, what missed, and which hypotheses the trials can tell apart."""
    missed = [one for one in endpoints if not one.hit90]
    studies = len({one.study for one in endpoints})
    found = [
        f"{len(endpoints) - len(missed)} of {len(endpoints)} published values of {studies} studies"
        " lie within the 90 % interval of a forecast that was not fitted to that study. Values of"
        " one study hang together, so this is far fewer independent tests."
    ]
    if missed:
        told = "; ".join(f"{one.protocol}, {one.endpoint}, {one.measure}" for one in missed)
        found.append(f"Missed: {told}.")
    apart: list[str] = []
    alike: list[str] = []
    for name, gap in differences.items():
        sure = abs(gap["crps"]) > TWO_ERRORS * gap["standard_error"]
        (apart if sure else alike).append(name)
    if alike:
        found.append(
            f"The trials cannot tell the calibrated model from: {', '.join(alike)} (difference of"
            " scores under two standard errors)."
        )
    for name in apart:
        better = "worse" if differences[name]["crps"] > 0.0 else "better"
        found.append(f"{name} forecasts {better} than the calibrated model.")
    count = len(next(iter(scores.values())).crps_by_study)
    found.append(
        f"Scores rest on one ratio of use from each of {count} small trials: none of them was"
        " designed to separate window gain from expectancy."
    )
    return tuple(found)
