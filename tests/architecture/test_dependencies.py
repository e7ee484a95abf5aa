"""Is every dependency used, every import a dependency, and every extra where it may be?"""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest

from architecture.source_tree import ROOT, package_files, parsed

IMPORTED_AS = {
    "arviz-base": "arviz_base", "arviz-stats": "arviz_stats", "libroadrunner": "roadrunner",
    "ruamel.yaml": "ruamel",
}  # fmt: skip
UNSEEN = {"jaxlib", "h5netcdf", "h5py"}
"""Imported by jax and, when a file is written, by xarray."""
HOME = {
    "bench": "resynapse/bench/",
    "cluster": "resynapse/trial/spread.py",
    "inference": "resynapse/inference/",
    "pdf": "resynapse/report/design/typeset.py",
    "web": "resynapse/web/",
}
"""The folder or file that may import what an extra brings; all else runs without it"""


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def imports():
    """Name of every package imported -> the files that do."""
    found: dict[str, list[str]] = {}
    for file in package_files():
        for name in _imports(file):
            found.setdefault(name, []).append(file.as_posix())
    return {name: at for name, at in found.items() if name not in sys.stdlib_module_names}


def test_every_dependency_is_imported_and_every_import_is_a_dependency(project, imports):
    asked = _names(project["dependencies"]) - UNSEEN
    brought = {name for extra in HOME for name in _names(project["optional-dependencies"][extra])}

    assert asked <= set(imports)
    assert set(imports) <= asked | brought | {"resynapse"}


def test_an_extra_is_imported_in_its_folder_alone(project, imports):
    for extra, home in HOME.items():
        for name in _names(project["optional-dependencies"][extra]):
            assert all(home in file for file in imports.get(name, ()))


def _names(lines):
    named = {re.match(r"[\w.-]+", line).group() for line in lines}
    return {IMPORTED_AS.get(name, name) for name in named}


def _imports(file):
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]
