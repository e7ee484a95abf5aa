"""What works for somebody who installed `resynapse[web]`, or `resynapse` alone?

No second environment: a finder refuses the libraries of the extras as if they were not there.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import resynapse

SAMPLING = ("arviz_base", "arviz_stats", "numpyro", "SALib")
REST = ("diffrax", "distributed", "numbalsoda", "roadrunner", "typst")
PAGE = ("anyio", "fastapi", "starlette", "uvicorn")
"""libraries of the extras inference; bench, cluster and pdf; web"""

WITHOUT = """
import importlib.abc, sys

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""
COMMANDS = (
    WITHOUT
    + """
import json
from typer.testing import CliRunner
from resynapse.cli.command_line import app

for line in {lines}:
    done = CliRunner().invoke(app, line.split())
    print(json.dumps([line, done.exit_code, str(done.exception or "")]))
"""
)
STORED = (
    "evidence show krupitsky2002_heroin", "parameters lapse baseline", "claims", "forecasts",
    "validate --stored", "check krupitsky-2002", "endpoints relapse", "protocols",
    "run krupitsky-2002 --patients 2 --rivals off --quiet --output found",
)  # fmt: skip
SECTION = (
    WITHOUT
    + """
from resynapse.web import server  # the whole page, with every route
from resynapse.web.studies import evidence_html, forecasts_file

assert "krupitsky" in evidence_html().lower()
assert "<svg" in forecasts_file()
"""
)


def imported_at_once(file: Path) -> set[str]:
    """Libraries that a module imports when it is imported, not within a function."""
    todo, found = list(ast.parse(file.read_text(encoding="utf-8")).body), set()
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.If | ast.Try | ast.ClassDef):
            todo += node.body
    return found


def test_no_module_but_the_pages_imports_a_library_of_an_extra_before_it_is_used():
    source = Path(resynapse.__file__).parent
    wrong = {
        str(file.relative_to(source)): found
        for file in source.rglob("*.py")
        if (found := imported_at_once(file) & {*SAMPLING, *REST, *PAGE})
    }

    assert {name for name in wrong if not name.startswith("web/")} == set()
    assert set().union(*wrong.values()) <= set(PAGE)


def said(code: str, missing: tuple[str, ...], cwd: Path, lines: tuple[str, ...] = ()) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code.format(missing=set(missing), lines=lines)],
        capture_output=True, text=True, cwd=cwd, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_stored_is_read_and_a_run_reported_without_any_extra(tmp_path):
    told = said(COMMANDS, (*SAMPLING, *REST, *PAGE), tmp_path, STORED)
    answers = [json.loads(line) for line in told.splitlines()]

    assert answers == [[line, 0, ""] for line in STORED]
    assert (tmp_path / "found" / "report.html").exists()


def test_the_evidence_on_the_page_needs_the_extra_of_the_page_alone(tmp_path):
    said(SECTION, (*SAMPLING, *REST), tmp_path)
