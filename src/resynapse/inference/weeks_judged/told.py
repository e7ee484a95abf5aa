"""What did the weeks of CTN-0027 say, in words and as it is kept?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from importlib import resources
from typing import Any

from resynapse.inference.stage_fit import Check
from resynapse.inference.weeks_judged.judged import WeeksJudged
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import shipped_set

STORED = "stored.json"
KINDS = {
    "retention": "days of retention", "urines": "cells of weekly urines",
    "own_visits": "cells of weekly urines, visits missed as often as its own fit has it,",
}  # fmt: skip


def as_dict(found: WeeksJudged) -> dict[str, Any]:
    """As programs read it."""
    told: dict[str, Any] = {
        "model_hash": found.model, "sets": dict(found.sets), "tables": dict(found.tables),
        "made": dict(found.made),
    }  # fmt: skip
    for kind in KINDS:
        checks: Sequence[Check] = getattr(found, kind)
        told[kind] = {
            "met": sum(bool(one.within) for one in checks), "of": len(checks),
            "shares": [asdict(one) | {"within": one.within} for one in checks],
        }  # fmt: skip
    return told | {"words": list(words(found))}


def stored() -> WeeksJudged:
    """What ships; `resynapse validate --weeks --output` wrote it."""
    place = resources.files("resynapse.inference.weeks_judged").joinpath(STORED)
    return restored(json.loads(place.read_text("utf-8")))


def restored(told: Mapping[str, Any]) -> WeeksJudged:
    """The inverse of ``as_dict``."""
    parts = {kind: tuple(_check(one) for one in told[kind]["shares"]) for kind in KINDS}
    return WeeksJudged(
        parts["retention"], parts["urines"], parts["own_visits"], told["model_hash"],
        told["sets"], told["tables"], told["made"],
    )  # fmt: skip


def _check(told: Mapping[str, Any]) -> Check:
    rest = {name: value for name, value in told.items() if name not in ("within", "band")}
    return Check(**rest, band=tuple(told["band"]))


def words(found: WeeksJudged) -> Iterator[str]:
    """Whether each bar is met, and the mean error, a sentence each."""
    for kind, label in KINDS.items():
        checks: Sequence[Check] = getattr(found, kind)
        met = sum(bool(one.within) for one in checks)
        off = 100.0 * sum(abs(one.median - one.published) for one in checks) / len(checks)
        verdict = "The bar is met" if met == len(checks) else "The bar is **not met**"
        yield (
            f"{verdict}: {met} of {len(checks)} {label} of CTN-0027 lie within five points, mean"
            f" error {off:.1f} points."
        )


def rows(found: WeeksJudged, missed: bool = False) -> Iterator[str]:
    """A row a share, or those alone that are ``missed``."""
    yield "| share | seen | run, median and 90 % | within 5 points |"
    yield "| --- | --- | --- | --- |"
    own = [replace(one, quantity=f"{one.quantity}, its own visits") for one in found.own_visits]
    for one in (*found.retention, *found.urines, *own):
        if missed and one.within:
            continue
        yield (
            f"| {one.quantity} | {one.published:.1%} | {one.median:.1%} ({one.low90:.1%} to"
            f" {one.high90:.1%}) | {'yes' if one.within else '**no**'} |"
        )


def earlier(found: WeeksJudged) -> str:
    """A sentence where it is of another model or of other sets than ship; "" where it is not."""
    again = f"`{found.made['command']}` judges them again."
    if found.model != model_hash():
        return (
            f"These weeks are of an earlier model ({found.model[:12]}; the present one is"
            f" {model_hash()[:12]}): {again}"
        )
    moved = [name for name, content in found.sets.items() if shipped_set(name).content != content]
    if moved:
        return f"These weeks were run with other sets of {', '.join(moved)} than ship: {again}"
    return ""
