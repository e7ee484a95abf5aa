"""How does each arm differ from the reference arm, by the estimator a trial would use?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.endpoint_name import parse
from resynapse.trial.estimate import difference
from resynapse.trial.hazard_ratio import hazard_ratio

if TYPE_CHECKING:
    from resynapse.trial.result import ArmResult

Measure = Literal["hazard_ratio", "risk_difference", "mean_difference"]

HAZARDS = ("lapse", "relapse", "dropout", "lapse_or_dropout")
"""Events compared by hazard ratio, whatever endpoints were asked for"""

MEASURES: dict[str, Measure] = {
    "abstinence": "risk_difference",
    "retention": "risk_difference",
    "incidence": "risk_difference",
    "last_weeks": "risk_difference",
    "days_abstinent": "mean_difference",
    "scale": "mean_difference",
    "state": "mean_difference",
    "attendance": "mean_difference",
}
"""How a kind of endpoint is compared; medians are not: the hazard ratio stands for them"""


@dataclass(frozen=True)
class Comparison:
    """An arm against the reference arm; None where the simulated trial cannot tell."""

    endpoint: str
    arm: str
    reference: str
    measure: Measure
    value: float | None
    low: float | None
    high: float | None
    reason: str | None = None
    """Why there is no value"""


class ComparisonError(InputError):
    """A comparison with an arm that is not there."""


def comparisons(
    arms: Mapping[str, ArmResult], reference: str, endpoints: Iterable[str], hazards: bool = True
) -> list[Comparison]:
    """Every other arm against the reference: hazard ratios, then endpoints that both arms have.

    Hazard ratios are given twice, the second time (``_committed``) among people who intend to
    abstain: people who do not would pull every ratio towards 1 (decisions, A14). Without
    ``hazards`` there are none, as of people who use no drug.
    """
    if reference not in arms:
        raise ComparisonError(
            f"Reference arm {reference!r} is not among the arms {', '.join(arms)}; "
            "name one of them as reference."
        )
    endpoints = tuple(endpoints)
    found: list[Comparison] = []
    for name, arm in arms.items():
        if name != reference:
            found.extend(_hazard_ratios(arm, arms[reference]) if hazards else ())
            found.extend(_differences(arm, arms[reference], endpoints))
    return found


def _hazard_ratios(arm: ArmResult, reference: ArmResult) -> Iterator[Comparison]:
    for suffix in ("", "_committed"):
        for event in HAZARDS:
            this, that = (one.times(event, bool(suffix)) for one in (arm, reference))
            ratio = hazard_ratio(
                np.concatenate([this.time, that.time]),
                np.concatenate([this.event, that.event]),
                np.repeat([True, False], [len(this.time), len(that.time)]),
            )
            yield Comparison(
                event + suffix,
                arm.id,
                reference.id,
                "hazard_ratio",
                ratio.value,
                ratio.low,
                ratio.high,
                ratio.reason,
            )


def _differences(
    arm: ArmResult, reference: ArmResult, endpoints: tuple[str, ...]
) -> Iterator[Comparison]:
    for name in endpoints:
        measure = MEASURES.get(parse(name).kind)
        if measure is None or name not in arm.endpoints or name not in reference.endpoints:
            continue
        gap = difference(arm.endpoints[name], reference.endpoints[name])
        reason = None if gap.value is not None else "one of the two arms has no value"
        yield Comparison(name, arm.id, reference.id, measure, gap.value, gap.low, gap.high, reason)
