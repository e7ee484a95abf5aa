"""What stands in a table: words on the left, values with quieter intervals on the right."""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup

from resynapse.report.wording import close, interval, plain

OF_RIVAL = "of-rival"
"""Class of what goes out of sight with the world in which only expectancy acts"""


@dataclass(frozen=True)
class Cell:
    """A value and, quieter, its intervals; or a few words instead of them."""

    value: str = ""
    interval: str = ""
    words: str = ""
    wider: str = ""
    """The interval over draws of the parameters"""
    css: str = ""


@dataclass(frozen=True)
class Row:
    """A row under its own heading; ``tag`` is a short word in a frame beside the heading."""

    head: str | Markup
    cells: tuple[Cell, ...] = ()
    tag: str = ""
    group: bool = False
    css: str = ""


@dataclass(frozen=True)
class Table:
    """Headings, rows, and a caption for those who hear the page."""

    caption: str
    heads: tuple[str | Markup, ...]
    rows: tuple[Row, ...]
    names: tuple[str, ...] = field(default=())
    """Headings as plain words, for narrow screens"""

    @property
    def labels(self) -> tuple[str, ...]:
        """The heading of each column in plain words."""
        return self.names or tuple(str(head) for head in self.heads)


def value_cell(
    value: float | None,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    signed: bool = False,
) -> Cell:
    """A quantity as a cell, with one digit more where its limits need it to be told apart."""
    digits = 1 if close(low, high, unit) else None
    return Cell(plain(value, unit, signed, digits), interval(low, high, unit, value))
