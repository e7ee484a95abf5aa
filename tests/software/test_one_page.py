"""Do the package and the page that shows the whole chain say the same?"""

from __future__ import annotations

import ast
import importlib.util
import math
import subprocess
import sys
from itertools import product
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from resynapse.patient import Patient, parameters
from resynapse.patient.model import Model
from resynapse.pharmacology.benzodiazepine import midazolam
from resynapse.trial.arm_setting import arm_setting
from software.one_page import (
    AT_DAYS,
    COURSES,
    DOSES,
    LAST_DAY,
    MOVED,
    SAME_PLAN,
    SEED,
    Anywhere,
    Trial,
    leaves,
    people,
    somebody,
)

CLOSE = 1.0e-6
"""of the range of a state over the path"""

NEUTRAL = {
    "circuit.interneuron_external_ampa": 0.0, "craving.incubation": 0.0, "expectancy.present": 1.0,
    "expectancy.learning_weight": 0.0, "opioid.competes": 1.0, "opioid.substance_efficacy": 1.0,
    "potency.norketamine_counts": 0.0,
}  # fmt: skip
"""numbers that do nothing at their defaults, and are left out"""
ELSEWHERE = {
    "body", "molar_mass", "people", "therapy", "potency.s_norketamine", "potency.r_norketamine",
    "s_enantiomer.norketamine_scale", "r_enantiomer.norketamine_scale", "lapse.frailty_sd",
    "stop.persistent_share", "expectancy.report_weight", "dissociation.after_midazolam",
    "craving.incubation_time", "mood.antidepressant_weight",
}  # fmt: skip
"""other routes, metabolites, therapies, and how people differ; a name stands for all of its link"""
OFF_PAGE_STATES = {"incubation", "antidepressant"}


@pytest.fixture(scope="module")
def file(root):
    return root / "examples" / "whole_chain_on_one_page.py"


@pytest.fixture(scope="module")
def page(file) -> ModuleType:
    """The page as a module."""
    spec = importlib.util.spec_from_file_location("whole_chain_on_one_page", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trial(page) -> Trial:
    return Trial(page)


@pytest.fixture(scope="module")
def lanes(trial) -> dict[tuple[str, float], Any]:
    return {(arm, day): trial.run(arm, day) for arm in DOSES for day in AT_DAYS}


def test_numbers_of_the_page_are_the_defaults_of_the_package(page):
    defaults = {entry.path: entry.value for entry in parameters()}

    missing = set(page.PARAMETERS) - set(defaults)
    assert not missing, f"the package has no such parameter: {missing}"
    moved = {
        path: f"page {value}, package {defaults[path]}"
        for path, value in page.PARAMETERS.items()
        if not math.isclose(value, defaults[path], rel_tol=1.0e-10)
    }
    assert not moved


def test_every_number_of_a_link_on_the_page_stands_there_or_does_nothing(page):
    links = {path.split(".")[0] for path in page.PARAMETERS}
    left_out = {
        entry.path: entry.value
        for entry in parameters()
        if entry.path.split(".")[0] in links - ELSEWHERE
        if entry.path not in {*page.PARAMETERS, *ELSEWHERE}
    }

    assert left_out == NEUTRAL


def test_every_state_of_the_package_stands_on_the_page(page, trial):
    with jax.enable_x64(True):
        lane = Model(Patient(), midazolam()).begin(
            arm_setting(trial.protocol, trial.protocol.arms[0], trial.patient, trial.felt),
            jax.tree.map(lambda x: x[0], people(trial.traits)), jnp.uint32(SEED),
        )  # fmt: skip
    first = {name: float(value) for name, value in leaves(lane.state).items()}

    assert {name: x for name, x in first.items() if name not in OFF_PAGE_STATES} == page.AT_FIRST


def test_the_page_steps_on_the_grid_of_the_package(page, trial):
    plan = trial.plan("ketamine")
    times = page.grid(page.Record(**page.PLAN | SAME_PLAN), plan.record_days)

    assert np.allclose(times[:-1], plan.plan.time[: plan.steps], rtol=0.0, atol=1.0e-9)


@pytest.mark.parametrize(("arm", "course"), [*product(DOSES, COURSES), ("ketamine", MOVED)])
def test_package_and_page_agree_along_a_whole_path(trial, lanes, arm, course):
    number = somebody(trial, lanes[arm, LAST_DAY], course)
    path, marks = trial.on_the_page(arm, number)
    days = np.array([row.day for row in path])

    worst = {}
    for day in AT_DAYS:
        row = path[int(np.argmin(np.abs(days - day)))]
        for name, value in leaves(lanes[arm, day].state).items():
            if name not in OFF_PAGE_STATES:
                span = np.ptp([getattr(one, name) for one in path])
                error = abs(float(value[number]) - getattr(row, name))
                worst[name] = max(worst.get(name, 0.0), error / span if span > 0.0 else error)
    assert max(worst.values()) < CLOSE, worst

    seen = lanes[arm, LAST_DAY].marks
    lapses, ends, exits = ([t for t in times if t < LAST_DAY] for times in marks.events)
    assert (len(lapses), len(lapses) > len(ends)) == (seen.bouts[number], seen.using[number])
    assert min(lapses, default=1.0e9) == pytest.approx(float(seen.first_use[number]), abs=1e-6)
    assert min(exits, default=1.0e9) == pytest.approx(float(seen.dropout[number]), abs=1e-6)


def test_package_and_page_head_the_same_way_from_anywhere_and_under_medication(page, trial):
    points = Anywhere(page)
    with jax.enable_x64(True):
        found, hazards = jax.tree.map(np.asarray, points.in_the_package(trial))
    targets = leaves(found)

    for k in range(points.COUNT):
        heading, rates = points.on_the_page(page, k)
        for name, pair in heading.items():
            theirs = [x[k] for x in targets[name]]
            assert list(pair) == pytest.approx(theirs, rel=1e-9, abs=1e-12), name
        assert rates == pytest.approx([hazards[which][k] for which in (0, 1, 3)], rel=1e-9)


def test_the_page_is_short_and_needs_numpy_alone(file):
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    imported = [
        name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    ]

    assert len(text.splitlines()) <= 400
    assert max(node.end_lineno - node.lineno + 1 for node in functions) <= 40
    assert sorted(imported) == ["math", "numpy"]


COUNTED = """
import cProfile, pstats, runpy, sys
profile = cProfile.Profile()
profile.runcall(runpy.run_path, sys.argv[1], run_name="__main__")
print(pstats.Stats(profile).total_calls, file=sys.stderr)
"""
MOST_CALLS = 3_000_000
"""of functions; 2.4 million took 1.2 to 1.7 s of processor time, imports among it"""


def test_the_page_prints_both_arms_with_so_few_calls_that_it_takes_seconds(file):
    said = subprocess.run(
        [sys.executable, "-c", COUNTED, file], capture_output=True, text=True, check=True
    )

    rows = [line.split() for line in said.stdout.splitlines()[2:]]
    assert all(len(row) == 9 for row in rows) and len(rows) >= 8
    assert 0 < int(said.stderr) < MOST_CALLS
