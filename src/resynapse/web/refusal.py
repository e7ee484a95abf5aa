"""What may a request not ask, and with which status is it refused?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resynapse.input_error import InputError


class Refused(InputError):
    """A request that is not answered, in one sentence with what to do."""

    status = 422

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.path = path
        """of the field that it is about"""


class TooLargeError(Refused):
    """A body of more bytes than any programme needs."""

    status = 413


class BusyError(Refused):
    """More work at once than this machine takes."""

    status = 429


class NotThereError(Refused):
    """Something that was asked for by an id that nothing has."""

    status = 404


def problem(sentence: str, path: Sequence[str | int] = ()) -> dict[str, Any]:
    """A refusal in one sentence, and the field that it is about."""
    return {"problems": [{"path": list(path), "message": sentence}]}
