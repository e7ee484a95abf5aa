"""How does a result become the parts of the page, drawn by the same code as the report?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from resynapse.report.arms import ArmStyle, historical, styles, swatch
from resynapse.report.concentration import NG_PER_ML, Unit, unit
from resynapse.report.drawn import both_kinds
from resynapse.report.figure import Figure, once, without
from resynapse.report.key import key
from resynapse.report.options import options
from resynapse.report.panel import DOTTED
from resynapse.report.sections import (
    cannot_tell,
    comparison,
    enantiomers,
    kinetics,
    mechanism,
    opening,
    outcomes,
    provenance,
    published,
    safety,
)
from resynapse.report.sections.controls_felt import controls_felt
from resynapse.report.sections.days_abstinent import days_abstinent, published_levels
from resynapse.report.sections.differences import differences
from resynapse.report.sections.rival import NONE_HERE, rival_words
from resynapse.report.sections.survival import (
    ABSTINENCE,
    CROWDED,
    LAPSE,
    RELAPSE,
    RETENTION,
    Kind,
    published_on,
    survival_figure,
)
from resynapse.report.sections.symptoms import SCALES, published_points, symptoms
from resynapse.trial.result import Result

SIMULATED = "Simulated by this programme with the parameters named at the top, not measured."
MEASURED, BESIDE = (560.0, 328.0), (464.0, 328.0)
"""Of the measured concentrations, and where the column is narrow; on a telephone, px"""
WIDTH, NARROW = 484.0, 328.0
"""Of a curve with its table of numbers at risk: two beside one another, and on a telephone, px"""
Arms = tuple[ArmStyle, ...]


@dataclass(frozen=True)
class Look:
    """How the reader wants it."""

    width: float = WIDTH
    """of a curve with its table of numbers at risk, px"""
    unit: Unit = NG_PER_ML
    """of concentrations"""


def parts(
    result: Result,
    wanted: Iterable[str] = (),
    narrow: bool = False,
    shown_in: str = "ng/mL",
    log: bool = False,
) -> dict[str, str]:
    """Name -> HTML of the parts of the page; all of them where none is named."""
    arms = styles(result)
    names = [name for name in PARTS if name in tuple(wanted)] or list(PARTS)
    look = Look(NARROW if narrow else WIDTH, replace(unit(shown_in), log=log))
    made = {name: PARTS[name](result, arms, look) for name in names}
    return {name: _rendered(name, words) for name, words in made.items()}


def over_time(wanted: Iterable[str]) -> bool:
    """Whether one of these parts shows courses over time; all parts where none is named."""
    names = set(wanted) & set(PARTS)
    return not names or bool(names & COURSES)


def arms_shown(result: Result) -> list[dict[str, Any]]:
    """How the page names and colours each arm."""
    return [
        {
            "id": arm.id, "place": arm.place, "name": arm.name, "sentence": arm.sentence,
            "historical": arm.historical,
        }
        for arm in styles(result)
    ]  # fmt: skip


def _rendered(name: str, words: dict[str, Any]) -> str:
    return environment().get_template(f"{name}.html.j2").render(**words, swatch=swatch)


@cache
def environment() -> Environment:
    """Templates of the page; what they share with the report they take from it."""
    made = Environment(
        loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["options"] = options
    return made


def _template(name: str) -> str | None:
    for package in ("resynapse.web", "resynapse.report"):
        place = resources.files(package).joinpath("templates", name)
        if place.is_file():
            return place.read_text(encoding="utf-8")
    return None


def _opening(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    return {"lead": opening.lead(result), "arms": arms}


def _notice(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    return {"notice": opening.notice(result, arms)}


def _measured(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    return {
        "kinetics": kinetics.kinetics(
            result, BESIDE if look.width == NARROW else MEASURED, look.unit
        ),
        "cannot_tell": cannot_tell.cannot_tell(result),
        "status": kinetics.parameter_status(result),
        "both_kinds": both_kinds(result),
    }


def _outcomes(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    return {
        "heading": outcomes.heading(result),
        "arms": () if all(arm.name == arm.label for arm in arms) else arms,
        "words": outcomes.outcome_words(result, arms),
        "outcomes": outcomes.outcomes(result, arms),
        "every": outcomes.every_endpoint(result, arms),
    }


def _curves(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    kinds = (ABSTINENCE, RETENTION)
    return {
        "shown": _shown([_curve(result, arms, kind, look) for kind in kinds]),
        "key": key(arms, _dotted(result, arms), published=_told(result, *kinds)),
        "rival": rival_words(result, arms),
    }


def _curve(result: Result, arms: Arms, kind: Kind, look: Look) -> Figure:
    """Of a historical comparator the sentence above the outcomes and the key tell."""
    figure = survival_figure(result, arms, kind, half=True, widths=(look.width,))
    return without(figure, historical(arms))


def _dotted(result: Result, arms: Arms) -> bool:
    return bool(result.rival) and len(arms) <= CROWDED


def _told(result: Result, *kinds: Kind) -> bool:
    return any(published_on(result, kind) for kind in kinds)


def _further(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    kinds = [RELAPSE, *([LAPSE] if _told(result, LAPSE) else [])]
    figures = [_curve(result, arms, kind, look) for kind in kinds]
    days = days_abstinent(result, arms, (look.width,))
    marked = _told(result, *kinds) or bool(published_levels(result))
    return {
        "figures": [*figures, without(days, historical(arms))],
        "key": key(arms, _dotted(result, arms), published=True) if marked else "",
    }


def _compared(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    apart = differences(result, arms)
    compared = comparison.comparison_table(result, arms)
    return {
        "comparison": compared,
        "told_apart": comparison.told_beside(result, arms, compared),
        "differences": without(apart, historical(arms)) if apart else None,
        "published": published.published_tables(result),
    }


def _shown(found: Sequence[Figure], without: str = "") -> dict[str, Any]:
    """Figures of a view, and what is said once above them; ``without`` stands there already."""
    said, figures = once(found)
    words = (said.replace(without, "").strip(), SIMULATED if figures else "")
    return {"figures": figures, "said": " ".join(filter(None, words))}


def _why(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    closer = mechanism.drawn(result, arms, mechanism.closer_panels(result, look.unit))
    apart = enantiomers.enantiomers(result, arms, look.unit)
    return {
        "words": mechanism.why_words(result),
        "shown": _shown(mechanism.mechanism(result, arms, look.unit)),
        "closer": _shown(closer),
        "apart": _shown(apart),
        "none": enantiomers.none_words(result, arms),
        "key": key(arms),
        "rival": NONE_HERE if result.rival else "",
    }


def _symptoms(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    marked = any(published_points(result, name) for name in SCALES)
    return {
        "shown": _shown(symptoms(result, arms), without=DOTTED),
        "key": key(arms, _dotted(result, arms), published=marked),
        "rival": rival_words(result, arms),
    }


def _safety(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    return {
        "not_safe": safety.NOT_SAFE,
        "not_carried": safety.NOT_CARRIED,
        "controls_felt": controls_felt(result, arms),
        "table": safety.safety_table(result, arms),
        "shown": _shown(safety.safety(result, arms, look.unit)),
        "key": key(arms),
        "rival": NONE_HERE if result.rival else "",
    }


def _made_by(result: Result, arms: Arms, look: Look) -> dict[str, Any]:
    return {"footer": provenance.footer(result), "date": result.manifest.get("date", "")}


PARTS: dict[str, Callable[[Result, Arms, Look], dict[str, Any]]] = {
    "opening": _opening,
    "notice": _notice,
    "measured": _measured,
    "outcomes": _outcomes,
    "curves": _curves,
    "further": _further,
    "compared": _compared,
    "why": _why,
    "symptoms": _symptoms,
    "safety": _safety,
    "made_by": _made_by,
}
"""In the order of the page"""
COURSES = {"why", "symptoms", "safety"}
"""Those that show percentiles over time"""
