"""Does a run that was killed go on to the same files, and can one person be seen alone?"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import resynapse
from resynapse.engine.back_end import back_end
from resynapse.exchange import read, write
from resynapse.protocol import run_size
from resynapse.trial.arm_run import DivergenceError
from resynapse.trial.replay import replay
from resynapse.trial.simulate import simulate
from software.few_people import PROTOCOL

WORDS = ("run", "few.yaml", "--patients", "700", "--draws", "1", "--output", "out")
TEXTS = {"protocol_text": PROTOCOL, "report_html": ""}
SAME = ("patients.parquet", "events.parquet", "trajectories.nc", "summary.csv", "protocol.yaml")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
DIES = """
import os, signal
from resynapse.exchange import run_folder
from resynapse.cli.command_line import app

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{point} = die
app()
"""
"""the command line, which kills itself when it calls ``point``"""


def begun(*words: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "resynapse", *words],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stopped(folder: Path, how: signal.Signals, *more: str) -> tuple[int, str]:
    """The run, stopped as soon as two chunks are finished: how it ended, and its last words."""
    process = begun(*WORDS, *more, cwd=folder)
    while len(list((folder / ".out.chunks").glob("*.npz"))) < 2 and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(how)
    _, said = process.communicate(timeout=120)
    return process.returncode, said.strip().splitlines()[-1]


def sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in SAME}


@pytest.fixture(scope="module")
def killed_and_resumed(tmp_path_factory) -> Path:
    """Begun with two workers, killed; interrupted and resumed; each time with other workers."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "few.yaml").write_text(PROTOCOL)
    assert stopped(folder, signal.SIGKILL, "--workers", "2")[0] == -signal.SIGKILL
    assert not (folder / "out").exists()
    process = begun("run", "--resume", "out", "--quiet", cwd=folder)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return folder


def here(folder: Path, *words: str) -> None:
    """The command in this process, which has everything loaded."""
    from typer.testing import CliRunner

    from resynapse.cli.command_line import app

    before = Path.cwd()
    os.chdir(folder)
    try:
        answer = CliRunner().invoke(app, [*words, "--quiet"])
    finally:
        os.chdir(before)
    assert answer.exit_code == 0, answer.output


@pytest.fixture(scope="module")
def never_killed(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "few.yaml").write_text(PROTOCOL)
    here(folder, *WORDS)
    return folder


def test_a_killed_run_goes_on_to_the_same_files(killed_and_resumed, never_killed):
    assert sums(killed_and_resumed / "out") == sums(never_killed / "out")
    assert {path.name for path in killed_and_resumed.iterdir()} == {"few.yaml", "out"}
    read(killed_and_resumed / "out")


def dies(point: str, *words: str, cwd: Path) -> set[tuple[str, int]]:
    """Killed with -9 where this is called: the chunks that are there then, and when written."""
    script = DIES.format(point=point)
    process = subprocess.run([sys.executable, "-c", script, *words], cwd=cwd, env=ENVIRONMENT)
    assert process.returncode == -signal.SIGKILL
    assert not (cwd / "out").exists()
    chunks = (cwd / ".out.chunks").glob("*.npz")
    return {(path.name, path.stat().st_mtime_ns) for path in chunks}


