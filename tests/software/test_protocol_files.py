"""Is a file that is no protocol refused with one clear message?"""

from __future__ import annotations

import os
from itertools import pairwise

import pytest

from resynapse.protocol import ProtocolError, load, parse
from software.protocol_example import EXAMPLE, changed


def refused(path) -> str:
    with pytest.raises(ProtocolError) as error:
        load(path)
    return error.value.message


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b"# only a comment\n", "empty"),
        (b"- a list\n", "mapping of fields"),
        (b"some words\n", "mapping of fields"),
        (b"title: \xff\xfe\n", "line 1: the file is not UTF-8"),
        (b"name: \x00\n", "control character"),
        (b"name: a\n\ttitle: b\n", "line 2: this is not valid YAML: a tab"),
        (b'name: "a\n', "not valid YAML"),
        (b"title: a: b\n", "line 1: this is not valid YAML"),
        (b"name: a\n---\nname: b\n", "not valid YAML"),
        (b"a: " + b"[" * 3000, "nested too deeply"),
        (b"a: &a [*a]\n", "nested too deeply"),
        (b"name: !!python/object:os.system x\n", "the tag"),
        (b"#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_what_is_no_protocol_is_refused_with_its_reason(tmp_path, content, part):
    file = tmp_path / "bad.yaml"
    file.write_bytes(content)

    said = refused(file)

    assert said.startswith(str(file))
    assert part in said


def test_references_that_unfold_without_end_are_refused():
    names = "abcdefgh"
    text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in pairwise(names)
    )

    with pytest.raises(ProtocolError, match="unfolds into more than"):
        parse(text, "my.yaml")


def test_a_field_that_stands_twice_is_refused_with_both_lines(tmp_path):
    file = tmp_path / "twice.yaml"
    file.write_text(EXAMPLE + "title: Again\n")

    assert "line 25, title: title already stands in line 2" in refused(file)


def test_a_folder_a_device_and_a_missing_file_are_refused(tmp_path):
    assert "this is a folder" in refused(tmp_path)
    missing = refused(tmp_path / "none.yaml")
    assert "neither a file nor a protocol" in missing
    assert "grabski-2022" not in missing
    near = refused("dakwar-2091")
    assert 0 < near.index("Did you mean dakwar-2019?") < near.index("Library: ")
    assert "not an ordinary file" in refused(os.devnull)
    assert "cannot be read" in refused("x" * 5000)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    file = tmp_path / "secret.yaml"
    file.write_text(EXAMPLE)
    file.chmod(0)

    assert "Permission denied" in refused(file)


def with_table(tmp_path, table: str | bytes):
    content = table if isinstance(table, bytes) else table.encode()
    (tmp_path / "people.csv").write_bytes(content)
    file = tmp_path / "my.yaml"
    file.write_text(EXAMPLE + "population: {csv: people.csv}\n")
    return file


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ("weight_kg,age_years\n70,30\n", ["line 1", "column female is missing", "Add it"]),
        ("weigth_kg,age_years,female\n70,30,1\n", ["weight_kg is missing", "Rename weigth_kg"]),
        ("weight_kg,age_years,female,hair\n70,30,1,2\n", ["column hair is not known"]),
        ("weight_kg,age_years,female,female\n70,30,1,1\n", ["female stands twice"]),
        ("weight_kg,age_years,female\n70,30,1\n-7,30,1\n", ["line 3, column weight_kg", '"-7"']),
        ("weight_kg,age_years,female\n70,old,1\n", ["line 2, column age_years", '"old"']),
        ("weight_kg,age_years,female\n70,30,0.5\n", ["line 2, column female", "0 or 1"]),
        ("weight_kg,age_years,female\n70,30,nan\n", ["line 2, column female"]),
        ("weight_kg,age_years,female\n70,30\n", ["line 2: 2 values for 3 columns"]),
        ("weight_kg,age_years,female\n", ["no person"]),
        ("weight_kg;age_years;female\n70;30;1\n", ["not separated by commas"]),
        ("", ["is empty"]),
        (b"\xff\xff", ["not UTF-8"]),
        (b"\xef\xbb\xbfweight_kg,age_years,female\n70,30,1\n", ["byte-order mark"]),
    ],
)
def test_a_table_of_people_that_is_wrong_is_refused_with_column_and_line(tmp_path, table, parts):
    said = refused(with_table(tmp_path, table))

    assert "line 25, population, csv: people.csv" in said
    assert [part for part in parts if part not in said] == []


def test_a_table_of_people_is_found_beside_the_protocol(tmp_path, monkeypatch):
    file = with_table(tmp_path, "weight_kg,age_years,female\n70,30,1\n")
    monkeypatch.chdir(tmp_path.parent)

    assert load(file).population.csv == str((tmp_path / "people.csv").resolve())


def test_many_wrong_rows_are_not_all_listed(tmp_path):
    said = refused(with_table(tmp_path, "weight_kg,age_years,female\n" + "1,1,1\n" * 500))

    assert "and 990 more" in said
    assert len(said.splitlines()) < 15


def test_a_missing_table_is_named(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(EXAMPLE + "population: {csv: nobody.csv}\n")

    assert "nobody.csv does not exist" in refused(file)


def test_a_text_that_came_without_a_file_may_not_name_a_table():
    with pytest.raises(ProtocolError, match="only beside a protocol file"):
        parse(EXAMPLE + "population: {csv: people.csv}\n", "the page")


def test_one_arm_needs_no_reference():
    text = changed("reference: low\n", "")
    alone = text[: text.index("  - id: low")]

    assert parse(alone, "my.yaml").reference == "high"
