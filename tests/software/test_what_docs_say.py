"""Do pages that nobody builds agree with what is stored, with the code and with one another?"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from resynapse.inference import fit_checks
from resynapse.inference.validated import stored
from resynapse.trial.definitions import DEFINITIONS
from resynapse.trial.definitions.urine_rules import RULES
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import CALIBRATED, shipped_set
from software.test_built_pages import loaded

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
STAGES = {
    "natural history": "natural-history",
    "methadone and buprenorphine": "medications",
    "ketamine": "ketamine",
}


def said(name: str) -> str:
    """A page as it stands, with lines joined."""
    return " ".join((ROOT / name).read_text(encoding="utf-8").split())


def without_code(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives the headings of a page."""
    heads = re.findall(r"^#+ (.*)$", without_code(page), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head).lower() for head in heads)
    return {re.sub(r"[^\w\- ]", "", head).strip().replace(" ", "-") for head in plain}


def dead(page: Path) -> list[str]:
    """Links of a page that lead to no file, or to no heading of it."""
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page)):
        if re.match(r"https?:|mailto:", link):
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        to_heading = bool(anchor) and target.suffix == ".md"
        if not target.exists() or (to_heading and anchor not in anchors(target)):
            found.append(link)
    return found


def test_every_link_and_anchor_of_every_page_leads_somewhere():
    assert len(PAGES) > 100
    assert {page.name: dead(page) for page in PAGES if dead(page)} == {}


def test_a_link_to_no_file_and_one_to_no_heading_are_found(tmp_path):
    (tmp_path / "a.md").write_text("# One `two`, three\n", "utf-8")
    page = tmp_path / "b.md"
    page.write_text("# B\n[x](a.md#one-two-three) [x](a.md#four) [x](c.md) [x](#b)\n", "utf-8")

    assert dead(page) == ["a.md#four", "c.md"]


def test_readme_counts_what_is_fitted_and_which_endpoints_are_defined():
    heroin, alcohol, depression = (
        len(fitted_for(CALIBRATED, one).paths) for one in ("heroin", "alcohol", "depression")
    )
    elsewhere = f"({alcohol} outside heroin and fentanyl, {depression} in depression without use)"
    readme = said("README.md")

    assert f"{heroin} parameters {elsewhere}" in readme
    assert f"among {len(DEFINITIONS)} definitions, {len(RULES)} of them of published" in readme


@pytest.mark.parametrize("name", ["MODEL_CARD.md", "docs/forecasts.md"])
def test_what_is_said_of_trials_left_out_is_what_is_stored(name):
    every = stored().coverage_by()[0]

    assert every.counted == "every value"
    share = round(100 * every.hits / every.values)
    assert re.search(rf"covers? {share} % [^.]*\({every.hits} of {every.values}\b", said(name))


def test_the_model_card_sets_like_beside_like():
    rows = json.loads((ROOT / "docs/uses/moved.json").read_text("utf-8"))["rows"]
    card = said("MODEL_CARD.md")
    ratios = [row for row in rows if row["quantity"].endswith(("survival ratio", "hazard ratio"))]

    assert len(ratios) == 2
    for row in ratios:
        published = f"{row['published']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        assert f"of {row['calibrated']:.2f}" in card and published in card, row["quantity"]


def test_readme_says_what_the_model_gives_beside_what_was_published():
    rows = json.loads((ROOT / "docs/uses/moved.json").read_text("utf-8"))["rows"]
    high, low, hazard = (
        next(row for row in rows if words in row["quantity"])
        for words in ("months, high, prop", "months, low, prop", "hazard ratio")
    )

    readme = said("README.md")
    shares = [f"{100 * row['calibrated']:.0f} %" for row in (high, low)]
    assert f"{shares[0]} of people are abstinent at 12 months" in readme
    assert f"and {shares[1]} after 0.2 mg/kg" in readme
    assert f"about {100 * high['published']:.0f} and {100 * low['published']:.0f} %" in readme
    ends = f"{hazard['published']:.2f} ({hazard['low']:.2f} to {hazard['high']:.2f})"
    assert f"is {hazard['calibrated']:.2f} where Dakwar 2019 published {ends}" in readme


def test_the_page_of_fits_has_the_check_and_the_three_ways_of_fitting_as_stored():
    page, folder = said("docs/calibration.md"), Path(fit_checks.__file__).parent
    early = json.loads((folder / "check.json").read_text("utf-8"))["right"]["early_effect"]
    ranks = [str(count) for count in early["ranks"]]

    assert f"**p {early['p']:.4f}**" in page
    assert f"in {100 * early['in50']:.0f} and {100 * early['in90']:.0f} %" in page
    assert f"({', '.join(ranks[:-1])} and {ranks[-1]} of 200 in ten equal bins)" in page
    for one in json.loads((folder / "beside.json").read_text("utf-8"))["fits"]:
        if one["number"] == "early_effect":
            row = f"{one['median']:.2f} (0 to {one['high90']:.2f}) | {one['probability_on']:.2f}"
            assert row in page


def test_the_page_of_fits_says_how_well_each_sampler_went_as_the_sets_have_it():
    parts = re.split(
        r"^# Stage \w: ", (ROOT / "docs/calibration.md").read_text("utf-8"), flags=re.M
    )
    assert set(STAGES) <= {part.splitlines()[0] for part in parts[1:]}
    for part in parts[1:]:
        name = STAGES.get(part.splitlines()[0])
        if name is None:
            continue
        told = re.search(r"R-hat under ([\d.]+),\s+effective\s+sample\s+sizes\s+over (\d+)", part)
        of = shipped_set(name).made["diagnoses"]
        worst = max(one["r_hat"] for one in of), min(one["effective_sample"] for one in of)
        assert told and worst[0] < float(told[1]) < worst[0] + 0.002
        assert float(told[2]) < worst[1] < 1.1 * float(told[2])


def test_the_page_of_priors_quotes_the_fit_of_first_use_as_its_page_has_it():
    rows = said("docs/calibration.md").partition("| CTN-0030, 12 weeks, first use by 7 d |")[2]
    number = r"([\d.]+) \(([\d.]+) to ([\d.]+)\)"
    seen, fitted = (re.findall(number, cell)[0] for cell in rows.split("|")[:2])
    as_percent = [
        "{:.1f} % ({:.1f} to {:.1f})".format(*(100 * float(value) for value in one))
        for one in (fitted, seen)
    ]

    told = said("docs/prior_predictive.md").replace("[stage b](calibration.md)", "stage b")
    assert f"{as_percent[0]} in the fit of stage b, beside {as_percent[1]}" in told


def test_the_page_of_what_a_run_uses_says_how_often_the_whole_fit_has_no_effect(root):
    gain = shipped_set("ketamine").made["probability_on"]["window_gain"]

    assert f"in all of it {1 - gain:.0%} are zero" in loaded(root, "uses").page()


def test_words_that_scores_are_told_in_are_explained_where_they_stand():
    for name in ("docs/validation.md", "docs/credibility.md"):
        assert "continuous ranked probability score" in said(name), name
    words = said("docs/calibration.md").partition("resynapse calibrate --output fitted")[0]
    for word in ("contraction", "profile falls by", "P(not 0)", "R-hat", "emulator", "cut"):
        assert f"{word}" in words.partition("| word | what it means |")[2], word


def test_what_is_not_released_is_a_list_of_entries():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("### Added")[2]
    loose = [line for line in text.splitlines() if line and not re.match(r"- |  |#", line)]

    assert loose == []
