"""Which value would another study of the published size have shown, had the draw been right?

A published number holds more than its sampling. As in the likelihood (``synthetic_likelihood``):

    eta = scale(statistic) + u baseline + v effect,   u ~ N(0, 0.7^2), v ~ N(0, 0.3^2)

where two arms' shares were published both get the same u, the treated one v, people are counted
(binomial) and a figure is read with its error; any other ratio gets v; a difference is multiplied
by exp(v).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from resynapse.evidence.study import Number, Study
from resynapse.inference.between_studies import BETWEEN_BASELINES, BETWEEN_EFFECTS, READING
from resynapse.inference.scale import from_scale, is_log, to_scale
from resynapse.inference.statistic import COUNTED

Share = tuple[str, str]
"""endpoint and arm"""


def published_shares(study: Study, number: Number) -> dict[str, Number] | None:
    """The shares of both arms that a contrast follows from; None where they were not published."""
    found = {
        one.arm: one
        for one, arm in product(study.numbers, (number.arm, number.reference))
        if one.comparable
        and (one.endpoint, one.arm, one.measure) == (number.endpoint, arm, "proportion")
    }
    return found if number.measure in COUNTED and len(found) == 2 else None


def spread(
    chance: np.random.Generator, shape: tuple[int, ...] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """What studies have of their own: added to log baselines, and to log effects."""
    baseline = BETWEEN_BASELINES * chance.standard_normal(shape)
    return np.asarray(baseline), np.asarray(BETWEEN_EFFECTS * chance.standard_normal(shape))


def in_another_study(number: Number, in_trial: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """A contrast that is not counted, in studies with an effect of their own."""
    if is_log(number.measure):
        value = to_scale(number.measure, in_trial)
        return from_scale(number.measure, value + effect)
    return np.asarray(in_trial * np.exp(effect))


def counted(one: Number, eta: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """The shares that are counted, and read, in studies where this is the scale of the truth."""
    n = int(one.n or 0)
    count = chance.binomial(n, from_scale("proportion", eta))
    if one.seen == "figure":
        error = READING * n * chance.standard_normal(count.shape)
        count = np.clip(np.round(count + error), 0, n)
    return np.asarray(count / n)
