"""Do the pages of the studies say what the files of the studies say?"""

import csv
import importlib.util
import sys

import pytest

from resynapse.evidence import studies, study
from resynapse.evidence.source import Source
from resynapse.evidence.sources import chain, kinetics

COMMAND = "python docs/build_evidence_pages.py brings the pages up to date"


@pytest.fixture(scope="module")
def builder(root):
    """The script that writes the pages."""
    spec = importlib.util.spec_from_file_location(
        "build_evidence_pages", root / "docs" / "build_evidence_pages.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_page_is_what_the_files_say_now(builder):
    for path, text in builder.pages().items():
        assert (builder.FOLDER / path).read_text(encoding="utf-8") == text, f"{path}: {COMMAND}"


def test_no_page_is_left_of_a_study_that_is_gone(builder):
    kept = {path.stem for path in (builder.FOLDER / "evidence").glob("*.md")}

    assert kept == {found.id for found in studies()}


def test_a_page_shows_every_number_with_its_place_and_flags_what_is_not_fitted(builder):
    text = builder.page(study("krupitsky2002_heroin"))

    assert text.count("**Not fitted:** it was recalled") == 4
    assert "0.38 (0.19 to 0.76; 95 %, delta method, computed here)" in text
    assert "looked at three times" in text


def test_the_index_names_every_study_once(builder):
    text = builder.index()

    assert all(text.count(f"(evidence/{found.id}.md)") == 1 for found in studies())


def test_what_was_looked_up_again_is_of_the_evidence_and_says_where(builder):
    with (builder.FOLDER / "evidence_checked.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sources = {
        one.key
        for one in (*vars(chain).values(), *vars(kinetics).values())
        if isinstance(one, Source)
    }
    known = {found.id for found in studies()} | sources

    assert len(rows) > 80
    for row in rows:
        assert row["study"] in known, row
        assert row["verdict"] in ("same", "differs", "not found", "added"), row
        assert row["where"] or row["verdict"] == "not found", row
        assert row["done"] or row["verdict"] not in ("differs", "added"), row
