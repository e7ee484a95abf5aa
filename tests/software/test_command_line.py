"""What does a person at a terminal meet?"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from resynapse.cli import folder, progress
from resynapse.cli.command_line import app
from software.report_example import toy_result

HEAVY = ("jax", "numpy", "pandas", "xarray", "matplotlib", "scipy", "duckdb", "numba", "pydantic")
PROTOCOL = "krupitsky-2002"


def command(*arguments: str, cwd: Path, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """resynapse in a process of its own."""
    return subprocess.Popen(
        [sys.executable, *options, "-m", "resynapse", *arguments],
        cwd=cwd,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(*arguments: str, cwd: Path, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    process = command(*arguments, cwd=cwd, options=options)
    out, err = process.communicate()
    return process.returncode, out, err


def said_here(*arguments: str) -> tuple[int, str, str]:
    """The same of the command in this process, which has everything loaded."""
    answer = CliRunner().invoke(app, list(arguments))
    return answer.exit_code, answer.stdout, answer.stderr


def ensure_refused(code: int, out: str, err: str) -> str:
    """The one message with which wrong input is refused; a traceback would end with code 1."""
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    return err


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small run of the whole program: its folder, what it said and where."""
    cwd = tmp_path_factory.mktemp("run")
    small = ("--patients", "8", "--draws", "0", "--seed", "5")
    code, out, err = said("run", PROTOCOL, *small, "--json", "--output", "out", cwd=cwd)
    assert code == 0, err
    return cwd, out, err


@pytest.fixture
def screen(monkeypatch, tmp_path):
    """What stands on the screen after a run, and the folder it ran in; the trial is a toy."""
    monkeypatch.setattr(
        "resynapse.trial.simulate.simulate", lambda plan, **_: toy_result(plan, people=20)
    )
    monkeypatch.chdir(tmp_path)
    answer = CliRunner().invoke(app, ["run", PROTOCOL, "--seed", "5", "--quiet"])
    assert answer.exit_code == 0, answer.stderr
    return answer.stdout, tmp_path


def test_help_loads_nothing_but_the_commands_and_nothing_heavy(tmp_path):
    code, _, err = said("--help", cwd=tmp_path, options=("-X", "importtime"))
    imported = {line.rsplit("|", 1)[-1].strip() for line in err.splitlines()}
    ours = {name for name in imported if name.startswith("resynapse.")}

    assert code == 0
    assert "typer" in imported
    assert {name.split(".")[0] for name in imported}.isdisjoint(HEAVY)
    assert all(name.startswith("resynapse.cli") for name in ours - {"resynapse.input_error"})


def test_the_help_groups_commands_under_headings_with_the_page_among_the_first():
    help = CliRunner().invoke(app, ["--help"]).stdout
    headings = ["Look and run", "Design a trial", "Evidence and fit", "Formats and speed"]
    places = [help.index(one) for one in headings]

    assert places == sorted(places)
    assert places[0] < help.index(" serve ") < places[1]
    assert " Commands " not in help  # the heading of what has none


