"""Is every number of a study file the one in the source material that it was taken from?"""

from __future__ import annotations

import functools
import re

import pytest
from ruamel.yaml import YAML

from resynapse.evidence import Number, Study, studies, study
from shared_folder import shared

ELSEWHERE = {"zarate2006", "kamp2020", "krystal1994", "zhao2012", "das2019", "spravato_label"}
"""Their numbers come from other pages of the material"""
READ_LATER = {"lee2018", "huge2010", "weber2004", "dakwar2020_alcohol", "karmadep2_2025"}
"""Read after the material was gathered: there is nothing in it to compare with"""

FROM_PHARMACOLOGY = {
    **{id: id for id in (
        *("andrashko2020", "bowdle1998", "castle2017", "dayton1983", "diazgranados2010"),
        *("fanta2015", "farmer2020", "henthorn2018", "jonkman2017", "langsjo2005", "moaddel2023"),
        *("olofsen2012", "olofsen2022", "persson2002", "rao2016", "sigtermans2009", "sleigh2019"),
        *("szarmach2020", "vanschalkwyk2018", "williams2018"),
    )},
    "kamp2021": "kamp2021bja",
    "peltoniemi2012stjohnswort": "peltoniemi2012sjw",
    "simons2022_effects": "simons2022b",
    "taiwan2019_urinary": "ketlutS2019",
}  # fmt: skip
"""Their numbers come from pharmacology.yaml, where they have this name"""
OTHER_NAMES = {
    "grande2024": "grande2024_bup_sl", "kamp2020bja": "kamp2020", "spravato": "spravato_label",
    "peltoniemi2012gfj": "peltoniemi2012grapefruit", "yoon2019": "yoon2019_alcohol_mdd",
    "peltoniemi2012rif": "peltoniemi2012rifampicin",
}  # fmt: skip
NO_STUDIES_OF_PEOPLE = {
    *("ashraf2018", "clements1981", "domino1984", "flint2017", "herd2007", "hijazi2003"),
    *("hornik2018", "kamp2020anes", "otto2021"),
    *("andrade2017", "bsci2020", "opentiva", "primidi", "sanacora2017", "stanpumpR", "tw_fit"),
    *("tw_repo", "zanos2018", "none"),
    *("abbott2024", "ebert1997", "ge179", "kotermanski2009", "moaddel2013"),
    *("orser1997", "salat2015", "schmidt2024"),
}
"""Models of others (sources of parameters), reviews, programs and pages, laboratory work"""
NO_NUMBER_SEEN = {"anand2000", "jonkman2018", "loo2016", "loo2023", "pk209", "zarate2012"}
"""Papers of which no number of a result was seen"""

