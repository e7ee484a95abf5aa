"""What did the run find, on one screen?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from resynapse.evidence.study import Number
    from resynapse.protocol import Protocol
    from resynapse.trial.result import ArmResult, Comparison, Estimate, PublishedValue, Result

NOTICE = "Research software: it tells nobody how to dose a patient."
UNAPPROVED = "Ketamine is not approved for any addiction."
PARAMETERS = {
    "prior": "prior, not calibrated: no number was fitted to a trial of ketamine",
    "calibrated": "some calibrated, see the report; all others prior, not calibrated",
}
INTERVALS = "Intervals: 95 %, from the number of patients alone; published ones as published."
NOT_KNOWN = "\u2013"
HEADLINES = ("lapse", "relapse")
"""Compared on every screen, whatever the protocol's endpoints"""
LOG_WIDTH = 110
"""Columns where standard output is not a terminal and so has no width of its own."""


def screen() -> Console:
    """Standard output, wide enough for a table also where it is a file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=LOG_WIDTH)


def show(result: Result, folder: Path) -> None:
    """Print notice, arms, endpoints beside what was published, and where the report is."""
    console = screen()
    console.print(f"[bold]{NOTICE}[/bold] {unapproved(result)}")
    console.print(parameters_line(result), soft_wrap=True)
    if said := beyond_line(result.protocol):
        console.print(escape(said))
    console.print()
    console.print(f"[bold]{escape(result.protocol.title)}[/bold], {escape(result.protocol.name)}")
    for arm in result.arms.values():
        said = arm.sentence.removeprefix(f"{arm.id}: ").removeprefix(f"{arm.label}: ")
        console.print(escape(f"  {arm.label} ({arm.id}): {said}"))
    console.print()
    console.print(endpoint_table(result))
    if result.alone:
        console.print(f"[bold]{rivals_not_run()}[/bold]")
    if result.comparisons:
        console.print(comparison_table(result))
    if result.knowledge:
        console.print(knowledge_table(result))
        console.print(escape(draws_line(result)), soft_wrap=True)
    console.print(
        f"{result.patients_per_arm} simulated patients in each arm, seed {result.seed}, "
        f"{result.wall_seconds:.1f} s. {INTERVALS}"
    )
    for said in filter(None, (changed_line(result), grid_line(result))):
        console.print(escape(said))
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True)


def parameters_line(result: Result) -> str:
    """As the report says it, where anything was fitted."""
    from resynapse.report.sections.opening import parameters_said

    if result.parameters == "calibrated":
        return parameters_said(result)
    return f"Parameters: {PARAMETERS.get(result.parameters, result.parameters)}."


def beyond_line(protocol: Protocol) -> str:
    """Which doses and medication lie beyond the evidence; empty where none does."""
    from resynapse.report.sections.opening import BEYOND, beyond_words

    found = beyond_words(protocol)
    return f"{BEYOND} {found}" if found else ""


def changed_line(result: Result) -> str:
    """What is not as in the trial whose study the protocol names; empty where nothing is."""
    from resynapse.report.sections.comparison import as_published

    return as_published(result)


def grid_line(result: Result) -> str:
    """What is known of the error of the time grid, in a sentence."""
    from resynapse.report.grid_words import NAME, grid_words

    said = grid_words(result.manifest)
    return f"{NAME}: {said}." if said else ""


def unapproved(result: Result) -> str:
    """For what ketamine is not approved; of people without use, also what their levels are not."""
    from resynapse.protocol.without_use import uses
    from resynapse.report.sections.opening import NOT_FOR_DEPRESSION, WITHOUT_USE

    if uses(result.protocol):
        return UNAPPROVED
    return f"{NOT_FOR_DEPRESSION}\n{WITHOUT_USE.bold} {WITHOUT_USE.rest}"


def endpoint_table(result: Result) -> Table:
    """Each endpoint of each arm: simulated, by expectancy alone where that was run, published."""
    rival = [] if result.alone else ["Expectancy alone"]
    table = Table("Endpoint", "Arm", "Simulated", *rival, "Published")
    for endpoint in endpoints(result):
        arms = [arm for arm in result.arms.values() if endpoint in arm.endpoints]
        for place, arm in enumerate(arms):
            cells = _endpoint_row(result, endpoint, arm)
            table.add_row("" if place else words(endpoint), *map(escape, cells))
        table.add_section()
    return table


def endpoints(result: Result) -> list[str]:
    """The endpoints that the protocol names; where none of them was computed, all that were."""
    return result.named


def _endpoint_row(result: Result, endpoint: str, arm: ArmResult) -> list[str]:
    rival = result.rival.get(arm.id)
    published = [
        value
        for value in result.comparable
        if (value.endpoint, value.arm, value.reference) == (endpoint, arm.id, None)
    ]
    beside = [estimate(_told(rival.endpoints.get(endpoint), endpoint)) if rival else NOT_KNOWN]
    return [
        arm_name(result, arm.id),
        estimate(_told(arm.endpoints[endpoint], endpoint)),
        *([] if result.alone else beside),
        "; ".join(map(_published, published)) or NOT_KNOWN,
    ]


def _told(found: Estimate | None, endpoint: str) -> Estimate | None:
    """An estimate in the unit of the endpoint's words, which is that of the report."""
    from resynapse.report.names import in_words_of

    return None if found is None else in_words_of(endpoint, found)


