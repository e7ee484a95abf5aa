"""Does a run of one hypothesis alone leave its bits as they were, and say what it left out?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.cli.resume import begun, chunks_of
from resynapse.cli.summary import show
from resynapse.exchange import as_dict
from resynapse.protocol import load, parse
from resynapse.protocol.run_size import disk_gigabytes, size
from resynapse.report import render
from resynapse.trial.result import Result
from resynapse.trial.simulate import simulate
from software.few_people import PROTOCOL
from software.report_example import toy_result, without

NOT_RUN = "the rival hypotheses were not run"
PEOPLE = 40


@pytest.fixture(scope="module")
def whole() -> Result:
    return simulate(parse(PROTOCOL, "few"), patients=PEOPLE, draws=1)


@pytest.fixture(scope="module")
def alone() -> Result:
    return simulate(parse(PROTOCOL, "few"), patients=PEOPLE, draws=1, rivals=False)


@pytest.fixture(scope="module")
def drawn() -> Result:
    """A toy result whose rivals were left out."""
    made = without(toy_result(people=60), "rival", "window_off")
    return replace(made, manifest={**made.manifest, "rivals": NOT_RUN})


def test_a_hypothesis_alone_has_the_bits_that_it_has_beside_its_rivals(whole, alone):
    for id, arm in whole.arms.items():
        assert arm.patients.equals(alone.arms[id].patients)
        assert np.array_equal(arm.use_days, alone.arms[id].use_days)
        assert arm.endpoints == alone.arms[id].endpoints
    assert whole.chronic.identical(alone.chronic) and whole.acute.identical(alone.acute)
    assert whole.knowledge == alone.knowledge
    assert whole.comparisons == alone.comparisons


def test_a_program_reads_that_the_rivals_were_not_run(whole, alone):
    made = as_dict(alone)

    assert made["rivals"] == alone.manifest["rivals"] == NOT_RUN
    assert made["rival"] == made["window_off"] == {}
    assert as_dict(whole)["rivals"] == whole.manifest["rivals"] == "run"
    assert set(as_dict(whole)["rival"]) == set(as_dict(whole)["window_off"]) == set(whole.arms)


def test_the_command_that_makes_it_again_leaves_the_rivals_out_too(whole, alone):
    assert alone.manifest["command"].endswith(" --rivals off")
    assert "--rivals" not in whole.manifest["command"]


def test_the_terminal_says_that_the_rivals_were_not_run(drawn, capsys):
    show(drawn, Path("out"))
    said = " ".join(capsys.readouterr().out.split())

    assert f"{NOT_RUN[0].upper()}{NOT_RUN[1:]}: how much expectancy alone would bring" in said
    assert "Expectancy alone" not in said


def test_the_report_says_above_everything_that_the_rivals_were_not_run(drawn):
    page = render(drawn)
    notice, _, rest = page.partition("<body>")[2].partition('id="cannot"')

    assert f"{NOT_RUN[0].upper()}{NOT_RUN[1:]}:" in notice
    assert "no world beside it in which only expectancy acts" in rest
    assert "and the rivals" not in rest and "with rivals" not in rest


def test_a_run_that_leaves_the_rivals_out_goes_on_without_them(tmp_path):
    destination = tmp_path / "out"

    def stop(done: float, _: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(
            parse(PROTOCOL, "few"), patients=PEOPLE, draws=0, rivals=False, progress=stop,
            chunks=chunks_of(destination),
        )  # fmt: skip
    assert begun(destination)[1]["rivals"] is False

    answer = CliRunner().invoke(app, ["run", "--resume", str(destination), "--json", "--quiet"])

    assert answer.exit_code == 0, answer.output
    assert json.loads((destination / "manifest.json").read_text())["rivals"] == NOT_RUN
    assert json.loads(answer.stdout)["rivals"] == NOT_RUN


def test_a_word_that_is_neither_on_nor_off_is_refused_with_both():
    answer = CliRunner().invoke(app, ["run", "krupitsky-2002", "--rivals", "no"])

    assert answer.exit_code == 2
    assert "--rivals no: write --rivals on or --rivals off." in answer.output


def test_one_hypothesis_is_said_to_take_a_third_of_the_time_and_less_of_the_disk():
    plan = parse(PROTOCOL, "few")
    three, one = (size(plan, 1_000_000, 0, kept=True, variants=count) for count in (3, 1))

    assert one.hours == pytest.approx(three.hours / 3)
    assert one.gigabytes < three.gigabytes
    assert disk_gigabytes(plan, 1_000_000, 1) < disk_gigabytes(plan, 1_000_000, 3)


SEEN = [
    ("krupitsky-2002", 2, 3, 8_192, 1.00),
    ("krupitsky-2002", 2, 3, 32_768, 1.59),
    ("krupitsky-2002", 2, 3, 65_536, 1.60),
    ("krupitsky-2002", 2, 3, 131_072, 1.67),
    ("scenario-heroin-ketamine", 6, 3, 200_000, 1.57),
    ("scenario-heroin-ketamine", 6, 3, 1_000_000, 1.77),
    ("scenario-heroin-ketamine", 3, 3, 1_000_000, 2.02),
    ("krupitsky-2002", 1, 1, 10_000_000, 1.84),
]
"""docs/running_at_scale.md: arms, hypotheses, people an arm, GB; over a year"""


@pytest.mark.parametrize(("name", "arms", "variants", "patients", "seen"), SEEN)
def test_the_memory_told_before_a_run_is_what_such_runs_took(name, arms, variants, patients, seen):
    plan = load(name)
    visits = tuple(day for day in plan.visits if day <= 365.0)
    cut = {"arms": plan.arms[:arms], "follow_up_days": 365.0, "visits": visits}

    told = size(plan.model_copy(update=cut), patients, 0, kept=True, variants=variants).gigabytes

    assert 0.9 * seen <= told <= 1.15 * seen