CITED_OTHERWISE = {
    "desantis2013": "COMBINE re-analysis",
    "fareed2011_textbook": "Textbook/clinical",
    "fava2020": "Fava M",
    "karmadep2_2025": "KARMA-Dep 2",
    "match1997": "Project MATCH",
    "musc_nct04177706_oud_mdd": "Jones JL (MUSC)",
    "pmc6065139_alcohol": "Indian cohort",
    "ukatt2005": "UKATT",
    "wray_smoking": "Wray",
}
SAID_OF = {
    "proportion": ("proportion", "percent"),
    "percent": ("percent", "percentage points", "mean_difference"),
    "ratio": ("ratio", "risk_ratio", "rate_ratio", "odds_ratio", "hazard_ratio", "relative_risk"),
    "SD": ("cohens_d", "hedges_g", "SMD", "standardised beta"),
    "per 100 person-years": ("deaths per 100 person-years",),
    "days/week": ("days_per_week",),
    "h": ("hours",),
    "days": ("days",),
    "USD": ("USD",),
    "choices": ("choices",),
    "mmHg": ("mmHg",),
    "points": ("points", "score"),
}
"""Unit of a study file -> how the material may begin to say it; a comparison says its measure"""
SAID_OF_ARM = {
    ("ctn0030", "short"): "2 wk buprenorphine + 2 wk taper",
    ("ctn0030", "long"): ("12 wk buprenorphine", "8 wk after 4 wk taper"),
    ("daly2019", "esketamine_and_ad"): "esketamine + AD",
    ("daly2019", "placebo_and_ad"): "placebo + AD",
    ("dutra2008", "cbtandcm"): "CBT+CM",
    ("kakko2003", "placebo"): "6-day taper then placebo",
    ("kishimoto2016", "ketamine"): "single infusion",
    ("lee2016", "naltrexone"): "XR-naltrexone",
    ("popova2019", "esketamine_and_ad"): "esketamine + AD",
    ("popova2019", "placebo_and_ad"): "placebo + AD",
    ("price2022", "ketamine_and_asat"): "ketamine + ASAT",
    ("santo2021", "any"): "during any OAT",
    ("santo2021", "methadone"): "during methadone",
    ("santo2021", "buprenorphine"): "during buprenorphine",
    ("sinha2006", "all"): "-",
    ("smyth2010", "detox"): ("residential detox", "injecting history"),
    ("turkoz2021", "esketamine_and_ad"): "esketamine + AD",
    ("turkoz2021", "placebo_and_ad"): "placebo + AD",
    ("zhu2019", "all"): "-",
}
"""Study and arm -> what the material calls it, where neither id nor label begins it"""
ARM_BY_PLACE = {"merrall2010"}
"""Its arms are countries, of which the material says nothing beside the value's own note"""
TWO_DECIMALS = 0.0051


@functools.cache
def _source() -> tuple[dict, ...]:
    """Every entry of the material: citation, value and interval, as it stands there."""
    read = YAML(typ="safe").load
    entries = list(read(shared("evidence/comparators.yaml").read_text(encoding="utf-8"))["entries"])
    for entry in entries:
        entry["low"], entry["high"] = entry.get("ci95") or (None, None)
    for trial in read(shared("evidence/trials.yaml").read_text(encoding="utf-8")):
        for row in [*trial["outcomes"], *trial["comparisons"]]:
            ends = {"low": row["ci_low"], "high": row["ci_high"], "trial": trial["id"]}
            entries.append({**row, **ends, "citation": trial["citation"]})
    return tuple(entries)


def _entries(found: Study) -> list[dict]:
    surname = found.authors[0].strip("{}").split(" ")[0]
    written = CITED_OTHERWISE.get(found.id)

    def same(entry: dict) -> bool:
        citation = entry["citation"]
        if written:
            return citation.startswith(written)
        if entry.get("trial"):
            return entry["trial"].startswith(found.id)
        return citation.startswith(surname) and str(found.year) in citation

    again = ("CTN-0094",) if found.id in ("ctn0027", "ctn0030") else ()
    return [
        entry for entry in _source() if same(entry) or entry["citation"].startswith(again or "\0")
    ]


def _same(number: Number, entry: dict) -> bool:
    """Value, interval and day, in the unit of either; first use stands as its complement."""
    value = entry["value"]
    if not isinstance(value, int | float):
        return False
    day = number.day is None or entry["day"] is None or number.day == entry["day"]
    return day and any(_equal(number, entry, *form) for form in _forms(number, entry))


def _forms(number: Number, entry: dict) -> list[tuple[float, float]]:
    """How a value of the material becomes one of the file: scale and shift, by their units."""
    said = str(entry.get("unit") or entry.get("measure"))
    unit = "points" if number.unit.endswith("points") else number.unit
    if not said.startswith(SAID_OF.get(unit, (unit,))):
        return []
    if unit == "proportion":
        return [(0.01, 0.0)] if said.startswith("percent") else [(1.0, 0.0), (-1.0, 1.0)]
    return [(1.0, 0.0)]


