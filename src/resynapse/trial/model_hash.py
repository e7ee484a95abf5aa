"""Is the model still the one that was calibrated?

The hash covers what the equations and the people are made of: the code of the links, of the
patient and of the population without comments and docstrings, and the table of disorders. Prose
may change without breaking it; a formula, a prior or a pack may not.
"""

from __future__ import annotations

import hashlib
import io
import tokenize
from functools import cache
from pathlib import Path

import resynapse
from resynapse.trial.kept_hash import kept_hash

LINKS = (
    *("pharmacology", "receptor", "circuit", "plasticity", "pathways", "symptoms", "behaviour"),
    *("patient", "population"),
)
ALONE = ("parameter.py", "smooth.py", "system.py")
_SILENT = (
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    tokenize.ENCODING,
)


@cache
def model_hash() -> str:
    """SHA-256 of the model, 64 hexadecimal digits."""
    return kept_hash("model", _made)


def _made() -> str:
    root = Path(resynapse.__file__).parent
    files = [root / name for name in ALONE]
    for link in LINKS:
        files += sorted([*(root / link).rglob("*.py"), *(root / link).rglob("*.yaml")])
    digest = hashlib.sha256()
    for file in files:
        text = file.read_text(encoding="utf-8")
        said = code(text) if file.suffix == ".py" else text
        digest.update(f"{file.relative_to(root).as_posix()}\n{said}\n".encode())
    return digest.hexdigest()


def code(text: str) -> str:
    """Python without comments, docstrings and layout."""
    words, begins = [], True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _SILENT:
            begins = begins or token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            continue
        if not (begins and token.type == tokenize.STRING):
            words.append(token.string)
        begins = False
    return " ".join(words)
