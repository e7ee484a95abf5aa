"""Is a hash of the package's own files had again only where every file is as it was?"""

from __future__ import annotations

import pytest

from resynapse.trial import kept_hash as kept


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of one file of code and one of data, and an empty cache."""
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "study.yaml").write_text("value: 1")
    monkeypatch.setattr(kept.resynapse, "__file__", str(folder / "__init__.py"))
    kept._package.cache_clear()
    yield folder
    kept._package.cache_clear()


def made(said: list[str], what: str = "data") -> str:
    """The hash at a new start; whoever has to make it says so."""
    kept._package.cache_clear()
    return kept.kept_hash(what, lambda: said.append(what) or f"hash {len(said)}")


def test_a_hash_is_made_once_while_nothing_changes(package):
    said = []

    assert [made(said), made(said)] == ["hash 1", "hash 1"]
    assert said == ["data"]


@pytest.mark.parametrize("change", ["content", "name", "more"])
def test_another_byte_or_name_in_the_package_has_it_made_again(package, change):
    said = []
    made(said)
    if change == "content":
        (package / "study.yaml").write_text("value: 2")
    elif change == "name":
        (package / "study.yaml").rename(package / "other.yaml")
    else:
        (package / "code.py").write_text("")

    assert made(said) == "hash 2"


def test_other_sources_and_other_questions_have_their_own(package, monkeypatch):
    said = []
    made(said)
    made(said, "model")
    monkeypatch.setattr(kept, "sources", lambda: "other sources")
    made(said)

    assert said == ["data", "model", "data"]
