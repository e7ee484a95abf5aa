"""Which plan does this file hold, and what is wrong with it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from resynapse.protocol.document import Document, read, text_of
from resynapse.protocol.errors import Problem, ProtocolError
from resynapse.protocol.explain import errors_of
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.analysis.margin import NO_MARGIN, WORDS, wrong_margin
from resynapse.trial.analysis.plan import Analysis, MarginAnalysis, Plan

MOST_BYTES: Final = 1_000_000
METHODS: Final = {
    get_args(record.model_fields["method"].annotation)[0]: record
    for record in get_args(get_args(Analysis)[0])
}
"""Name of a method -> record of its options"""
HINT: Final = "Write `analyses:` and under it `- method: cox` and so on; see docs/analyse.md."


def load_plan(path: Path | str) -> Plan:
    """The plan in a YAML file; what is wrong with it is said all at once, with lines."""
    return parse_plan(text_of(Path(path), MOST_BYTES, "plan"), str(path))


def parse_plan(text: str, where: str) -> Plan:
    """The plan in a text; ``where`` names it in messages."""
    document = read(text, where, "plan", HINT)
    problems = list(document.problems)
    try:
        plan = Plan.model_validate(document.data)
        problems += _margins(plan, document)
    except ValidationError as error:
        problems += [_problem(found, document) for found in errors_of(error)]
    if problems:
        raise ProtocolError(where, tuple(sorted(problems, key=lambda one: one.line or 0)))
    return plan


def _margins(plan: Plan, document: Document) -> list[Problem]:
    """What is wrong with the margins of the analyses, of options that are right one by one."""
    found = []
    for number, wish in enumerate(plan.analyses):
        if not isinstance(wish, MarginAnalysis):
            continue
        wrong = wrong_margin(wish, plan.reference)
        if wrong is not None:
            option, said = wrong
            path = "analyses", number, option
            found.append(Problem(_spoken(path, document.data), said, document.line(path), path))
    return found


def _problem(found: Any, document: Document) -> Problem:
    path = tuple(step for step in found["loc"] if step not in METHODS)
    return Problem(_spoken(path, document.data), _message(found), document.line(path), path)


def _spoken(path: tuple[str | int, ...], data: Any) -> str:
    words = []
    for step in path:
        data = _inside(data, step)
        if isinstance(step, str):
            words.append(step)
        elif words == ["analyses"]:
            method = data.get("method") if isinstance(data, dict) else None
            words = [f"analysis {step + 1}" + (f" ({method})" if method else "")]
    return ", ".join(words)


def _inside(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _message(found: Any) -> str:
    kind, given = found["type"], found.get("input")
    last = str(found["loc"][-1]) if found["loc"] else ""
    if kind == "extra_forbidden":
        record = _record(found["loc"])
        if last in WORDS:
            return _no_margin(record)
        known = list(record.model_fields)
        return f"no option has this name.{did_you_mean(last, known)} Options: {', '.join(known)}."
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        method = given.get("method") if isinstance(given, dict) else None
        said = "no method is given." if method is None else f"{method!r} is no method."
        return f"{said}{did_you_mean(method, METHODS)} Methods: {', '.join(METHODS)}."
    if kind == "missing":
        return f"{last} is needed here. {HINT}" if last == "analyses" else f"{last} is needed here."
    if kind == "too_short":
        least = found["ctx"]["min_length"]
        said = "at least one is needed." if least == 1 else f"at least {least} are needed."
        return f"{said} {HINT}" if last == "analyses" else said
    if kind == "literal_error":
        expected = found["ctx"]["expected"]
        return f"{given!r} was given; allowed: {expected}."
    return f"{given!r} was given; {found['msg'][0].lower()}{found['msg'][1:]}."


def _no_margin(record: type[BaseModel]) -> str:
    """Why an option that is said of margins stands in the wrong place."""
    if record is Plan:
        return "this is said in one analysis, since each effect has a margin of its own."
    method = get_args(record.model_fields["method"].annotation)[0]
    return f"{method} {NO_MARGIN}"


def _record(path: tuple[str | int, ...]) -> type[BaseModel]:
    return next((METHODS[step] for step in path if step in METHODS), Plan)
