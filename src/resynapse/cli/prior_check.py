"""How does a person ask whether the priors leave room for what was published?"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from resynapse.cli.faults import InputError
from resynapse.cli.run import AsJson, Draws, ProtocolArgument, Quiet, Seed

if TYPE_CHECKING:
    from resynapse.inference import Check
    from resynapse.protocol import Protocol

FEWEST_DRAWS = 2
"""An interval needs at least two"""


def prior_check(
    protocol: ProtocolArgument,
    draws: Draws = 40,
    seed: Seed = 1,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Set each published contrast beside what the priors allow; nothing is fitted."""
    from resynapse.protocol import load

    plan = load(protocol)
    if plan.study is None or plan.state != "completed":
        raise InputError(
            f"{plan.name} names no completed study, so there is nothing published to set beside it."
            " Add `study` and `state: completed`, or choose a trial from `resynapse protocols`."
        )
    if draws is None or draws < FEWEST_DRAWS:
        raise InputError(f"--draws {draws}: give at least {FEWEST_DRAWS}, as an interval needs.")
    check = _checked(plan, draws, seed, quiet)
    if as_json:
        json.dump(_as_dict(check), sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print(_text(check))


def _checked(plan: Protocol, draws: int, seed: int, quiet: bool) -> Check:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference import prior_check as check

        return check(plan, draws=draws, seed=seed, progress=progress.show)


def _as_dict(check: Check) -> dict[str, Any]:
    rows = [
        {
            **asdict(row),
            "holds_published": row.holds_published,
            "holds_no_effect": row.holds_no_effect,
        }
        for row in check.rows
    ]
    return _without_gaps({**asdict(check), "rows": rows})


def _without_gaps(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_gaps(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_gaps(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _text(check: Check) -> str:
    head = (
        f"{check.protocol}: {check.study} ({check.role}), prior, not calibrated;"
        f" {check.draws} draws of {check.people} people an arm"
    )
    if not check.rows:
        return f"{head}\nThe study published no contrast that a simulation of it could yield."
    lines = [
        head,
        "| contrast | published | many people, 90 % | trials of that size, 90 % |"
        " other studies of that size, 90 % | the same, 95 % | holds it | holds none |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in check.rows:
        what = f"{row.endpoint}, {row.arm}" + (f" against {row.reference}" if row.reference else "")
        lines.append(
            f"| {what}, {row.measure} | {row.published:.3g} | {_range(row.expected)} |"
            f" {_range(row.as_published)} | {_range(row.another_study)} |"
            f" {_between(row.another_study_95)} | {_yes(row.holds_published)} |"
            f" {_yes(row.holds_no_effect)} |"
        )
    return "\n".join(lines)


def _range(found: tuple[float, float, float]) -> str:
    low, middle, high = found
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _between(found: tuple[float, float]) -> str:
    return f"{found[0]:.3g} to {found[1]:.3g}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"
