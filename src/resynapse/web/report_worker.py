"""What does the process do that makes one report? python -m resynapse.web.report_worker < asked"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import IO, Any

from resynapse.input_error import InputError
from resynapse.web.queue.worker import limit

Listener = Callable[[float, str], None]
REFUSED, TOO_LARGE = 2, 3
"""exit codes where what was asked cannot be computed, and where it needs too much memory"""
POLITE = 5
"""added to the niceness: sliders come first, but somebody waits for a report, unlike for a job"""


def report(asked: dict[str, Any], heard: Listener | None = None) -> str:
    """The report of a programme as one page of HTML, as the command line makes it.

    Its command is that of the programme as the page hands it out, a file of the protocol's name;
    ``heard`` is told how far it is.
    """
    from resynapse.protocol import from_data
    from resynapse.report import render
    from resynapse.trial.simulate import simulate

    protocol, parent = from_data(asked["protocol"], "The programme"), os.getppid()

    def go_on(done: float, what: str) -> None:
        """End where the server that asked is there no more."""
        if os.getppid() != parent:
            sys.exit()
        if heard is not None:
            heard(done, what)

    return render(
        simulate(
            protocol, patients=asked["patients"], seed=asked["seed"],
            parameters=asked["parameters"], progress=go_on, enantiomers=asked["enantiomers"],
            file=f"{protocol.name}.yaml",
        )
    )  # fmt: skip


def work() -> None:
    """Read what is asked and write the report."""
    sys.stdout.buffer.write(report(json.load(sys.stdin.buffer)).encode())


def exit_code(do: Callable[[], None], told: IO[bytes]) -> int:
    """Do it and say how it went; a refusal is told on this stream."""
    try:
        do()
    except InputError as error:
        told.write(str(error).encode())
        return REFUSED
    except MemoryError:
        return TOO_LARGE
    return 0


if __name__ == "__main__":
    limit(polite=POLITE)
    sys.exit(exit_code(work, sys.stdout.buffer))
