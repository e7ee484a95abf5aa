"""Is every dependency used, and every import a dependency?"""

from __future__ import annotations

import ast
import re
import sys
import tomllib

from architecture.source_tree import ROOT, package_files, parsed, shown

IMPORTED_AS = {"ruamel.yaml": "ruamel"}
UNSEEN = {"jaxlib", "h5netcdf", "h5py"}
"""Imported by jax and, when a file is written, by xarray."""


WEB = "resynapse/web/"
"""Only the page may import what the extra ``web`` brings"""


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _asked(lines):
    named = {re.match(r"[\w.-]+", line).group() for line in lines}
    return {IMPORTED_AS.get(name, name) for name in named - UNSEEN}


def _imported(files):
    found = {name for file in files for name in _imports(file)}
    return found - set(sys.stdlib_module_names) - {"resynapse"}


def test_every_dependency_is_imported_and_every_import_is_a_dependency():
    page = [file for file in package_files() if WEB in shown(file)]
    rest = [file for file in package_files() if WEB not in shown(file)]

    assert page
    assert _asked(_project()["dependencies"]) == _imported(rest)
    assert _imported(page) - _imported(rest) == _asked(_project()["optional-dependencies"]["web"])


def _imports(file):
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
