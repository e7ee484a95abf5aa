"""What can the published evidence tell about the model, and what not, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from scipy import stats

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Score

SURE = 0.975
SEEN = "calibration"
"""the role of a study that set a prior, and is not left out here"""
OWN = "calibrated"


def words(
    endpoints: Sequence[Endpoint], scores: Mapping[str, Score],
    differences: Mapping[str, Mapping[str, float]],
) -> tuple[str, ...]:  # fmt: skip
    """Counts of hits, what missed, and which hypotheses the trials can tell apart."""
    count = len(next(iter(scores.values())).crps_by_study)
    return (
        *_hits([one for one in endpoints if one.role != SEEN]),
        *_known([one for one in endpoints if one.role == SEEN]),
        *_apart(differences, count),
        *_best(scores),
        f"Scores rest on one ratio of use from each of {count} small trials: none of them was"
        " designed to separate window gain from expectancy.",
    )


def _hits(tests: Sequence[Endpoint]) -> Iterator[str]:
    missed = [one for one in tests if not one.hit90]
    studies = len({one.study for one in tests})
    yield (
        f"{len(tests) - len(missed)} of {len(tests)} published values of {studies} studies lie"
        " within the 90 % interval of a forecast that was not fitted to that study. Values of one"
        " study hang together, so this is far fewer independent tests."
    )
    if missed:
        told = "; ".join(f"{one.protocol}, {one.endpoint}, {one.measure}" for one in missed)
        yield f"Missed: {told}."


def _known(seen: Sequence[Endpoint]) -> Iterator[str]:
    if seen:
        hits, names = sum(one.hit90 for one in seen), dict.fromkeys(one.protocol for one in seen)
        yield (
            f"Of {', '.join(names)} {hits} of {len(seen)} lie within; its numbers set priors, so"
            " it is no test."
        )


def _apart(differences: Mapping[str, Mapping[str, float]], count: int) -> Iterator[str]:
    """A difference counts where its 95 % interval by Student's t, over studies, excludes zero."""
    limit = float(stats.t.ppf(SURE, count - 1))
    sure = {
        name: gap["crps"]
        for name, gap in differences.items()
        if abs(gap["crps"]) > limit * gap["standard_error"]
    }
    alike = [name for name in differences if name not in sure]
    if alike:
        yield (
            f"The trials cannot tell the calibrated model from: {', '.join(alike)} (the 95 %"
            " interval of the difference of scores holds zero)."
        )
    for name, gap in sure.items():
        yield f"{name} forecasts {'worse' if gap > 0.0 else 'better'} than the calibrated model."


def _best(scores: Mapping[str, Score]) -> Iterator[str]:
    best = min(scores, key=lambda name: scores[name].crps)
    if best != OWN:
        yield (
            f"The best mean score is that of {best}: {scores[best].crps:.2f} against"
            f" {scores[OWN].crps:.2f} for the calibrated model; less is better."
        )
