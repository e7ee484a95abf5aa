"""What does a person at a terminal read when something goes wrong?"""

from __future__ import annotations

import errno
import shlex
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

FAULT_OF_OURS = 1
WRONG_INPUT = 2
INTERRUPTED = 130

REPORT_IT = "This is a fault in Resynapse, not in what was given. Report it with the lines above."


class InputError(Exception):
    """What was given, what is allowed and what to do, in one message."""


class AnsweringGroup(TyperGroup):
    """Commands whose failures a person can act on."""

    def invoke(self, ctx: Any) -> Any:
        with answering():
            return super().invoke(ctx)


@contextmanager
def answering() -> Iterator[None]:
    """Turn what a command raises into one message on standard error and an exit code."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.TyperException):
        raise
    except KeyboardInterrupt:
        again = shlex.join(["resynapse", *sys.argv[1:]])
        _leave(f"Interrupted; nothing was written. To run it again: {again}", INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        if _is_about_input(error):
            _leave(f"Error: {error}", WRONG_INPUT)
        traceback.print_exception(error)
        _leave(REPORT_IT, FAULT_OF_OURS)


def _is_about_input(error: Exception) -> bool:
    if isinstance(error, InputError):
        return True
    from resynapse.evidence import UnknownStudy
    from resynapse.protocol import ProtocolError

    return isinstance(error, ProtocolError | UnknownStudy)


def _leave(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(code)
