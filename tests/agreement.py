"""How near do ours and R's numbers come, test by test? Written down where it is asked for.

`RESYNAPSE_AGREEMENT=FILE` in the environment notes every comparison of a test that asks R, as a
line of JSON; `python docs/build_oracles_page.py` makes a page of them. Nothing is noted otherwise.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

WANTED = "RESYNAPSE_AGREEMENT"
FROM_R = {"r", "rpact", "by_user", "in_other_hands"}
"""Fixtures that hold what R answered"""
asked: dict[str, set[str]] = {}
"""File of a test -> R packages that it asked"""
compares = {"with R": False}
"""Whether the test that runs holds an answer of R"""


def begin(fixtures: list[str]) -> None:
    """A test with these fixtures begins."""
    compares["with R"] = bool(FROM_R & set(fixtures))


class Noted:
    """`pytest.approx`, which writes down how far from it a number was."""

    __array_ufunc__ = None
    __array_priority__ = 100

    def __init__(self, expected: Any, *args: Any, **tolerance: Any) -> None:
        self.expected, self.tolerance = expected, tolerance
        self.inner = APPROX(expected, *args, **tolerance)

    def __eq__(self, actual: object) -> bool:
        note(actual, self.expected, self.tolerance)
        return bool(actual == self.inner)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.inner)


APPROX = pytest.approx


def note(actual: Any, expected: Any, tolerance: dict[str, float]) -> None:
    """A line for the test that runs, where it asks R."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").removesuffix(" (call)")
    file = test.partition("::")[0]
    packages = asked.get(Path(file).name)
    try:
        ours, theirs = (np.ravel(np.array(one, dtype=float)) for one in (actual, expected))
    except (TypeError, ValueError):
        return
    if not (packages and compares["with R"]) or ours.shape != theirs.shape or not ours.size:
        return
    apart = np.abs(ours - theirs)
    line = {
        "test": test, "packages": sorted(packages), "numbers": int(ours.size),
        "apart": float(np.nanmax(apart)), "size": float(np.nanmax(np.abs(theirs))), **tolerance,
    }  # fmt: skip
    with Path(os.environ[WANTED]).open("a", encoding="utf-8") as file_:
        file_.write(json.dumps(line) + "\n")


def ask(script: str) -> None:
    """Note that the test that runs has asked R, and which packages."""
    file, _, rest = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")
    compares["with R"] |= rest.endswith("(call)")
    named = re.findall(r"library\((\w+)\)|(\w+)::", script)
    asked.setdefault(Path(file).name, set()).update(a or b for a, b in named)
    asked[Path(file).name] |= set() if named else {"stats"}
