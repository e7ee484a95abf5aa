"""Do published rules on weekly urines give what CTNote computed for the same urines?

The tables in the folder ctnote hold words of people of CTN-0027 and CTN-0030 and CTNote's outcomes
for them (inst/extdata, outcomes_abstinence_20230210.csv, outcomes_reduction_20221216.csv and
outcomes_relapse_20221123.csv; Odom, Brandt, Luo, Balise). They were chosen for variety before our
rules were run on them, and none was left out after. CTNote fits rules of longer trials to the 15
weeks that all its people have; here the same is done to ours.
"""

from __future__ import annotations

import csv
import importlib.util
import math
from dataclasses import replace
from pathlib import Path

import pytest

from resynapse.input_error import InputError
from resynapse.trial.definitions import DEFINITIONS
from resynapse.trial.definitions.days import Timed
from resynapse.trial.definitions.urine_measure import EachMostly
from resynapse.trial.definitions.urine_rules import RULES
from shared_folder import shared

FOLDER = Path(__file__).parent / "ctnote"
VISITS_IN_15_WEEKS = (*range(1, 8), 9, 11, 13, 15)


def rule(name, **weeks):
    return lambda word: RULES[name].of(word, **weeks)


def changed(name, **fields):
    return replace(RULES[name], **fields).of


def of_15_given(name):
    """CTNote leaves missing weeks out first and then looks at 15."""
    return lambda word: replace(RULES[name], last=None).of(word.replace("o", "")[:15] or "o")


def of_last_12(name):
    return lambda word: RULES[name].of(word, from_week=len(word) - 11, to_week=len(word))


SPANS = EachMostly(((5, 7, 2 / 3), (8, 8, 1.0), (9, 15, 5 / 6)))
OURS = {
    "Ab_ctnNinetyFour_2023": rule("abstinence_ctn0094"),
    "Ab_fiellin_2006": rule("negative_weeks_fiellin2006"),
    "Ab_kosten_1993": rule("abstinence_kosten1993"),
    "Ab_krupitskyA_2011": rule("abstinence_krupitsky2011", to_week=15),
    "Ab_krupitskyB_2011": rule("negative_weeks_krupitsky2011", to_week=15),
    "Ab_ling_1998": rule("abstinence_ling1998"),
    "Ab_lofwall_2018": changed(
        "abstinence_lofwall2018", measure=SPANS, first=5, last=15, visits=VISITS_IN_15_WEEKS,
        carried=True,
    ),
    "Ab_mokri_2016": rule("first_positive_mokri2016"),
    "Ab_schottenfeld_2005": rule("longest_negative_schottenfeld2005"),
    "Ab_schottenfeldA_2008": rule("first_positive_schottenfeld2008"),
    "Ab_schottenfeldB_2008": rule("longest_negative_schottenfeld2008"),
    "Ab_shufman_1994": rule("first_positive_shufman1994"),
    "Ab_ctnThirty_2011": rule("abstinence_weiss2011"),
    "Rs_ctnNinetyFour_2023": rule("relapse_ctn0094"),
    "Dr_ctnNinetyFour_2023": rule("dropout_ctn0094"),
    "Rs_johnson_1992": rule("relapse_johnson1992"),
    "Rs_krupitsky_2004": rule("relapse_krupitsky2004"),
    "Rs_lee_2016": rule("relapse_lee2016_urine"),
    "Rs_ctnFiftyOne_2018": rule("relapse_ctn0051"),
    "Rs_schottenfeld_2008": rule("relapse_schottenfeld2008"),
    "Rd_comer_2006": rule("share_negative_comer2006"),
    "Rd_eissenberg_1997": changed("abstinence_eissenberg1997", last=15, stayed=15),
    "Rd_fiellin_2006": rule("share_negative_fiellin2006"),
    "Rd_fudala_2003": rule("share_negative_fudala2003"),
    "Rd_haight_2019": rule("share_negative_haight2019", to_week=15),
    "Rd_jaffe_1972": rule("share_negative_jaffe1972"),
    "Rd_johnson_1992": rule("share_negative_johnson1992"),
    "Rd_kostenB_1993": of_15_given("mostly_negative_kosten1993"),
    "Rd_lingA_1998": of_15_given("share_negative_ling1998"),
    "Rd_lingC_1998": rule("negative_weeks_ling1998", to_week=15),
    "Rd_ling_2010": rule("share_negative_ling2010", to_week=15),
    "Rd_lingA_1976": rule("index_ling1976"),
    "Rd_lingB_1976": rule("index_ling1976_variant"),
    "Rd_lofwall_2018": changed("share_negative_lofwall2018", last=15, visits=VISITS_IN_15_WEEKS),
    "Rd_mattickA_2003": rule("share_negative_of_stay_mattick2003"),
    "Rd_mattickB_2003": rule("share_negative_mattick2003"),
    "Rd_paniA_2000": rule("share_negative_of_given_pani2000"),
    "Rd_paniB_2000": rule("share_negative_pani2000"),
    "Rd_petitjean_2001": rule("share_negative_petitjean2001"),
    "Rd_preston_2000": rule("share_negative_preston2000"),
    "Rd_schottenfeld_2005": rule("share_negative_schottenfeld2005"),
    "Ab_schwartz_2006": rule("negative_schwartz2006", from_week=15, to_week=15),
    "Rd_shufman_1994": rule("share_negative_shufman1994"),
    "Rd_soyka_2008": rule("share_negative_soyka2008"),
    "Rd_strain_1993": rule("share_negative_strain1993"),
    "Rd_strain_1994": rule("share_negative_strain1994"),
    "Rd_strain_1996": rule("share_negative_strain1996"),
    "Rd_strain_1999": rule("share_negative_strain1999"),
    "Rd_strang_2010": of_last_12("mostly_negative_strang2010"),
    "Rd_strang_2019": rule("share_negative_strang2019"),
    "Rd_tanum_2017": rule("share_negative_tanum2017"),
    "Rd_wolstein_2009": rule("share_negative_wolstein2009"),
    "Rd_woody_2008": rule("share_negative_woody2008"),
    "Rd_zaks_1972": rule("negative_weeks_zaks1972"),
}  # fmt: skip
"""CTNote's column, without the T or E of its pairs of time and event -> our rule, fitted"""


