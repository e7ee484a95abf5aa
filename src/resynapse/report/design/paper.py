"""How does the report of a design become a PDF that a team prints and sends around?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resynapse.report.design.document import parts, provenance
from resynapse.report.design.typeset import Drawings, Form, ensure_typst, typeset
from resynapse.report.table import Row, Table

if TYPE_CHECKING:
    from resynapse.report.design.told import Told

TEMPLATE = "design.typ"


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
    content, drawings = paper(told)
    return typeset(TEMPLATE, content, drawings, form, dots_per_inch)


def paper(told: Told) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What the template is given as plain text and lists, and the drawings by file name."""
    said, drawings = parts(told), Drawings()
    figure = drawings.add
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
    return content, drawings.files


def word_tables(told: Told) -> dict[str, list[list[str]]]:
    """The report's tables as rows of finished text, by name, to paste into a document."""
    said = parts(told)
    plain_ones = ("needed", "rejections", "stopping", "draws", "estimates", "after_stopping")
    named = {key: said[key] for key in plain_ones}
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
