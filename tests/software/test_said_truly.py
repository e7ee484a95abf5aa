"""Is what stands beside a number true of this programme, and of this number?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from resynapse.cli.search.show import of_burden
from resynapse.cli.summary import in_points, parameters_line
from resynapse.evidence.study import UnknownStudy, studies, study
from resynapse.inference.validated import stored
from resynapse.protocol import load, parse
from resynapse.report.arms import styles
from resynapse.report.sections import opening
from resynapse.report.sections.forecasts import held_out
from resynapse.report.sections.published import described, published_tables
from resynapse.trial.endpoint_name import EndpointError
from resynapse.trial.near_endpoints import near, not_known
from resynapse.trial.runnable import ensure_runnable
from resynapse.trial.search import words
from resynapse.trial.simulate import published_values
from resynapse.web.circuit import NOBODY_LATE, RETURNED, _person
from software.protocol_example import changed
from software.report_example import toy_result


def test_the_lowest_and_highest_seen_are_not_called_a_95_percent_interval():
    seen = [one for one in published_values(load("engeriser-2026")) if one.measure == "mean"]
    other = [one for one in published_values(load("grabski-2022")) if one.low is not None]
    trial = load("engeriser-2026")
    result = replace(toy_result(trial.name, people=20), published=published_values(trial))

    assert len(seen) == 3
    assert "lowest and highest seen" in described(seen) and "95" not in described(seen)
    assert "95\u00a0% interval" in described(other) and "lowest" not in described(other)
    beside, alone = published_tables(result)
    told = [row.cells[3].words for table in (beside, alone) if table for row in table.rows]
    assert sum("in brackets the lowest and highest seen" in one for one in told) == 3


@pytest.mark.parametrize(
    ("dose", "said"),
    [
        ("0.5 mg/kg iv over 40 min", "1 infusion of ketamine 0.5 mg/kg"),
        ("0.5 mg/kg iv bolus", "1 intravenous injection of ketamine 0.5 mg/kg"),
        ("0.5 mg/kg im", "1 intramuscular injection of ketamine 0.5 mg/kg"),
        ("0.5 mg/kg sc", "1 subcutaneous injection of ketamine 0.5 mg/kg"),
        ("50 mg intranasal", "1 intranasal dose of ketamine 50 mg"),
        ("16 mg sublingual", "1 sublingual dose of ketamine 16 mg"),
    ],
)
def test_the_first_sentence_tells_routes_apart(dose, said):
    trial = parse(changed("dose: 2 mg/kg im", f"dose: {dose}"), "example.yaml")

    assert said.replace(" ", "\u00a0", 1).replace("ketamine ", "ketamine\u00a0").replace(
        " mg", "\u00a0mg"
    ) in opening.given(trial)


def test_a_programme_beyond_the_evidence_is_told_by_the_names_that_its_arms_were_given():
    trial = parse(changed("days: day 3", "days: [3, 5]"), "example.yaml")
    result = replace(toy_result(people=20), protocol=trial)
    named = {"high": "Two doses", "low": "low"}

    assert opening.beyond_words(trial).startswith("arm high: 2 doses of ketamine")
    assert opening.beyond_words(trial, named).startswith("arm \u201cTwo doses\u201d: 2 doses")
    told = opening.notice(result, styles(result))
    name = next(arm.name for arm in styles(result) if arm.id == "high")
    assert any(f"arm \u201c{name}\u201d: 2 doses" in one.rest for one in told)


def test_the_one_person_of_the_circuit_is_said_to_return_late_only_where_somebody_does():
    result = toy_result(people=3)
    arm = result.arms[result.protocol.reference]

    def chosen(days):
        table = arm.patients.assign(first_use_day=days)
        other = {**result.arms, result.protocol.reference: replace(arm, patients=table)}
        return _person(replace(result, arms=other))

    assert chosen([3.0, float("nan"), 20.0]) == (2, RETURNED)
    assert chosen([3.0, float("nan"), 7.0]) == (0, NOBODY_LATE)


def test_one_point_is_one_point_on_the_screen():
    assert in_points("1 % (\u22124 to 7)", "mean_difference") == "1 point (\u22124 to 7)"
    assert in_points("\u22122\u00a0% (\u221211 to 7)", "risk_difference").startswith(
        "\u22122\u00a0points"
    )
    assert in_points("1 % (0 to 2)", "proportion") == "1 % (0 to 2)"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("heavy_drinking_days", []),
        ("drinks_per_day", []),
        ("craving", ["craving_vas_day_6"]),
        ("abstinance_3_months", ["abstinence_3_months", "abstinence_3_weeks", "abstinence_3_days"]),
    ],
)
def test_only_endpoints_that_say_something_alike_are_called_near(asked, told):
    assert sorted(near(asked)) == sorted(told)
    trial = parse(changed("reference: low", f"reference: low\nendpoints: [{asked}]"), "mine.yaml")
    with pytest.raises(EndpointError) as refused:
        ensure_runnable(trial)
    assert refused.value.message.startswith(not_known(asked))


def test_a_search_counts_the_arm_as_it_is_written_apart_from_its_space():
    def said(designs, possible):
        return words._designs(SimpleNamespace(designs=[0] * designs, possible=possible))

    assert (
        said(7, 6) == "7 designs simulated, all that the space holds and the arm as it is written"
    )
    assert said(5, 12) == "5 designs simulated of 12 that the space holds"
    assert words._loss({"least": 0.0, "most": 0.0}) == "comes out as 0"
    assert of_burden("cumulative_dose") == "cumulative dose, mg/kg"


def test_a_forecast_missed_by_its_rounding_says_so_where_both_read_alike():
    cells = {row.cells[0].words: row.cells[3] for row in held_out(stored()).rows}
    krupitsky = [cells[one] for one in cells if "2.0" in one and "difference of shares" in one]

    assert [cell.interval for cell in krupitsky] == ["perhaps by its rounding alone"]
    assert sum(cell.interval != "" for cell in cells.values()) == 1


def test_the_model_card_has_the_levels_of_the_page_of_kinetics():
    root = Path(__file__).parents[2]
    card = " ".join((root / "MODEL_CARD.md").read_text("utf-8").split())
    page = (root / "docs/kinetics.md").read_text("utf-8")

    def levels(regimen, quantity):
        row = next(
            one for one in page.splitlines() if f"| {regimen} |" in one and f"| {quantity}," in one
        )
        published, model = (one.split()[0] for one in row.split("|")[4:6])
        return f"{float(model):.0f} against {float(published):.0f}"

    film = levels("Film of 50 mg", "S-norketamine, arterial, peak")
    later = levels("Film of 50 mg", "S-hydroxynorketamine, arterial, peak")
    assert f"50 mg: norketamine peak {film}, hydroxynorketamine {later} ng/mL" in card
    swallowed = levels("Ketamine 0.5 mg/kg swallowed", "ketamine, venous, peak")
    assert f"0.5 mg/kg: peak {swallowed.split()[0]} against 45" in card


def test_the_terminal_counts_what_was_calibrated_as_the_report_does():
    result = toy_result(people=3)
    manifest = {
        **result.manifest, "calibrated_to": ["dakwar-2019"], "calibrated_parameters": ["a", "b"],
    }  # fmt: skip
    fitted = replace(result, parameters="calibrated", manifest=manifest)

    assert parameters_line(fitted) == opening.parameters_said(fitted)
    assert f"2 of {len(result.parameters_table)} calibrated to" in parameters_line(fitted)


def test_every_study_of_a_first_author_is_offered_who_wrote_several():
    with pytest.raises(UnknownStudy) as refused:
        study("krupitsky")

    own = [one.id for one in studies() if one.id.startswith("krupitsky")]
    assert len(own) == 7
    assert all(one in refused.value.message for one in own)
