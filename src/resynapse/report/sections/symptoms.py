"""What do people feel, on the scales that trials use?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.protocol.opioids_alone import opioids
from resynapse.report.arms import ArmStyle
from resynapse.report.drawing import Mark
from resynapse.report.figure import Figure
from resynapse.report.panel import Panel, panel
from resynapse.report.sections.published import described, published_day
from resynapse.trial.opioids_alone import of_a_point

if TYPE_CHECKING:
    from resynapse.trial.result import PublishedValue, Result

SPANS = {"craving": 84.0, "withdrawal": 14.0, "mood": 84.0, "control": 84.0}
"""Days that each symptom is followed"""
SCALES = {"craving": "craving_vas", "withdrawal": "withdrawal_cows", "mood": "mood_madrs"}
HIGHEST = {"craving": 100.0, "withdrawal": 48.0, "mood": 60.0, "control": 1.0}
WORDS = {
    "craving": ("Craving", "VAS, 0 to 100", "Higher is stronger craving."),
    "withdrawal": ("Withdrawal", "COWS, 0 to 48", "Higher is worse withdrawal."),
    "mood": ("Mood", "MADRS, 0 to 60", "Higher is more depressed."),
    "control": ("Control over use", "0 to 1", "A model quantity without a scale of its own."),
}
MODELLED = (
    "Withdrawal",
    "0 to 1",
    "Higher is worse withdrawal: a model quantity, for which no scale of these people stands.",
)
"""Of people who use no opioids, whose withdrawal COWS does not measure"""
LEAST = 0.25
"""Share of its scale that an axis shows at least"""
SHIFT = 0.006
"""Published points of different arms stand this share of the axis apart"""


def symptoms(result: Result, arms: tuple[ArmStyle, ...]) -> tuple[Figure, ...]:
    """Craving, withdrawal, mood and control, each over the span in which it moves."""
    figures = (panel(result, arms, spec) for spec in symptom_panels(result, arms))
    return tuple(figure for figure in figures if figure is not None)


def symptom_panels(result: Result, arms: tuple[ArmStyle, ...]) -> tuple[Panel, ...]:
    """What the section draws."""
    return tuple(_spec(result, arms, name) for name in SPANS)


def _spec(result: Result, arms: tuple[ArmStyle, ...], name: str) -> Panel:
    title, scale, direction = WORDS[name]
    highest, kept = HIGHEST[name], 1.0
    if name == "withdrawal" and not opioids(result.protocol):
        (title, scale, direction), highest = MODELLED, 1.0
        kept = of_a_point(result.protocol)
    end = min(SPANS[name], result.protocol.follow_up_days)
    published = [one for one in published_points(result, name) if _day(one) <= end]
    return Panel(
        variable=name,
        title=title,
        y=scale,
        clock="days",
        end=end,
        said=f"{title}, {scale}",
        whole=highest,
        room=LEAST * highest,
        kept=kept,
        note=direction,
        rival=True,
        marks=_marks(published, arms, end),
        marks_said=f"Diamonds: {described(published)}" if published else "",
    )


def _day(value: PublishedValue) -> float:
    return published_day(value) or 0.0


def published_points(result: Result, name: str) -> list[PublishedValue]:
    """Published means of an arm on the scale of a symptom."""
    scale = SCALES.get(name)
    return [
        value
        for value in result.comparable
        if scale
        and value.endpoint.startswith(scale)
        and value.measure == "mean"
        and value.reference is None
        and value.value is not None
        and value.arm in result.arms
    ]


def _marks(
    published: list[PublishedValue], arms: tuple[ArmStyle, ...], end: float
) -> tuple[Mark, ...]:
    places = {arm.id: arm for arm in arms}
    marks = []
    for value in published:
        arm = places[value.arm]
        shift = SHIFT * end * (arm.place - 0.5 * (len(arms) + 1))
        x = max(_day(value) + shift, 0.0)
        marks.append(Mark(x, value.value or 0.0, value.low, value.high, arm.css))
    return tuple(marks)
