"""Is every file and function short enough to be read at once?"""

from __future__ import annotations

import ast

from architecture.source_tree import package_files, parsed, python_files, shown

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def test_no_file_is_longer_than_400_lines():
    long = {
        shown(file): lines
        for file in python_files()
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }

    assert not long


def test_no_function_is_longer_than_40_lines():
    long = {
        f"{shown(file)}:{node.name}": lines
        for file in package_files()
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (lines := _lines(node)) > LONGEST_FUNCTION
    }

    assert not long


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From def to the last line, less the docstring."""
    docstring = 0
    first = function.body[0]
    if isinstance(first, ast.Expr) and ast.get_docstring(function) is not None:
        docstring = (first.end_lineno or first.lineno) - first.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def test_docstrings_do_not_count_as_length():
    source = "def f():\n    '''One.\n\n    Two.\n    '''\n    return 1\n"

    assert _lines(ast.parse(source).body[0]) == 2


def test_every_module_begins_with_a_sentence():
    silent = [
        shown(file)
        for file in package_files()
        if parsed(file).body and not (ast.get_docstring(parsed(file)) or "").strip()
    ]

    assert not silent
