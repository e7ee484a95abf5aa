"""Does `resynapse search` answer, go on after it was stopped, and say how little it knows?"""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.protocol import load
from resynapse.trial.design.means import means
from resynapse.trial.design.sequential import Looks
from resynapse.trial.search import Found
from resynapse.trial.search.asked import WORLDS, Asked
from resynapse.trial.search.space import space

WISH = [
    *("search", "scenario-heroin-ketamine", "--arm", "ketamine-1-therapy"),
    *("--benefit", "lapse_7_days", "--vary", "dose=0.2,0.5", "--people", "64"),
    *("--limit", "dissociation=40@0.5", "--limit", "pressure=40@0.6", "--json", "--quiet"),
]


def said(*words):
    return CliRunner().invoke(app, [*words])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A search with its folder."""
    folder = tmp_path_factory.mktemp("search") / "run"
    return folder, said(*WISH, "--draws", "8", "--output", str(folder))


def test_a_search_says_what_it_simulated_and_how_sure_it_is(done):
    found = json.loads(done[1].stdout)

    assert found["simulated_designs"] == 2 and found["draws"] == 8
    assert found["people_simulated"] >= 64 * 8 * 3 * 3
    assert found["unit"] == "percentage points" and set(found["answers"]) == set(WORLDS)
    for design in found["designs"]:
        told = design["default"]
        assert told["benefit"]["error"] > 0.0
        assert told["benefit"]["low"] <= told["benefit"]["value"] <= told["benefit"]["high"]
        assert {one["name"] for one in told["limits"]} == {"dissociation", "pressure"}
        assert told["expected_loss"]["least"] <= told["expected_loss"]["most"]
    assert 10.0 < found["trial_people_per_arm"]["sd"] < 60.0
    told = found["against_written"]
    assert told is None or 0.0 < told["error"] < told["error_apart"]
    assert "Designs worth testing in a trial" in found["notice"]
    assert any("cannot be told" in sentence for sentence in found["sentences"])


def test_the_trial_that_could_tell_is_that_of_the_formula_for_two_means():
    found = Found(None, [], 0, 0, {}, {}, spread=37.0)
    formula = means(Looks(alpha=0.05, sided=2), effect=0.71, sd=37.0, known_sd=True)

    assert found.people_per_arm(0.71) == pytest.approx(formula.n_fixed / 2, rel=1e-6)
    assert found.people_per_arm(0.0) is None


def test_more_ketamine_is_felt_more_and_raises_the_pressure_more(done):
    low, high = json.loads(done[1].stdout)["designs"]

    for less, more in zip(low["default"]["limits"], high["default"]["limits"], strict=True):
        assert less["probability"] <= more["probability"]
    assert high["default"]["limits"][1]["probability"] > 0.0


def test_a_stopped_search_goes_on_to_the_same_result_and_more_draws_add_to_it(done, tmp_path):
    folder, first = done
    copy = tmp_path / "killed"
    shutil.copytree(folder, copy)
    chunks = sorted(copy.glob("draws/*.npz"))
    chunks[4].unlink()
    chunks[7].write_bytes(b"half")

    again = said(*WISH, "--draws", "8", "--output", str(copy))
    grown = said(*WISH, "--draws", "9", "--output", str(copy))

    assert again.exit_code == grown.exit_code == 0
    assert json.loads(again.stdout) == json.loads(first.stdout)
    assert json.loads(grown.stdout)["draws"] == 9
    assert len(list(copy.glob("draws/*.npz"))) == 27


def test_a_folder_that_was_begun_with_another_wish_is_refused(done):
    result = said(*WISH, "--draws", "8", "--limit", "cost=1", "--cost", "infusion=1", "--output",
                  str(done[0]))  # fmt: skip

    assert result.exit_code == 2
    assert "was begun with another" in result.stderr


def test_the_folder_holds_a_page_a_picture_and_a_row_a_design(done):
    folder, _ = done
    page = (folder / "report.html").read_text("utf-8")

    assert "Designs worth testing in a trial" in page and "never for one patient" in page
    assert "expectancy alone" in page and "window off" in page
    assert not re.search(r"(?:src|href)=", page)
    assert (folder / "front.svg").read_text("utf-8").startswith("<svg")
    assert len((folder / "designs.csv").read_text("utf-8").splitlines()) == 3
    command = json.dumps("resynapse search scenario-heroin-ketamine --arm ketamine-1-therapy")
    assert command.strip('"') in page


def people(*doses, **given):
    asked = Asked(
        load("scenario-heroin-ketamine"), "lapse_7_days",
        space([f"dose={','.join(doses or ('0.2', '0.5'))}"]), "ketamine-1-therapy", people=64,
        parameters="prior", **given,
    )  # fmt: skip
    return asked, asked.people_of


def test_an_arm_that_is_the_reference_gives_nothing_bit_for_bit():
    asked, of = people()
    same = asked.short.arms[0].model_copy(update={"id": "again"})

    for world in WORLDS:
        reference, again = of.through(world, 3, [same])
        assert np.array_equal(reference.value, again.value)


def test_the_reference_and_a_design_meet_the_same_people():
    asked, of = people("0.000001", switches={"expectancy": False})
    trace = asked.candidates()[0][0].arm

    reference, design = of.through(WORLDS[0], 3, [trace])

    assert np.array_equal(reference.value, design.value)
    assert 0.0 < np.mean(reference.value < 0.0) < 1.0


def test_a_design_meets_the_same_people_whatever_stands_beside_it():
    asked, of = people()
    weak, strong = (one.arm for one in asked.candidates()[0][:2])

    _, beside = list(of.through(WORLDS[0], 2, [weak, strong]))[1:]
    _, alone = people()[1].through(WORLDS[0], 2, [strong])

    assert np.array_equal(alone.value, beside.value)
    assert np.array_equal(alone.acute, beside.acute)


def test_how_a_dose_feels_is_the_same_for_the_rivals():
    asked, _ = people()
    arm = asked.candidates()[0][1].arm

    peaks = []
    for world in WORLDS:
        _, of = people()
        list(of.through(world, 1, [arm]))
        peaks.append(of._felt)

    assert len(peaks[0]) == 2
    for one in peaks[1:]:
        assert all(np.array_equal(one[key], peaks[0][key]) for key in peaks[0])


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["nowhere", "--benefit", "lapse_7_days", "--vary", "dose=0.2"], "nowhere"),
        (["dakwar-2019", "--vary", "dose=0.2"], "--benefit"),
        (["dakwar-2019", "--benefit", "lapse_30_days"], "--vary"),
        (["dakwar-2019", "--benefit", "lapse_30_days", "--vary", "dose=9"], "9 mg/kg"),
        (["dakwar-2019", "--benefit", "lapse_30_days", "--vary", "minutes=60"], "for free"),
    ],
)
def test_what_cannot_be_asked_is_answered_in_a_sentence(words, answer):
    result = said("search", *words, "--quiet")

    assert result.exit_code == 2
    assert answer in result.stderr
    assert "Traceback" not in result.stderr
