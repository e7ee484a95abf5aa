"""What does a person hear where an optional library is missing?"""

from __future__ import annotations

from importlib.util import find_spec

from resynapse.input_error import InputError


class MissingExtra(InputError):
    """A library of an extra that is not installed."""


def ensure_installed(*modules: str, extra: str = "inference") -> None:
    """Refuse, with the command that helps, where one of these libraries is missing."""
    for module in modules:
        if find_spec(module) is None:
            raise MissingExtra(
                f"This needs {module}, which is not installed. Install it with:"
                f' pip install "resynapse[{extra}]"'
            )
