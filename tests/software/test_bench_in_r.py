"""Are tools of R given the same equations, people and doses as all others?"""

import math
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from missing import is_missing
from resynapse.bench import comparison, engines
from resynapse.bench.comparison import QUICK, compared, error
from resynapse.bench.peers import in_r
from resynapse.bench.peers.scipy_lsoda import tight
from resynapse.bench.peers.vector import Vector
from resynapse.bench.process import BenchError
from resynapse.bench.workload import w1

INFLOW = 60.0
STAND_INS = Path(__file__).with_name("r_stand_ins")


@pytest.fixture(scope="module")
def given():
    """A workload, its equations, a person's parameters and states, and dy/dt without inflow."""
    work = w1()
    vector, person = Vector(work), work.persons(3, 1)[0]
    y = np.linspace(0.2, 0.9, len(vector.begun))
    out = np.empty_like(y)
    vector.function("slopes")(person.tolist(), y.tolist(), (0.0, 0.0, 0.5), out)
    return work, vector, person, y, out


@pytest.mark.parametrize(
    ("model", "slope"),
    [
        (in_r.mrgsolve_model, r"^dxdt_y_(\d+) = (.*);$"),
        (in_r.rxode2_model, r"^d/dt\(y_(\d+)\) = (.*);$"),
        (in_r.c_function, r"^ydot\[(\d+)\] = (.*);$"),
    ],
)
def test_the_text_for_each_tool_says_the_same_slopes(given, model, slope):
    _, vector, person, y, exact = given
    names = {"exp": math.exp, "log": math.log, "max": max, "fmax": max}
    names |= {f"p_{k}": v for k, v in enumerate(person)} | {f"y_{k}": v for k, v in enumerate(y)}
    names |= {"p": [*person, 0.0], "y": y}
    found = {}
    for line in model(vector).splitlines():
        if said := re.match(r"^(?:double )?(x\d+) [=~] (.*);$", line):
            names[said[1]] = eval(said[2], {}, names)
        elif said := re.match(slope, line):
            found[int(said[1])] = eval(said[2], {}, names)

    np.testing.assert_allclose([found[k] for k in range(len(y))], exact, rtol=1e-12)


def test_inflow_goes_into_the_first_state_as_a_dose_does(given):
    _, vector, person, y, without = given
    out = np.empty_like(y)
    vector.function("slopes")(person.tolist(), y.tolist(), (INFLOW, 0.0, 0.5), out)

    np.testing.assert_allclose(out - without, [INFLOW, *[0.0] * (len(y) - 1)], atol=1e-10)


def test_desolve_gives_what_the_reference_gives(given):
    if engines.engine("desolve").missing():
        is_missing("needs R with its package deSolve (Debian: r-cran-desolve)")
    work = given[0]
    through, exact = in_r.desolve(work, 1), tight(work)(0, 4)
    seen = through(0, 4)
    outcome = {"records": seen.by_person(), "first": seen.first, "count": seen.count}

    assert error(outcome, exact)["max_error"] < 2e-6  # the error at which tools are compared
    through.process.communicate()

    assert through.used > 0.0 and through.memory_mb > 10.0
    assert through.process.returncode == 0


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    """A library of R with packages that know what our scripts say, and solve it by deSolve."""
    if engines.engine("desolve").missing():
        is_missing("needs R with its package deSolve (Debian: r-cran-desolve)")
    place, library = tmp_path_factory.mktemp("written"), tmp_path_factory.mktemp("library")
    for name in ("mrgsolve", "rxode2"):
        shutil.copytree(STAND_INS / name, place / name)
        shutil.copy(STAND_INS / "solve.R", place / name / "R")
        install = ["R", "CMD", "INSTALL", "--no-docs", "--no-test-load", f"--library={library}"]
        subprocess.run([*install, str(place / name)], check=True, capture_output=True)
    return library


@pytest.mark.parametrize("name", ["mrgsolve", "rxode2"])
def test_scripts_for_tools_that_are_not_there_work_with_what_stands_in_for_them(
    given, stand_ins, monkeypatch, name
):
    """Not these packages: whether they take the same calls only a run with them can tell."""
    monkeypatch.setenv("R_LIBS", str(stand_ins))
    work = given[0]
    through, exact = getattr(in_r, name)(work, 1), tight(work)(0, 3)
    seen = through(0, 3)
    outcome = {"records": seen.by_person(), "first": seen.first, "count": seen.count}
    through.process.communicate()

    assert error(outcome, exact)["max_error"] < 2e-6
    assert through.used > 0.0


def test_the_words_of_r_that_ended_early_are_told(given, monkeypatch, tmp_path):
    ended = tmp_path / "Rscript"
    ended.write_text("#!/bin/sh\necho 'Error: no compiler' >&2\necho 'Execution halted' >&2\n")
    ended.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    through = in_r.desolve(given[0], 1)
    through.process.wait()

    with pytest.raises(BenchError, match="^Error: no compiler$"):
        through(0, 2)


def test_what_r_lacks_is_named_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr(engines, "_in_r", lambda package: False)
    monkeypatch.setattr(engines.shutil, "which", lambda name: name)

    assert engines.absent("W1")["mrgsolve"] == ("not installed in R: install.packages('mrgsolve')")


def test_a_tool_that_breaks_is_left_out_with_its_words(monkeypatch):
    class Broken:
        def __init__(self, one, *given, **size):
            raise BenchError(f"{one.key} did not finish its measurement: no such block: $ODE")

    monkeypatch.setattr(comparison, "Running", Broken)
    monkeypatch.setattr(comparison, "tight", lambda workload: lambda first, count: None)
    monkeypatch.setattr(engines.Engine, "missing", lambda self: [])
    rows, left_out = compared("W1", ["mrgsolve"], 1, QUICK, lambda words: None)

    assert not rows and "no such block: $ODE" in left_out["mrgsolve"]
    with pytest.raises(BenchError):
        compared("W1", ["native"], 1, QUICK, lambda words: None)
