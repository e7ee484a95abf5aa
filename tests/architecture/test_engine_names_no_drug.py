"""Has the engine ever heard of a drug, a receptor or a disorder?"""

from __future__ import annotations

import re
from typing import get_args

import pytest

from architecture.source_tree import PACKAGE, package_files, shown
from resynapse.protocol import vocabulary

ENGINE = PACKAGE / "engine"


def parts(*names: str) -> set[str]:
    """Words that names are made of: buprenorphine of buprenorphine-monthly."""
    return {word.lower() for name in names for word in re.split(r"[^A-Za-z]+", name) if word}


def stems(folder: str) -> set[str]:
    """What the files of a link are named after."""
    return {file.stem for file in (PACKAGE / folder).glob("*.py") if file.stem != "__init__"}


def words() -> set[str]:
    """Drugs and disorders that a protocol may name, receptors, and what they are called else."""
    drugs = parts(*get_args(vocabulary.Drug), *get_args(vocabulary.MedicationDrug))
    disorders = parts(*get_args(vocabulary.Disorder))
    receptors = parts(*stems("receptor")) | stems("receptor")
    more = {"norketamine", "opioid", "benzodiazepine", "glutamate", "dopamine", "gaba", "ampa"}
    return (drugs | disorders | receptors | more) - OTHER_WORDS


OTHER_WORDS = {"monthly", "implant", "mu"}
"""parts of names that name no drug"""


def named(text: str) -> set[str]:
    """Which of the words stand in a text, within identifiers, strings and comments as well."""
    found = re.findall("|".join(sorted(words(), key=len, reverse=True)), text.lower())
    return set(found)


def engine_files() -> list:
    return [file for file in package_files() if ENGINE in file.parents]


def test_the_engine_names_no_drug_receptor_or_disorder():
    files = engine_files()
    found = {shown(file): named(file.read_text(encoding="utf-8")) for file in files}

    assert len(files) > 30
    assert not {file: names for file, names in found.items() if names}
    assert not [file for file in files if named(str(file.relative_to(ENGINE)))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("s_ketamine: Scalar", "ketamine"),
        ('"""Of an opioid."""', "opioid"),
        ("place = 'naltrexone-monthly'", "naltrexone"),
        ("MuOpioidCompetition()  # mu_opioid", "opioid"),
        ("NmdaBlock", "nmda"),
        ("if disorder == 'cocaine':", "cocaine"),
        ("placebo_is_saline", "saline"),
    ],
)
def test_the_search_finds_such_a_name(text, name):
    assert name in named(text)


def test_the_search_knows_the_words_that_protocols_know():
    everything = {*get_args(vocabulary.Drug), *get_args(vocabulary.Disorder)}

    assert everything <= words() and {"methadone", "habenula", "nmda"} <= words()
