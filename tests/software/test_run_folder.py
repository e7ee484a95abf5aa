"""Is a run folder whole or not there, and does it give back what went in?"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from resynapse.exchange import RunFolderError, as_dict, ensure_free, read, run_folder, write
from resynapse.trial.comparison import Comparison
from resynapse.trial.estimate import Estimate
from resynapse.trial.result import ArmResult, PublishedValue, Result

TEXTS = {"protocol_text": "name: tiny\n", "report_html": "<!doctype html><title>tiny</title>"}
FILES = {
    "manifest.json",
    "protocol.yaml",
    "patients.parquet",
    "events.parquet",
    "trajectories.nc",
    "summary.csv",
    "report.html",
}


def percentiles(axis: str, values: list[float], variable: str, unit: str) -> xr.Dataset:
    data = np.arange(2 * len(values) * 3, dtype=float).reshape(2, len(values), 3)
    return xr.Dataset(
        {variable: (("arm", axis, "percentile"), data, {"units": unit, "long_name": variable})},
        coords={"arm": ["ketamine", "saline"], axis: values, "percentile": [10, 50, 90]},
    )


def arm(name: str, n: int = 5) -> ArmResult:
    patients = pd.DataFrame(
        {
            "patient": range(n),
            "committed": [True] * n,
            "first_use_day": [np.nan, *np.arange(1.0, n)],
            "site": ["Łódź"] * n,
        }
    )
    endpoints = {
        "abstinence_6_months": Estimate(np.float64(0.2), "proportion", 0.1, 0.6, np.int64(n)),
        "time_to_lapse_median": Estimate(float("nan"), "days", 2.0, float("inf"), n),
    }
    states = {"craving": {"days": np.array([1, 7]), "values": [50.0, np.nan], "unit": "VAS 0-100"}}
    safety = {"cadss_peak": Estimate(30.0, "CADSS 0-84", 20.0, 40.0, n)}
    used = np.zeros((n, 30), dtype=np.uint8)
    return ArmResult(name, name.title(), "", patients, used, endpoints, states, safety)


def tiny() -> Result:
    arms = {name: arm(name) for name in ("ketamine", "saline")}
    hazard = ("lapse", "ketamine", "saline", "hazard_ratio", 0.5, 0.2, None)
    published = PublishedValue(
        *("abstinence_6_months", "ketamine", None, "proportion", 0.44, "proportion", None, None),
        *(27, 180, "calibration", "abstract", "Dakwar 2019"),
    )
    reference = percentiles("minute", [0.0, 1.0], "surge", "1").isel(arm=0, drop=True)
    return Result(
        protocol=SimpleNamespace(name="tiny", title="A tiny trial", disorder="heroin"),
        seed=1,
        patients_per_arm=5,
        parameters="prior",
        backend="xla",
        arms=arms,
        comparisons=[Comparison(*hazard)],
        rival=arms,
        window_off={},
        published=[published],
        acute=percentiles("minute", [0.0, 1.0, 2.0], "venous_ketamine", "ng/mL"),
        chronic=percentiles("day", [0.0, 0.25], "craving", "VAS 0-100"),
        knowledge={"abstinence_6_months": {"low": 0.1, "median": np.float32(0.25)}},
        wall_seconds=1.5,
        reference_kinetics=reference,
        parameter_counts={"measured": (12, None)},
        parameters_table=[],
        manifest={"version": "0.1.0"},
        events=pd.DataFrame(columns=["arm", "patient", "day", "event", "detail"]),
    )


@pytest.fixture(scope="module")
def result() -> Result:
    return tiny()


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory) -> Path:
    return write(result, tmp_path_factory.mktemp("it's [a] run") / "out", **TEXTS)


def test_a_run_folder_holds_the_files_it_promises_and_no_other(folder):
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_every_person_of_every_arm_comes_back(folder, result):
    patients = read(folder).patients

    assert list(patients["arm"]) == ["ketamine"] * 5 + ["saline"] * 5
    for name, one in result.arms.items():
        back = patients[patients["arm"] == name].drop(columns="arm").reset_index(drop=True)
        pd.testing.assert_frame_equal(back, one.patients, check_dtype=False)


def test_trajectories_come_back_with_units_and_labels(folder, result):
    back = read(folder)

    xr.testing.assert_identical(back.acute, result.acute)
    xr.testing.assert_identical(back.chronic, result.chronic)
    xr.testing.assert_identical(back.reference, result.reference_kinetics)
    assert back.acute["venous_ketamine"].attrs["units"] == "ng/mL"


def test_a_trial_without_events_still_has_a_table_of_them(folder):
    assert list(read(folder).events.columns) == ["arm", "patient", "day", "event", "detail"]


def test_the_summary_has_a_row_for_every_endpoint_of_every_arm(folder):
    summary = read(folder).summary

    columns = ["arm", "endpoint", "value", "unit", "low", "high", "n", "label"]
    assert list(summary.columns) == columns
    row = summary[(summary["arm"] == "saline") & (summary["endpoint"] == "abstinence_6_months")]
    assert row[["value", "low", "high", "n"]].to_numpy().tolist() == [[0.2, 0.1, 0.6, 5]]
    assert summary["value"].isna().sum() == 2


def test_the_manifest_names_seed_version_and_checksums(folder):
    manifest = json.loads((folder / "manifest.json").read_text())

    assert (manifest["version"], manifest["seed"]) == ("0.1.0", 1)
    assert set(manifest["files"]) == FILES - {"manifest.json"}
    assert manifest["comparisons"][0]["value"] == 0.5


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_changed_or_lost_file_is_named(result, tmp_path, name):
    path = write(result, tmp_path / "out", **TEXTS) / name
    content = path.read_bytes()

    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(RunFolderError, match=f"{name} is not what the run wrote"):
        read(tmp_path / "out")
    path.unlink()
    with pytest.raises(RunFolderError, match=f"{name} is missing"):
        read(tmp_path / "out")


def test_a_folder_without_its_manifest_is_not_a_run(result, tmp_path):
    (write(result, tmp_path / "out", **TEXTS) / "manifest.json").unlink()

    with pytest.raises(RunFolderError, match="not a whole run folder: manifest.json"):
        read(tmp_path / "out")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"files": 3}', '{"files'])
def test_a_torn_manifest_is_refused_in_a_sentence(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(RunFolderError, match="is not a manifest"):
        read(tmp_path)


def test_a_folder_that_exists_is_never_overwritten(result, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep me")

    with pytest.raises(RunFolderError, match="exists already and is never overwritten; choose"):
        write(result, tmp_path / "out", **TEXTS)

    assert (tmp_path / "out" / "mine.txt").read_text() == "keep me"


def test_a_folder_that_appears_while_the_run_is_written_is_not_overwritten(
    result, tmp_path, monkeypatch
):
    def slow_summary(result, path):
        path.write_text("")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "theirs.txt").write_text("keep me")

    monkeypatch.setattr(run_folder, "_write_summary", slow_summary)
    with pytest.raises(RunFolderError, match="exists already"):
        write(result, tmp_path / "out", **TEXTS)

    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["theirs.txt"]


def test_a_missing_parent_is_made(result, tmp_path):
    assert read(write(result, tmp_path / "a" / "b", **TEXTS)).manifest["seed"] == 1


def test_a_parent_that_is_a_file_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(RunFolderError, match="file is not a folder; choose another"):
        ensure_free(tmp_path / "file" / "out")


def test_a_parent_that_may_not_be_written_to_is_refused_before_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    with pytest.raises(RunFolderError, match="may not be written to; choose another"):
        ensure_free(tmp_path / "out")


def test_a_parent_that_turns_read_only_is_one_sentence(result, tmp_path, monkeypatch):
    def refused(self, *_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(RunFolderError, match="may not be written to"):
        write(result, tmp_path / "out", **TEXTS)


FULL_DISK = [
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
    RuntimeError("file write failed: errno = 28, error message = 'No space left on device'"),
]


@pytest.mark.parametrize("error", FULL_DISK, ids=str)
@pytest.mark.parametrize("writer", ["write_parquet", "_write_trajectories", "_write_summary"])
def test_a_full_disk_leaves_nothing_behind_and_one_sentence(
    result, tmp_path, monkeypatch, writer, error
):
    def fill(*arguments):
        arguments[-1].write_bytes(b"half of it")
        raise error

    monkeypatch.setattr(run_folder, writer, fill)
    with pytest.raises(RunFolderError) as raised:
        write(result, tmp_path / "out", **TEXTS)

    assert "is full, so nothing was written; free some space" in raised.value.message
    assert raised.value.message.count(". ") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_ours_is_not_blamed_on_the_disk(result, tmp_path, monkeypatch):
    def wrong(*_):
        raise KeyError("no such column")

    monkeypatch.setattr(run_folder, "_write_summary", wrong)
    with pytest.raises(KeyError):
        write(result, tmp_path / "out", **TEXTS)

    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import test_run_folder as it
from resynapse.exchange import run_folder
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(run_folder, sys.argv[3], die)
run_folder.write(it.tiny(), sys.argv[2], **it.TEXTS)
"""


