"""On which worked example does the page open?"""

from __future__ import annotations

from functools import cache
from typing import Any

from resynapse.protocol import Protocol, load, parse
from resynapse.protocol import dump as written
from resynapse.trial.endpoint_name import EndpointError, endpoints_for

EXAMPLE = "scenario-heroin-ketamine"
ARMS = ("placebo-therapy", "ketamine-3-therapy")
TITLE = "Ketamine with therapy after heroin"
MONTH = 30.4375
SIX_MONTHS = 6 * MONTH
SHORT_LABELS = {"placebo-therapy": "Saline ×3", "ketamine-3-therapy": "Ketamine ×3"}


@cache
def example() -> Protocol:
    """Two arms of the scenario, over six months in the community."""
    whole = load(EXAMPLE)
    end = whole.setting.community_day + SIX_MONTHS
    arms = tuple(
        arm.model_copy(update={"label": SHORT_LABELS[arm.id]})
        for arm in whole.arms
        if arm.id in ARMS
    )
    shown = whole.model_copy(
        update={
            "name": "heroin-ketamine", "title": TITLE, "arms": arms, "follow_up_days": end,
            "visits": (*(day for day in whole.visits if day < end), end),
            "endpoints": tuple(e for e in whole.endpoints if _reached(e, end, arms, whole)),
        }
    )  # fmt: skip
    return parse(written(shown), EXAMPLE)


def _reached(name: str, end: float, arms: tuple, whole: Protocol) -> bool:
    try:
        endpoints_for((name,), end, max(whole.origin_day(arm) for arm in arms))
    except EndpointError:
        return False
    return True


def as_data(protocol: Protocol) -> dict[str, Any]:
    """The protocol as the page holds it: plain data, defaults written out."""
    return protocol.model_dump(mode="json", exclude_none=True)