@pytest.mark.parametrize(
    ("option", "given", "allowed"),
    [
        ("--patients", "0", "1 to 10000000"),
        ("--patients", "10000001", "1 to 10000000"),
        ("--seed", "-1", "0 to 4294967295"),
        ("--seed", "4294967296", "0 to 4294967295"),
        ("--draws", "-1", "0 to"),
    ],
)
def test_a_number_out_of_bounds_is_refused_with_the_bounds(option, given, allowed):
    message = ensure_refused(*said_here("run", PROTOCOL, option, given))

    assert f"{option} {given}" in message
    assert allowed in message


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", PROTOCOL, "--patients", "many"), "--patients"),
        (("run", PROTOCOL, "--nonsense"), "--nonsense"),
        (("run",), "protocol"),
        (("fly",), "fly"),
        (("run", "krupitsky-2001"), PROTOCOL),
        (("check", "missing.yaml"), "missing.yaml"),
        (("protocols", "show", "krupitsky-2001"), PROTOCOL),
        (("evidence", "show", "krupitsky"), "Did you mean"),
        (("run", PROTOCOL, "--switch", "teleportation=on"), "no switch 'teleportation'"),
        (("run", PROTOCOL, "--switch", "teleportation"), "NAME=on"),
        (("run", PROTOCOL, "--backend", "referense"), "Did you mean reference"),
        (("run", PROTOCOL, "--set", "clearance"), "PATH=VALUE"),
        (("run", PROTOCOL, "--set", "no.such.number=1"), "no parameter 'no.such.number'"),
    ],
)
def test_wrong_input_gets_one_message_without_traceback(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert words in ensure_refused(*said_here(*arguments))
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_given_wrong_input_says_no_more_than_the_command(tmp_path):
    arguments = ("run", PROTOCOL, "--set", "no.such.number=1")
    message = ensure_refused(*said(*arguments, cwd=tmp_path))

    assert message == said_here(*arguments)[2]
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_field_is_named_with_its_line(tmp_path):
    code, shipped, _ = said("protocols", "show", PROTOCOL, cwd=tmp_path)
    (tmp_path / "mine.yaml").write_text(shipped + "\nflavour: mint\n", encoding="utf-8")

    message = ensure_refused(*said("check", "mine.yaml", cwd=tmp_path))

    assert code == 0
    assert "mine.yaml" in message
    assert "flavour" in message
    assert "line" in message


def test_a_folder_that_exists_is_never_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "kept"
    kept.mkdir()

    message = ensure_refused(*said_here("run", PROTOCOL, "--output", "kept"))

    assert "kept" in message
    assert "--output" in message
    assert list(kept.iterdir()) == []


def test_a_run_without_a_folder_takes_the_next_free_number(tmp_path):
    (tmp_path / "trial-7-1").mkdir()
    (tmp_path / "trial-7-2").mkdir()

    assert folder.next_free("trial", 7, tmp_path) == tmp_path / "trial-7-3"
    assert folder.next_free("trial", 8, tmp_path) == tmp_path / "trial-8-1"


def test_the_result_begins_with_what_it_is_not_for(screen):
    out, _ = screen

    assert out.startswith("Research software: it tells nobody how to dose a patient.")
    assert "not approved for any addiction" in out
    assert "prior, not calibrated" in out


def test_the_result_shows_expectancy_alone_and_what_was_published(screen):
    out, _ = screen

    assert "Expectancy alone" in out
    assert "25 % (14 to 42)" in out.replace("\u00a0", " ")


def test_the_terminal_calls_arms_and_endpoints_what_page_and_report_call_them():
    from resynapse.cli import summary

    found = toy_result(people=60)
    arm, reference = found.protocol.arms[0], found.protocol.arms[-1]
    told = [
        summary._comparison_row(found, one, [])
        for one in found.comparisons
        if one.endpoint == "lapse" or one.measure == "risk_difference"
    ]

    assert summary.arm_name(found, arm.id) == arm.label
    assert all(row[1] == f"{arm.label} against {reference.label}" for row in told)
    assert [row[0] for row in told if "hazards" in row[2]] == ["First use, leaving censored"]
    shares = [row[3] for row in told if row[2] == "difference of shares"]
    assert shares and all("points" in one and "%" not in one for one in shares)
    one = found.arms[arm.id]
    alike = replace(found, arms={**found.arms, arm.id: replace(one, label=reference.label)})
    assert summary.arm_name(alike, arm.id) == f"{reference.label} ({arm.id})"


def test_a_run_without_a_folder_goes_to_the_first_free_one_and_says_so(screen):
    out, cwd = screen
    folders = [entry.name for entry in (cwd / "runs").iterdir()]

    assert folders == [f"{PROTOCOL}-5-1"]
    assert str(Path("runs") / folders[0] / "report.html") in out


def test_a_run_leaves_a_whole_folder_and_nothing_beside_it(finished):
    cwd, _, _ = finished
    written = {entry.name for entry in (cwd / "out").iterdir()}

    assert [entry.name for entry in cwd.iterdir()] == ["out"]
    assert written == {
        *("manifest.json", "protocol.yaml", "patients.parquet", "events.parquet"),
        *("trajectories.nc", "summary.csv", "report.html"),
    }


def test_a_program_reads_exactly_one_json_object(finished):
    _, out, _ = finished

    assert json.loads(out)["protocol"] == PROTOCOL
    assert json.loads(out)["output"] == "out"
    assert out.count("\n") == 1


def test_progress_with_the_time_left_goes_to_standard_error(finished):
    _, _, err = finished

    assert "100%" in err
    assert "s left" in err


def test_the_files_and_the_json_object_give_the_same_numbers(finished):
    cwd, out, _ = finished
    with (cwd / "out" / "summary.csv").open(encoding="utf-8") as file:
        written = {(row["arm"], row["endpoint"]): row["value"] for row in csv.DictReader(file)}

    for arm, found in json.loads(out)["arms"].items():
        for name, estimate in found["endpoints"].items():
            value = estimate["value"]
            assert written[arm, name] == ("" if value is None else str(value))


def test_an_interrupted_run_says_how_to_run_it_again_and_leaves_nothing(tmp_path):
    process = command("run", PROTOCOL, "--patients", "100000", "--output", "out", cwd=tmp_path)
    assert process.stderr is not None
    process.stderr.readline()

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 130
    assert f"resynapse run {PROTOCOL} --patients 100000 --output out" in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("backend", "platforms"), [("native", "cpu"), ("xla", None)])
