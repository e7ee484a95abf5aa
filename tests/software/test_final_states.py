"""Do kernels and compiled loops leave people in the same states, to the digits that they keep?"""

import jax
import numpy as np
import pytest

from resynapse.engine.plan import Kept
from resynapse.patient import Patient
from resynapse.patient.state import NEVER
from resynapse.protocol import parse
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from software.small_trial import TEXT

PEOPLE = 48
ALLOWED = 1.0e-9
"""share of a state's range"""
DAYS = (2.5, 4.01, 9.0, 30.0)
"""within the effect of the first dose, under the second infusion, at home, and at the end"""
ARMS = {
    "ketamine": TEXT.replace("buprenorphine, amount: 16 mg", "buprenorphine, amount: 0 mg"),
    "daily buprenorphine": TEXT.replace("ketamine, dose: 0.5 mg/kg iv", "saline, dose: iv"),
    "both": TEXT,
}
"""the same instants in each, so that one compiled loop serves them"""
LINKS = {
    "habenula", "window", "recovery", "memory", "extinction", "dependence", "withdrawal", "mood",
    "craving", "expectancy", "history", "substance",
}  # fmt: skip


def left(kept: Kept) -> dict[str, np.ndarray]:
    """Where people stand, by name: [people], 64-bit."""
    leaves = jax.tree_util.tree_leaves_with_path(kept.lane)
    return {jax.tree_util.keystr(path): np.asarray(leaf)[:PEOPLE] for path, leaf in leaves}


@pytest.fixture(scope="module", params=ARMS)
def stood(request) -> dict[str, dict[str, np.ndarray]]:
    """Everything about everybody on each of DAYS, in either back end: [days, people]."""
    protocol = parse(ARMS[request.param], "test")
    arm, found = protocol.arm("all"), {}
    for name in ("native", "xla"):
        conduct = Conduct(protocol, Patient(), 3, backend=name)
        plan, felt = conduct.plan(arm), unknown_arms(protocol, arm)
        person = next(conduct.parties(0, PEOPLE, PEOPLE))
        runs = [conduct.prepared(arm, felt, plan, day)(person) for day in DAYS]
        days = [left(kept) for kept in runs]
        found[name] = {leaf: np.stack([day[leaf] for day in days]) for leaf in days[0]}
        found[name]["use_days"] = np.asarray(runs[-1].use_days)[: plan.days, :PEOPLE].sum(axis=0)
    return found


def differing(native: dict[str, np.ndarray], xla: dict[str, np.ndarray]) -> list[str]:
    """States in which anybody stands elsewhere: by more than ALLOWED, or on no day in one alone."""
    return [leaf for leaf, wanted in xla.items() if not _alike(native[leaf], wanted)]


def _alike(found: np.ndarray, wanted: np.ndarray) -> bool:
    if found.shape != wanted.shape:
        return False
    here = np.abs(wanted) < NEVER
    width = float(np.ptp(wanted[here])) if here.any() else 0.0
    near = np.abs(found - wanted)[here] <= ALLOWED * (width or 1.0)
    return bool(near.all()) and np.array_equal(found[~here], wanted[~here])


def test_every_state_of_everybody_agrees_to_1e_9_of_its_range(stood):
    native, xla = stood["native"], stood["xla"]

    assert native.keys() == xla.keys()
    assert [link for link in LINKS if not any(f".state.{link}" in leaf for leaf in xla)] == []
    assert differing(native, xla) == []


def test_a_state_of_one_person_on_one_day_that_is_elsewhere_is_found(stood):
    xla = stood["xla"]
    for leaf, wanted in xla.items():
        here = np.abs(wanted) < NEVER
        moved, places = wanted.astype(float), np.argwhere(here)
        if len(places):
            moved[tuple(places[-1])] += 2.0 * ALLOWED * (np.ptp(wanted[here]) or 1.0)
            assert differing({**xla, leaf: moved}, xla) == [leaf]
        assert differing({**xla, leaf: np.where(here, NEVER, 1.0)}, xla) == [leaf]


def test_lapses_are_among_what_agrees(stood):
    xla = stood["xla"]
    first, bouts = (xla[f".marks.{name}"][-1] for name in ("first_use", "bouts"))

    assert (first < NEVER).sum() >= 8
    assert bouts.sum() >= 16
    assert bouts.max() > 1
    assert xla["use_days"].max() > 1
