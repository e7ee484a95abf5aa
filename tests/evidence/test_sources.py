"""Can a reader go from a number to the publication that it is from?"""

from __future__ import annotations

import json
import re
from types import ModuleType

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.evidence import study
from resynapse.evidence.source import Source, located
from resynapse.evidence.sources import chain, kinetics, trials
from resynapse.evidence.study import is_study
from resynapse.patient import parameters

PLACE = re.compile(r"[A-Z].* (?:19|20)\d\d.*\d+:\w?\d+|(?:19|20)\d\d;\d+:\d+|eNeuro \d|CD\d{6}")
"""A year, a volume and a page"""


def sources(*modules: ModuleType) -> list[Source]:
    return [one for module in modules for one in vars(module).values() if isinstance(one, Source)]


def asked(*words: str) -> str:
    return CliRunner().invoke(app, ["parameters", *words]).stdout


def test_a_study_that_a_source_names_is_ours_and_of_the_same_year():
    named = [one for one in sources(chain, kinetics, trials) if one.study]

    assert len(named) >= 25
    for one in named:
        assert is_study(one.study), one.key
        year = re.search(r"(?:19|20)\d\d", one.citation)
        assert year is None or int(year[0]) == study(one.study).year, one.key


def test_a_source_has_the_doi_of_its_study_and_keeps_its_own():
    assert located(chain.price2022).doi == study("price2022").doi
    assert located(kinetics.kamp2021).doi == kinetics.kamp2021.doi
    assert located(chain.design) == chain.design


def test_a_key_that_another_study_has_too_is_not_taken_for_it():
    """Two papers are Li 2015: CYP2B6 and ketamine, and craving for alcohol."""
    assert is_study(kinetics.li2015.key) and kinetics.li2015.study is None
    assert located(kinetics.li2015).doi is None


def test_what_counts_as_measured_can_be_found():
    for one in parameters():
        source = one.declared.source
        if one.declared.status == "measured" and source.seen != "definition":
            assert located(source).address or PLACE.search(source.citation), one.path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("learning.window_gain",), "https://doi.org/10.1176/appi.ajp.20220216"),
        (("learning.window_gain",), "resynapse evidence show price2022"),
        (("potency.r_ketamine",), "https://pubmed.ncbi.nlm.nih.gov/9311667/"),
        (("potency.free_fraction",), "resynapse evidence show moaddel2023"),
        (("lapse.craving_weight",), "https://doi.org/10.1001/jamapsychiatry.2022.1240"),
        (("methadone_shape",), "https://doi.org/10.1111/add.12333"),
    ],
)
def test_a_person_reads_where_a_source_is(words, said):
    assert said in asked(*words)


def test_a_source_without_an_address_has_no_empty_line():
    assert asked("nmda.magnesium_affinity").endswith("Jahr and Stevens 1990, J Neurosci 10:3178\n")


def test_programs_read_the_same():
    found = json.loads(asked("learning.window_gain", "--json"))["parameters"][0]["source"]

    assert (found["doi"], found["study"]) == ("10.1176/appi.ajp.20220216", "price2022")


def test_numbers_of_a_study_are_found_by_its_id():
    found = json.loads(asked("ctn0027", "--json"))["parameters"]

    assert "medication_stop.methadone_shape" in [one["path"] for one in found]


@pytest.mark.parametrize(
    "source", [chain.ki_summary, chain.start_trial, chain.poats], ids=lambda one: one.key
)
def test_what_was_computed_from_a_publication_does_not_count_as_measured(source):
    assert source.status == "derived"
