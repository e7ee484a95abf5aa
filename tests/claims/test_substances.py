"""Does each substance act through the chain as its pack says? One typical person of each disorder.

Every claim sets a substance beside heroin, and fails when its pack's row is set back to heroin's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
import pytest

from claims.course import Medicine, Path, Plan, follow, heavy_use
from claims.neutral import Values, rests_on
from claims.trial_course import programme, seen
from resynapse.parameter import lookup, replace
from resynapse.patient import Patient
from resynapse.pharmacology.opioid_medication import naltrexone_monthly
from resynapse.population.disorder import DISORDERS, apply, table


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


class Story(NamedTuple):
    """Months of use, then two months without."""

    using: Path
    stopped: Path


@cache
def story(disorder: str, *values: tuple[str, float]) -> Story:
    patient = replace(apply(Patient(), disorder), dict(values))
    state, marks = heavy_use(patient)
    using = follow(patient, 1.0, start=(state, marks))
    free = state, eqx.tree_at(lambda m: m.using, marks, 0.0)
    return Story(using, follow(patient, 60.0, start=free))


def worst(one: Story) -> float:
    """Highest COWS."""
    return float(48.0 * np.max(one.stopped.withdrawal))


def worst_day(one: Story) -> float:
    return float(one.stopped.day[np.argmax(one.stopped.withdrawal)])


def deaths(one: Story) -> float:
    """Expected, a day in use."""
    return float(one.using.flow.accumulation.deaths[-1])


def uses(one: Story) -> float:
    """A day."""
    return float(one.using.mu.uses_per_day[-1])


def incubated(one: Story) -> float:
    return float(one.stopped.state.incubation[-1])


def lapse_hazard(one: Story, day: float = 30.0) -> float:
    return float(one.stopped.at(one.stopped.flow.hazards[0], day))


def leaving(one: Story) -> float:
    """Hazard of leaving the study."""
    return float(one.using.flow.hazards[3][-1])


Claim = Callable[[Story, Story], bool]
"""of the substance's story and that of heroin"""


def mild(one: Story, heroin: Story) -> bool:
    """Withdrawal is."""
    return worst(one) < 0.6 * worst(heroin)


def kills_nobody(one: Story, heroin: Story) -> bool:
    """Because no death from overdose is modelled."""
    return deaths(one) < 1.0e-3 * deaths(heroin)


def incubates(one: Story, heroin: Story) -> bool:
    """Craving does."""
    return incubated(one) > 0.05 > incubated(heroin)


def loses_people(one: Story, heroin: Story) -> bool:
    """From the study."""
    return leaving(one) > 2.0 * leaving(heroin)


CLAIMS: list[tuple[str, str, Claim, tuple[str, ...]]] = [
    ("fentanyl", "withdrawal comes later",
     lambda one, heroin: worst_day(one) >= worst_day(heroin) + 1.0,
     ("withdrawal.expression_time", "opioid.time_constant")),
    ("fentanyl", "a use is more dangerous",
     lambda one, heroin: deaths(one) > 2.0 * deaths(heroin), ("overdose.dose_sd", "opioid.dose")),
    ("fentanyl", "each use is larger",
     lambda one, heroin: one.using.mu.dose[-1] > 1.1 * heroin.using.mu.dose[-1], ("opioid.dose",)),
    ("alcohol", "withdrawal is mild", mild, ("withdrawal.gain", "opioid.substance_efficacy")),
    ("alcohol", "use comes back more slowly",
     lambda one, heroin: lapse_hazard(one) < 0.8 * lapse_hazard(heroin), ("lapse.baseline",)),
    ("alcohol", "occasions are fewer",
     lambda one, heroin: uses(one) < 0.8 * uses(heroin), ("opioid.uses_at_full_reward",)),
    ("alcohol", "craving incubates", incubates, ("craving.incubation",)),
    ("alcohol", "no death from overdose is modelled", kills_nobody, ("overdose.level",)),
    ("cocaine", "withdrawal is mild", mild, ("withdrawal.gain", "opioid.substance_efficacy")),
    ("cocaine", "binges are of many uses",
     lambda one, heroin: uses(one) > 1.2 * uses(heroin), ("opioid.uses_at_full_reward",)),
    ("cocaine", "more people leave", loses_people, ("dropout.baseline",)),
    ("cocaine", "craving incubates", incubates, ("craving.incubation",)),
    ("cocaine", "no death from overdose is modelled", kills_nobody, ("overdose.level",)),
    ("methamphetamine", "withdrawal is mild", mild,
     ("withdrawal.gain", "opioid.substance_efficacy")),
    ("methamphetamine", "uses are fewer",
     lambda one, heroin: uses(one) < 0.8 * uses(heroin), ("opioid.uses_at_full_reward",)),
    ("methamphetamine", "more people leave", loses_people, ("dropout.baseline",)),
    ("methamphetamine", "craving incubates", incubates, ("craving.incubation",)),
    ("methamphetamine", "no death from overdose is modelled", kills_nobody, ("overdose.level",)),
]  # fmt: skip
"""disorder, what is claimed, how, and the rows of its pack that are set back to heroin's"""
HELD_ELSEWHERE = {"lapse.uncommitted", "opioid.competes"}
"""rows that the people or the medication below, not this course, show"""


