"""Does the benchmark report what it measured, side by side?"""

import json
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.bench import chain, comparison, engines, process, whole
from resynapse.bench.comparison import error
from resynapse.bench.peak import COUNTED
from resynapse.bench.peers.vector import Vector
from resynapse.bench.process import OutOfTimeError
from resynapse.bench.workload import WORKLOADS, w1, w2
from resynapse.cli.command_line import app
from resynapse.engine.dynamics.system import NEVER, Seen
from resynapse.protocol import load

ENDLESS: set[str] = set()
"""engines that never get ready"""
COST = {"native": 2.0, "xla": 30.0}
FIELDS = {
    "workload", "engine", "backend", "precision", "cores", "rate", "rate_unit", "max_error",
    "peak_memory_mb", "compile_cold_seconds", "compile_cached_seconds", "ratio_to",
}  # fmt: skip


@pytest.fixture
def stopwatch(monkeypatch):
    """A machine on which every back end takes a known time."""

    def alone(engine, people, cache, until, what=""):
        if what:
            return {"max_error": 0.01, "error_unit": "d, of the first use, until day 30"}
        return {
            "start_seconds": 9.0 if people == chain.FIRST else 0.5,
            "seconds": COST[engine],
            "processor_seconds": 2.0 * COST[engine],
            "patient_years": 60.0,
            "bouts": 180.0,
            "peak_memory_mb": 300.0,
        }

    class Running:
        def __init__(self, one, workload, cache, cores, until, **size):
            if one.key in ENDLESS:
                raise OutOfTimeError(one.key)
            self.engine, self.start_seconds = one, 0.25

        def run(self, first, count):
            pace = {"native": 1000.0}.get(self.engine.key, 10.0)
            return {
                "seconds": count / pace, "processor_seconds": 2.0 * count / pace, "events": 0.0,
                "peak_memory_mb": 200.0,
            }  # fmt: skip

        def outcome(self, count):
            return {name: np.ones((2, 3, 1)) for name in ("records", "first", "count")}

        def end(self):
            pass

    exact = Seen((np.full((3, 1, 2), 1.25),), np.full(2, NEVER), np.zeros(2))
    monkeypatch.setattr(engines.Engine, "missing", lambda self: [])  # as if every peer were here
    monkeypatch.setattr(chain, "_alone", alone)
    monkeypatch.setattr(comparison, "Running", Running)
    monkeypatch.setattr(comparison, "tight", lambda workload: lambda first, count: exact)
    monkeypatch.setattr(whole, "fraction", lambda *_: {"peak_fraction": 0.5})
    monkeypatch.setattr(whole, "scaling", lambda *_: {"people": [], "days": [], "doses": []})


def asked(*words):
    answer = CliRunner().invoke(app, ["bench", "--json", *words])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_rates_of_the_whole_chain_are_compared_within_one_call(stopwatch):
    native, xla = asked("--workload", "W3")["results"]

    assert native["rate"] == 30.0 and xla["rate"] == 2.0
    assert native["ratio_to"] == {"xla": 15.0}
    assert native["events_each"] == 3.0
    assert (native["compile_cold_seconds"], native["compile_cached_seconds"]) == (9.0, 0.5)


def test_the_error_of_the_whole_chain_is_measured_in_every_run_where_there_is_time(
    stopwatch, monkeypatch
):
    measured, asked_of = chain._alone, []

    def alone(engine, people, cache, until, what=""):
        asked_of.append((engine, what))
        if (engine, what) == ("xla", chain.ERROR):
            raise subprocess.TimeoutExpired(engine, 1.0)
        return measured(engine, people, cache, until, what)

    monkeypatch.setattr(chain, "_alone", alone)
    native, xla = asked("--workload", "W3")["results"]

    own = [("native", ""), ("native", ""), ("native", chain.ERROR)]
    assert asked_of == [*own, ("xla", ""), ("xla", ""), ("xla", chain.ERROR)]
    assert (native["max_error"], xla["max_error"]) == (0.01, None)
    assert "in the time that was left" in xla["error_unit"]
    quick = asked("--workload", "W3", "--quick")["results"][0]
    assert quick["max_error"] == 0.01 and asked_of[-1] == ("xla", chain.QUICK_ERROR)