@pytest.mark.parametrize("moment", ["_write_summary", "checksums"])
def test_a_killed_write_leaves_nothing_that_looks_like_a_result(tmp_path, moment):
    here = str(Path(__file__).parent)
    paths = os.pathsep.join(path for path in sys.path if path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, here, str(tmp_path / "out"), moment],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    left = list(tmp_path.iterdir())
    assert left
    for path in left:
        assert path.name.startswith(".out.partial-")
        with pytest.raises(RunFolderError, match="not a whole run folder"):
            read(path)


CRAMPED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import test_run_folder as it
from resynapse.exchange import RunFolderError, write
made = it.tiny()
for kilobytes in (1, 3, 6, 12):
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, resource.RLIM_INFINITY))
    try:
        write(made, sys.argv[2], **it.TEXTS)
    except RunFolderError as error:
        assert "could not be written" in error.message, error.message
    else:
        sys.exit(f"{kilobytes} KB should not be enough")
"""


def test_a_file_that_the_system_cuts_short_ends_in_a_sentence_and_not_in_a_crash(tmp_path):
    here = str(Path(__file__).parent)
    paths = os.pathsep.join(path for path in sys.path if path)
    cramped = subprocess.run(
        [sys.executable, "-c", CRAMPED, here, str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (cramped.returncode, cramped.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_json_is_strict_and_what_is_not_finite_is_null(result):
    text = json.dumps(as_dict(result), allow_nan=False)

    back = json.loads(text)
    median = back["arms"]["ketamine"]["endpoints"]["time_to_lapse_median"]
    assert median == {"value": None, "unit": "days", "low": 2.0, "high": None, "n": 5}
    assert back["arms"]["saline"]["states"]["craving"]["values"] == [50.0, None]
    assert back["knowledge"]["abstinence_6_months"]["median"] == 0.25


def test_json_tells_everything_that_a_reader_of_a_trial_asks(result):
    made = as_dict(result, output="runs/one")

    assert (made["protocol"], made["seed"], made["patients_per_arm"]) == ("tiny", 1, 5)
    assert (made["parameters"], made["backend"], made["output"]) == ("prior", "xla", "runs/one")
    assert made["comparisons"][0] == {
        "endpoint": "lapse",
        "arm": "ketamine",
        "reference": "saline",
        "measure": "hazard_ratio",
        "value": 0.5,
        "low": 0.2,
        "high": None,
        "reason": None,
    }
    assert made["safety"]["ketamine"]["cadss_peak"]["value"] == 30.0
    assert set(made["rival"]) == {"ketamine", "saline"}
    assert made["window_off"] == {}
    assert made["published"][0]["source"] == "Dakwar 2019"
    assert made["wall_seconds"] == 1.5
