"""Does the generator's graph say the same as one thread a patient, before any GPU runs it?"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from missing import is_missing
from resynapse.engine.native.emit import Kernel, Places
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.operations import OPERATIONS
from resynapse.protocol import parse
from software.small_trial import TEXT

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PEOPLE = 24


@pytest.fixture(scope="module", autouse=True)
def scripts():
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def compiler():
    """Compiles the text where there is no GPU; needed under CI, said to be missing elsewhere."""
    if shutil.which("g++") is None:
        is_missing("g++ is not installed, so no printed text was run: apt-get install g++")


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize("work", ["W1", "W2"])
def test_one_thread_takes_a_patient_along_the_path_of_the_native_back_end(work):
    import gpu

    (row,) = gpu.measured(f"one_thread/{work}/f64/{PEOPLE}", "cpu", 1)

    assert row["max_error"] < 1e-10
    assert row["first_event_max_error"] < 1e-9
    assert row["same_counts"] == 1.0
    assert row["rate"] > row["rate_whole"] > 0.0
    assert json.loads(json.dumps(row)) == row


@pytest.mark.usefixtures("compiler")
def test_one_thread_in_32_bits_keeps_the_lapses_and_moves_them_by_minutes():
    import gpu

    (row,) = gpu.measured(f"one_thread/W2/f32/{PEOPLE}", "cpu", 1)

    assert row["same_counts"] == 1.0
    assert 1e-7 < row["first_event_max_error"] < 0.02


@pytest.mark.usefixtures("compiler")
def test_one_thread_takes_a_patient_through_the_whole_chain_bouts_and_all(monkeypatch):
    import one_thread_chain
    from one_thread_arm import Arm

    people = one_thread_chain.NEAR + 6  # more than make their propagators at once
    monkeypatch.setattr(one_thread_chain, "SEATS", one_thread_chain.TILE)
    arm = Arm(parse(TEXT, "test"), "all")
    persons = arm.persons(people)
    ready = arm.one_thread(persons, "double", False)
    found = arm.apart(persons, ready.left_there(ready.given(persons), people), people)

    assert found["same_counts"] == 1.0 and found["bouts_each"] > 1.0
    assert found["use_days_apart"] == 0.0
    assert found["first_event_max_error"] < 1e-8
    assert found["max_error"] < 2.0 * 2.0**-23  # observations are kept in 32 bits


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("exp", np.linspace(-700.0, 700.0, 2001)),
        ("expm1", np.append(np.linspace(-40.0, 40.0, 2001), np.logspace(-18.0, -1.0, 200))),
        ("log", np.logspace(-300.0, 300.0, 2001)),
        ("log1p", np.append(np.logspace(-18.0, 18.0, 2001), np.linspace(-0.999, -0.001, 999))),
        ("tanh", np.linspace(-30.0, 30.0, 2001)),
    ],
)
def test_functions_of_one_thread_are_off_by_three_last_places_at_most(name, x):
    exact = getattr(np, name)(x)

    apart = np.abs(calculated(name, x) - exact)
    assert (apart <= 3.0 * np.spacing(np.abs(exact))).all()


@pytest.mark.usefixtures("compiler")
def test_functions_of_one_thread_say_where_there_is_no_number():
    x = np.array([0.0, -1.0, np.inf, np.nan])

    np.testing.assert_array_equal(calculated("log", x), [-np.inf, np.nan, np.inf, np.nan])
    assert np.isnan(calculated("exp", x)[3])
    assert calculated("exp", np.array([-1e9])) > 0.0  # held within the range of normal numbers


def calculated(name, x):
    """One of the functions, of these numbers."""
    import one_thread

    numbers = {"x": "const double*", "made": "double*"}
    body = f"  made[p] = {one_thread.FORMS[name].format('x[p]')};\n"
    module = one_thread.Module([one_thread.per_patient("all", numbers, body)], "double", False)
    made = np.empty_like(x)
    module.call("all", len(x), x, made)
    return made


def test_every_operation_of_a_graph_has_a_form():
    import one_thread

    assert set(one_thread.FORMS) == set(OPERATIONS)


def test_no_number_stays_none_in_the_greater_of_two():
    import one_thread

    graph = Graph()
    x, y = (graph.input(name, Level.LANE) for name in "xy")
    kernel = Kernel("greater", {0: graph.apply("max", (x, y), "f")}, 1, 1)
    text = one_thread.printed(graph, kernel, Places({x: 0, y: 1}))

    assert "(x0 > x1 || x0 != x0) ? x0 : x1" in text
