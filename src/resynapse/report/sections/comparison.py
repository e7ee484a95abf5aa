"""Does the difference between arms need the window, or ketamine at all?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resynapse.protocol.as_published import SHARED, changed
from resynapse.report.arms import ArmStyle, named, original
from resynapse.report.names import ROLES, endpoint, hazard_of
from resynapse.report.sections.outcomes import (
    Quantity,
    estimate_cell,
    gap,
    horizon,
    never_without,
)
from resynapse.report.table import OF_RIVAL, Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, interval, listed, plain, shown
from resynapse.trial.comparison import Comparison, comparisons
from resynapse.trial.estimate import difference

if TYPE_CHECKING:
    from resynapse.trial.result import ArmResult, PublishedValue, Result

USUAL_EVENT = "lapse_or_dropout"
EVENTS = ("lapse", "relapse", "dropout", "lapse_or_dropout")
NOT_HELD = "What the trial reported is not held against it where it rests on that."
APART = ("risk_difference", "mean_difference")
DAYS = "days_abstinent_percent"
GAIN = "learning.window_gain"
WORLDS = {
    "default": "the default",
    "no window": "the run without a window",
    "expectancy": "the run in which only expectancy acts",
}


@dataclass(frozen=True)
class World:
    """A run of the same protocol, and its name in the table."""

    name: str
    words: str
    arms: dict[str, ArmResult]


def worlds(result: Result) -> tuple[World, ...]:
    """The default, then its rivals as far as they were run and differ from it."""
    kind = "prior" if result.parameters == "prior" else "calibrated"
    found = [World("default", f"Default, {kind}", result.arms)]
    if result.window_off and not _gainless(result):
        found.append(World("no window", "No window (gain 0)", result.window_off))
    if result.rival:
        found.append(World("expectancy", "Expectancy alone", result.rival))
    return tuple(found)


def _gainless(result: Result) -> bool:
    """Whether the default has no gain either: the middle of what was fitted has none."""
    return any(row["path"] == GAIN and row["value"] == 0.0 for row in result.parameters_table)


def event(result: Result) -> str:
    """The event whose hazards are compared: the published one where there is one."""
    told = [
        value.endpoint
        for value in result.comparable
        if value.measure == "hazard_ratio" and value.endpoint in EVENTS
    ]
    return told[0] if told else "relapse" if never_without(result) else USUAL_EVENT


def quantity(result: Result) -> Quantity:
    """The share that is compared: the published one where there is one."""
    at = horizon(result)
    name = f"abstinence_{at}" if at else "last_two_weeks_abstinent"
    told = {value.endpoint for value in result.comparable}
    if name not in told and "last_two_weeks_abstinent" in told:
        name = "last_two_weeks_abstinent"
    elif name not in told and (DAYS in told or never_without(result) or _missing(result, name)):
        name = DAYS
    return Quantity(name, endpoint(name))


def _missing(result: Result, name: str) -> bool:
    """Whether no arm has this share, as where follow-up is shorter, while days are counted."""
    share, days = Quantity(name, ""), Quantity(DAYS, "")
    arms = result.arms.values()
    return all(share.of(arm) is None for arm in arms) and any(days.of(arm) for arm in arms)


def comparison_table(result: Result, arms: tuple[ArmStyle, ...]) -> Table | None:
    """Each arm against the reference in every world, and as published."""
    if len(arms) < 2:
        return None
    reference, what = arms[0], quantity(result)
    rows: list[Row] = []
    for arm in arms[1:]:
        rows.append(Row(f"{arm.name} against {reference.name}", group=True))
        rows += [_row(result, world, what, arm.id, reference.id) for world in worlds(result)]
        rows += _published_rows(result, what, arm.id, reference.id)
    two = len(arms) == 2
    ratio = f"Ratio of hazards: {hazard_of(event(result)).lower()}"
    heads = (what.words, named(reference), named(arms[1]) if two else "Arm", "Difference", ratio)
    names = (what.words, reference.name, arms[1].name if two else "Arm", "Difference", ratio)
    beside = "rivals and published results" if len(worlds(result)) > 1 else "published results"
    return Table(f"Arms compared, with {beside}", heads, tuple(rows), names)


def heading(result: Result, compared: Table | None) -> str:
    """The section's heading, after what stands in it."""
    if compared is None:
        return "Published beside simulated" if result.published else "What is not as in the trial"
    return "Difference between arms" + (", and the rivals" if len(worlds(result)) > 1 else "")


