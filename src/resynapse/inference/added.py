"""Which numbers of a study that a user brings can be fitted or judged, and why not the others?

A study file names the protocol that it followed. What it publishes is checked against that
protocol, line by line. Numbers that may enter no likelihood (recalled, without n, not comparable)
or that are of no kind that the fit knows are set aside with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from resynapse.evidence import StudyFileError, read_study, why_set_aside
from resynapse.evidence import study as study_of
from resynapse.evidence.likelihood import NEVER_FITTED
from resynapse.evidence.study import Number, Study
from resynapse.evidence.study_file import holds_study, lines
from resynapse.inference.stages.ketamine import FITTED
from resynapse.inference.synthetic_likelihood import Wanted
from resynapse.input_error import InputError
from resynapse.protocol import Protocol, library, load
from resynapse.trial.endpoint_name import EndpointError, parse
from resynapse.trial.time_to_event import EVENTS

RATIOS = ("hazard_ratio", "odds_ratio", "log_survival_ratio", "percent_difference")
"""kinds of contrast that the fit knows, the first that a study gives of an endpoint"""
COUNTED_IN = "heroin"
"""counts are baselines: those of this substance alone join the fit"""
ENDINGS = (".yaml", ".yml", ".json")
CRAVING = "craving over the trial"


@dataclass(frozen=True)
class Added:
    """A study of the user's, as it enters."""

    protocol: Protocol
    study: Study
    """with the numbers that may enter a likelihood, and no others"""
    wanted: tuple[Wanted, ...]
    """what is fitted; none of a study that was held out"""
    aside: tuple[str, ...]
    """a sentence for each number that is not fitted"""


def added(name: str) -> Added:
    """The study of a library protocol, of a protocol file, or of a study file of one's own."""
    path = Path(name)
    if name not in library() and path.is_file() and holds_study(path):
        return _of_file(path)
    if name not in library() and not path.exists() and _file_meant(path):
        raise StudyFileError(
            f"--add {name}: there is no such file. Check its name and folder;"
            " `resynapse evidence show NAME --yaml` prints a study file to begin with."
        )
    plan = load(name)
    if plan.study is None or plan.state != "completed":
        raise InputError(
            f"--add {plan.name}: it names no completed study, so there is nothing published to"
            " fit. Add `study` and `state: completed` to the protocol, or give a study file."
        )
    return _entered(plan, study_of(plan.study), None)


def _file_meant(path: Path) -> bool:
    """Whether somebody who writes this means a file and not a name of the library."""
    return path.suffix.lower() in ENDINGS or len(path.parts) > 1


def _of_file(path: Path) -> Added:
    study = read_study(path)
    if study.protocol is None:
        raise StudyFileError(
            f"{path} names no protocol, so nothing can be simulated for it. Add `protocol: NAME`"
            " with a name of the library or a file beside it."
        )
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", study.id) or study.id in library():
        raise StudyFileError(
            f"{path}: id {study.id!r} cannot be used; give one of letters, digits, dots, - and _"
            " that is no protocol of the library."
        )
    named = study.protocol
    plan = load(named if named in library() else path.parent / named)
    found = lines(path, "numbers")
    refused = [said for pair in zip(study.numbers, found, strict=True)
               for said in _faults(*pair, study, plan)]  # fmt: skip
    if refused:
        listed = "\n".join(f"  {said}" for said in refused)
        raise StudyFileError(f"{path} does not fit its protocol {plan.name}:\n{listed}")
    return _entered(plan.model_copy(update={"name": study.id}), study, found)


def _faults(number: Number, line: int, study: Study, plan: Protocol) -> Iterator[str]:
    """What a simulation of the protocol could not yield, though it is called comparable."""
    if not number.comparable:
        return
    known = {arm.id for arm in plan.arms}
    for id in (number.arm, number.reference):
        parts = set(study.arm(id).pools or (id,)) if id else set()
        if parts - known:
            yield (
                f"line {line}: {', '.join(sorted(parts - known))} is no arm of {plan.name}; its"
                f" arms are {', '.join(arm.id for arm in plan.arms)}"
            )
    if not _computed(number):
        yield (
            f"line {line}: {number.endpoint!r} is no endpoint that a simulated trial computes as a"
            f" {number.measure}; `resynapse endpoints` lists them, or set comparable: false"
        )


def _computed(number: Number) -> bool:
    if number.measure == "percent_difference":
        return number.endpoint == CRAVING
    if number.measure == "hazard_ratio":
        return number.endpoint in EVENTS
    try:
        parse(number.endpoint)
    except EndpointError:
        return False
    return True


def _entered(plan: Protocol, study: Study, found: list[int] | None) -> Added:
    held = study.role in NEVER_FITTED
    kept = [one for one in study.numbers if why_set_aside(one) is None]
    chosen = {} if held else _chosen(kept, plan)
    aside = tuple(
        _sentence(one, found[k] if found else None, _why_not(one, study, plan))
        for k, one in enumerate(study.numbers)
        if id(one) not in chosen
    )
    return Added(plan, replace(study, numbers=tuple(kept)), tuple(chosen.values()), aside)


def _chosen(numbers: list[Number], plan: Protocol) -> dict[int, Wanted]:
    """One ratio of each endpoint and arm; counts where no ratio was published."""
    found: dict[tuple[str, str], tuple[int, Wanted]] = {}
    for measure in RATIOS:
        for one in numbers:
            if one.measure == measure and one.reference:
                want = Wanted(plan.name, one.endpoint, one.arm, measure, True, one.reference)
                found.setdefault((one.endpoint, one.arm), (id(one), want))
    with_ratio = {endpoint for endpoint, _ in found}
    controls = {arm.id for arm in plan.arms if not arm.active}
    for one in numbers:
        if _is_count(one, plan) and one.endpoint not in with_ratio:
            want = Wanted(
                plan.name, one.endpoint, one.arm, "proportion", one.arm not in controls
            )  # fmt: skip
            found[one.endpoint, one.arm] = (id(one), want)
    return dict(found.values())


def _is_count(one: Number, plan: Protocol) -> bool:
    return one.measure == "proportion" and plan.disorder == COUNTED_IN


def _why_not(one: Number, study: Study, plan: Protocol) -> str:
    reason = why_set_aside(one)
    if reason is not None:
        return f"{reason}; set aside"
    if study.role in NEVER_FITTED:
        return f"the study is marked {study.role}; not fitted, and judged by `resynapse validate`"
    if one.measure in RATIOS or _is_count(one, plan):
        return "another number of the same endpoint is fitted; not fitted twice"
    return (
        f"a {one.measure.replace('_', ' ')} is of no kind that the fit knows ({', '.join(RATIOS)},"
        f" counts in {COUNTED_IN}); not fitted, and judged by `resynapse validate`"
    )


def _sentence(one: Number, line: int | None, why: str) -> str:
    where = f"line {line}, " if line else ""
    return f"{where}{one.endpoint} in {one.arm}, {one.measure.replace('_', ' ')}: {why}."


def ensure_fitted(one: Added) -> Added:
    """The study; refused where nothing of it can join the fit."""
    name = one.protocol.name
    if name in {wanted.protocol for wanted in FITTED}:
        raise InputError(f"--add {name}: it is fitted already. Leave it out.")
    if not one.wanted:
        told = "\n".join(f"  {said}" for said in one.aside)
        raise InputError(f"--add {name}: nothing of it can be fitted.\n{told}".rstrip())
    return one