def test_a_gpu_is_left_alone_by_every_back_end_but_xla(backend, platforms, monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "")
    monkeypatch.delenv("JAX_PLATFORMS")

    CliRunner().invoke(app, ["run", "no-such-protocol", "--backend", backend])

    assert os.environ.get("JAX_PLATFORMS") == platforms


def test_a_fault_of_ours_is_called_one(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("resynapse.trial.simulate.simulate", broken)

    answer = CliRunner().invoke(app, ["run", PROTOCOL, "--json"])

    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert "ZeroDivisionError: a fault" in answer.stderr
    assert "This is a fault in Resynapse" in answer.stderr


def test_every_shipped_protocol_can_be_checked():
    code, out, _ = said_here("protocols", "--json")
    names = [plan["name"] for plan in json.loads(out)["protocols"]]

    assert code == 0
    assert PROTOCOL in names
    assert said_here("check", names[0])[0] == 0


def test_the_schema_and_the_evidence_are_one_json_object_each():
    schema = json.loads(said_here("schema")[1])
    evidence = json.loads(said_here("evidence", "--json")[1])

    assert "arms" in schema["properties"]
    assert {"id", "role", "numbers"} <= evidence["studies"][0].keys()


def test_every_number_of_the_model_is_listed_with_unit_prior_source_and_status():
    listed = json.loads(said_here("parameters", "--json")[1])

    assert len(listed["parameters"]) > 100
    assert all(each["unit"] and each["prior"] and each["status"] for each in listed["parameters"])
    assert all(each["source"]["citation"] for each in listed["parameters"])
    assert all(each["reason"] for each in listed["switches"])


def test_a_number_is_found_by_words_and_a_word_that_none_holds_is_refused():
    found = CliRunner().invoke(app, ["parameters", "lapse", "1/d", "--json"])
    none = CliRunner().invoke(app, ["parameters", "lapse", "unicorn"])

    listed = json.loads(found.stdout)["parameters"]
    assert "lapse.baseline" in [each["path"] for each in listed]
    assert all("lapse" in str(each).lower() and "1/d" in str(each) for each in listed)
    assert (none.exit_code, none.stdout) == (2, "")
    assert "No parameter holds 'lapse' and 'unicorn'" in none.stderr


def test_a_name_is_never_cut_short_however_narrow_the_terminal(tmp_path, monkeypatch):
    monkeypatch.setattr("resynapse.cli.summary.LOG_WIDTH", 60)

    told = CliRunner().invoke(app, ["parameters", "medication_stop", "START"]).stdout.splitlines()

    name = "medication_stop.buprenorphine_scale"
    at = next(k for k, line in enumerate(told) if line.startswith(name))
    assert told[at].split(maxsplit=1)[1] == "500 d, assumed"
    assert told[at + 1].strip().startswith("prior log-normal, log sd 0.3; fitted")
    assert any("START (CTN-0027)" in line for line in told[at + 2 : at + 4])


@pytest.mark.parametrize(
    ("done", "elapsed", "words"),
    [
        (0.0, 3.0, "not known yet"),
        (0.5, 10.0, "about 10 s left"),
        (0.25, 60.0, "about 3 min 0 s left"),
        (0.01, 600.0, "about 16 h 30 min left"),
        (1.0, 5.0, "about 0 s left"),
    ],
)
def test_the_rest_takes_as_long_as_what_is_done_did(done, elapsed, words):
    assert words in progress.time_left(done, elapsed)


def test_what_comes_before_the_first_piece_is_no_part_of_the_time_left(monkeypatch, capsys):
    clock = SimpleNamespace(at=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock.at)
    shown = progress.Progress()

    for at, done in ((0.0, 0.0), (30.0, 0.25), (40.0, 0.5), (60.0, 0.2), (70.0, 0.4), (90.0, 1.0)):
        clock.at = at
        shown.show(done, "part")

    left = [line.split(", ")[1] for line in capsys.readouterr().err.splitlines()]
    unknown = "time left not known yet"
    assert left == [
        unknown, unknown, "about 20 s left", unknown, "about 30 s left", "about 0 s left",
    ]  # fmt: skip


def test_pieces_that_were_kept_are_soon_forgotten_in_the_time_left(monkeypatch, capsys):
    clock = SimpleNamespace(at=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock.at)
    shown = progress.Progress()
    for piece in range(1, 41):
        shown.show(piece / 100.0, "kept")

    for piece in range(41, 61):
        clock.at += 6.0
        shown.show(piece / 100.0, "made")

    assert capsys.readouterr().err.splitlines()[-1].endswith("about 4 min 0 s left")
