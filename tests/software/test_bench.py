"""Does the benchmark report what it measured, side by side?"""

import json

import pytest
from typer.testing import CliRunner

from resynapse import bench
from resynapse.cli.command_line import app

COST = {"native": 2.0, "xla": 30.0}


@pytest.fixture
def stopwatch(monkeypatch):
    """A machine on which every back end takes a known time."""

    def alone(engine, people, cache):
        return {
            "start_seconds": 9.0 if people == bench.FIRST else 0.5,
            "seconds": COST[engine],
            "processor_seconds": 2.0 * COST[engine],
            "patient_years": 60.0,
            "bouts": 180.0,
            "peak_memory_mb": 300.0,
        }

    monkeypatch.setattr(bench, "_alone", alone)


def test_rates_are_compared_within_one_call(stopwatch):
    answer = CliRunner().invoke(app, ["bench", "--json"])
    native, xla = json.loads(answer.stdout)["results"]

    assert native["rate"] == 30.0 and xla["rate"] == 2.0
    assert native["ratio_to"] == {"xla": 15.0}
    assert native["bouts_per_patient_year"] == 3.0
    assert (native["compile_cold_seconds"], native["compile_cached_seconds"]) == (9.0, 0.5)


def test_an_unknown_back_end_is_refused_in_a_sentence(stopwatch):
    answer = CliRunner().invoke(app, ["bench", "--backend", "abacus"])

    assert answer.exit_code == 2
    assert "--backend abacus: choose from native, xla." in answer.output
