"""Do imports run one way?"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import importlinter.api
import pytest

from architecture.source_tree import LINKS, PACKAGE, ROOT, package_files, parsed, shown


def test_imports_only_ever_point_down_the_causal_chain():
    """In a process of its own: import-linter silences all loggers of the process it runs in."""
    program = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [program, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_names_every_layer_of_the_house_in_its_order():
    contract = importlinter.api.read_configuration(str(ROOT / "pyproject.toml"))
    layers = contract["contracts_options"][0]["layers"]
    plain = [set(layer.replace("(", "").replace(")", "").split(" | ")) for layer in layers]

    assert plain[:2] == [{"cli"}, {"web"}]
    assert plain[2] == {"report", "exchange", "bench"}
    assert plain[3:8] == [{"inference"}, {"trial"}, {"protocol"}, {"population"}, {"patient"}]
    assert plain[8] == {*LINKS, "engine"}
    assert plain[-1] == {"evidence"}


def test_every_folder_has_an_init_or_the_import_rules_would_pass_it_over():
    folders = {file.parent for file in package_files()}

    assert [shown(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_no_file_imports_a_star():
    stars = [
        f"{shown(file)} line {node.lineno}"
        for file in package_files()
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]

    assert not stars


def test_the_init_of_a_folder_only_imports_and_lists_names():
    wrong = [
        f"{shown(file)} line {node.lineno}"
        for file in PACKAGE.rglob("*/__init__.py")
        for node in parsed(file).body
        if not _lists_names(node)
    ]

    assert not wrong


def _lists_names(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign([ast.Name("__all__")]):
            return True
    return False


@pytest.mark.parametrize("module", ["resynapse", "resynapse.evidence", "resynapse.protocol"])
def test_light_modules_do_not_wait_for_heavy_ones(module):
    heavy = "{'jax', 'numpy', 'pandas', 'xarray', 'matplotlib', 'scipy', 'duckdb', 'numba'}"
    asked = f"import sys, {module}; print(*{heavy} & set(sys.modules))"

    said = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )

    assert said.stdout.split() == []
