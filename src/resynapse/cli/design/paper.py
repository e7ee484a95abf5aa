"""How does a design that follows from a formula become a PDF?"""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from resynapse.cli.design import rows
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from typer import Context

    from resynapse.trial.design.assurance import Assurance
    from resynapse.trial.design.sizes import Design

UNTOLD = ("pdf", "plot", "as_json")
"""Options that move no number"""


def write(design: Design, assured: Assurance | None, context: Context, place: Path) -> None:
    """The report, whole or not at all."""
    if place.suffix.lower() != ".pdf":
        raise InputError(f"--pdf {place}: the report is written as .pdf; name it so.")
    if not place.parent.is_dir():
        raise InputError(f"--pdf {place}: there is no folder {place.parent}; choose another place.")
    from resynapse import __version__
    from resynapse.report.design import Sized, render_sized

    sizes = list(rows.SIZE_HEADS), rows.sizes(design)
    believed = None if assured is None else rows.assurance(assured)
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    told = Sized(
        design, sizes, rows.looks(design), rows.assumptions(design), believed, command(context),
        __version__, date,
    )  # fmt: skip
    pages = render_sized(told)
    part = place.with_name(place.name + ".part")
    try:
        part.write_bytes(pages)
        part.replace(place)
    except OSError as error:
        raise InputError(
            f"--pdf {place}: cannot be written ({error.strerror}); choose another place."
        ) from error


def command(context: Context) -> str:
    """What was typed, without what moves no number."""
    words = context.command_path.split()
    for one in context.command.params:
        source = context.get_parameter_source(one.name or "")
        if source is None or source.name != "COMMANDLINE" or one.name in UNTOLD:
            continue
        value = context.params[one.name or ""]
        words += [one.opts[0]] if value is True else [one.opts[0], str(value)]
    return shlex.join(["resynapse", *words[1:]])
