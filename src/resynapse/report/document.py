"""How does a result become one file that a person can read, print and keep?"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from resynapse.protocol.without_use import uses
from resynapse.report.arms import ArmStyle, historical, styles, swatch
from resynapse.report.drawn import both_kinds, by_horizon
from resynapse.report.figure import Figure
from resynapse.report.key import key
from resynapse.report.options import options
from resynapse.report.sections import (
    cannot_tell,
    comparison,
    knowledge,
    opening,
    outcomes,
    published,
)
from resynapse.report.sections import kinetics as blood
from resynapse.report.sections import mechanism as chain
from resynapse.report.sections import provenance as origin
from resynapse.report.sections import safety as harms
from resynapse.report.sections.controls_felt import controls_felt
from resynapse.report.sections.days_abstinent import days_abstinent
from resynapse.report.sections.differences import differences
from resynapse.report.sections.enantiomers import enantiomers, none_words
from resynapse.report.sections.survival import (
    ABSTINENCE,
    RELAPSE,
    RETENTION,
    published_on,
    rival_figure,
    survival_figure,
)
from resynapse.report.sections.symptoms import symptoms
from resynapse.trial.result import ensure_result

if TYPE_CHECKING:
    from resynapse.trial.result import Result

DARK = ':root[data-theme="dark"] '
"""Begins the dark colours of the tokens"""
FOOT = f"{opening.RESEARCH.rstrip('.')} \u00b7 "


def write_report(result: Result, path: Path | str) -> Path:
    """Write the report of a result to a file; returns where it is."""
    ensure_result(result)
    target = Path(path)
    target.write_text(render(result), encoding="utf-8")
    return target


def render(result: Result) -> str:
    """The report as one HTML document that asks nothing of the network."""
    arms = styles(result)
    page = environment().get_template("report.html.j2")
    return page.render(
        **_words(result, arms),
        **_evidence(result),
        **_results(result, arms),
        **_reasons(result, arms),
        style=_style(result),
        swatch=swatch,
    )


def _words(result: Result, arms: tuple[ArmStyle, ...]) -> dict[str, Any]:
    return {
        "protocol": result.protocol,
        "arms": arms,
        "lead": opening.lead(result),
        "notice": opening.notice(result, arms),
        "cannot_tell": cannot_tell.cannot_tell(result),
        "date": result.manifest.get("date", ""),
        "provenance": origin.provenance(result),
    }


def _evidence(result: Result) -> dict[str, Any]:
    return {
        "kinetics": blood.kinetics(result),
        "both_kinds": both_kinds(result),
        "status": blood.parameter_status(result),
        "parameters": origin.parameters_table(result.parameters_table),
    }


def _results(result: Result, arms: tuple[ArmStyle, ...]) -> dict[str, Any]:
    using = uses(result.protocol)
    compared = comparison.comparison_table(result, arms) if using else None
    return {
        **(_use(result, arms) if using else {}),
        "using": using,
        "outcomes_heading": outcomes.heading(result),
        "outcomes": outcomes.outcomes(result, arms),
        "outcome_words": outcomes.outcome_words(result, arms),
        "every_endpoint": outcomes.every_endpoint(result, arms),
        "key": key(arms),
        "comparison": compared,
        "compared_heading": comparison.heading(result, compared),
        "told_apart": comparison.told_beside(result, arms, compared),
        "differences": differences(result, arms),
        "historical": historical(arms),
        "published": published.published_tables(result),
    }


def _use(result: Result, arms: tuple[ArmStyle, ...]) -> dict[str, Any]:
    """Curves of use, of people who use or did."""
    never = outcomes.never_without(result)
    return {
        "key_of_curves": key(
            arms,
            rival=bool(result.rival),
            published=bool(published_on(result, ABSTINENCE)),
            drawn=any(by_horizon(result, arm.id, ABSTINENCE.endpoint) for arm in arms),
        ),
        "abstinence": None if never else survival_figure(result, arms, ABSTINENCE, half=False),
        "rival": None if never else rival_figure(result, arms),
        "pair": _pair(result, arms),
        "days_abstinent": days_abstinent(result, arms),
    }


def _pair(result: Result, arms: tuple[ArmStyle, ...]) -> tuple[Figure, Figure]:
    relapse, retention = (
        survival_figure(result, arms, kind, half=True) for kind in (RELAPSE, RETENTION)
    )
    return relapse, retention


def _reasons(result: Result, arms: tuple[ArmStyle, ...]) -> dict[str, Any]:
    return {
        "mechanism": (*chain.mechanism(result, arms), *enantiomers(result, arms)),
        "without_enantiomer": none_words(result, arms),
        "why_words": chain.why_words(result),
        "symptoms": symptoms(result, arms),
        "safety": harms.safety(result, arms),
        "safety_table": harms.safety_table(result, arms),
        "controls_felt": controls_felt(result, arms),
        "not_safe": harms.NOT_SAFE,
        "not_carried": harms.NOT_CARRIED,
        "knowledge": knowledge.knowledge_table(result, arms),
        "every_drawn": knowledge.every_drawn(result),
        "knowledge_words": knowledge.knowledge_words(result),
    }


@dataclass(frozen=True)
class _Package:
    """Text files that are installed beside this module."""

    folder: str

    def read(self, name: str) -> str:
        """The content of a file."""
        place = resources.files("resynapse.report").joinpath(self.folder, name)
        return place.read_text(encoding="utf-8")


def environment() -> Environment:
    """Where templates are found, with everything that is put into them escaped."""
    made = Environment(
        loader=FunctionLoader(_Package("templates").read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["options"] = options
    return made


def _style(result: Result) -> Markup:
    return style_sheets(origin.footer(result), result.protocol.name)


def style_sheets(provenance: str, name: str) -> Markup:
    """The style sheets, then the page's margins with the words of this run."""
    package = _Package("style")
    page = package.read("page.css")
    words = {"PROVENANCE": provenance, "FOOT": FOOT, "NAME": name}
    for name, text in words.items():
        page = page.replace(f'"{name}"', css_string(text))
    tokens = package.read("tokens.css")
    sheets = [tokens, _dark(tokens), package.read("report.css"), page]
    return Markup("\n".join(sheets))


def _dark(tokens: str) -> str:
    """The dark colours for a screen that asks for them; paper stays light."""
    start = tokens.index(DARK) + len(DARK)
    block = tokens[start : tokens.index("}", start) + 1]
    return f"@media screen and (prefers-color-scheme: dark) {{ :root {block} }}"


def css_string(text: str) -> str:
    """Text as a quoted string of a style sheet; anything that could end it is written as a code."""
    safe = "".join(c if c.isalnum() or c in " .,-\u00b7_" else f"\\{ord(c):06x}" for c in text)
    return f'"{safe}"'