def _row(result: Result, world: World, what: Quantity, arm: str, reference: str) -> Row:
    this, that = (what.of(world.arms.get(id)) for id in (arm, reference))
    ratio = _ratio(result, world, arm, reference)
    last = (
        value_cell(ratio.value, "ratio", ratio.low, ratio.high)
        if ratio is not None and ratio.value is not None
        else Cell(words=ratio.reason if ratio and ratio.reason else "not defined")
    )
    cells = (estimate_cell(that), estimate_cell(this), gap(this, that), last)
    return Row(world.words, cells, css=OF_RIVAL if world.name == "expectancy" else "")


def _ratio(result: Result, world: World, arm: str, reference: str) -> Comparison | None:
    if arm not in world.arms or reference not in world.arms:
        return None
    pair = {id: world.arms[id] for id in (reference, arm)}
    known: Iterable[Comparison] = result.comparisons if world.name == "default" else ()
    wanted = (event(result), arm, "hazard_ratio")
    for found in (*known, *comparisons(pair, reference, ())):
        if (found.endpoint, found.arm, found.measure) == wanted:
            return found
    return None


def _published_rows(result: Result, what: Quantity, arm: str, reference: str) -> list[Row]:
    """Published shares, their difference and the ratio of hazards, a row a study."""
    rows = []
    for study in dict.fromkeys(value.source.split(",")[0] for value in result.comparable):
        values = [v for v in result.comparable if v.source.startswith(study)]
        share = {v.arm: v for v in values if v.endpoint == what.name and v.reference is None}
        apart = next(iter(_apart(values, what.name, arm, reference)), None)
        ratio = _contrast(values, event(result), "hazard_ratio", arm, reference)
        if not (apart or ratio or arm in share):
            continue
        cells = (
            _cell(share.get(reference)),
            _cell(share.get(arm)),
            _points(apart),
            _cell(ratio, "not reported"),
        )
        role = ROLES.get(values[0].role, values[0].role)
        rows.append(Row(f"Published, {study}", cells, tag=role.split(",")[0]))
    return rows


def published_apart(
    result: Result, what: Quantity, arm: str, reference: str
) -> list[PublishedValue]:
    """Published differences of this quantity between two arms."""
    return [
        one for one in _apart(result.comparable, what.name, arm, reference) if one.value is not None
    ]


def _apart(
    values: list[PublishedValue], name: str, arm: str, reference: str
) -> list[PublishedValue]:
    """Differences of shares, or of means, as each was reported."""
    found = (_contrast(values, name, measure, arm, reference) for measure in APART)
    return [one for one in found if one is not None]


def _contrast(
    values: list[PublishedValue], name: str, measure: str, arm: str, reference: str
) -> PublishedValue | None:
    for value in values:
        if (value.endpoint, value.measure, value.arm, value.reference) == (
            name,
            measure,
            arm,
            reference,
        ):
            return value
    return None


def _cell(value: PublishedValue | None, missing: str = "\u2013") -> Cell:
    if value is None:
        return Cell(words=missing)
    return value_cell(value.value, value.unit, value.low, value.high)


def _points(value: PublishedValue | None) -> Cell:
    if value is None or value.value is None:
        return Cell(words="not reported")
    numbers = [None if x is None else shown(x, value.unit) for x in (value.low, value.high)]
    text = plain(shown(value.value, value.unit), "percent", signed=True)
    return Cell(text.replace(f"{NARROW}%", ""), interval(*numbers, "percent"))


