"""What does a notebook show of a result: what was run, what came of it, and what that rests on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.protocol.without_use import uses
from resynapse.report.arms import ArmStyle, every_style
from resynapse.report.drawn import ENOUGH, draws, over_draws
from resynapse.report.grid_words import NAME, grid_words
from resynapse.report.names import endpoint
from resynapse.report.sections import opening, provenance
from resynapse.report.wording import NARROW, interval, plain, thousands

if TYPE_CHECKING:
    from resynapse.trial.estimate import Estimate
    from resynapse.trial.result import Result

NEXT = "resynapse.plot(result) draws a figure, resynapse.write_report(result, path) the report."


def notebook(result: Result) -> str:
    """HTML with the report's opening, a row for each endpoint of each arm, and where it is from."""
    arms = every_style(result)
    said = Markup(" ").join(
        Markup("<b>{}</b> {}").format(one.bold, one.rest) for one in opening.notice(result, arms)
    )
    parts = [
        Markup("<b>{}</b>. {}").format(result.protocol.title, opening.lead(result)), said,
        _table(result, arms), basis(result), *_foot(result),
    ]  # fmt: skip
    return Markup("<div>{}</div>").format(Markup("").join(map(_paragraph, parts)))


def basis(result: Result) -> str:
    """What the numbers of the table and the intervals beside them are."""
    parts = [f"In brackets: the 95{NARROW}% interval over people, from their number alone."]
    if draws(result) >= ENOUGH:
        parts.append(
            f"Over draws: the 90{NARROW}% interval over {draws(result)} draws of the parameters,"
            " which is what is not known of them."
        )
    else:
        few = f"only {draws(result)} draws" if draws(result) else "no draws"
        parts.append(
            f"How far the parameters move a number is not shown ({few} of them; {ENOUGH} or more"
            " show it: draws=8)."
        )
    if result.rival:
        parts.append("If only expectancy acts: the same people where ketamine does nothing else.")
    if not uses(result.protocol):
        parts.append("Means on the scales of papers: higher is more depressed.")
    return " ".join(parts)


def _table(result: Result, arms: tuple[ArmStyle, ...]) -> Markup:
    wide, rival = draws(result) >= ENOUGH, bool(result.rival)
    heads = ["Endpoint", "Arm", "Simulated", *(["Over draws"] if wide else [])]
    heads += ["If only expectancy acts"] if rival else []
    rows = []
    for name in result.named:
        for place, arm in enumerate(one for one in arms if name in result.arms[one.id].endpoints):
            found = result.arms[arm.id].endpoints[name]
            cells = ["" if place else endpoint(name), arm.name, _value(found)]
            cells += [_over(result, arm.id, name, found)] if wide else []
            alone = result.rival[arm.id].endpoints.get(name) if arm.id in result.rival else None
            rows.append([*cells, *([_value(alone)] if rival else [])])
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        _cells(heads, "th"),
        Markup("").join(Markup("<tr>{}</tr>").format(_cells(row, "td")) for row in rows),
    )


def _cells(texts: list[str], tag: str) -> Markup:
    made = Markup('<{0} style="text-align:left">{1}</{0}>')
    return Markup("").join(made.format(Markup(tag), text) for text in texts)


def _value(found: Estimate | None) -> str:
    """The value with its unit, and its interval over people in brackets."""
    if found is None:
        return plain(None)
    ends = interval(found.low, found.high, found.unit, found.value)
    return plain(found.value, found.unit) + (f" ({ends})" if ends else "")


def _over(result: Result, arm: str, name: str, found: Estimate) -> str:
    """The interval over draws; a dash where it was not kept."""
    drawn = over_draws(result, arm, name)
    ends = drawn and interval(drawn["low"], drawn["high"], found.unit, drawn["median"])
    return ends or plain(None)


def _foot(result: Result) -> list[str]:
    people = thousands(result.patients_per_arm)
    size = f"{people} simulated people in each arm. {provenance.footer(result)}."
    grid = grid_words(result.manifest)
    return [f"{size} {NAME}: {grid}." if grid else size, NEXT]


def _paragraph(part: str) -> Markup:
    return part if str(part).startswith("<table>") else Markup("<p>{}</p>").format(part)  # type: ignore[return-value]
