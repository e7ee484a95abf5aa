"""Do all ways to run plain differential equations lead people along the same paths?"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from resynapse.bench.engines import ENGINES
from resynapse.bench.peers.scipy_lsoda import tight
from resynapse.bench.workload import w1, w2
from resynapse.engine.dynamics.native import Native
from resynapse.engine.dynamics.rule import CLASSIC, FIFTH
from resynapse.engine.dynamics.system import NEVER
from resynapse.input_error import InputError

PEOPLE = 12
SHORT = {"W1": w1(days=2, doses=1), "W2": w2(days=60, doses=2)}
"""two days with one infusion; sixty days with two doses"""


@cache
def run(backend, name):
    """People of a short workload in a back end."""
    engine = next(one for one in ENGINES if one.key == backend)
    return engine.prepared(SHORT[name], 1)(0, PEOPLE)


@cache
def truth(name):
    """The same people with SciPy's LSODA at a tolerance of 1e-12."""
    return tight(SHORT[name])(0, PEOPLE)


def worst(one, other):
    """Greatest difference as a share of the greatest value of each quantity of a person."""
    a, b = one.by_person(), other.by_person()
    return float((np.abs(a - b) / np.abs(b).max(axis=1, keepdims=True)).max())


@pytest.mark.parametrize("name", ["W1", "W2"])
def test_kernels_and_compiled_loops_agree_to_rounding(name):
    native, xla = run("native", name), run("xla", name)

    assert worst(native, xla) < 1e-10
    assert np.array_equal(native.count, xla.count)
    assert np.abs(native.first - xla.first).max() < 1e-9


def test_concentrations_are_exact_and_slow_states_keep_their_budget():
    native = run("native", "W1")
    apart = np.abs(native.by_person() - truth("W1").by_person())
    share = (apart / truth("W1").by_person().max(axis=1, keepdims=True)).max(axis=(0, 1))

    assert share[:2].max() < 1e-9
    assert share[2:].max() < 2e-6


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_lapses_fall_where_an_adaptive_solver_finds_them(backend):
    found, exact = run(backend, "W2"), truth("W2")
    had = exact.first < NEVER

    assert had.sum() >= 6 and exact.count.max() >= 2
    assert np.array_equal(found.count, exact.count)
    assert np.abs(found.first - exact.first)[had].max() < (2e-3 if backend == "native" else 1e-5)


def test_a_path_depends_neither_on_company_nor_on_threads():
    work = SHORT["W2"]
    ready = Native(work.system, work.table(), 1, work.rule, work.lanes, work.vector)
    many = ready.through(0, work.lanes + 5, threads=2)
    alone = ready.through(work.lanes + 2, 1)

    assert np.array_equal(many.by_person()[work.lanes + 2], alone.by_person()[0])
    assert many.first[work.lanes + 2] == alone.first[0]
    assert np.array_equal(many.by_person()[:PEOPLE], run("native", "W2").by_person())


@pytest.mark.parametrize("rule", [CLASSIC, FIFTH])
def test_a_rule_integrates_a_polynomial_of_its_order_exactly(rule):
    """Weights of the nodes: the mean of t^k over a step is 1 / (k + 1)."""
    at = np.array([rule.nodes[node] for node in rule.at])
    for power in range(4 if rule is CLASSIC else 6):
        assert np.dot(rule.weights, at**power) == pytest.approx(1.0 / (power + 1.0), abs=1e-14)
    for before, here in zip(rule.before, at, strict=True):
        assert sum(before) == pytest.approx(here, abs=1e-14)


def test_infusions_beside_events_are_refused_in_a_sentence():
    work, infusions = SHORT["W2"], SHORT["W1"].infusions

    with pytest.raises(InputError, match="Events and infusions"):
        Native(work.system, replace(work, infusions=infusions).table(), 1)