def test_a_run_killed_while_its_files_are_written_goes_on_to_the_same_files(tmp_path):
    words = (*WORDS[:2], "--patients", "8", "--draws", "0", "--rivals", "off", "--output")
    (tmp_path / "few.yaml").write_text(PROTOCOL)
    here(tmp_path, *words, "whole")

    first = dies("run_folder._write_trajectories", *words, "out", cwd=tmp_path)
    (left,) = tmp_path.glob(".out.partial-*")
    names = {file.name for file in left.iterdir()}
    assert names == {"protocol.yaml", "patients.parquet", "events.parquet"}
    again = dies("run_folder.checksums", "run", "--resume", "out", cwd=tmp_path)
    assert len(first) == 2 and again == first
    assert len(list(tmp_path.glob(".out.partial-*/report.html"))) == 1
    assert not list(tmp_path.glob(".out.partial-*/manifest.json"))
    here(tmp_path, "run", "--resume", "out")

    assert sums(tmp_path / "out") == sums(tmp_path / "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"few.yaml", "out", "whole"}


def test_the_manifest_says_who_made_how_many_chunks(never_killed):
    made = json.loads((never_killed / "out" / "manifest.json").read_text())["chunks"]

    assert made["count"] == sum(made["made_by"].values()) == 13
    assert all(by.startswith(f"{resynapse.__version__} on ") for by in made["made_by"])


def test_the_command_names_the_file_also_where_the_run_was_resumed(
    never_killed, killed_and_resumed
):
    for folder in (never_killed, killed_and_resumed):
        made = json.loads((folder / "out" / "manifest.json").read_text())
        assert made["command"].startswith("resynapse run few.yaml ")
        assert "resynapse run few.yaml " in (folder / "out" / "report.html").read_text()


def test_a_command_never_names_an_absolute_path(tmp_path):
    from resynapse.cli.choices import file_of

    assert file_of(str(tmp_path / "few.yaml")) == "few.yaml"
    assert file_of("trials/few.yaml") == "trials/few.yaml"
    assert file_of("krupitsky-2002") is None


def test_an_interrupted_run_says_how_it_goes_on(tmp_path):
    (tmp_path / "few.yaml").write_text(PROTOCOL)
    code, said = stopped(tmp_path, signal.SIGINT)

    assert code == 130
    assert said.startswith("Interrupted; ")
    assert said.endswith("kept. To go on: resynapse run --resume out")


def test_a_person_alone_is_the_person_of_the_run(never_killed):
    whole = read(never_killed / "out").patients
    for path in replay(resynapse.load(never_killed / "few.yaml"), 613):
        row = whole[(whole["arm"] == path.arm) & (whole["patient"] == 613)].iloc[0]
        for name, value in path.row.items():
            assert np.array_equal(row[name], value, equal_nan=True), name


def test_one_who_cannot_be_computed_is_named_with_the_command_that_shows_them(monkeypatch):
    engine = back_end("native")
    prepared = engine.prepared

    def spoiled(*given):
        through = prepared(*given)

        def go(person):
            kept = through(person)
            kept.records[..., : len(person.key)][:, :, np.asarray(person.key) == 21] = np.nan
            return kept

        return go

    monkeypatch.setattr(engine, "prepared", spoiled)
    with pytest.raises(DivergenceError) as lost:
        simulate(resynapse.parse(PROTOCOL, "few"), patients=30, draws=0, seed=4)

    assert lost.value.message.startswith("Arm none, person 21: ")
    alone = "resynapse run few --seed 4 --parameters calibrated --patient 21"
    assert lost.value.message.endswith(f"alone: {alone}")


def test_a_person_alone_is_the_person_of_a_calibrated_run_too():
    plan, calibrated = resynapse.parse(PROTOCOL, "few"), {"parameters": "calibrated"}
    whole = simulate(plan, patients=8, draws=0, **calibrated)
    alone = {path.arm: path.row for path in replay(plan, 5, **calibrated)}
    prior = {path.arm: path.row for path in replay(plan, 5, parameters="prior")}

    for id, arm in whole.arms.items():
        row = arm.patients.iloc[5]
        for name, value in alone[id].items():
            assert np.array_equal(row[name], value, equal_nan=True), name
    assert not alone["ketamine"].equals(prior["ketamine"])


def test_a_run_that_holds_the_first_people_only_writes_the_rows_and_events_of_everyone(
    tmp_path, monkeypatch
):
    plan, wishes = resynapse.parse(PROTOCOL, "few"), {"patients": 40, "draws": 0, "rivals": False}
    whole = write(simulate(plan, **wishes), tmp_path / "whole", **TEXTS)
    monkeypatch.setattr(run_size, "HELD", 5)
    large = simulate(plan, **wishes, chunks=tmp_path / "chunks")

    written = read(write(large, tmp_path / "large", **TEXTS))

    assert len(large.arms["none"].patients) == 5
    assert written.patients.equals(read(whole).patients)
    order = ["arm", "event", "patient"]
    both = [found.events.sort_values(order, ignore_index=True) for found in (written, read(whole))]
    assert len(both[0]) > 20 and both[0].equals(both[1])