def key():
    """CTNote's column without T or E -> which of the two -> word -> value."""
    found = {}
    for name in ("abstinence", "relapse", "reduction"):
        with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for column, value in row.items():
                    if column != "word":
                        head, tail = column.split("_", 1)
                        rule_key, part = f"{head[:2]}_{tail}", head[2:]
                        found.setdefault(rule_key, []).append((row["word"], part, float(value)))
    return found


KEY = key()
EVERYBODY = {
    "abstinence": "outcomes_abstinence_20230210.csv",
    "relapse": "outcomes_relapse_20221123.csv",
    "reduction": "outcomes_reduction_20221216.csv",
}
"""CTNote's outcomes of 3560 people, files of its folder inst/extdata"""
YES_OR_NO = {"TRUE": 1.0, "FALSE": 0.0}


def answer(column, word, part):
    found = OURS[column](word)
    if isinstance(found, Timed):
        return found.time if part == "T" else float(found.event)
    return float(found)


@pytest.mark.parametrize("column", list(OURS))
def test_a_rule_gives_what_ctnote_computed(column):
    for word, part, value in KEY[column]:
        got = answer(column, word, part)
        if math.isnan(got):
            assert not word.strip("o")  # nobody's urine: no share is known; CTNote says 0 or 1
        else:
            assert got == pytest.approx(value, rel=1e-8), word


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_gets_what_ctnote_computed_where_its_files_are_at_hand(name):
    """Its files are no part of this repository: lay them in shared/data/ctn0094/ctnote."""
    place = shared(f"data/ctn0094/ctnote/{EVERYBODY[name]}")
    differ, compared = {}, 0
    with place.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            word = row.pop("usePatternUDS")
            for column, text in row.items():
                head, _, tail = column.partition("_")
                if f"{head[:2]}_{tail}" not in OURS:
                    continue
                got = answer(f"{head[:2]}_{tail}", word, head[2:])
                value = YES_OR_NO[text] if text in YES_OR_NO else float(text)
                compared += 1
                if not (math.isnan(got) and not word.strip("o")) and got != pytest.approx(value):
                    differ.setdefault(column, []).append((row["who"], word, got, value))

    print(f"{compared} values of {name} compared")
    assert compared and not differ


