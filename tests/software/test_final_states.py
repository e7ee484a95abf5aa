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
SAME_DAY = 1.0e-6
"""d within which first uses agree"""
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


def test_every_state_of_everybody_agrees_to_1e_9_of_its_range(stood):
    native, xla = stood["native"], stood["xla"]

    assert native.keys() == xla.keys()
    assert all(any(f".state.{link}" in leaf for leaf in xla) for link in LINKS)
    for leaf, wanted in xla.items():
        found, here = native[leaf], np.abs(wanted) < NEVER
        assert found.shape == wanted.shape
        assert np.array_equal(found[~here], wanted[~here]), leaf
        width = np.ptp(wanted[here]) if here.any() else 0.0
        apart = np.abs(found - wanted)[here]
        assert (apart <= ALLOWED * (width or 1.0)).all(), (leaf, apart.max() / (width or 1.0))


def test_lapses_are_among_what_agrees(stood):
    native, xla = stood["native"], stood["xla"]
    first, bouts = (xla[f".marks.{name}"][-1] for name in ("first_use", "bouts"))

    assert (first < NEVER).sum() >= 8 and bouts.sum() >= 16 and (bouts > 1).any()
    assert np.abs(native[".marks.first_use"][-1] - first).max() <= SAME_DAY
    assert np.array_equal(native[".marks.bouts"][-1], bouts)
    assert np.abs(native["use_days"].astype(int) - xla["use_days"]).max() <= 1
