"""How much of the run is done, and how long will the rest take?"""

from __future__ import annotations

import sys
import time
from collections import deque
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar

LATELY = 12
"""pieces by which the time left is reckoned"""
SECONDS_BETWEEN_LINES = 5.0
"""How often a log, which cannot redraw a bar, gets a line."""


class Progress:
    """A bar on a terminal, now and then a line in a log, always on standard error."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.lately: deque[tuple[float, float]] = deque(maxlen=LATELY)
        """share that was done after each of the last pieces, and when"""
        self.last_line = -float("inf")
        console = Console(stderr=True)
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self.task = self.bar.add_task("starting", total=1.0, left="")

    def __enter__(self) -> Progress:
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.stop()

    def show(self, done: float, text: str) -> None:
        """Tell that this share, 0 to 1, is done and what is being done now."""
        left = self._left(done)
        if not self.bar.disable:
            self.bar.update(self.task, completed=done, description=text, left=left)
        elif not self.quiet:
            self._line(f"{done:4.0%}  {text}, {left}", last=done >= 1.0)

    def _left(self, done: float) -> str:
        """From the last pieces; the first is made together with machine code, and begins it."""
        now, last = time.monotonic(), self.lately[-1][0] if self.lately else 0.0
        if done < last:
            self.lately.clear()
        if done > 0.0 and (done != last or not self.lately):
            self.lately.append((done, now))
        before, since = self.lately[0] if self.lately else (0.0, now)
        return time_left(done, now - since, before)

    def _line(self, line: str, last: bool) -> None:
        now = time.monotonic()
        if last or now - self.last_line >= SECONDS_BETWEEN_LINES:
            self.last_line = now
            print(line, file=sys.stderr, flush=True)


def time_left(done: float, elapsed: float, before: float = 0.0) -> str:
    """The time that is left if the rest goes as fast as what was done since ``before``.

    ``elapsed`` are seconds since then.
    """
    if done >= 1.0:
        return "about 0 s left"
    if done <= before:
        return "time left not known yet"
    seconds = round(elapsed * (1.0 - done) / (done - before))
    if seconds >= 3600:
        return f"about {seconds // 3600} h {seconds % 3600 // 60} min left"
    if seconds >= 60:
        return f"about {seconds // 60} min {seconds % 60} s left"
    return f"about {seconds} s left"
