"""Is every dependency used, and every import a dependency?"""

from __future__ import annotations

import ast
import re
import sys
import tomllib

from architecture.source_tree import ROOT, package_files, parsed

IMPORTED_AS = {"ruamel.yaml": "ruamel"}
UNSEEN = {"jaxlib", "h5netcdf", "h5py"}
"""Imported by jax and, when a file is written, by xarray."""


def test_every_dependency_is_imported_and_every_import_is_a_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.match(r"[\w.-]+", line).group() for line in project["dependencies"]}
    asked = {IMPORTED_AS.get(name, name) for name in named - UNSEEN}
    imported = {name for file in package_files() for name in _imports(file)}

    assert asked == imported - set(sys.stdlib_module_names) - {"resynapse"}


def _imports(file):
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
