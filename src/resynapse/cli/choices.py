"""Which hypotheses and numbers does the person at the terminal want changed?"""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from typer import Context

    from resynapse.parameter import Entry

STATES = {"on": True, "off": False}


def file_of(protocol: str | None) -> str | None:
    """The protocol's file as reports name it; None: no file."""
    from resynapse.protocol import library
    from resynapse.trial.provenance import as_given

    return None if protocol is None or protocol in library() else as_given(protocol)


def switches(given: Sequence[str]) -> dict[str, bool]:
    """The contested mechanisms that ``--switch NAME=on|off`` turns on or off."""
    pairs = [(pair, *_split(pair, "--switch", "NAME=on or NAME=off")) for pair in given]
    if not pairs:
        return {}
    from resynapse.patient import SWITCHES

    chosen = {}
    for pair, name, state in pairs:
        _require_known(name, SWITCHES, "switch", "resynapse parameters")
        if state not in STATES:
            raise InputError(
                f"--switch {pair}: {state!r} is neither on nor off. Write {name}=on or {name}=off."
            )
        chosen[name] = STATES[state]
    return chosen


def state(option: str, given: str) -> bool:
    """What an option that is on or off was given; anything else gets a sentence."""
    if given not in STATES:
        raise InputError(f"{option} {given}: write {option} on or {option} off.")
    return STATES[given]


def settings(given: Sequence[str]) -> dict[str, float]:
    """The parameters that ``--set PATH=VALUE`` gives another value."""
    pairs = [(pair, *_split(pair, "--set", "PATH=VALUE")) for pair in given]
    if not pairs:
        return {}
    from resynapse.patient import parameters

    entries = {entry.path: entry for entry in parameters()}
    chosen = {}
    for pair, path, text in pairs:
        _require_known(path, entries, "parameter", "resynapse parameters")
        chosen[path] = _value(pair, text, entries[path])
    return chosen


def _split(pair: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not (name and equals and value):
        raise InputError(f"{option} {pair}: this is not of the form {form}. Write it so.")
    return name.strip(), value.strip()


def _require_known(name: str, known: Iterable[str], what: str, where: str) -> None:
    names = list(known)
    if name in names:
        return
    close = difflib.get_close_matches(name, names, n=3)
    near = f" Did you mean {' or '.join(close)}?" if close else ""
    raise InputError(f"There is no {what} {name!r}.{near} All of them: {where}")


def _value(pair: str, text: str, entry: Entry) -> float:
    """The number; refused where the prior forbids it, remarked upon where it is rare."""
    from resynapse.patient.registry import ensure_possible
    from resynapse.trial.implausible import beyond, ensure_conceivable

    try:
        value = float(text)
    except ValueError:
        value = math.nan
    ensure_possible(value, entry, f"--set {pair}")
    ensure_conceivable({entry.path: value})
    if said := beyond(value, entry):
        print(f"Note: {pair} {said}.", file=sys.stderr)
    return value


def given(context: Context) -> list[str]:
    """What was typed, by the names that a person knows."""
    typed = []
    for one in context.command.params:
        source = context.get_parameter_source(one.name or "")
        if source is not None and source.name == "COMMANDLINE":
            typed.append(one.opts[0] if one.opts[0].startswith("-") else one.opts[0].upper())
    return typed