def test_the_reference_of_the_whole_chain_is_run_once_for_all_back_ends(monkeypatch, tmp_path):
    paths, run = (np.array([3.0, 7.5]), np.array([2.0, 1.0])), []
    monkeypatch.setattr(chain, "_conduct", lambda engine, first: engine)
    monkeypatch.setattr(chain, "_paths", lambda engine, *_: run.append(engine) or paths)
    found = [chain.apart(name, 4, False, str(tmp_path)) for name in ("native", "xla")]

    assert run == ["native", "reference", "xla"]
    assert [one["max_error"] for one in found] == [0.0, 0.0]
    assert found[1]["same_counts"] == 1.0


def test_a_quick_error_is_that_of_the_first_and_the_last_arm():
    seen = []

    class Counted:
        protocol = load(chain.PROTOCOL)

        def chunks(self, arm, felt, people, until):
            seen.append(arm.id)
            marks = SimpleNamespace(first_use=np.zeros(people))
            return [SimpleNamespace(marks=marks, bouts=np.zeros(people))]

    first, _ = chain._paths(Counted(), 3, quick=True)

    arms = Counted.protocol.arms
    assert seen == [arms[0].id, arms[-1].id] and len(first) == 6


def test_the_error_of_the_whole_chain_is_that_of_first_uses_until_its_day(monkeypatch):
    far = 1.0e9
    paths = {
        "native": (np.array([3.0, 7.5, far, -1.0]), np.array([2.0, 1.0, 0.0, 0.0])),
        "reference": (np.array([3.1, 7.0, 29.0, -1.0]), np.array([2.0, 3.0, 1.0, 0.0])),
    }
    monkeypatch.setattr(chain, "_conduct", lambda engine, first: engine)
    monkeypatch.setattr(chain, "_paths", lambda engine, *_: paths[engine])
    found = chain.apart("native", 4)

    assert found["max_error"] == pytest.approx(0.5) and found["median_error"] == pytest.approx(0.3)
    assert found["same_counts"] == 0.5 and found["checked"]["first_uses"] == 2


def test_every_row_has_the_fields_that_a_program_reads(stopwatch):
    rows = asked()["results"]

    assert {row["workload"] for row in rows} == {"W1", "W2", "W3"}
    for row in rows:
        assert set(row) >= FIELDS
    native = next(row for row in rows if row["backend"] == "native")
    assert native["peak_fraction"] == 0.5 and set(native["scaling"]) == {"people", "days", "doses"}


def test_a_ratio_is_that_of_the_rates_and_names_the_peer(stopwatch):
    rows = asked("--workload", "W1", "--engine", "native", "--engine", "scipy")["results"]

    assert [row["backend"] or row["engine"] for row in rows] == ["native", "scipy"]
    assert rows[0]["ratio_to"]["scipy"] == pytest.approx(100.0, rel=1e-3)
    assert rows[0]["max_error"] == pytest.approx(0.2)


def test_what_does_not_start_in_time_is_left_out_by_name_and_the_rest_measured(
    stopwatch, monkeypatch
):
    def endless(engine, people, cache, until, what=""):
        raise subprocess.TimeoutExpired(engine, 1.0)

    monkeypatch.setattr(sys.modules[__name__], "ENDLESS", {"diffrax"})
    monkeypatch.setattr(chain, "_alone", endless)
    found = asked("--workload", "W1", "--workload", "W3")

    assert {row["turns"] for row in found["results"]} == {5}
    assert "scipy" in found["results"][0]["ratio_to"]
    assert "diffrax" not in found["results"][0]["ratio_to"]
    assert "give more --minutes" in found["absent"]["W1"]["diffrax"]
    assert set(found["absent"]["W3"]) == {"native", "xla"}


def test_when_nobody_was_ready_in_time_a_sentence_says_so(stopwatch, monkeypatch, tmp_path):
    monkeypatch.setattr(sys.modules[__name__], "ENDLESS", {"native"})
    words = ["--workload", "W1", "--engine", "native", "--plot", str(tmp_path / "speed.svg")]
    answer = CliRunner().invoke(app, ["bench", "--minutes", "3", *words])

    assert answer.exit_code == 2
    assert "Nothing was measured: no engine was ready in its share of 3 minutes." in answer.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--workload W3 --engine reference", "in W3: the whole chain is run by native and xla"),
        ("--workload W2 --engine diffrax", "Diffrax in W2: it does not run W2"),
        ("--workload W1 --engine rxode2", "Rxode2 in W1: not installed"),
    ],
)
def test_an_engine_that_could_not_be_measured_is_refused_before_anything_starts(
    monkeypatch, words, said
):
    monkeypatch.setattr("resynapse.bench.engines._in_r", lambda package: False)
    monkeypatch.setattr("resynapse.bench.whole.bench", lambda *_: pytest.fail("it was begun"))

    answer = CliRunner().invoke(app, ["bench", *words.split()])

    assert answer.exit_code == 2
    assert "Nothing would be measured." in answer.output
    assert said in answer.output


