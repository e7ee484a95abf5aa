"""Does a file name the machine that it was written on?"""

from __future__ import annotations

import re

import pytest

from architecture.source_tree import kept_files, shown

FOLDERS = "work|farm|root|tmp"
HOSTS = ["py" + "pi.org", "registry.npm" + "js", "deb.deb" + "ian", "files.python" + "hosted"]
MACHINE = re.compile(
    rf"(?:^|[^A-Za-z0-9_.])/(?:{FOLDERS})/[a-z]|" + "|".join(map(re.escape, HOSTS)), re.MULTILINE
)


def test_no_file_names_a_folder_of_a_machine_or_the_host_of_a_registry():
    found = []
    for file in kept_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{shown(file)}: {match.group()}" for match in MACHINE.finditer(text)]

    assert not found


@pytest.mark.parametrize("folder", FOLDERS.split("|"))
def test_the_search_finds_such_a_name(folder):
    assert MACHINE.search(f"see /{folder}/somewhere")
    assert not MACHINE.search(f"see docs/{folder}/somewhere")