def test_every_rule_is_compared_and_every_outcome_of_ctnote_is_there():
    assert set(KEY) == set(OURS)
    assert len(RULES) == len(OURS) == 54
    assert set(RULES) <= set(DEFINITIONS)


def test_two_weeks_of_use_fail_johnsons_rule_from_the_fourth_week_on():
    assert RULES["relapse_johnson1992"].of("---oo-o--o-").time == 4
    assert not RULES["relapse_johnson1992"].of("-++----").event


def test_a_single_missing_week_takes_the_mean_of_its_neighbours():
    judge = replace(RULES["abstinence_eissenberg1997"], last=None, stayed=0).of

    assert judge("--o-") and not judge("--oo--") and not judge("-o-*--o+")
    assert not judge("---o*--")  # between negative and mixed it counts as mixed


def test_missing_becomes_what_the_person_had_most_often():
    judge = replace(RULES["share_negative_jaffe1972"], stayed=0).of

    shares = [judge(word) for word in ("--+o", "-+o-+o", "--**o")]
    assert shares == pytest.approx([3 / 4, 2 / 6, 3 / 5])


def test_late_use_costs_more_of_lings_index_than_early_use():
    judge = RULES["index_ling1976"].of

    assert judge("-" * 15) == 120.0 and judge("+" * 15) == pytest.approx(0.0)
    assert judge("+" + "-" * 14) == pytest.approx(120 * (1 - 1 / 45))
    assert judge("-" * 14 + "+") == pytest.approx(120 * (1 - 5 / 45))
    assert judge("---" + "o" * 12) == 0.0  # left before the fourth week


def test_weeks_without_a_required_urine_do_not_count():
    assert RULES["share_negative_fiellin2006"].of("-_+_-_-") == 0.75
    assert RULES["relapse_ctn0094"].of("-_+_+_+_+").time == 3


@pytest.mark.parametrize(
    ("name", "word", "options", "said"),
    [
        ("abstinence_krupitsky2011", "-" * 15, {}, "looks at week 24 .* 15 weeks"),
        ("abstinence_krupitsky2011", "-" * 15, {"to_week": 3}, "5 comes after to_week 3"),
        ("share_negative_comer2006", "-" * 15, {"to_week": 7.5}, "write a whole number"),
        ("share_negative_comer2006", "-" * 15, {"from_week": 0}, "1 for the first week"),
        ("relapse_ctn0094", "--x", {}, "the letter 'x'"),
        ("relapse_ctn0094", "", {}, "no letter"),
    ],
)
def test_a_word_or_weeks_that_a_rule_cannot_use_are_refused(name, word, options, said):
    with pytest.raises(InputError, match=said):
        RULES[name].of(word, **options)


def test_missing_counts_as_whoever_analyses_says():
    of = RULES["share_negative_fiellin2006"].of
    shares = [of("--o+", missing=how) for how in ("positive", "negative", "skipped")]

    assert shares == pytest.approx([2 / 4, 3 / 4, 2 / 3])


def test_of_all_people_each_rule_gives_the_counts_that_the_page_shows(builder):
    words = builder.weekly_words(shared("data/ctn0094"))
    assert len(words) == 1922

    for name, row in builder.stored().items():
        people, mean = builder.counted(RULES[name], words)
        assert people == int(row["people"]), name
        assert (f"{mean:.6g}" if mean is not None else "") == row["mean"], name


@pytest.fixture
def builder():
    place = Path(__file__).parents[2] / "docs/build_endpoints_page.py"
    spec = importlib.util.spec_from_file_location("endpoints", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
