"""Which engine takes patients through an arm? All give the same paths on the same grid."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from resynapse.engine.plan import Course, Kept

BACK_ENDS = ("xla", "native")
DEFAULT = "xla"

Through = Callable[[Any, Any, Any, Course, int], Kept]
"""system, arm, people [LANES], course and seed -> what the run leaves behind"""


class BackEndError(ValueError):
    """A back end that does not exist."""


def back_end(name: str) -> Through:
    """The function that runs a chunk of people in this back end; loaded when first asked for."""
    if name == "xla":
        from resynapse.engine.xla import through

        return through
    if name == "native":
        from resynapse.engine.native.run import through

        return through
    near = difflib.get_close_matches(name, BACK_ENDS, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise BackEndError(f"No back end {name!r}.{hint} There are {', '.join(BACK_ENDS)}.")
