"""Which colours and drawing rules does the page share with the report?"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

DRAWINGS = re.compile(r"/\* Drawings \*/(.*?)\n@media", re.DOTALL)
"""From the drawings to the end of the tables"""


@cache
def shared_style() -> str:
    """Tokens of colour and type, then the rules of drawings and tables."""
    folder = resources.files("resynapse").joinpath("report", "style")  # without loading the report
    tokens, sheet = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("tokens.css", "report.css")
    )
    found = DRAWINGS.search(sheet)
    return tokens + (found[1] if found else "")
