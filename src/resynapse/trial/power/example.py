"""What do a typical and an unlucky trial look like, and what would tip them?

Of all trials of one size, in order of their test: the middle one is typical; one trial in twenty is
worse than the unlucky one. Looks before the last are left aside here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from resynapse.trial.power.batch import CONTROL, TREATED, Batch, sizes
from resynapse.trial.power.method import ESTIMATES, METHODS, Answers, Question, answers
from resynapse.trial.power.outcome import Outcome, higher_is_better
from resynapse.trial.power.power import Design
from resynapse.trial.power.question import Asked
from resynapse.trial.power.seating import NOT_YET, Seated, joined

PLACES = {"typical": 0.5, "unlucky": 0.05}
"""Share of trials with a smaller z"""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Of what expectancy alone gives in the model, taken away"""
LEFT = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Share of treated people who left that is counted as having had the event then"""
SHIFTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Standard deviations by which a missing value of the treated is worse than the controls' mean"""
CHOSEN_SEED = 5


@dataclass(frozen=True)
class Example:
    """One trial, its people by number, and what it found."""

    batch: int
    treated: np.ndarray
    """Rows of the batch"""
    control: np.ndarray
    outcomes: dict[str, Outcome]
    sites: dict[str, np.ndarray | None]
    """By number, of the people of each arm; None without a conduct"""
    z: float
    estimate: float
    error: float


@dataclass(frozen=True)
class Tipping:
    """Share of trials that stay in favour, and where the typical one stops being so."""

    question: str
    at: tuple[float, ...]
    in_favour: tuple[float, ...]
    typical: float | None
    """None where nothing that was tried tips it, or it was not in favour"""


@dataclass(frozen=True)
class Examples:
    """Trials of one design at one size."""

    n: int
    test: str
    estimator: str
    trials: dict[str, Example]
    expectancy: float
    """What the estimator finds in everybody where expectancy acts alone"""
    tipping: tuple[Tipping, ...]


@dataclass(frozen=True)
class _Played:
    """Trials of one size of one batch."""

    batch: Batch
    seated: Seated
    found: dict[str, Answers]
    everybody: np.ndarray | None
    """The stratum of everybody of the batch"""

    @property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        """Of the treated and of controls, [trials, people]."""
        return self.seated.outcomes(self.batch.worlds["as asked"])


def examples(batches: Iterable[Batch], asked: Asked, n: int, design: Design, each: int) -> Examples:
    """Trials of n controls of a design from these batches, ``each`` of a batch."""
    asked = design.asked(asked)
    higher = higher_is_better(asked.endpoint)
    question = Question(asked.kind, higher, design.horizon, 2 * asked.looks.side)
    test, estimator = asked.methods[0], _estimator(asked)
    played = [
        _play(batch, asked, n, design, question, (test, estimator), each) for batch in batches
    ]
    z = np.concatenate([one.found[test].z for one in played])
    ranked = np.argsort(np.nan_to_num(z, nan=-np.inf), kind="stable")
    chosen = {
        name: _example(played, int(ranked[int(share * len(ranked))]), test, estimator, each)
        for name, share in PLACES.items()
    }
    alone = float(np.mean([_in_everybody(one, question, estimator) for one in played]))
    bound = -float(special.ndtri(asked.looks.side))
    tipped = [_unblinding(played, chosen["typical"], alone, estimator, question, bound)]
    missing = _missing(played, chosen["typical"], test, question, bound)
    return Examples(n, test, estimator, chosen, alone, (*tipped, *missing))


def _estimator(asked: Asked) -> str:
    """The first analysis that estimates; else the usual one of the endpoint."""
    usual = {"time": "cox", "yes or no": "risk_difference", "number": "mean_difference"}
    assert usual[asked.kind] in METHODS[asked.kind]
    return next((name for name in asked.methods if name in ESTIMATES), usual[asked.kind])


def _play(
    batch: Batch, asked: Asked, n: int, design: Design, question: Question,
    methods: Sequence[str], each: int,
) -> _Played:  # fmt: skip
    seating, size = design.seating(asked, batch, each), sizes(n, asked.ratio)
    arms = batch.worlds["as asked"]
    seated = joined(list(seating.parts(size, arms)))
    both = seated.outcomes(arms)
    found = answers(tuple(dict.fromkeys(methods)), *both, question)
    return _Played(batch, seated, found, seating.everybody)


