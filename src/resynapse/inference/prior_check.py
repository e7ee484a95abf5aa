"""Do the priors leave room for what was published, and for no effect?

Parameters are drawn from their priors, every arm is simulated with each draw, and each published
contrast is computed by the trial's own estimator: among many people, and in trials of the
published size, and in other studies of that size, which differ by more than sampling. Nothing is
fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.evidence.study import Number
from resynapse.inference.joint_check import Estimated, Joint, joint_check, tails
from resynapse.inference.other_studies import OtherStudies, other_studies
from resynapse.inference.prior_draws import Listener, PriorDraws, prior_draws
from resynapse.inference.statistic import no_effect
from resynapse.protocol import Protocol
from resynapse.trial.knowledge import PEOPLE

DRAWS = 40
INTERVAL = (5.0, 50.0, 95.0)
WIDE = (2.5, 97.5)


@dataclass(frozen=True)
class Row:
    """One published contrast beside what the priors allow."""

    endpoint: str
    arm: str
    reference: str | None
    measure: str
    published: float
    no_effect: float
    expected: tuple[float, float, float]
    """5, 50 and 95 % over draws, among many people an arm"""
    as_published: tuple[float, float, float]
    """the same in trials of the published size"""
    another_study: tuple[float, float, float]
    """the same in other studies of that size"""
    another_study_95: tuple[float, float]
    """2.5 and 97.5 % in other studies of that size"""
    tail: Estimated
    """two-sided probability of a value as far out as the published one, in other studies"""
    draws: int
    """draws in which the contrast is defined"""

    @property
    def holds_published(self) -> bool:
        """Whether the published value lies within the 95 % of other studies of that size."""
        return self.another_study_95[0] <= self.published <= self.another_study_95[1]

    @property
    def holds_no_effect(self) -> bool:
        """Whether no effect lies within the 95 % of other studies of that size."""
        return self.another_study_95[0] <= self.no_effect <= self.another_study_95[1]


@dataclass(frozen=True)
class Check:
    """All contrasts of one protocol."""

    protocol: str
    study: str
    role: str
    draws: int
    people: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class PriorCheck:
    """Every trial by itself, and their contrasts all together."""

    checks: tuple[Check, ...]
    joint: Joint | None
    """None where nothing that compares was published"""


def prior_check(
    protocols: Sequence[Protocol], *, draws: int = DRAWS, people: int = PEOPLE, seed: int = 1,
    backend: str = DEFAULT, progress: Listener | None = None,
) -> PriorCheck:  # fmt: skip
    """Every published contrast alone, and all of them together, over draws from the priors."""
    found = []
    for turn, protocol in enumerate(protocols):

        def heard(share: float, what: str, turn: int = turn) -> None:
            if progress:
                progress((turn + share) / len(protocols), what)

        found.append(
            prior_draws(protocol, draws, people=people, seed=seed, backend=backend, progress=heard)
        )
    others = [other_studies(one) for one in found]
    checks = tuple(_check(*pair, draws) for pair in zip(found, others, strict=True))
    return PriorCheck(checks, joint_check([one for one in others if one.contrasts]))


def _check(found: PriorDraws, other: OtherStudies, draws: int) -> Check:
    chance = tails(other)
    rows = [
        _row(one, found.among_all[:, k], found.in_trials[..., k], other.values[..., k], chance[k])
        for k, one in enumerate(found.contrasts)
    ]
    study = found.study
    return Check(found.protocol, study.id, study.role, draws, found.people, tuple(rows))


def _row(
    number: Number, many: np.ndarray, few: np.ndarray, other: np.ndarray, tail: Estimated
) -> Row:
    low, high = _percentiles(other, WIDE)
    return Row(
        number.endpoint, number.arm, number.reference, number.measure, number.value,
        no_effect(number.measure), _interval(many), _interval(few), _interval(other),
        (low, high), tail, int(np.isfinite(many).sum()),
    )  # fmt: skip


def _interval(values: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = _percentiles(values, INTERVAL)
    return low, middle, high


def _percentiles(values: np.ndarray, at: Sequence[float]) -> list[float]:
    defined = values[np.isfinite(values)]
    found = np.percentile(defined, at) if defined.size else np.full(len(at), np.nan)
    return [float(one) for one in found]
