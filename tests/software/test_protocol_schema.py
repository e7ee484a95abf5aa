"""Does an editor know the fields of a protocol, and is the protocol quick to import?"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from resynapse import protocol
from resynapse.protocol import Protocol, schema

SLOW_TO_LOAD = ("jax", "numpy", "pandas", "xarray", "matplotlib", "scipy", "numba", "typer")


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (name, getattr(protocol, name))
        for name in ("Arm", "Dose", "Medication", "Therapy", "Population", "Setting", "Site")
    ],
)
def test_the_schema_knows_every_field_of_every_record(name, record):
    known = schema()["$defs"][name]

    assert set(record.model_fields) <= set(known["properties"])
    assert known["additionalProperties"] is False


def test_the_schema_knows_the_short_names_that_people_write():
    made = schema()

    assert {*Protocol.model_fields, "follow_up"} == set(made["properties"])
    assert "every" in made["$defs"]["Medication"]["properties"]
    assert made["$defs"]["Dose"]["properties"]["dose"]["type"] == "string"
    assert "follow_up_days" not in made["required"]


def test_an_editor_is_told_every_limit_in_words_that_it_knows():
    made = schema()["$defs"]

    assert made["Cyp2b6"]["properties"]["poor"].items() >= {"minimum": 0, "maximum": 1}.items()
    assert made["Arm"]["properties"]["allocation"]["exclusiveMinimum"] == 0
    assert made["Dose"]["properties"]["minutes"]["anyOf"][0]["maximum"] == 5760
    assert not re.search(r'"(ge|gt|le|lt|min_length|max_length)":', json.dumps(made))


def test_the_schema_that_comes_with_the_library_is_the_schema_of_this_version(root):
    shipped = root / "src" / "resynapse" / "protocol" / "library" / "protocol.schema.json"

    assert json.loads(shipped.read_text(encoding="utf-8")) == schema()


def test_a_protocol_is_imported_without_anything_that_is_slow_to_load(root):
    command = [sys.executable, "-c", "import resynapse.protocol, sys; print(*sys.modules)"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root / "src")
    imported = set(said.stdout.split())
    ours = {name for name in imported if name.startswith("resynapse.")}

    assert "pydantic" in imported
    assert imported.isdisjoint(SLOW_TO_LOAD)
    assert all(name.startswith("resynapse.protocol") for name in ours - {"resynapse.input_error"})


def test_the_pages_name_every_field_that_a_protocol_may_have(root):
    told = "".join(
        (root / f"docs/{page}.md").read_text(encoding="utf-8")
        for page in ("protocol_file", "conduct", "estimands", "model")
    )
    made = schema()
    shorthand = {"follow_up_days", "historical_comparator"}

    fields = {name for record in made["$defs"].values() for name in record.get("properties", {})}
    code = re.findall(r"```.*?```|`[^`]*`", told, flags=re.DOTALL)
    named = set(re.findall(r"[a-z0-9_]+", " ".join(code)))

    assert (fields | set(made["properties"])) - named <= shorthand