@pytest.mark.parametrize(
    ("disorder", "words", "claim", "rows"), CLAIMS, ids=[f"{row[0]}: {row[1]}" for row in CLAIMS]
)
def test_a_substance_differs_from_heroin_as_its_pack_says(disorder, words, claim, rows):
    as_heroin = tuple((path, float(lookup(Patient(), path))) for path in rows)

    assert claim(story(disorder), story("heroin"))
    assert not claim(story(disorder, *as_heroin), story("heroin"))


def test_every_row_of_every_pack_has_a_claim():
    claimed = {(disorder, path) for disorder, _, _, rows in CLAIMS for path in rows}

    missing = {(row.disorder, row.path) for row in table()} - claimed
    assert {path for _, path in missing} <= HELD_ELSEWHERE


def reward_under_naltrexone(disorder: str, values: Values) -> float:
    """What is left of the reward of a use, a week after the monthly injection."""
    patient = replace(apply(Patient(), disorder), values)
    plan = Plan(antagonist=Medicine(naltrexone_monthly(), 380.0, (0.0,)))
    path = follow(patient, 7.0, plan, story(disorder).stopped.last())
    return float(path.mu.reward_left[-1])


LEFT_UNDER_NALTREXONE = {
    "alcohol": (0.5, 0.99),
    "cocaine": (1.0, 1.0),
    "methamphetamine": (1.0, 1.0),
}
"""least and most of the reward; opioids keep less than half"""


@pytest.mark.parametrize("disorder", DISORDERS)
def test_naltrexone_takes_the_reward_of_opioids_some_of_that_of_alcohol_and_none_of_stimulants(
    disorder,
):
    least, most = LEFT_UNDER_NALTREXONE.get(disorder, (0.0, 0.5))

    def as_claimed(values: Values) -> bool:
        return least <= reward_under_naltrexone(disorder, values) <= most

    assert as_claimed({})
    assert not as_claimed({"opioid.competes": 0.0 if most < 1.0 else 1.0})


def test_people_who_do_not_mean_to_abstain_come_back_to_alcohol_more_slowly_than_to_heroin():
    """Everyone of a site where nobody is set on stopping, on the first day in the community."""
    nobody = {"detoxification_days": 10, "use_days_before": 5, "site": {"uncommitted": 1.0}}

    def drank_or_used(disorder: str, values: Values) -> float:
        run = seen(programme(disorder=disorder, setting=nobody), 1.5, values=values)
        return float((run.day_of("first_use") < 1.0).mean())

    def slower(values: Values) -> bool:
        return drank_or_used("alcohol", values) < 0.7 * drank_or_used("heroin", values)

    rests_on(slower, {"lapse.uncommitted": Patient().lapse.uncommitted})
