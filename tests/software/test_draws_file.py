"""Can draws of the fitted parameters be read by programs that were made for posteriors?"""

from __future__ import annotations

import json

import arviz_base
import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import resynapse
from resynapse.cli.command_line import app
from resynapse.input_error import InputError
from resynapse.patient import parameters
from resynapse.trial.parameter_set import FILES, parameter_set


def told(*words: str):
    return CliRunner().invoke(app, ["parameters", *words])


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """What the command writes of all that ships."""
    place = tmp_path_factory.mktemp("draws") / "all.nc"
    answer = told("--draws", str(place))
    assert answer.exit_code == 0, answer.output
    assert "Research, not for dosing a patient." in answer.stdout
    return place


@pytest.fixture(scope="module")
def tree(file):
    return xr.open_datatree(file, engine="h5netcdf")


def test_every_draw_is_there_bit_by_bit_under_its_path_in_its_unit(tree):
    found, units = parameter_set("calibrated"), {e.path: e.declared.unit for e in parameters()}
    posterior = tree["posterior"]

    assert tuple(posterior.data_vars) == found.paths
    assert dict(posterior.sizes) == {"chain": 1, "draw": len(found.draws)}
    for place, path in enumerate(found.paths):
        assert np.array_equal(posterior[path][0], np.array(found.draws)[:, place])
        assert posterior[path].attrs["units"] == units[path]
        assert posterior[path].attrs["stage"] == found.stage_of[path]


def test_arviz_takes_it_for_a_posterior(tree):
    taken = arviz_base.extract(tree, group="posterior", var_names=["lapse.baseline"])

    assert taken.sizes["sample"] == 400
    assert float(taken.median()) == parameter_set("calibrated").medians()["lapse.baseline"]


def test_r_hat_and_sample_size_are_those_that_the_fits_stored(tree):
    seen = tree["diagnostics"].to_dataset()
    for stage in FILES:
        for one in parameter_set(stage).made["diagnoses"]:
            row = seen.sel(quantity=f"{stage}: {one['name']}")
            assert float(row.r_hat) == one["r_hat"]
            assert float(row.effective_sample) == one["effective_sample"]
            assert row.stage.item() == stage


def test_the_file_says_where_it_is_from_and_what_it_is_not(tree):
    found = parameter_set("calibrated")

    assert tree.attrs["content_sha256"] == found.content
    assert tree.attrs["model_sha256"] == found.model
    assert json.loads(tree.attrs["studies"]) == list(found.studies)
    assert json.loads(tree.attrs["fits"])["ketamine"]["seed"] == 4
    assert tree.attrs["notice"] == "Research, not for dosing a patient."
    assert "One chain" in tree.attrs["note"] and "(a cut)" in tree.attrs["note"]


def test_a_stage_or_what_was_calibrated_can_be_had_alone(tmp_path):
    place = tmp_path / "mine.json"
    parameter_set("ketamine").write(place)
    mine, ships = resynapse.draws(str(place)), resynapse.draws("ketamine")

    assert mine["posterior"].equals(ships["posterior"])
    assert mine.attrs["parameters"] == "mine.json"
    assert "(a cut)" not in mine.attrs["note"]
    assert set(map(str, ships["diagnostics"].stage.values)) == {"ketamine"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--draws", "x.csv"), "Give a file that ends in .nc"),
        (("--draws", "nowhere/x.nc"), "could not be written (No such file or directory)"),
        (("--draws", "x.nc", "--parameters", "prior"), "prior has no draws"),
        (("--draws", "x.nc", "--parameters", "nope"), "--parameters nope: give calibrated"),
        (("--draws", "x.nc", "lapse"), "leave out words and --json"),
        (("--parameters", "ketamine"), "is of --draws FILE.nc"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = told(*words)

    assert answer.exit_code == 2
    assert said in answer.stderr and len(answer.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_where_the_place_is_taken_by_a_folder_nothing_is_left_beside_it(tmp_path):
    (tmp_path / "x.nc").mkdir()

    with pytest.raises(InputError, match="could not be written"):
        resynapse.write_draws(tmp_path / "x.nc", "mood")
    assert [one.name for one in tmp_path.iterdir()] == ["x.nc"]


def test_in_python_what_is_no_set_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="int is no set: give calibrated"):
        resynapse.draws(3)