def _example(played: list[_Played], place: int, test: str, estimator: str, each: int) -> Example:
    one, row = played[place // each], place % each
    treated, control = one.seated.people(row)
    arms = one.batch.worlds["as asked"]
    strata, sites = (one.seated.marks(name, row) for name in ("stratum", "site"))
    outcomes = {
        name: replace(arms[name].some(rows), stratum=stratum)
        for name, rows, stratum in zip((TREATED, CONTROL), (treated, control), strata, strict=True)
    }
    told = one.found[estimator]
    z = float(one.found[test].z[row])
    found = float(told.estimate[row]), float(told.error[row])
    where = dict(zip((TREATED, CONTROL), sites, strict=True))
    return Example(one.batch.number, treated, control, outcomes, where, z, *found)


def _in_everybody(one: _Played, question: Question, estimator: str) -> float:
    arms, strata = one.batch.worlds["expectancy alone"], one.everybody
    both = [
        replace(arms[name].if_whole, stratum=strata).some(np.arange(one.batch.people)[None])
        for name in (TREATED, CONTROL)
    ]
    return float(answers([estimator], both[0], both[1], question)[estimator].estimate[0])


def _unblinding(
    played: list[_Played], typical: Example, alone: float, estimator: str, question: Question,
    bound: float,
) -> Tipping:  # fmt: skip
    """Each estimate less a multiple of what expectancy alone gives, over its own error."""
    gain = _gains(estimator, question)
    estimate = gain * np.concatenate([one.found[estimator].estimate for one in played])
    error = np.concatenate([one.found[estimator].error for one in played])
    with np.errstate(invalid="ignore"):
        kept = tuple(
            float(np.mean((estimate - share * gain * alone) / error >= bound)) for share in SHARES
        )
    spare = gain * typical.estimate - bound * typical.error
    tips = spare / (gain * alone) if spare > 0 and gain * alone > 0 else None
    said = "multiples of the effect of expectancy alone, taken away from the estimate"
    return Tipping(said, SHARES, kept, tips)


def _gains(estimator: str, question: Question) -> float:
    """1 where a larger estimate is a benefit."""
    if estimator.endswith("restricted_mean"):
        return -1.0 if question.higher_is_better else 1.0
    return 1.0 if question.higher_is_better else -1.0


def _missing(
    played: list[_Played], typical: Example, test: str, question: Question, bound: float
) -> list[Tipping]:
    """Treated people who are missing turn out worse than the analysis takes them to be."""
    if question.kind == "yes or no":
        return []
    at = LEFT if question.kind == "time" else SHIFTS
    said = {
        "time": "share of treated people who left that had the event when they left",
        "number": "standard deviations by which missing treated values are worse than controls",
    }[question.kind]
    kept, tips = [], None
    for share in at:
        z = np.concatenate([_worse(one, share, test, question) for one in played])
        kept.append(float(np.mean(np.nan_to_num(z) >= bound)))
        alone = [typical.outcomes[name].some(np.arange(len(typical.outcomes[name]))[None])
                 for name in (TREATED, CONTROL)]  # fmt: skip
        one = answers([test], _worsened(alone[0], alone[1], share, question), alone[1], question)
        if tips is None and typical.z >= bound and one[test].z[0] < bound:
            tips = share
    return [Tipping(said, at, tuple(kept), tips)]


def _worse(one: _Played, share: float, test: str, question: Question) -> np.ndarray:
    treated, control = one.outcomes
    return answers([test], _worsened(treated, control, share, question), control, question)[test].z


def _worsened(treated: Outcome, control: Outcome, share: float, question: Question) -> Outcome:
    """The treated arm with some of those who left counted as worse; [trials, people]."""
    if question.kind == "time":
        followed = np.max(treated.seen, axis=1, keepdims=True)
        left = ~treated.event & (treated.seen < followed - 1e-9) & (treated.seen > NOT_YET)
        luck = np.random.default_rng(CHOSEN_SEED).random(left.shape)
        event = treated.event | (left & (luck < share))
        return replace(treated, event=event)
    value = np.where(control.event, control.seen, np.nan)
    middle, spread = np.nanmean(value, axis=1), np.nanstd(value, axis=1)
    worse = middle + (-1.0 if question.higher_is_better else 1.0) * share * spread
    filled = np.where(treated.event, treated.seen, worse[:, None])
    there = treated.seen != NOT_YET
    return replace(treated, seen=filled, event=there)
