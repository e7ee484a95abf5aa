"""What do trials show beyond the model, in words and as a table?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from scipy.stats import t as students_t

from resynapse.inference.discrepancy import Discrepancy, Lean
from resynapse.inference.scored import PRIMARY, Score

NONE, POOLED = "no effect", "random-effects meta-analysis"
ALLOWING = "calibrated, and the lean of the others"
Z90 = 1.6449

Scores = Mapping[str, Score]
"""of every hypothesis and both baselines"""


def sentences(found: Discrepancy) -> Iterator[str]:
    """How far trials lean, and whether allowing for it helps a trial not seen."""
    if found.of_all is None or found.plain is None:
        return
    stated, plain = found.allowed[0].score, found.plain
    pairs = list(zip(PRIMARY, stated.crps_by_study, plain.crps_by_study, strict=True))
    better = [name for name, after, before in pairs if after < before]
    worse = [name for name, after, before in pairs if after >= before]
    yield (
        f"Beyond the model, looked for after the misses: the ratio of use of the {len(PRIMARY)}"
        f" trials together is {_ratio(found.of_all)} times that of their forecasts. Below 1 is more"
        " benefit: the model gives ketamine too little, or trials publish too much."
    )
    yield (
        "A forecast that allows for the lean of the other trials has CRPS"
        f" {stated.crps:.2f} where it had {plain.crps:.2f} ({_told(stated, plain)});"
        f" {stated.hits} of {len(PRIMARY)} ratios lie within 90 % where {plain.hits} did."
        f" Better for {', '.join(better) or 'none'}; worse for {', '.join(worse) or 'none'}."
    )


def rows(found: Discrepancy, scores: Scores) -> Iterator[str]:
    """The calibrated model without and with it, beside both baselines."""
    if found.plain is None:
        return
    yield (
        "| forecast of the ratio of use | within 90 % | width | beside meta-analysis | CRPS |"
        " less calibrated (SE) | Brier |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    allowing = [(f"{ALLOWING}, size {one.size:g}", one.score) for one in found.allowed]
    baselines = [(name, scores[name]) for name in (NONE, POOLED)]
    for name, one in [("calibrated", found.plain), *allowing, *baselines]:
        mean, error = _gap(one, found.plain)
        gap = "-" if one is found.plain else f"{mean:+.3f} ({error:.3f})"
        yield (
            f"| {name} | {one.hits} of {len(PRIMARY)} | {one.width90:.2f} |"
            f" {one.width90 / scores[POOLED].width90:.2f} | {one.crps:.3f} | {gap} |"
            f" {one.brier:.3f} |"
        )


def by_trial(found: Discrepancy) -> Iterator[str]:
    """What the others lean, and what allowing for it does to each trial."""
    if found.plain is None:
        return
    stated = found.allowed[0]
    yield "| trial | lean of the others, ratio, 90 % | CRPS, calibrated | allowing for it |"
    yield "| --- | --- | --- | --- |"
    pairs = zip(PRIMARY, found.plain.crps_by_study, stated.score.crps_by_study, strict=True)
    for name, before, after in pairs:
        yield f"| {name} | {_ratio(stated.leans[name])} | {before:.2f} | {after:.2f} |"


def _ratio(one: Lean) -> str:
    """Its median and 90 % interval, as a ratio."""
    low, middle, high = (math.exp(one.mean + z * one.sd) for z in (-Z90, 0.0, Z90))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _gap(one: Score, other: Score) -> tuple[float, float]:
    """Mean difference of CRPS over trials and its standard error."""
    gap = np.array(one.crps_by_study) - np.array(other.crps_by_study)
    return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


def _told(one: Score, other: Score) -> str:
    """By Student's t over trials."""
    mean, error = _gap(one, other)
    reach = float(students_t.ppf(0.975, len(PRIMARY) - 1)) * error
    apart = "not told apart" if abs(mean) <= reach else "better" if mean < 0.0 else "worse"
    return (
        f"{mean:+.2f}, standard error {error:.2f}, Student's t over {len(PRIMARY)} studies: {apart}"
    )
