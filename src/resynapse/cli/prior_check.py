"""How does a person ask whether the priors leave room for what was published?"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import Draws, JsonAlone, Quiet, Seed

if TYPE_CHECKING:
    from resynapse.inference import Check, PriorCheck
    from resynapse.inference.joint_check import Estimated, Joint
    from resynapse.protocol import Protocol

FEWEST_DRAWS = 2
"""An interval needs at least two"""


Protocols = Annotated[
    list[str],
    typer.Argument(
        metavar="PROTOCOL...",
        help="Names from `resynapse protocols`, or YAML files; several are also judged together.",
    ),
]


def prior_check(
    protocols: Protocols,
    draws: Draws = 40,
    seed: Seed = 1,
    as_json: JsonAlone = False,
    quiet: Quiet = False,
) -> None:
    """Set each published contrast, and all together, beside what the priors allow; fits nothing."""
    plans = [_completed(name) for name in protocols]
    if draws is None or draws < FEWEST_DRAWS:
        raise InputError(f"--draws {draws}: give at least {FEWEST_DRAWS}, as an interval needs.")
    twice = [name for name, times in Counter(plan.name for plan in plans).items() if times > 1]
    if twice:
        raise InputError(f"{twice[0]} was given twice: give each protocol once.")
    found = _checked(plans, draws, seed, quiet)
    if as_json:
        json.dump(_as_dict(found), sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print("\n\n".join([*map(_text, found.checks), *_together(found.joint)]))


def _completed(name: str) -> Protocol:
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use

    plan = ensure_use(load(name), "resynapse prior-check")
    if plan.study is None or plan.state != "completed":
        raise InputError(
            f"{plan.name} names no completed study, so there is nothing published to set beside it."
            " Add `study` and `state: completed`, or choose a trial from `resynapse protocols`."
        )
    return plan


def _checked(plans: list[Protocol], draws: int, seed: int, quiet: bool) -> PriorCheck:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference import prior_check as check

        return check(plans, draws=draws, seed=seed, progress=progress.show)


def _as_dict(found: PriorCheck) -> dict[str, Any]:
    """One protocol's own object, or a list of several; with ``joint`` beside."""
    checks = [{**asdict(check), "rows": _rows(check)} for check in found.checks]
    told = checks[0] if len(checks) == 1 else {"checks": checks}
    return _without_gaps({**told, "joint": found.joint and asdict(found.joint)})


def _rows(check: Check) -> list[dict[str, Any]]:
    return [
        {
            **asdict(row),
            "holds_published": row.holds_published,
            "holds_no_effect": row.holds_no_effect,
        }
        for row in check.rows
    ]


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
        " other studies of that size, 90 % | the same, 95 % | tail (error) | holds it |"
        " holds none |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in check.rows:
        what = f"{row.endpoint}, {row.arm}" + (f" against {row.reference}" if row.reference else "")
        lines.append(
            f"| {what}, {row.measure} | {row.published:.3g} | {_range(row.expected)} |"
            f" {_range(row.as_published)} | {_range(row.another_study)} |"
            f" {_between(row.another_study_95)} | {_error(row.tail)} |"
            f" {_yes(row.holds_published)} | {_yes(row.holds_no_effect)} |"
        )
    return "\n".join(lines)


def _range(found: tuple[float, float, float]) -> str:
    low, middle, high = found
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _between(found: tuple[float, float]) -> str:
    return f"{found[0]:.3g} to {found[1]:.3g}"


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


def _error(found: Estimated) -> str:
    return f"{found.value:.2g} ({found.error:.1g})"


def _together(joint: Joint | None) -> Iterator[str]:
    """What the contrasts say together; nothing where there is only one."""
    if joint is None or joint.contrasts == 1:
        return
    misses = joint.misses
    yield "\n".join([
        f"All {joint.contrasts} contrasts together ({', '.join(joint.protocols)});"
        f" {joint.draws} draws, {joint.worlds} worlds of the prior:",
        f"* Published worst: {joint.worst}, tail {_error(joint.worst_tail)}. Worlds whose worst"
        f" contrast lies as far out: {_error(joint.p)}.",
        *(
            f"* All hold in {level.share_of_worlds:.0%} of worlds at intervals of"
            f" {100 - 100 * level.tail.value:.2f} % each, tail {_error(level.tail)}; published"
            f" values all within: {_yes(level.holds_published)}."
            for level in joint.levels
        ),
        f"* Misses at 95 % each: {misses.published} published; none in {misses.none:.0%} of worlds,"
        f" as many or more in {misses.as_many:.0%}.",
        f"* Worlds that lean as far to benefit, all contrasts together: {_error(joint.p_lean)}.",
        *(
            f"* Were the published effects of {power.planted} the truth, {power.jointly:.0%} of"
            f" worlds would be caught at the joint 95 % level, {power.pointwise:.0%} at 95 % each,"
            f" {power.leaning:.0%} by their leaning."
            for power in joint.power
        ),
        f"* A contrast is undefined in {joint.undefined:.1%} of worlds and is not judged there.",
    ])  # fmt: skip
