"""Is what was made of the formulas found again at the next start, and never when it is stale?"""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pytest

from resynapse.engine.native import columnwise as columns
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.kept import digest_of
from resynapse.patient import Patient, Person
from resynapse.population.people import people
from resynapse.protocol import parse
from resynapse.trial.conduct import Conduct
from resynapse.trial.recruitment import given, keys
from software.small_trial import TEXT


@pytest.fixture
def kept(tmp_path, monkeypatch) -> Path:
    """An empty cache, of which this process has read nothing."""
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path))
    columns._lowered.cache_clear()
    yield tmp_path / "native"
    columns._lowered.cache_clear()


def drawn() -> Person:
    known = given(parse(TEXT, "test"), Patient(), keys(5, 16), 3)
    columns._lowered.cache_clear()
    return people(Patient(), known, 3)


def files(kept: Path) -> set[str]:
    return {file.name for file in kept.glob("*")}


def test_people_drawn_by_what_the_last_start_left_are_those_drawn_without_it(kept):
    first = drawn()
    made = files(kept)
    again = drawn()

    assert made and files(kept) == made
    assert jax.tree.structure(first) == jax.tree.structure(again)
    assert all(map(np.array_equal, jax.tree.leaves(first), jax.tree.leaves(again)))


def test_what_other_sources_left_is_not_used(kept, monkeypatch):
    drawn()
    before = files(kept)
    for file in kept.glob("*"):
        file.write_bytes(b"")
    monkeypatch.setattr(columns, "sources", lambda: "other sources")
    drawn()

    assert len(files(kept)) == 2 * len(before)


def test_a_change_of_one_line_of_any_file_makes_other_sources(tmp_path):
    (tmp_path / "inner").mkdir()
    file = tmp_path / "inner" / "formula.py"
    file.write_text("rate = 1.0\n")
    before = digest_of(tmp_path)
    file.write_text("rate = 1.1\n")

    assert digest_of(tmp_path) != before


def test_a_function_that_no_source_of_the_package_holds_is_never_kept(kept):
    twice = columns.columnwise(lambda x: 2.0 * x, (), (np.arange(3.0),))
    thrice = columns.columnwise(lambda x: 3.0 * x, (), (np.arange(3.0),))

    assert (twice.tolist(), thrice.tolist()) == ([0.0, 2.0, 4.0], [0.0, 3.0, 6.0])
    assert not files(kept)


def test_a_graph_without_what_nobody_asks_for_gives_the_same_values_under_the_same_numbers():
    graph = Graph()
    x = graph.input("x", Level.PATIENT)
    wanted = graph.apply("mul", (x, graph.constant(3.0)), "f")
    other = graph.apply("exp", (x,), "f")
    less, inputs = graph.only([wanted]), {"x": np.array([1.5])}

    assert evaluate(less, [wanted], inputs)[wanted] == evaluate(graph, [wanted], inputs)[wanted]
    with pytest.raises(KeyError):
        evaluate(less, [other], inputs)


def test_the_day_on_which_treatment_ends_is_found_once_for_all_arms(monkeypatch):
    from resynapse.trial import conduct

    asked = []
    ends = conduct.treatment_ends
    monkeypatch.setattr(
        conduct, "treatment_ends", lambda *given: asked.append(given) or ends(*given)
    )
    protocol = parse(TEXT, "test")
    arms = [protocol.arms[0].model_copy(update={"id": name}) for name in ("all", "again")]
    made = Conduct(protocol, Patient(), 3)

    for arm in arms:
        made.plan(arm)
    assert len(asked) == 1


def test_of_all_values_on_the_way_only_those_asked_for_are_left():
    graph = Graph()
    x = graph.input("x", Level.PATIENT)
    squared = graph.apply("mul", (x, x), "f")
    wanted = graph.apply("exp", (squared,), "f")
    both = graph.apply("add", (squared, wanted), "f")
    inputs = {"x": np.array([1.5])}

    assert set(evaluate(graph, [wanted], inputs)) == {wanted}
    assert set(evaluate(graph, [both, squared], inputs)) == {both, squared}
    assert evaluate(graph, [both], inputs)[both] == pytest.approx(1.5**2 + np.exp(1.5**2))
