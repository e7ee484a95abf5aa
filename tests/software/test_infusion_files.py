"""Does an infusion that is taken away say the same as the command beside it?"""

from __future__ import annotations

import shlex
from dataclasses import replace
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.protocol import dump, parse
from resynapse.trial.infusion import Hold, InfusionPlan, Part
from resynapse.trial.infusion.plan import InfusionError
from resynapse.web import infused_people
from resynapse.web.infused import infusion_file, infusion_html
from resynapse.web.infused_files import (
    FULL,
    FullError,
    infusion_command,
    infusion_programme,
    infusion_table,
)
from resynapse.web.infusion_request import InfusionAsked
from software import few_people

PEOPLE = 12
RATE = InfusionPlan("rate", parts=(Part(0.1, 2.0), Part(0.4, 40.0)), watched=10.0)
ODD = InfusionPlan("rate", parts=(Part(5e-05, 2.0), Part(0.1234567, 40.5)), watched=10.0)
TARGET = InfusionPlan("effect-site", holds=(Hold(100.0, 20.0),), watched=5.0)


@pytest.fixture
def asked():
    def of(plan, arms=None):
        protocol = parse(few_people.PROTOCOL, "test")
        if arms:
            one = protocol.arms[0]
            more = (one.model_copy(update={"id": f"a{k}", "label": f"A {k}"}) for k in range(arms))
            protocol = protocol.model_copy(update={"arms": (*protocol.arms, *more)})
        return InfusionAsked(plan, protocol, PEOPLE, 3, False, "arterial")

    return of


@pytest.mark.parametrize("plan", [RATE, ODD, TARGET])
def test_the_command_prints_the_file(asked, plan, tmp_path):
    words = shlex.split(infusion_command(asked(plan)))
    file = tmp_path / words[2]
    file.write_text(dump(asked(plan).protocol), encoding="utf-8")

    ran = CliRunner().invoke(app, ["infusion", str(file), *words[3:]])

    assert words[:2] == ["resynapse", "infusion"]
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines() == infusion_table(asked(plan)).splitlines()


def test_people_are_infused_once_for_the_figures_a_file_of_one_and_the_table(asked, monkeypatch):
    counted = Mock(wraps=infused_people.predict)
    monkeypatch.setattr(infused_people, "predict", counted)
    for who in (replace(asked(RATE), seed=4), replace(asked(RATE), seed=5)):
        shown, file = infusion_html(who), infusion_file(replace(who, figure="rate"))
        table = infusion_table(replace(who, narrow=True))
        assert "Rate of the pump" in shown and "Rate of the pump" in file
        assert len(table.splitlines()) > 50

    assert [one.kwargs["seed"] for one in counted.call_args_list] == [4, 5]


def test_as_an_arm_the_parts_follow_one_another_on_day_0(asked):
    made = parse(infusion_programme(asked(RATE)), "test")

    arm = made.arms[-1]
    assert (arm.id, [dose.minutes for dose in arm.doses]) == ("infusion", [2.0, 40.0])
    assert [dose.amount.value for dose in arm.doses] == [0.1, 0.4]
    assert arm.doses[1].days[0] == pytest.approx(2.0 / 1440.0, abs=1e-6)
    assert len(made.arms) == 3


def test_a_target_becomes_what_the_middle_person_is_given(asked):
    text = infusion_programme(asked(TARGET))
    dose = parse(text, "test").arms[-1].doses[0]

    assert "A protocol has no targets" in text
    assert 0.05 < dose.amount.value < 1.0
    assert (dose.minutes, dose.days) == (20.0, (0.0,))


def test_a_programme_with_six_arms_has_no_room_for_it(asked):
    with pytest.raises(FullError, match="has 6 arms"):
        infusion_programme(asked(RATE, arms=4))
    assert "Remove one" in FULL


def test_the_infusion_that_is_an_arm_already_is_put_in_its_place(asked):
    full = asked(RATE, arms=3)
    full = replace(full, protocol=parse(infusion_programme(full), "test"))
    again = parse(infusion_programme(replace(full, plan=ODD)), "test")

    assert len(full.protocol.arms) == len(again.arms) == 6
    assert [dose.amount.value for dose in again.arms[-1].doses] == [5e-05, 0.1234567]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (InfusionPlan("rate", parts=(Part(-1.0, 40.0),)), "give 0 to 3.2 mg/kg"),
        (InfusionPlan("rate", parts=(Part(0.1, 5.0),) * 12), "give from 1 to 6"),
        (InfusionPlan("rate", parts=(Part(0.1, 200.0),) * 2), "400 min in all"),
        (InfusionPlan("plasma", holds=(Hold(100.0, 1.5), Hold(50.0, 1.0))), "whole minutes"),
    ],
)
def test_what_cannot_be_an_arm_is_refused(asked, plan, said):
    with pytest.raises(InfusionError, match=said):
        infusion_programme(asked(plan))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Nothing is infused: give a part with --rate (0.5/40: mg/kg over minutes)"),
        (["--rate", "0.5/40", "--target", "100/40"], "not both"),
        (["--rate", "half"], "--rate half: give an amount, a slash and minutes"),
    ],
)
def test_a_question_that_cannot_be_read_is_told_what_to_give(words, said, tmp_path):
    file = tmp_path / "few.yaml"
    file.write_text(few_people.PROTOCOL, encoding="utf-8")

    ran = CliRunner().invoke(app, ["infusion", str(file), *words])

    assert ran.exit_code == 2
    assert said in " ".join(ran.output.split())
