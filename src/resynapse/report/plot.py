"""How does one figure of the report stand alone, in a notebook or in a file?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.input_error import InputError
from resynapse.report.arms import ArmStyle, historical, styles
from resynapse.report.figure import Figure
from resynapse.report.panel import Panel, holds, panel
from resynapse.report.sections import kinetics, mechanism, opening, provenance, safety, survival
from resynapse.report.sections.days_abstinent import days_abstinent
from resynapse.report.sections.differences import differences
from resynapse.report.sections.enantiomers import enantiomer_panels, having
from resynapse.report.sections.symptoms import symptom_panels
from resynapse.report.standalone import standalone
from resynapse.trial.result import ensure_result

if TYPE_CHECKING:
    from resynapse.trial.result import Result

KINETICS = "reference_kinetics"
"""The reference infusion, which no arm has"""
Draw = Callable[["Result", tuple[ArmStyle, ...]], Figure | None]


class PlotError(InputError):
    """A figure that does not exist, or a file that it cannot be written to."""


@dataclass(frozen=True)
class Plot:
    """A figure that a notebook shows, with its words and where it comes from."""

    figure: Figure
    svg: str
    """A whole SVG file, in light colours, with provenance under the figure"""

    def _repr_html_(self) -> str:
        return Markup("<figure>{}</figure>").format(Markup(self.svg))

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: Path | str) -> Path:
        """Write an .svg, or an .html that holds it; returns where it is."""
        target = Path(path)
        if target.suffix not in (".svg", ".html"):
            raise PlotError(f"{target}: a figure is written as .svg or .html. Choose one of them.")
        page = f'<!doctype html><html lang="en"><meta charset="utf-8">{self._repr_html_()}</html>'
        try:
            target.write_text(self.svg if target.suffix == ".svg" else page, encoding="utf-8")
        except OSError as error:
            raise PlotError(f"{target} could not be written ({error.strerror}).") from error
        return target


def plot(result: Result, name: str = "abstinence") -> Plot:
    """One figure of the report; ``plots(result)`` lists their names."""
    ensure_result(result)
    arms, known = styles(result), _figures(result)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.4)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise PlotError(f"There is no figure {name!r}.{hint} There are {', '.join(known)}.")
    figure = known[name](result, arms)
    if figure is None:
        raise PlotError(f"The run has nothing to draw for {name!r}: {_nothing(name)}.")
    footer = f"{provenance.footer(result)} \u00b7 {opening.RESEARCH}"
    said = historical(arms)
    once = "" if figure.caption.endswith(said) else said
    lines = [line for line in (figure.caption, figure.label, once, footer) if line]
    names = {arm.css: arm.name for arm in arms} if name != KINETICS else {}
    return Plot(figure, standalone(figure.drawing, drawing_style(), figure.title, names, lines))


def plots(result: Result) -> list[str]:
    """The names of the figures that ``plot`` can draw."""
    ensure_result(result)
    courses = (*_courses(result), *enantiomer_panels(result))
    empty = {spec.variable for spec in courses if not holds(result, spec)}
    if differences(result, styles(result)) is None:
        empty.add("differences")
    return [name for name in _figures(result) if name not in empty]


def _nothing(name: str) -> str:
    alone = "a difference needs two arms"
    return alone if name == "differences" else "it stays at zero in every arm"


def _figures(result: Result) -> dict[str, Draw]:
    kinds = {
        "abstinence": survival.ABSTINENCE,
        "relapse": survival.RELAPSE,
        "lapse": survival.LAPSE,
        "retention": survival.RETENTION,
    }
    found: dict[str, Draw] = {name: _curve(kind) for name, kind in kinds.items()}
    found["days_abstinent"] = days_abstinent
    found["differences"] = differences
    found[KINETICS] = lambda result, _: kinetics.kinetics(result)
    return (
        found
        | {
            spec.variable: lambda result, arms, spec=spec: panel(result, arms, spec)
            for spec in _courses(result)
        }
        | {
            spec.variable: lambda result, arms, spec=spec: panel(
                result, having(result, arms, spec), spec
            )
            for spec in enantiomer_panels(result)
        }
    )


def _courses(result: Result) -> tuple[Panel, ...]:
    courses = (*mechanism.panels(result), *mechanism.closer_panels(result))
    return (*courses, *symptom_panels(result, styles(result)), *safety.panels(result))


def _curve(kind: survival.Kind) -> Draw:
    return lambda result, arms: survival.survival_figure(result, arms, kind, half=False)


def drawing_style() -> str:
    """Tokens, then the rules of the report's drawings."""
    folder = resources.files("resynapse.report").joinpath("style")
    tokens, sheet = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("tokens.css", "report.css")
    )
    rules = re.search(r"/\* Drawings \*/(.*?)/\* Tables \*/", sheet, re.DOTALL)
    return tokens + (rules[1] if rules else "")