def comparison_table(result: Result) -> Table:
    """The comparisons of arms that matter most, simulated and published."""
    table = Table("Comparison", "Arms", "Measure", "Simulated", "Published")
    named = {*HEADLINES, *endpoints(result)}
    for comparison in result.comparisons:
        published = [value for value in result.comparable if _same(value, comparison)]
        if published or comparison.endpoint in named:
            table.add_row(*map(escape, _comparison_row(result, comparison, published)))
    return table


def _comparison_row(
    result: Result, comparison: Comparison, published: list[PublishedValue]
) -> list[str]:
    unit = _unit(result, comparison.endpoint, comparison.measure)
    simulated = with_interval(comparison.value, comparison.low, comparison.high, unit)
    return [
        compared(comparison.endpoint, comparison.measure),
        against(result, comparison.arm, comparison.reference),
        measure(comparison.measure),
        in_points(simulated, comparison.measure),
        in_points("; ".join(map(_published, published)), comparison.measure) or NOT_KNOWN,
    ]


def arm_name(result: Result, id: str) -> str:
    """What page and report call an arm; its id beside it where another is called so too."""
    label = result.arms[id].label
    alike = [arm for arm in result.arms.values() if arm.label == label]
    return f"{label} ({id})" if len(alike) > 1 else label


def against(result: Result, *ids: str) -> str:
    """One arm against another, by their labels."""
    return " against ".join(arm_name(result, id) if id in result.arms else id for id in ids)


def compared(name: str, of: str) -> str:
    """An endpoint that arms are compared by; of hazards also what leaving counts as."""
    from resynapse.report.names import hazard_of

    return hazard_of(name) if of == "hazard_ratio" else words(name)


def in_points(text: str, of: str) -> str:
    """Percent as points, where it is a difference."""
    from resynapse.report.wording import NARROW, counted

    number = text.split(f"{NARROW}%")[0].split(" %")[0]
    return text.replace("%", counted(number, "points")) if of.endswith("difference") else text


def _unit(result: Result, name: str, of: str) -> str:
    """The unit of a comparison: ratios have none, differences that of the endpoint."""
    if not of.endswith("difference"):
        return ""
    known = [arm.endpoints[name] for arm in result.arms.values() if name in arm.endpoints]
    return known[0].unit if known else "1" if of == "risk_difference" else ""


def _same(value: PublishedValue, comparison: Comparison) -> bool:
    return (value.endpoint, value.arm, value.reference, value.measure) == (
        comparison.endpoint,
        comparison.arm,
        comparison.reference,
        comparison.measure,
    )


def knowledge_table(result: Result) -> Table:
    """How far what matters most moves as the parameters move within their priors."""
    from resynapse.report.sections.knowledge import entries

    table = Table("Quantity", "Median over parameter draws (90 % interval)", "Draws")
    named = {*HEADLINES, *endpoints(result)}
    for one in (each for each in entries(result) if each.name in named):
        cell = one.cell()
        shown = f"{cell.value} ({cell.interval})" if cell.interval else cell.value
        cells = [f"{against(result, *one.arm.split(' against '))}: {one.words}", shown]
        table.add_row(*map(escape, cells), str(one.found["draws"]))
    return table


def draws_line(result: Result) -> str:
    """What the interval over draws is, and how rough, in the words of the report."""
    from resynapse.report.sections.knowledge import knowledge_words

    return knowledge_words(result)


def rivals_not_run() -> str:
    """What a run of one hypothesis alone says of the others."""
    from resynapse.report.sections.opening import NOT_RUN

    return f"{NOT_RUN.bold} {NOT_RUN.rest}"


def words(name: str) -> str:
    """An endpoint, as the report calls it."""
    from resynapse.report.names import endpoint

    return endpoint(name)


def measure(name: str) -> str:
    """A measure, as the report calls it."""
    from resynapse.report.names import MEASURES

    return MEASURES.get(name, name.replace("_", " "))


def estimate(found: Estimate | None) -> str:
    """The value with its interval and unit; shares as per cent."""
    if found is None:
        return NOT_KNOWN
    return with_interval(found.value, found.low, found.high, found.unit)


def with_limits(value: PublishedValue | Number) -> str:
    """A published value with what stands in brackets beside it, told where it is no interval."""
    from resynapse.report.sections.published import no_interval

    number = with_interval(value.value, value.low, value.high, value.unit)
    kind = no_interval(value)
    return f"{number}, in brackets {kind}" if kind else number


def _published(value: PublishedValue) -> str:
    number = with_limits(value)
    return f"{number}, n = {value.n}" if value.n else number


def with_interval(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """A number with unit and interval; shares as per cent."""
    from resynapse.report.wording import interval, plain

    limits = interval(low, high, unit, value)
    return f"{plain(value, unit)} ({limits})" if limits else plain(value, unit)
