"""Can the Python of README and the pages be typed as it stands?"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
QUICK = {
    "analyse.md": ("examples/analyse/relapse.csv", "examples/analyse/relapse.yaml"),
    "endpoints.md": (),
    "protocol_file.md": ("src/resynapse/protocol/library/dakwar-2019.yaml",),
}
"""pages whose Python simulates nothing -> files that it reads"""
ELSEWHERE = {"dask_jobqueue", "dask_kubernetes"}
"""libraries of clusters, which the pages name and the package does not bring"""


def snippets(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def imported(code: str) -> list[tuple[str, str | None]]:
    """Module and name of everything that a snippet imports."""
    found: list[tuple[str, str | None]] = []
    for one in ast.walk(ast.parse(code)):
        if isinstance(one, ast.Import):
            found += [(name.name, None) for name in one.names]
        elif isinstance(one, ast.ImportFrom):
            found += [(str(one.module), name.name) for name in one.names]
    return [one for one in found if one[0].partition(".")[0] not in ELSEWHERE]


def is_there(module: str, name: str | None) -> bool:
    if importlib.util.find_spec(module) is None:
        return False
    return (
        name is None
        or hasattr(importlib.import_module(module), name)
        or importlib.util.find_spec(f"{module}.{name}") is not None
    )


@pytest.mark.parametrize(
    "page", [page for page in PAGES if snippets(page)], ids=lambda page: page.name
)
def test_what_a_snippet_imports_and_asks_of_the_package_is_there(page):
    import resynapse

    for code in snippets(page):
        assert [one for one in imported(code) if not is_there(*one)] == []
        for name in re.findall(r"\bresynapse\.(\w+)\(", code):
            assert hasattr(resynapse, name), name


@pytest.mark.parametrize("name", QUICK)
def test_a_snippet_that_simulates_nothing_runs_as_it_stands(name, tmp_path, monkeypatch):
    for file in QUICK[name]:
        target = "mine.yaml" if name == "protocol_file.md" else Path(file).name
        shutil.copy(ROOT / file, tmp_path / target)
    monkeypatch.chdir(tmp_path)

    found = snippets(ROOT / "docs" / name)
    assert found
    for code in found:
        exec(compile(code, name, "exec"), {})


@pytest.mark.parametrize(
    "line",
    re.findall(
        r"^(RULES\[.*?)  # (.*)$", "\n".join(snippets(PAGES[0].parent / "docs/endpoints.md")), re.M
    ),
)
def test_what_a_rule_of_the_page_gives_is_what_stands_beside_it(line):
    from resynapse.trial.definitions.urine_rules import RULES

    assert repr(eval(line[0], {"RULES": RULES})) == line[1]
