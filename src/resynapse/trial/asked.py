"""What was meant by what a simulation was asked for at a Python prompt?"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from resynapse.input_error import InputError
from resynapse.patient import SWITCHES
from resynapse.patient.registry import ParameterError
from resynapse.protocol import Protocol, library, load
from resynapse.trial.provenance import as_given


class AskedError(InputError):
    """Something that is no protocol, in one sentence."""


def planned(protocol: Protocol | str | Path, file: str | None) -> tuple[Protocol, str | None]:
    """The protocol, and the file that the run's commands name; a name or a path is loaded."""
    if isinstance(protocol, Protocol):
        return protocol, file
    if not isinstance(protocol, str | Path):
        raise AskedError(
            f"{type(protocol).__name__} is no protocol: give what resynapse.load returns, the"
            " name of a protocol of the library (resynapse.protocols()), or the path of a YAML"
            " file."
        )
    given = str(protocol)
    return load(protocol), file or (None if given in library() else as_given(given))


def ensure_switches(switches: Mapping[str, bool] | None) -> None:
    """Refuse a switch that there is not, and a state that is neither True nor False."""
    for name, state in (switches or {}).items():
        if name not in SWITCHES:
            close = difflib.get_close_matches(name, SWITCHES, n=3, cutoff=0.4)
            near = f" Did you mean {' or '.join(close)}?" if close else ""
            raise ParameterError(
                f"There is no switch {name!r}.{near} resynapse.SWITCHES and `resynapse parameters`"
                " list all of them."
            )
        if not isinstance(state, bool):
            raise ParameterError(f"switches {name}={state!r}: give True or False, without quotes.")
