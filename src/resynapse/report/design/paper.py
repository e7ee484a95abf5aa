"""How does the report of a design become a PDF that a team prints and sends around?"""

from __future__ import annotations

import importlib.util
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from resynapse.input_error import InputError
from resynapse.report.design.document import parts, provenance
from resynapse.report.figure import Figure
from resynapse.report.plot import drawing_style
from resynapse.report.standalone import bare
from resynapse.report.table import Row, Table

if TYPE_CHECKING:
    from resynapse.report.design.told import Told

TEMPLATE = "design.typ"
Form = Literal["pdf", "png", "html"]


def ensure_typst() -> None:
    """Raises InputError where the library that sets the pages is not installed."""
    if importlib.util.find_spec("typst") is None:
        raise InputError(
            'A PDF needs the library typst: pip install "resynapse[pdf]". Without it, report.html '
            "prints from any browser."
        )


def render_pdf(told: Told) -> bytes:
    """The report as a PDF: the same parts as the page, set for A4."""
    return compiled(told, "pdf")


def render_pages(told: Told, dots_per_inch: float = 100.0) -> list[bytes]:
    """The same pages as PNG pictures."""
    found = compiled(told, "png", dots_per_inch)
    return found if isinstance(found, list) else [found]


def compiled(told: Told, form: Form, dots_per_inch: float | None = None) -> Any:
    """The pages as bytes in a form that typst knows: pdf, png (a list), html."""
    ensure_typst()
    import typst

    content, drawings = paper(told)
    template = resources.files("resynapse.report").joinpath("templates", TEMPLATE).read_bytes()
    files: Any = {
        "main.typ": template,
        "told.json": _kept_together(json.dumps(content)).encode(),
        **drawings,
    }
    return typst.compile(files, format=form, ppi=dots_per_inch, sys_inputs={"form": form})


def _kept_together(text: str) -> str:
    """No line ends between a number and its per cent sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", text)


def paper(told: Told) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the template is given as plain text and lists, and the drawings by file name."""
    said, drawings = parts(told), {}
    style = drawing_style()

    def figure(one: Figure | None) -> dict[str, str] | None:
        if one is None:
            return None
        name = f"figure-{len(drawings) + 1}.svg"
        drawings[name] = bare(one.drawing, style).encode()
        return {"title": one.title, "caption": one.caption, "file": name}

    content = {
        "name": told.protocol.name,
        "title": told.protocol.title,
        "date": told.date,
        "parameters": told.parameters,
        "foot": provenance(told),
        **{key: said[key] for key in ("lead", "research", "approval", "historical")},
        "justification": said["justification"],
        "notes": said["notes"],
        "figures": [figure(one) for one in said["figures"]],
        "pair": [figure(one) for one in said["pair"]],
        **{key: figure(said[key]) for key in ("bounds", "forest")},
        **{key: plain(said[key]) for key in ("needed", "rejections", "draws", "stopping")},
        **{key: plain(said[key]) for key in ("estimates", "after_stopping", "ademp")},
        "tipping": [plain(one) for one in said["tipping"]],
        "flow": _flow(said["flow"]),
        "facts": [[name, str(value)] for name, value in said["facts"].items()],
    }
    return content, drawings


def word_tables(told: Told) -> dict[str, list[list[str]]]:
    """The report's tables as rows of finished text, by name, to paste into a document."""
    said = parts(told)
    named = {key: said[key] for key in ("needed", "rejections", "stopping", "draws", "estimates")}
    named["after_stopping"] = said["after_stopping"]
    named |= {f"tipping_{k}": one for k, one in enumerate(said["tipping"], 1)}
    named["ademp"] = said["ademp"]
    return {name: _texts(plain(one)) for name, one in named.items() if one is not None}


def _texts(table: dict[str, Any]) -> list[list[str]]:
    rows = [[" ".join(part for part in cell if part) for cell in row] for row in table["rows"]]
    return [table["heads"], *rows]


def plain(table: Table | None) -> dict[str, Any] | None:
    """Caption, headings and rows of a table as text; a cell is its value and its interval."""
    if table is None:
        return None
    rows = [[[str(row.head), ""], *_cells(row)] for row in table.rows]
    return {"caption": table.caption, "heads": list(table.labels), "rows": rows}


def _cells(row: Row) -> list[list[str]]:
    return [[cell.words or cell.value, cell.interval] for cell in row.cells]


def _flow(flow: Any) -> dict[str, Any]:
    def box(one: Any) -> dict[str, Any]:
        return {"head": one.head, "lines": list(one.lines)}

    return {"all": box(flow.all), "arms": [[box(one) for one in arm] for arm in flow.arms]}
