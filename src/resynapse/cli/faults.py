"""What does a person at a terminal read when something goes wrong?"""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from resynapse.cli.interruption import INTERRUPTED, message
from resynapse.input_error import InputError

FAULT_OF_OURS = 1
WRONG_INPUT = 2

REPORT_IT = "This is a fault in Resynapse, not in what was given. Report it with the lines above."


class AnsweringGroup(TyperGroup):
    """Commands whose failures a person can act on."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run what was typed; a word that is not understood gets one sentence too."""
        alone = extra.pop("standalone_mode", True)
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except typer.TyperException as error:
            if not alone:
                raise
            sys.exit(_misunderstood(error))
        except typer.Abort:
            sys.exit(INTERRUPTED)
        return sys.exit(code or 0) if alone else code

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
    except KeyboardInterrupt as interrupt:
        _leave(str(interrupt) or message(), INTERRUPTED)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            raise
        if isinstance(error, InputError):
            _leave(f"Error: {error}", WRONG_INPUT)
        traceback.print_exception(error)
        _leave(REPORT_IT, FAULT_OF_OURS)


def _misunderstood(error: typer.TyperException) -> int:
    """Say which word is wrong, and where all of them stand; a bare command shows its help."""
    context = getattr(error, "ctx", None)
    words = error.format_message().strip()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(words, file=sys.stderr)
        return WRONG_INPUT
    path = context.command_path if context is not None else "resynapse"
    end = "" if words.endswith((".", "?")) else "."
    print(f"Error: {words}{end} {path} --help lists what may be given.", file=sys.stderr)
    return WRONG_INPUT


def _leave(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(code)
