"""What does a designer meet who types ``resynapse design``?"""

from __future__ import annotations

import html
import json
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.report import design as reports
from resynapse.report.design import formula

EXAMPLE = (
    *("survival", "--hazard-ratio", "0.6", "--median-control", "3", "--accrual", "12"),
    *("--follow-up", "6", "--dropout", "0.1@6", "--looks", "3"),
    *("--spending", "lan-demets-obrien-fleming", "--ratio", "2:1"),
)
MEANS = ("means", "--effect", "0.5", "--sd", "1")
RATES = ("rates", "--p1", "0.5", "--p2", "0.3")
COUNTS = ("counts", "--rate1", "0.6", "--rate2", "0.9", "--dispersion", "0.5")
PROMISED = {
    *("method", "alpha", "sided", "power", "information_rates", "critical_values"),
    *("futility_bounds", "alpha_spent", "n_fixed", "n_max", "n_per_arm", "events"),
    *("expected_n", "formula"),
}


def design(*words):
    """Exit code, standard output, standard error."""
    found = CliRunner().invoke(app, ["design", *words])
    return found.exit_code, found.stdout, found.stderr


def answer(*words):
    code, out, err = design(*words, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize("words", [EXAMPLE, MEANS, RATES, COUNTS], ids=lambda words: words[0])
def test_the_answer_holds_every_promised_key(words):
    found = answer(*words)

    assert set(found) >= PROMISED
    assert set(found["expected_n"]) == {"h0", "between", "h1"}
    assert set(found["n_per_arm"]) == {"treatment", "control"}
    assert sum(found["n_per_arm"].values()) == pytest.approx(found["n_max"])
    assert (found["events"] is not None) == (words[0] == "survival")


def test_the_example_of_the_guide_has_the_numbers_that_the_guide_prints(root):
    found, guide = answer(*EXAMPLE), (root / "docs/design.md").read_text("utf-8")

    assert f"{found['n_max']:.1f}" in guide
    assert f"{found['events']:.1f}" in guide
    for bound in found["critical_values"]:
        assert f"{bound:.4f}" in guide
    waning = answer(*EXAMPLE, "--hazard-ratio", "0.6x2,0.9")
    assert f"{waning['n_max']:.1f}" in guide and f"{waning['rounded']['n_fixed']}" in guide
    believed = answer(*EXAMPLE, "--prior", "normal(-0.51,0.25)")
    assert f"{believed['assurance']['assurance']:.3f}" in guide


def test_a_table_shows_exact_and_rounded_sizes_the_bounds_and_the_formula():
    code, out, _ = design(*EXAMPLE)

    assert code == 0
    for word in ("176.972", "177", "3.7103", "ln(HR)^2", "Schoenfeld", "tells nobody how to dose"):
        assert word in out


def test_alpha_is_a_fortieth_a_side_where_none_is_given():
    one, two = answer(*MEANS), answer(*MEANS, "--sided", "2")

    assert (one["alpha"], two["alpha"]) == (0.025, 0.05)
    assert one["n_fixed"] == pytest.approx(two["n_fixed"], rel=1e-12)


def test_pieces_are_read_as_values_and_how_long_they_hold():
    found = answer(
        *("survival", "--hazard-ratio", "0.5x2,0.9", "--hazard-control", "0.4x1,0.2"),
        *("--accrual", "5x4,10x8", "--follow-up", "6", "--dropout", "0.1@6,0.2@6"),
    )["assumptions"]

    assert found["hazard_ratio"] == {"values": [0.5, 0.9], "changes": [2.0]}
    assert found["hazard_control"] == {"values": [0.4, 0.2], "changes": [1.0]}
    assert found["accrual_rate"] == {"values": [5.0, 10.0], "changes": [4.0]}
    assert found["accrual"] == 12.0
    assert found["dropout_hazard_control"]["values"][0] == pytest.approx(-math.log(0.8) / 6)


def test_rates_of_recruitment_are_set_beside_the_people_that_are_needed():
    found = answer(*EXAMPLE, "--accrual", "5x4,10x8")

    (note,) = found["notes"]
    assert "recruit 100 people in 12" in note and f"{found['n_max']:.1f}" in note


def test_futility_is_a_spending_function_or_a_z_for_each_look_before_the_last():
    spent = answer(*MEANS, "--looks", "3", "--futility", "hwang-shih-decani")
    fixed = answer(*MEANS, "--looks", "3", "--futility", "0,1", "--binding")

    assert len(spent["futility_bounds"]) == 2 and not spent["binding"]
    assert fixed["futility_bounds"] == [0.0, 1.0] and fixed["binding"]


def test_a_picture_of_the_bounds_is_a_whole_svg_file_with_the_bounds_in_it(tmp_path):
    file = tmp_path / "bounds.svg"

    code, _, err = design(*MEANS, "--looks", "3", "--futility", "0,1", "--plot", str(file))

    assert code == 0, err
    words = " ".join(ET.parse(file).getroot().itertext())
    for word in ("3.710", "2.511", "1.993", "Futility", "Research software"):
        assert word in words


def test_a_report_on_paper_has_the_sizes_the_bounds_and_the_command(tmp_path, monkeypatch):
    pytest.importorskip("typst", reason="PDF needs the extra pdf")
    place, told = tmp_path / "size.pdf", []
    monkeypatch.setattr(
        reports, "render_sized", lambda one: told.append(one) or formula.render_sized(one)
    )

    found = answer(*EXAMPLE, "--prior", "normal(-0.51,0.25)", "--pdf", str(place))

    assert place.read_bytes().startswith(b"%PDF-1.7") and len(list(tmp_path.iterdir())) == 1
    page = formula.compiled(told[0], "html").decode()
    words = " ".join(html.unescape(re.sub("<[^>]+>", " ", page)).split())
    whole = [found["rounded"]["n_max"], *found["rounded"]["n_per_arm"].values()]
    exact = [f"{found['n_max']:.3f}", *(f"{z:.4f}" for z in found["critical_values"])]
    for number in map(str, [*whole, *exact, found["rounded"]["events"]]):
        assert number in words
    assert "--hazard-ratio 0.6" in words and "size.pdf" not in words
    assert f"Assurance: {found['assurance']['assurance']:.4f}" in words


def test_people_who_are_lost_are_recruited_on_top():
    found = answer(*RATES, "--dropout", "0.2")

    assert found["n_recruited"] == pytest.approx(found["n_max"] / 0.8)
    assert found["rounded"]["n_recruited"] >= found["n_recruited"]


def test_assurance_takes_a_distribution_or_draws_in_a_file(tmp_path):
    file = tmp_path / "draws.csv"
    file.write_text("log_hazard_ratio\n" + "\n".join(["-0.3", "-0.5", "-0.1", "0.1"] * 5))

    integrated = answer(*EXAMPLE, "--prior", "normal(-0.5, 0.2)")["assurance"]
    drawn = answer(*EXAMPLE, "--prior", str(file))["assurance"]

    assert 0.5 < integrated["assurance"] < 0.8 and integrated["monte_carlo_error"] is None
    assert drawn["probability_of_benefit"] == 0.75 and drawn["monte_carlo_error"] > 0


def test_a_look_at_a_trial_tells_what_is_ahead_or_how_it_ended():
    ahead = answer("interim", "--looks", "3", "--look", "2", "--z", "1.4")
    ended = answer(
        *("interim", "--looks", "3", "--look", "2"),
        *("--estimate", "-0.6", "--se", "0.2", "--lower-is-better"),
    )

    assert ahead["decision"] == "go on" and ahead["ended"] is None
    assert 0 < ahead["ahead"]["conditional_error"] < ahead["ahead"]["predictive_power"] < 1
    assert ended["decision"] == "stop, efficacy" and ended["ahead"] is None
    low, high = ended["ended"]["interval"]
    assert low < -0.6 < ended["ended"]["median_unbiased"] < high < 0


def test_a_trial_that_changes_its_size_keeps_alpha():
    found = answer(
        *("adaptive", "--looks", "2", "--effect", "0.4", "--sd", "1", "--first", "100"),
        *("--least", "100", "--most", "300", "--target", "0.9"),
    )

    assert found["type_1_error"] == pytest.approx(0.025, abs=1e-9)
    assert found["power"]["h1"] > found["power"]["between"]
    assert all(100 <= n <= 300 + 1e-9 for n in found["second_stage_n"].values())


def test_beliefs_of_rates_and_their_worth_in_people_are_told():
    bayes = answer(
        *("bayes", "--responders", "16/23", "--n", "40", "--p0", "0.6"),
        *("--threshold", "0.9", "--prior", "0.6,0.4"),
    )
    borrowed = answer("borrow", "--historical", "23/107,12/44,19/51", "--new", "5/20")

    assert 0.5 < bayes["predictive"] < bayes["posterior"] < 1
    assert (
        borrowed["robust"]["effective_n_moments"]
        < (borrowed["meta_analytic_predictive"]["effective_n_moments"])
    )
    assert 0.2 < borrowed["posterior"]["mean"] < 0.35


BAYES = ("bayes", "--threshold", "0.95", "--p1", "0.6")
OF_TWO = ("--responders", "12/20,12/20", "--n", "50,60", "--p2", "0.6", "--margin", "-0.15")


def test_the_type_1_error_of_a_margin_is_where_the_treated_beat_controls_by_the_margin():
    found = answer(*BAYES, *OF_TWO)

    draw = np.random.default_rng(1)
    treated, control = draw.binomial(50, 0.45, 4000), draw.binomial(60, 0.6, 4000)
    rates = [draw.beta(1 + x[:, None], 1 + n - x[:, None], (4000, 2000))
             for x, n in ((treated, 50), (control, 60))]  # fmt: skip
    wins = np.mean(np.mean(rates[0] > rates[1] - 0.15, axis=1) >= 0.95)
    assert found["type_1_error"] == pytest.approx(wins, abs=4 * np.sqrt(0.05 * 0.95 / 4000))
    assert found["type_1_error"] < 0.1 < found["power"]


@pytest.mark.parametrize(("control", "margin", "treated"), [("0.3", "-0.3", 0), ("0.9", "0.1", 1)])
def test_the_type_1_error_may_be_at_a_rate_of_nobody_or_everybody(control, margin, treated):
    sizes = ("--responders", "10/20,6/20", "--n", "40,40")

    found = answer(*BAYES, *sizes, "--p2", control, "--margin", margin)

    draw = np.random.default_rng(1)
    rate = draw.beta(1 + 40 * treated, 41 - 40 * treated, 20_000)  # of nobody, or of everybody
    x = np.arange(41)
    others = draw.beta(1 + x[:, None], 41 - x[:, None], (41, 20_000))
    wins = np.mean(rate > others + float(margin), axis=1) >= 0.95
    assert found["type_1_error"] == pytest.approx(stats.binom.pmf(x, 40, float(control)) @ wins)
    assert found["power"] > 0.0


def test_a_screen_says_what_rate_beats_what():
    sizes = ("--responders", "12/20,12/20", "--n", "50,60")
    one = ("--responders", "12/20", "--n", "40", "--p0", "0.4")

    screens = [
        " ".join(design(*BAYES[:3], *more)[1].split())
        for more in (one, sizes, (*sizes, "--margin", "-0.15"))
    ]

    assert "posterior probability, now, that the rate is above 0.4 " in screens[0]
    assert (
        "posterior probability, now, that the rate of the treated is above controls' " in screens[1]
    )
    assert "the rate of the treated is above controls' - 0.15 " in screens[2]


def test_one_arm_has_the_power_and_type_1_error_of_its_least_successful_count():
    found = answer(*BAYES, "--responders", "12/20", "--n", "40", "--p0", "0.4")

    least = next(x for x in range(41) if stats.beta.sf(0.4, 1 + x, 41 - x) >= 0.95)
    assert found["power"] == pytest.approx(stats.binom.sf(least - 1, 40, 0.6))
    assert found["type_1_error"] == pytest.approx(stats.binom.sf(least - 1, 40, 0.4))


def test_a_screen_says_in_words_what_a_look_tells():
    _, out, _ = design("interim", "--looks", "2", "--look", "1", "--z", "1")

    assert "conditional power at the trend of the data" in out
    assert "predictive power, flat prior of the effect" in out and "ahead" not in out


WRONG = {
    "a margin of one arm": (
        (*BAYES, "--responders", "1/2", "--n", "4", "--p0", "0.4", "--margin", "0.1"),
        "--margin 0.1 is of two arms",
    ),
    "a rate to beat of two arms": ((*BAYES, *OF_TWO, "--p0", "0.4"), "--p0 0.4 is of one arm"),
    "one true rate of two": (
        (*BAYES, "--responders", "1/2,1/2", "--n", "4,4"),
        "Give both --p1 and --p2",
    ),
    "a margin without room": ((*BAYES, *OF_TWO, "--p2", "0.1"), "which is no rate"),
    "power below alpha": ((*MEANS, "--power", "0.01"), "not above alpha"),
    "information that falls": ((*MEANS, "--information-rates", "0.6,0.5,1"), "do not increase"),
    "information that is no number": ((*MEANS, "--information-rates", "half,1"), "not a number"),
    "hazard ratio 1": ((*EXAMPLE, "--hazard-ratio", "1"), "hazard ratio of 1"),
    "no accrual": ((*EXAMPLE, "--accrual", "0"), "accrual was given as 0"),
    "no control": (
        ("survival", "--hazard-ratio", "0.6", "--accrual", "12", "--follow-up", "6"),
        "--median-control or --hazard-control",
    ),
    "drop-out without a time": ((*EXAMPLE, "--dropout", "0.1"), "by when"),
    "drop-out of all": ((*EXAMPLE, "--dropout", "1@6"), "below 1"),
    "ratio of nobody": ((*MEANS, "--ratio", "0:1"), "above 0"),
    "looks twice": ((*MEANS, "--looks", "2", "--information-rates", "1"), "do not agree"),
    "spending at one look": ((*MEANS, "--spending", "pocock"), "needs several looks"),
    "a parameter that no bound reads": (
        (*MEANS, "--looks", "2", "--spending", "pocock", "--spending-parameter", "3"),
        "has no parameter",
    ),
    "a parameter that is no number": (
        (*MEANS, "--looks", "2", "--spending", "haybittle-peto", "--spending-parameter", "nan"),
        "must be a number",
    ),
    "spending that no bound reads": (
        (*MEANS, "--looks", "2", "--spending", "pocock", "--spent", "0.01,0.025"),
        "says that itself",
    ),
    "futility that binds without bounds": ((*MEANS, "--binding"), "no futility bounds"),
    "beta spent by nothing": (
        (*MEANS, "--looks", "2", "--futility-spent", "0.1,0.2"),
        "no futility bounds",
    ),
    "looks that know the same": (
        (*MEANS, "--information-rates", "0.99999999,1"),
        "are one look",
    ),
    "an effect that overflows": ((*MEANS, "--effect", "1e300"), "Check effect and sd"),
    "arms a thousand times apart": ((*MEANS, "--ratio", "1e300:1"), "lies between"),
    "no look": ((*MEANS, "--looks", "0"), "1 to 50"),
    "equal rates": (("rates", "--p1", "0.3", "--p2", "0.3"), "must differ"),
    "piece without an end": ((*EXAMPLE, "--hazard-ratio", "0.5,0.9"), "how long it holds"),
    "accrual without an end": ((*EXAMPLE, "--accrual", "5x4,10"), "how long it holds"),
    "user without spending": ((*MEANS, "--looks", "2", "--spending", "user"), "needs what is"),
    "all are lost": ((*RATES, "--dropout", "1"), "below 1"),
    "a prior that is neither": ((*MEANS, "--prior", "normal(1)"), "neither normal"),
    "information that is not of every look": (
        ("interim", "--looks", "3", "--look", "2", "--z", "1", "--seen", "0.3"),
        "give a share for each look",
    ),
    "information seen that falls": (
        ("interim", "--looks", "3", "--look", "2", "--z", "1", "--seen", "0.5,0.4"),
        "does not increase",
    ),
    "a look without a result": (("interim", "--looks", "3", "--look", "2"), "Give --z"),
    "a look that is not there": (
        ("interim", "--looks", "3", "--look", "4", "--z", "1"),
        "looks 1 to 3",
    ),
    "adaptive in three stages": (
        (
            *("adaptive", "--looks", "3", "--effect", "0.4", "--sd", "1", "--first", "100"),
            *("--least", "100", "--most", "300"),
        ),
        "two stages",
    ),
    "one arm without a rate to beat": (
        ("bayes", "--responders", "1/2", "--n", "4", "--threshold", "0.9"),
        "needs --p0",
    ),
    "an effect that is no number": ((*MEANS, "--effect", "nan"), "must be a number"),
    "an effect too small for anybody": ((*MEANS, "--effect", "1e-300"), "at most 1e+09"),
    "a ratio whose last piece ends": ((*EXAMPLE, "--hazard-ratio", "0.6x2"), "from then on"),
    "more seen than there are": (
        (
            *("bayes", "--responders", "12/20,6/20", "--n", "10,40", "--threshold", "0.9"),
            *("--p1", "0.6", "--p2", "0.3"),
        ),
        "arms of at least those seen",
    ),
    "responders that are no share": (("borrow", "--historical", "5 of 9"), "as 12/40"),
    "more responders than people": (("borrow", "--historical", "9/5"), "9 responders among 5"),
    "pages of another kind": ((*MEANS, "--pdf", "size.txt"), "written as .pdf"),
    "pages without a place": ((*MEANS, "--pdf", "not/there/size.pdf"), "choose another place"),
    "a picture of another kind": ((*MEANS, "--plot", "bounds.bmp"), "written as .svg"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_gets_one_sentence_and_exit_code_2(name):
    words, said = WRONG[name]

    code, out, err = design(*words)

    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1 and "Traceback" not in err