def test_without_time_for_another_turn_or_start_what_was_seen_once_is_shown(stopwatch):
    found = asked("--workload", "W1", "--minutes", "0")

    assert {row["turns"] for row in found["results"]} == {1}
    assert {row["compile_cached_seconds"] for row in found["results"]} == {None}
    assert [r["scaling"] for r in found["results"] if r["backend"] == "native"] == [{}]


def test_an_engine_that_does_not_answer_in_time_is_ended(tmp_path, monkeypatch):
    begun, start = [], process.Running._started
    monkeypatch.setattr(
        process.Running, "_started", lambda *given: begun.append(start(*given)) or begun[-1]
    )
    with pytest.raises(OutOfTimeError):
        process.Running(engines.engine("native"), "W1", tmp_path, 1, time.monotonic() + 0.05)

    assert [one.wait() for one in begun] == [-signal.SIGKILL]


def test_a_picture_shows_every_engine_and_its_rate(stopwatch, tmp_path):
    asked("--workload", "W1", "--plot", str(tmp_path / "speed.svg"))
    drawn = (tmp_path / "speed.svg").read_text(encoding="utf-8")

    assert ">Resynapse native</text>" in drawn and ">numbalsoda lsoda</text>" in drawn
    assert ">1000</text>" in drawn and drawn.count('class="bar') >= 5


def test_a_peer_that_is_not_installed_is_named_and_no_error(stopwatch, monkeypatch):
    monkeypatch.setattr(engines.Engine, "missing", lambda self: [] if self.backend else ["it"])
    monkeypatch.setattr(engines.shutil, "which", lambda name: None)
    found = asked("--workload", "W1", "--quick")

    assert {row["engine"] for row in found["results"]} == {"resynapse"}
    assert found["absent"]["W1"]["numbalsoda_lsoda"] == "not installed: pip install numbalsoda"
    assert found["absent"]["W1"]["mrgsolve"] == "not installed: there is no R"


@pytest.mark.parametrize(("option", "known"), [("--engine", "native, xla"), ("--workload", "W1")])
def test_an_unknown_name_is_refused_in_a_sentence(option, known):
    answer = CliRunner().invoke(app, ["bench", option, "abacus"])

    assert answer.exit_code == 2
    assert f"{option} abacus: choose from {known}" in answer.output


def test_errors_of_events_are_those_of_the_first_in_people_who_had_one():
    exact = Seen((np.zeros((1, 1, 3)),), np.array([5.0, NEVER, 7.0]), np.array([2, 0, 1]))
    found = error({"first": np.array([5.5, NEVER, 7.0]), "count": np.array([2, 0, 2])}, exact)

    assert found["max_error"] == 0.5 and found["same_counts"] == pytest.approx(2.0 / 3.0)


@pytest.mark.parametrize("name", ["W1", "W2"])
def test_peers_are_given_the_slopes_of_the_same_functions(name):
    work = WORKLOADS[name]()
    vector, person = Vector(work), work.persons(3, 1)[0]
    y = np.linspace(0.2, 0.9, len(vector.begun))
    out = np.empty_like(y)
    vector.function("slopes")(person.tolist(), y.tolist(), (60.0, 0.0, 0.5), out)

    split = vector.split(list(y))
    drive = work.system.drive(
        jax_tree(vector.person, person), split[0], work.system.signal(0.0, 0.5)
    )
    rates = work.system.rate(jax_tree(vector.person, person), split[1], drive)
    many = len(vector.begun) - vector.events - len(split[1])
    np.testing.assert_allclose(out[many : many + len(split[1])], rates, rtol=1e-5)


def jax_tree(like, values):
    import jax

    return jax.tree.unflatten(jax.tree.structure(like), list(values))


@pytest.mark.parametrize(("make", "usual"), [(w1, 6), (w2, 6)])
def test_more_doses_and_days_make_a_longer_timetable(make, usual):
    table, more = make().table(), make(doses=2 * usual).table()

    assert len(more.step) > len(table.step)
    assert len(make(days=400).table().step) > len(table.step)


def test_only_arithmetic_is_counted():
    text = "%1 = fadd <8 x double> %a, %b\n%2 = select i1 %c, %1, %a\n%3 = fdiv double %1, %2"

    assert COUNTED.findall(text) == ["fadd", "fdiv"]