def _same_arm(found: Study, number: Number, entry: dict) -> bool:
    """Whether the material speaks of this arm, by its id, its label or its own words.

    And of the same arm as reference, where it has the ids of arms.
    """
    if entry.get("reference") not in (None, number.reference):
        return False
    if found.id in ARM_BY_PLACE:
        return True
    labels = [arm.label for arm in found.arms if arm.id == number.arm]
    own = SAID_OF_ARM.get((found.id, number.arm), ())
    names = [number.arm, *labels, *([own] if isinstance(own, str) else own)]
    return f"{_plain(entry['arm'])} ".startswith(tuple(f"{_plain(name)} " for name in names))


def _plain(name: object) -> str:
    """Words without signs, case and "and"."""
    words = re.findall(r"[a-z0-9.]+", str(name).lower())
    return " ".join(word for word in words if word != "and")


def _equal(number: Number, entry: dict, scale: float, shift: float) -> bool:
    pairs = [(number.value, entry["value"])]
    if entry["low"] is not None and number.low is not None and scale > 0.0:
        pairs += [(number.low, entry["low"]), (number.high, entry["high"])]
    return all(
        given == pytest.approx(scale * source + shift, abs=5.1e-4) for given, source in pairs
    )


@pytest.mark.parametrize(
    "found",
    [one for one in studies() if one.id not in ELSEWHERE | READ_LATER | set(FROM_PHARMACOLOGY)],
    ids=lambda one: one.id,
)
def test_every_number_of_a_study_stands_in_its_source_with_its_arm_and_unit(found: Study):
    entries = _entries(found)
    published = [number for number in found.numbers if number.seen != "computed"]

    assert entries or not published
    missing = [
        number
        for number in published
        if not any(_same(number, one) and _same_arm(found, number, one) for one in entries)
    ]
    assert [f"{one.endpoint} {one.arm} {one.value} day {one.day}" for one in missing] == []


def test_every_study_of_the_source_has_its_file():
    known = {found.id for found in studies()}
    trials = {entry["trial"] for entry in _source() if entry.get("trial")}
    renamed = {"dakwar2014_cocaine": "dakwar2014"}

    assert {renamed.get(id, id) for id in trials} <= known
    cited = {re.split(r"[ ,]", entry["citation"])[0] for entry in _source()}
    first = {found.authors[0].strip("{}").split(" ")[0] for found in studies()}
    otherwise = {re.split(r"[ ,]", name)[0] for name in CITED_OTHERWISE.values()}
    assert cited - first - otherwise - {"CTN-0094", "NIDA", "2025."} == set()


@functools.cache
def _pharmacology() -> dict:
    text = shared("science/pharmacology.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)


def _said_of(node: object, source: str) -> str:
    """All that the page says where it names this source."""
    if isinstance(node, dict):
        if source in (node.get("source"), node.get("via")):
            return f" {node}"
        return "".join(_said_of(one, source) for one in node.values())
    if isinstance(node, list):
        return "".join(_said_of(one, source) for one in node)
    return ""


@pytest.mark.parametrize("id", sorted(id for id in FROM_PHARMACOLOGY if study(id).numbers))
def test_every_number_of_a_study_of_effects_stands_in_the_pharmacology(id: str):
    said = _said_of(_pharmacology(), FROM_PHARMACOLOGY[id])
    known = [float(one) for one in re.findall(r"\d+\.?\d*", said)]

    for number in study(id).numbers:
        middle = "The middle of a range." in (number.note or "")
        values = [number.low, number.high] if middle else [number.value, number.sd]
        if number.count is not None:
            values = [float(number.count), float(number.n or 0)]
        scale = 0.01 if number.unit == "percent" else 1.0
        for value in values:
            assert value is None or any(one == pytest.approx(value * scale) for one in known)


def test_every_paper_of_the_pharmacology_has_its_file():
    ids = {found.id for found in studies()}
    named = {name: id for id, name in FROM_PHARMACOLOGY.items()} | OTHER_NAMES
    known = ids | set(named) | NO_STUDIES_OF_PEOPLE | NO_NUMBER_SEEN

    assert set(named.values()) <= ids
    assert set(_pharmacology()["sources"]) - known == set()
