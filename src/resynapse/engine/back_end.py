"""Which engine takes patients through an arm?

All give the same paths on the same grid; the reference has none.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

from resynapse.engine.loading import loading
from resynapse.engine.plan import Course, Kept
from resynapse.input_error import InputError

MODULES = {
    "native": "resynapse.engine.native.run",
    "native-f32": "resynapse.engine.native.run_single",
    "xla": "resynapse.engine.xla",
    "reference": "resynapse.engine.reference",
}
BACK_ENDS = tuple(MODULES)
DEFAULT = "native"

Through = Callable[[Any], Kept]
"""people -> what their run leaves behind; the first of them are those asked for"""


class BackEnd(Protocol):
    """What a back end offers."""

    def room(self) -> int:
        """Most people of a chunk, on the device where this back end runs."""

    def prepared(self, system: Any, arm: Any, course: Course, seed: int) -> Through:
        """A function that takes chunks of people through this course."""


class BackEndError(InputError):
    """A back end that does not exist, or that cannot run this."""


class ToleranceError(BackEndError):
    """The reference could not keep its tolerance."""


def back_end(name: str) -> BackEnd:
    """The back end of this name, loaded when first asked for."""
    if name not in MODULES:
        near = difflib.get_close_matches(name, BACK_ENDS, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise BackEndError(f"No back end {name!r}.{hint} There are {', '.join(BACK_ENDS)}.")
    with loading():
        return import_module(MODULES[name])
