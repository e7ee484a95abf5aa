"""Is a grid as fine as it must be, and does the manifest say in whom that was seen?"""

import pytest

from resynapse.engine.back_end import BackEndError
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.protocol import load
from resynapse.trial import grid, grid_choice
from resynapse.trial.conduct import Conduct
from resynapse.trial.grid_choice import ACUTE, BUDGET, chosen


def error(window, bouts=1.0, median=0.001, tail=0.1):
    states = {"window": window, "craving": 0.5}  # craving is not of the acute clock
    return {
        "people": 32, "first_use_median_d": median, "first_use_99th_percentile_d": tail,
        "same_bouts": bouts, "states_share_of_range": states,
    }  # fmt: skip


def measuring(in_tuning, in_others, asked):
    def measure(cut, first):
        asked.append((cut, first))
        return {"arms": {"one": error(1e-9), "other": (in_others if first else in_tuning)(cut)}}

    return measure


def test_the_coarsest_grid_that_keeps_the_budget_is_taken_and_measured_in_others():
    asked = []
    found = chosen(
        measuring(lambda n: error(4e-6 / n**2), lambda n: error(8e-6 / n**2), asked), 1e-6
    )

    assert asked == [(1, 0), (2, 0), (2, 32)]
    assert found.cut == 2
    assert found.told["kept_in_tuning"] and not found.told["kept_in_others"]
    assert found.told["budget"]["acute_share_of_range"] == 1e-6
    assert found.told["measured"]["arms"]["other"]["people"] == 32


def test_a_finer_budget_takes_a_finer_grid_and_what_none_keeps_is_said():
    def coarse(n):
        return error(4e-6 / n**2)

    assert chosen(measuring(coarse, coarse, []), 1e-7).cut == 8
    lost = chosen(measuring(lambda n: error(0.0, bouts=0.9), coarse, []), BUDGET)
    assert lost.cut == 8 and not lost.told["kept_in_tuning"]


@pytest.mark.parametrize("harm", [{"bouts": 0.98}, {"median": 0.03}, {"tail": 0.21}])
def test_steps_in_32_bits_are_refused_where_they_move_people_further_than_a_grid_may(harm):
    measured = {"rounding_error": {"arms": {"one": error(0.0), "other": error(0.0, **harm)}}}

    with pytest.raises(BackEndError, match="arm other.*Take --backend native"):
        grid.ensure_harmless(measured)
    grid.ensure_harmless({"rounding_error": {"arms": {"one": error(0.0)}}})
    grid.ensure_harmless({})


@pytest.mark.parametrize(
    ("backend", "asked", "budget", "said"),
    [
        ("native", "fine", None, "rule .the default., auto, or a whole number"),
        ("native", "0", None, "from 1 to 64"),
        ("native", "2", 1e-6, "both or neither"),
        ("native", "auto", 2.0, "above 0, below 1"),
        ("reference", "auto", None, "no time grid"),
    ],
)
def test_a_grid_that_there_is_not_is_refused(backend, asked, budget, said):
    with pytest.raises(InputError, match=said):
        grid_choice.grid(load("krupitsky-2002"), Patient(), 1, backend, asked, budget)


def test_people_of_tuning_and_others_are_different_people(monkeypatch):
    keys = []

    def counted(conduct, *_):
        keys.append({int(key) for key in conduct.persons(0, 32).key})
        raise InterruptedError

    monkeypatch.setattr(grid, "arms_felt", lambda protocol, *_: {a.id: 0 for a in protocol.arms})
    monkeypatch.setattr(grid, "_paths", counted)
    for first in (0, 32):
        with pytest.raises(InterruptedError):
            grid.grid_error(load("krupitsky-2002"), Patient(), 1, people=32, first=first)
    assert len(keys[0]) == len(keys[1]) == 32 and not keys[0] & keys[1]


def test_every_step_is_cut_and_no_instant_moves():
    protocol = load("krupitsky-2002")
    whole, cut = (Conduct(protocol, Patient(), 1, cut=n).plan(protocol.arms[0]) for n in (1, 3))

    assert cut.steps == 3 * whole.steps
    assert cut.plan.time[: cut.steps : 3] == pytest.approx(whole.plan.time[: whole.steps], abs=1e-9)
    assert cut.count == pytest.approx(whole.count, rel=0.5)


def test_what_counts_as_acute_is_observed():
    from resynapse.patient.observe import NAMES

    assert set(ACUTE) < set(NAMES)