def told_beside(result: Result, arms: tuple[ArmStyle, ...], compared: Table | None) -> str:
    """What stands below the table of arms; without one, only what is not as in the trial."""
    return as_published(result) if compared is None else told_apart(result, arms)


def told_apart(result: Result, arms: tuple[ArmStyle, ...]) -> str:
    """Whether the published intervals tell the worlds apart, and whether they can test the run."""
    said = (
        as_published(result), _told_apart(result, arms), _in_the_fit(result),
        _without_gain(result),
    )  # fmt: skip
    return " ".join(filter(None, said))


def as_published(result: Result) -> str:
    """What of the programme is not as in the trial whose study it names, if anything."""
    apart = changed(result.protocol)
    if not apart:
        return ""
    pending = original(apart.trial).state == "pending"
    labels = {arm.id: arm.label for arm in result.protocol.arms}
    told = [SHARED[name] for name in apart.shared]
    told += [f"what \u201c{labels[id]}\u201d is given or counts as" for id in apart.arms]
    return (
        f"This programme is not {apart.trial} as it was {'registered' if pending else 'published'}:"
        f" {listed(told)} differ{'s' if len(told) == 1 else ''}. "
        + ("It is no forecast of that trial." if pending else NOT_HELD)
    )


def _without_gain(result: Result) -> str:
    """That no window acts in the run, and what lets it act."""
    if not _gainless(result):
        return ""
    return (
        "The plasticity window changes none of these values: what it adds to learning"
        f" ({GAIN}) is 0 in this run, so a run without a window is the same."
        f" --set {GAIN}=1 turns it on, and so does --parameters prior; the switch window_gain only"
        " turns it off."
    )


def _in_the_fit(result: Result) -> str:
    """That the parameters of the run were fitted to the trial that stands beside it, if so."""
    trial = changed(result.protocol).trial or result.protocol.name
    if not result.comparable or trial not in result.manifest.get("calibrated_to", ()):
        return ""
    return (
        "The parameters of this run were fitted to numbers of this trial, among others, so where"
        " they agree it proves little; --parameters prior runs it without."
    )


def _told_apart(result: Result, arms: tuple[ArmStyle, ...]) -> str:
    if not result.published:
        return "No published trial of this programme."
    if not result.comparable:
        return (
            "" if changed(result.protocol) else
            "What the trial published is not a quantity of the model."
        )  # fmt: skip
    covered, missed = _coverage(result, arms)
    if not covered and not missed:
        return "No published difference between these arms can be set beside the runs."
    if not missed and len(covered) > 1:
        return (
            f"The published interval covers {listed(covered)}. This trial does not tell them apart."
        )
    if not covered:
        return "The published interval covers none of these runs."
    if not missed:
        return f"The published interval covers {listed(covered)}."
    return f"The published interval covers {listed(covered)}; it does not cover {listed(missed)}."


def _coverage(result: Result, arms: tuple[ArmStyle, ...]) -> tuple[list[str], list[str]]:
    """Worlds that lie within every published interval of a difference or ratio, and the others."""
    covered, missed = [], []
    for world in worlds(result):
        checks = [
            value.low <= simulated <= value.high
            for value in result.comparable
            if value.low is not None and value.high is not None
            for simulated in [_simulated(result, world, value, arms[0].id)]
            if simulated is not None
        ]
        if checks:
            (covered if all(checks) else missed).append(WORLDS[world.name])
    return covered, missed


def _simulated(result: Result, world: World, value: PublishedValue, reference: str) -> float | None:
    """The same contrast in a world; None where it is another quantity."""
    if value.reference != reference or value.arm not in world.arms:
        return None
    if value.measure == "hazard_ratio" and value.endpoint == event(result):
        ratio = _ratio(result, world, value.arm, reference)
        return ratio.value if ratio else None
    if value.measure not in ("risk_difference", "mean_difference"):
        return None
    what = Quantity(value.endpoint, "")
    this, that = (what.of(world.arms.get(id)) for id in (value.arm, reference))
    return difference(this, that).value if this and that else None
