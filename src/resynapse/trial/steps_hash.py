"""Is the code that takes steps still the one whose error was measured?

The hash covers the model (``model_hash``) and every file of ``engine``, ``trial`` and ``protocol``
that a measured path goes through, found by following imports from where the error is measured and
from the back ends that are compared. Comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

import resynapse
from resynapse.engine.back_end import DEFAULT, MODULES
from resynapse.trial.model_hash import code, model_hash

PACKAGE = resynapse.__name__
FOLLOWED = tuple(f"{PACKAGE}.{name}" for name in ("engine", "trial", "protocol", "purpose"))
"""of these packages every file counts that is reached; of the model, all files do"""
BEGINS = f"{PACKAGE}.trial.grid"
"""where paths of a back end are compared with others"""


@cache
def steps_hash(backend: str, against: str = "reference") -> str:
    """SHA-256 of all code by which these two back ends come to the paths that are compared.

    Pilots, who tell what arms feel like, go through the default back end.
    """
    digest = hashlib.sha256(model_hash().encode())
    for module in reached((BEGINS, *(MODULES[name] for name in (DEFAULT, backend, against)))):
        text = code(_file(module).read_text(encoding="utf-8"))
        digest.update(f"{module}\n{text}\n".encode())
    return digest.hexdigest()


def reached(begins: tuple[str, ...]) -> list[str]:
    """These modules and all of FOLLOWED that they import, at any depth, sorted."""
    found, left = set(begins), list(begins)
    while left:
        new = _imported(left.pop()) - found
        found |= new
        left += new
    return sorted(found)


def _imported(module: str) -> set[str]:
    """Modules of FOLLOWED that a module imports, anywhere in it."""
    named = set()
    for node in ast.walk(ast.parse(_file(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return {name for name in named if name.startswith(FOLLOWED) and _file(name).is_file()}


def _file(module: str) -> Path:
    """The file of a module, or of a package."""
    place = Path(resynapse.__file__).parents[1].joinpath(*module.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
