"""What can the published evidence tell about the model, and what not, in sentences?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from scipy import stats

if TYPE_CHECKING:
    from resynapse.inference.scored import Score
    from resynapse.inference.validation import Endpoint

SURE = 0.975
SEEN = "calibration"
"""the role of a study that set a prior, and is not left out here"""
OWN = "calibrated"
BETTER = {"log": 1.0, "energy": -1.0}
"""the sign of a difference of scores where the other hypothesis forecasts better"""


def words(
    endpoints: Sequence[Endpoint], scores: Mapping[str, Score],
    differences: Mapping[str, Mapping[str, float]],
    power: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[str, ...]:  # fmt: skip
    """Counts of hits, what missed, and which hypotheses the trials can tell apart."""
    count = len(next(iter(scores.values())).crps_by_study)
    return (
        *_hits([one for one in endpoints if one.role != SEEN]),
        *_known([one for one in endpoints if one.role == SEEN]),
        *_apart(differences, count),
        *_apart_otherwise(differences, count),
        *_best(scores),
        *_directions(scores),
        *_power(power or {}),
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
    for one in missed:
        end = end_at_rounding(one)
        if end is not None:
            yield (
                f"{one.protocol}, {one.endpoint}, {one.measure} is {one.published:g} where the"
                f" interval ends at {end:.6g}: it may be missed by its rounding alone, and counts"
                " as missed."
            )


def end_at_rounding(one: Endpoint) -> float | None:
    """The end of the 90 % interval that a missed value is off by half of its last digit at most.

    Of numbers zeros at the end are lost, so of 0.8 no more is said than of 0.800.
    """
    half = 0.5 * 10.0 ** -max(3, len(repr(one.published).partition(".")[2]))
    ends = [end for end in (one.low90, one.high90) if abs(one.published - end) <= half]
    return ends[0] if ends and not one.hit90 else None


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
            " interval of the difference of CRPS holds zero)."
        )
    for name, gap in sure.items():
        yield f"{name} forecasts {'worse' if gap > 0.0 else 'better'} than the calibrated model."


def _apart_otherwise(differences: Mapping[str, Mapping[str, float]], count: int) -> Iterator[str]:
    """The same by log score, which looks at tails, and by energy score, of all quantities.

    Said apart, as they were added later.
    """
    limit = float(stats.t.ppf(SURE, count - 1))
    for score, better in BETTER.items():
        for name, gap in differences.items():
            if abs(gap.get(score, 0.0)) > limit * gap.get(f"{score}_error", 0.0):
                side = "better" if gap[score] * better > 0.0 else "worse"
                yield (
                    f"By {score} score {name} forecasts {side} than the"
                    f" calibrated model, {gap[score]:+.2f} a study (standard error"
                    f" {gap[f'{score}_error']:.3f}, Student's t over {count} studies); one of"
                    f" {len(differences)} comparisons by each"
                    " of three scores, so chance alone may give one."
                )


def _best(scores: Mapping[str, Score]) -> Iterator[str]:
    best = min(scores, key=lambda name: scores[name].crps)
    if best != OWN:
        yield (
            f"The best mean score is that of {best}: {scores[best].crps:.2f} against"
            f" {scores[OWN].crps:.2f} for the calibrated model; less is better."
        )


def _directions(scores: Mapping[str, Score]) -> Iterator[str]:
    """Brier scores of the directions stated beforehand."""
    known = {name: one.brier for name, one in scores.items() if one.brier is not None}
    if OWN in known:
        favours = ", ".join(f"{p:.2f}" for p in scores[OWN].favours)
        best = min(known, key=lambda name: known[name])
        yield (
            f"Directions: the calibrated model gave {favours} to a benefit, a trial each; Brier"
            f" score {known[OWN]:.2f} (a coin has 0.25, best is {best} with {known[best]:.2f}). All"
            " published ratios favour ketamine, so this score rewards whoever expects benefit."
        )


def _power(power: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """How often the trials would have told the model from each other hypothesis."""
    if power:
        told = ", ".join(f"{name} {one['all together']:.0%}" for name, one in power.items())
        yield (
            "Had the calibrated model been right, trials like these together would have scored it"
            f" above the other hypothesis this often (a coin: 50%): {told}."
        )
