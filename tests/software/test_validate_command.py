"""Does `resynapse validate` refuse what it cannot do, and does what ships say who wrote it?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.cli.validate import _by_rounding
from resynapse.inference import sites_left_out, validated, weeks_judged


def ran(*words):
    return CliRunner().invoke(app, ["validate", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sites", "--output", "found.txt"), "ends in .json"),
        (("--output", "no/such/folder/found.json"), "no folder no/such/folder"),
        (("--stored", "--output", "found.json"), "--output is for what is found anew"),
        (("--sites", "--draws", "64"), "Give one"),
        (("--sites", "--weeks"), "Give one"),
        (("--draws", "4"), "32"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_before_anything_is_simulated(words, said):
    answer = ran(*words)

    assert answer.exit_code == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_ships_names_the_command_that_wrote_it_and_the_model():
    for found, command in (
        (validated.stored(), "resynapse validate --draws"),
        (sites_left_out.stored(), "resynapse validate --sites"),
        (weeks_judged.stored(), "resynapse validate --weeks"),
    ):
        assert found.made["command"].startswith(command)
        assert {"date", "version"} <= set(found.made)
        assert len(found.model) == 64


def test_what_is_written_is_what_is_kept(tmp_path, monkeypatch):
    made = sites_left_out.stored()
    monkeypatch.setattr(sites_left_out, "judge", lambda progress: made)
    file = tmp_path / "found.json"

    answer = ran("--sites", "--output", str(file), "--quiet", "--json")

    assert json.loads(file.read_text()) == json.loads(answer.stdout)
    assert sites_left_out.told.restored(json.loads(file.read_text())) == made
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("published", "end", "told"),
    [(0.824, 14 / 17, True), (0.83, 14 / 17, False), (0.8, 0.76, False), (1.0, 0.96, False)],
)
def test_a_value_that_lies_outside_by_its_rounding_alone_is_told(published, end, told):
    one = replace(
        validated.stored().endpoints[0], published=published, low90=0.0, high90=end, hit90=False
    )

    said = list(_by_rounding([one]))

    assert bool(said) is told
    assert not told or "the interval ends at 0.823529, so that 0.824 may lie outside" in said[0]
    assert not list(_by_rounding([replace(one, hit90=True)]))
