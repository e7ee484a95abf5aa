"""How is a report asked for, made by a worker of the queue, and read back?"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resynapse.web.scenario import Scenario

KIND = "report"
STEPS = 100
"""of progress; the last brings the report"""


class NotWantedError(Exception):
    """Nobody wants the report any more, or it is made by another worker."""


@dataclass(frozen=True)
class ReportWork:
    """What the worker of a report is told."""

    asked: dict[str, Any]

    @classmethod
    def of_scenario(cls, asked: Scenario, parameters: str) -> ReportWork:
        """The report of a programme, with the parameters that the page runs with."""
        protocol = asked.protocol.model_dump(mode="json", exclude_none=True)
        told = {"protocol": protocol, "patients": asked.patients, "seed": asked.seed}
        return cls(told | {"parameters": parameters, "enantiomers": asked.enantiomers})

    @classmethod
    def of(cls, asked: str) -> ReportWork:
        """Read back from JSON."""
        given = json.loads(asked)
        given.pop("kind")
        return cls(given)

    def told(self) -> str:
        """All of it as JSON, in one size for every report."""
        return json.dumps({"kind": KIND, **self.asked})

    def made(self, put: Callable[[int, bytes, float], bool], done: int) -> None:
        """Make it; each step that was not there before is put, the last with the report.

        ``put(step, body, seconds)`` keeps a step and says whether to go on. What was computed
        before a restart is computed again: only the steps stand where they were. Where all of them
        are there, nothing is left to do.
        """
        if done >= STEPS:
            return
        from resynapse.web.report_worker import report

        steps = _Steps(put, done)
        html = report(self.asked, steps)
        while steps.done < STEPS - 1:
            steps.to(b"")
        steps.to(zlib.compress(html.encode()))


class _Steps:
    """Turns the share that is done into steps."""

    def __init__(self, put: Callable[[int, bytes, float], bool], done: int) -> None:
        self.put, self.done, self.begun = put, done, time.monotonic()

    def __call__(self, share: float, what: str) -> None:
        while self.done < min(int(share * STEPS), STEPS - 1):
            self.to(b"")

    def to(self, body: bytes) -> None:
        """One step more."""
        now = time.monotonic()
        wanted = self.put(self.done, body, now - self.begun)
        self.done, self.begun = self.done + 1, now
        if not wanted and self.done < STEPS:
            raise NotWantedError


def kind_of(asked: str) -> str:
    """Which work this is; trials are kept without a kind."""
    return str(json.loads(asked).get("kind", "trial"))


def html_of(parts: list[bytes]) -> bytes:
    """The report in the last step."""
    return zlib.decompress(parts[-1])
