"""Which equations, symbols and switches does docs/model.md show? Word by word those of the package.

    python docs/build_model_page.py

Text between two markers is replaced by what the package says; all other text is left as it is:

    <!-- link receptor.nmda Potency NmdaBlock -->   equations, words and numbers of these
    <!-- switches -->                               the hypotheses that can be switched
    <!-- counts -->                                 how many numbers are measured, derived, assumed
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib import import_module
from inspect import cleandoc, getsource
from pathlib import Path
from textwrap import fill
from types import ModuleType
from typing import Any

from resynapse.patient import parameters
from resynapse.patient.hypotheses import SWITCHES

PAGE = Path(__file__).with_name("model.md")
LINKS = (
    "pharmacology", "receptor", "circuit", "plasticity", "pathways", "symptoms", "behaviour"
)  # fmt: skip
EQUATION = re.compile(r"\S.* (=|->) .*\S {2,}\S")
"""symbols on both sides of a sign, and a unit that stands apart"""
SYMBOL = re.compile(r"(\S+?)(?=[,;]|$| \(| = |\n)")
"""a symbol, before what is said of it"""
MARKED = re.compile(r"<!-- (link [^>]+|switches|counts) -->\n(?:.*?\n)??<!-- / -->", re.DOTALL)


def documented() -> Iterator[tuple[str, str]]:
    """Module and name of everything in a link that holds an equation or a number."""
    for folder in LINKS:
        for module, node in _nodes(folder):
            if any(_equations(node)) or "= parameter(" in ast.unparse(node):
                yield module, node.name


def equations() -> Iterator[str]:
    """Every equation of every link, a line each."""
    for folder in LINKS:
        for _, node in _nodes(folder):
            yield from _equations(node)


def _equations(node: ast.AST) -> Iterator[str]:
    """Those of a docstring, and of the docstrings of methods."""
    for part in (node, *_methods(node)):
        yield from filter(EQUATION.search, _docstring(part).splitlines())


def _methods(node: ast.AST) -> list[ast.FunctionDef]:
    inside = node.body if isinstance(node, ast.ClassDef) else []
    return [part for part in inside if isinstance(part, ast.FunctionDef)]


def _nodes(folder: str) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef]]:
    """Every class and function at the top of a folder's modules."""
    package = import_module(f"resynapse.{folder}")
    for file in sorted(Path(package.__path__[0]).glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield f"{folder}.{file.stem}", node


def built(text: str) -> str:
    """The page with every marked part as the package has it now."""
    return MARKED.sub(lambda found: _marked(found[1]), text)


def _marked(wanted: str) -> str:
    kind, *where = wanted.split()
    body = {"link": _links, "switches": _switches, "counts": _counts}[kind](*where)
    return f"<!-- {wanted} -->\n\n{body}\n\n<!-- / -->"


def asked(text: str) -> set[tuple[str, str]]:
    """Module and name of everything that the page shows."""
    found = re.findall(r"<!-- link (\S+) ([^>]+) -->", text)
    return {(module, name) for module, names in found for name in names.split()}


def _links(module: str, *names: str) -> str:
    source = import_module(f"resynapse.{module}")
    return "\n\n".join(_link(module, source, name) for name in names)


def _link(module: str, source: ModuleType, name: str) -> str:
    """What a class or function says of itself, then its numbers."""
    node = next(n for n in ast.parse(getsource(source)).body if getattr(n, "name", "") == name)
    place = f"../src/resynapse/{module.replace('.', '/')}.py"
    parts = _said(f"**[`{name}`]({place})**", node)
    for method in _methods(node):
        parts += _said(f"`{method.name}`", method) if any(_equations(method)) else []
    parts += _numbers(getattr(source, name), node) if isinstance(node, ast.ClassDef) else []
    return "\n\n".join(parts)


def _said(title: str, node: ast.AST) -> list[str]:
    """A docstring below its title."""
    blocks = [_block(block) for block in re.split(r"\n\n+", _docstring(node))]
    head = [title, blocks[0]] if blocks[0].startswith("```") else [f"{title}: {blocks[0]}"]
    return head + blocks[1:]


def _docstring(node: ast.AST) -> str:
    return cleandoc(ast.get_docstring(node, clean=False) or "")


def _block(block: str) -> str:
    """Equations as they stand, prose as prose."""
    if any(map(EQUATION.search, block.splitlines())):
        return f"```text\n{block}\n```"
    return block.replace("``", "`")


def _numbers(kind: Any, node: ast.ClassDef) -> list[str]:
    """The parameters of a class: symbol, name, unit where there is one, status."""
    declared = {f.name: f.metadata["declared"] for f in fields(kind) if "declared" in f.metadata}
    if not declared:
        return []
    symbols, listed = _symbols(node, kind.__module__.split(".")[1]), []
    for name, one in declared.items():
        unit = "" if one.unit == "1" else f" {one.unit}"
        symbol = f"{symbols[name]} = " if name in symbols else ""
        listed.append(f"{symbol}`{name}`{unit} ({one.status[0]})".replace("*", "\\*"))
    text = f"Numbers: {', '.join(listed)}."
    return [fill(text, 110, break_long_words=False, break_on_hyphens=False)]


def _symbols(node: ast.ClassDef, folder: str) -> dict[str, str]:
    """What stands for each parameter in the equations: the first word written below it."""
    found = {}
    for field, below in zip(node.body[:-1], node.body[1:], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            first = SYMBOL.match(ast.literal_eval(below.value))
            if first and first[1] in _tokens(folder):
                found[ast.unparse(field.target)] = first[1]
    return found


@cache
def _tokens(folder: str) -> set[str]:
    """Every symbol in an equation of a folder."""
    return {
        token
        for _, node in _nodes(folder)
        for line in _equations(node)
        for token in re.findall(r"\w+", line)
    }


def _switches() -> str:
    rows = ["| switch | question | default | why it is contested |", "| --- | --- | --- | --- |"]
    for name, one in SWITCHES.items():
        default = "on" if one.default else "off"
        rows.append(f"| `{name}` | {one.question} | {default} | {one.reason} |")
    return "\n".join(rows)


def _counts() -> str:
    statuses = ("measured", "derived", "assumed")
    counted = Counter(entry.declared.status for entry in parameters())
    listed = ", ".join(f"{counted[status]} {status}" for status in statuses)
    return f"{sum(counted.values())} numbers: {listed}."


if __name__ == "__main__":
    PAGE.write_text(built(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
