"""What does a person leave the view of an infusion with?"""

from __future__ import annotations

import shlex
from itertools import accumulate

import numpy as np

from resynapse.exchange.infusion_csv import infusion_csv
from resynapse.protocol import Protocol, dump, from_data
from resynapse.trial.infusion import InfusionPlan
from resynapse.trial.infusion.plan import InfusionError, ensure_possible
from resynapse.web.infused_people import predicted
from resynapse.web.infusion_request import InfusionAsked
from resynapse.web.refusal import Refused

ID, LABEL = "infusion", "This infusion"
MINUTES_PER_DAY = 1440.0
MOST_ARMS = 6
FULL = (
    f"The programme has {MOST_ARMS} arms, which is as many as one may have. Remove one, then take "
    "the infusion as an arm."
)


class FullError(Refused):
    """A programme that has no room for another arm."""


def infusion_table(asked: InfusionAsked) -> str:
    """Every quantity minute by minute, as the command prints it."""
    return infusion_csv(predicted(asked))


def infusion_command(asked: InfusionAsked) -> str:
    """What prints the same numbers, from the programme as it is downloaded."""
    plan = asked.plan
    words = ["resynapse", "infusion", f"{asked.protocol.name}.yaml"]
    for part in plan.parts if plan.mode == "rate" else ():
        words += ["--rate", f"{_exact(part.mg_per_kg)}/{_exact(part.minutes)}"]
    for hold in () if plan.mode == "rate" else plan.holds:
        words += ["--target", f"{_exact(hold.target)}/{_exact(hold.minutes)}"]
    if plan.mode != "rate":
        words += ["--at", plan.mode, "--believed", plan.believed]
        words += ["--highest-rate", _exact(plan.highest_rate)]
    words += ["--watched", _exact(plan.watched), "--people", str(asked.people)]
    return shlex.join([*words, "--seed", str(asked.seed)])


def _exact(number: float) -> str:
    """All digits, so that the command reads back the same number."""
    return repr(float(number)).removesuffix(".0")


def infusion_programme(asked: InfusionAsked) -> str:
    """The programme with the infusion as one more arm, as YAML."""
    plan, protocol = asked.plan, asked.protocol
    ensure_possible(plan)
    data = protocol.model_dump(mode="json", exclude_none=True)
    kept = [arm for arm in data["arms"] if arm["id"] != ID]
    if len(kept) >= MOST_ARMS:
        raise FullError(FULL)
    arm = {"id": ID, "label": LABEL, "doses": _doses(plan, _amounts(asked))}
    made = from_data({**data, "arms": [*kept, arm]}, "The programme with this infusion")
    told = infusion_command(asked)
    lines = [_head(made), f"# What this infusion does minute by minute: {told}", ""]
    return "\n".join(lines) + _target_words(plan) + dump(made)


def _head(protocol: Protocol) -> str:
    return f"# Research, not for dosing a patient. Arm {ID} of {protocol.name}, from the page."


def _target_words(plan: InfusionPlan) -> str:
    if plan.mode == "rate":
        return ""
    return (
        "# A protocol has no targets: each part holds what the pump gives the middle person, in\n"
        "# mg/kg at a constant rate, so levels differ from those that were steered.\n"
    )


def _amounts(asked: InfusionAsked) -> list[tuple[float, float]]:
    """mg/kg and minutes of each part."""
    plan = asked.plan
    if plan.mode == "rate":
        return [(part.mg_per_kg, part.minutes) for part in plan.parts]
    _ensure_whole(plan)
    found, given, begun = predicted(asked), [], 0
    for end in accumulate(hold.minutes for hold in plan.holds):
        last = round(end)
        each = found.rate[begun + 1 : last + 1].sum(axis=0) / found.weight_kg
        given.append((float(f"{np.median(each):.3g}"), float(last - begun)))
        begun = last
    return given


def _ensure_whole(plan: InfusionPlan) -> None:
    """What a pump gives is kept a minute at a time."""
    for place, hold in enumerate(plan.holds):
        if not float(hold.minutes).is_integer():
            raise InfusionError(
                f"minutes {hold.minutes:g}: an arm is made of targets that are held for whole "
                "minutes. Give whole minutes, or take the table or the command instead.",
                ("holds", place, "minutes"),
            )


def _doses(plan: InfusionPlan, amounts: list[tuple[float, float]]) -> list[dict]:
    """A dose a part, one after the other on day 0."""
    starts = accumulate((minutes for _, minutes in amounts[:-1]), initial=0.0)
    return [
        {
            "drug": "ketamine", "route": "iv", "amount": {"value": amount, "unit": "mg/kg"},
            "minutes": minutes, "days": [round(start / MINUTES_PER_DAY, 6)],
        }
        for start, (amount, minutes) in zip(starts, amounts, strict=True)
        if amount > 0.0
    ]  # fmt: skip
