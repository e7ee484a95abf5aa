"""Which value would another study of the published size have shown, had the draw been right?

A published number holds more than its sampling. As in the likelihood (``synthetic_likelihood``):

    eta = scale(statistic) + u baseline + v effect,   u ~ N(0, 0.7^2), v ~ N(0, 0.3^2)

where two arms' shares were published both get the same u, the treated one v, people are counted
(binomial) and a figure is read with its error; any other ratio gets v; a difference is multiplied
by exp(v).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

from resynapse.evidence.study import Number, Study
from resynapse.inference.between_studies import BETWEEN_BASELINES, BETWEEN_EFFECTS, READING
from resynapse.inference.scale import from_scale, is_log, to_scale
from resynapse.inference.statistic import COUNTED, Arm, level, of_counts

Shares = Mapping[str, Number]


def published_shares(study: Study, number: Number) -> Shares | None:
    """The shares of both arms that a contrast follows from; None where they were not published."""
    found = {
        one.arm: one
        for one, arm in product(study.numbers, (number.arm, number.reference))
        if (one.endpoint, one.arm, one.measure) == (number.endpoint, arm, "proportion")
    }
    return found if number.measure in COUNTED and len(found) == 2 else None


def in_another_study(
    number: Number, study: Study, arms: Mapping[str, Arm], in_trial: float | None,
    chance: np.random.Generator,
) -> float | None:  # fmt: skip
    """The contrast in a study of its own baseline and effect.

    ``arms`` are all people of a draw, ``in_trial`` the contrast in a trial of the published size
    among them.
    """
    baseline = BETWEEN_BASELINES * chance.standard_normal()
    effect = BETWEEN_EFFECTS * chance.standard_normal()
    shares = published_shares(study, number)
    if shares:
        added = {number.arm: baseline + effect, number.reference or "": baseline}
        seen = {
            (one.endpoint, id): (_counted(one, study, arms, added[id], chance), float(one.n or 0))
            for id, one in shares.items()
        }
        return float(of_counts(number, seen))
    if in_trial is None:
        return None
    if is_log(number.measure):
        value = to_scale(number.measure, np.array(in_trial))
        return float(from_scale(number.measure, value + effect))
    return in_trial * float(np.exp(effect))


def _counted(
    one: Number, study: Study, arms: Mapping[str, Arm], added: float, chance: np.random.Generator
) -> np.ndarray:
    """The share that was counted and read, where this much is added to its scale."""
    people = len(next(iter(arms.values())).table)
    eta = to_scale("proportion", np.array(level(one, study, arms)), people) + added
    n = int(one.n or 0)
    count = chance.binomial(n, from_scale("proportion", eta))
    if one.seen == "figure":
        count = np.clip(np.round(count + READING * n * chance.standard_normal()), 0, n)
    return np.asarray(count / n)
