"""How does a report become pages that a team prints and sends around?"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

from resynapse.input_error import InputError
from resynapse.report.figure import Figure
from resynapse.report.plot import drawing_style
from resynapse.report.standalone import bare

LOOK = "look.typ"
Form = Literal["pdf", "png", "html"]


def ensure_typst(otherwise: str = "Without it, report.html prints from any browser.") -> None:
    """Raises InputError where the library that sets the pages is not installed."""
    if importlib.util.find_spec("typst") is None:
        raise InputError(
            f'A PDF needs the library typst: pip install "resynapse[pdf]". {otherwise}'
        )


def typeset(
    template: str, content: Mapping[str, Any], drawings: Mapping[str, bytes], form: Form,
    dots_per_inch: float | None = None,
) -> Any:  # fmt: skip
    """A template filled with plain text and lists, as bytes that are pdf, png (a list) or html."""
    import typst

    folder = resources.files("resynapse.report").joinpath("templates")
    files: Any = {
        "main.typ": folder.joinpath(template).read_bytes(),
        LOOK: folder.joinpath(LOOK).read_bytes(),
        "told.json": _kept_together(json.dumps(content)).encode(),
        **drawings,
    }
    return typst.compile(files, format=form, ppi=dots_per_inch, sys_inputs={"form": form})


def _kept_together(text: str) -> str:
    """No line ends between a number and its per cent sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", text)


class Drawings:
    """Figures by file name, as a template asks for them."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, one: Figure | None) -> dict[str, str] | None:
        """Title, caption and file of a figure; None for none."""
        if one is None:
            return None
        name = f"figure-{len(self.files) + 1}.svg"
        self.files[name] = bare(one.drawing, drawing_style()).encode()
        return {"title": one.title, "caption": one.caption, "file": name}
