"""The command line in a process of its own that dies, killed with -9, where it touches a file.

Libraries are loaded once, in a server that makes a copy of itself for each command: a start costs a
part of a second of processor time and not three. The copy has run nothing before.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

LOADED = (
    "resynapse.__main__", "resynapse.cli.command_line", "resynapse.cli.progress",
    "resynapse.cli.run", "resynapse.cli.summary", "resynapse.engine.native.run",
    "resynapse.trial.simulate", "resynapse.exchange", "resynapse.report",
    "resynapse.report.document", "jax", "duckdb", "matplotlib.pyplot", "h5netcdf", "distributed",
    "ruamel.yaml", "scipy.stats", "software.killed_run",
)  # fmt: skip
TOUCHES = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir")
"""events of Python's audit hooks, but for files that are only read: before each, the process may be
killed"""
NEVER = 1_000_000_000
LONGEST = 300.0
"""s that a process may take, on a busy machine too"""


class Ended(NamedTuple):
    """How a process ended."""

    killed: bool
    touches: int
    """files of its run that it touched; 0 where it was killed"""
    said: str


class _Death:
    """Counts what is done to the files in a folder, and kills its own process at one of them."""

    def __init__(self, folder: Path, at: int) -> None:
        self.folder, self.at, self.count, self.dying = f"{folder}{os.sep}", at, 0, False

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        if event not in TOUCHES or self.dying or not str(given[0]).startswith(self.folder):
            return
        mode = str(given[1]) if event == "open" else ""
        if mode.startswith("r"):
            return
        self.count += 1
        if self.count < self.at:
            return
        self.dying = True
        if mode[:1] in ("w", "x"):
            Path(given[0]).write_bytes(b"half of what was to be wr")
        os.kill(os.getpid(), signal.SIGKILL)


def _command(folder: Path, words: tuple[str, ...], at: int, beside: Path) -> None:
    from resynapse.__main__ import main

    os.chdir(folder)
    with (beside / "said").open("w") as said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    sys.argv = ["resynapse", *words]
    death = _Death(folder, at)
    sys.addaudithook(death)
    try:
        main()
    finally:
        (beside / "touches").write_text(str(death.count))


def commanded(folder: Path, words: tuple[str, ...], at: int, beside: Path) -> Ended:
    """``resynapse WORDS`` in this folder, killed where it touches a file of it for the ``at``th
    time, a file that was to be written then half-written; ``beside``: where its words go."""
    assert [name for name in LOADED if find_spec(name) is None] == []
    (beside / "touches").write_text("0")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    process = context.Process(target=_command, args=(folder, words, at, beside))
    process.start()
    process.join(LONGEST)
    said = (beside / "said").read_text()
    assert process.exitcode in (0, -signal.SIGKILL), said
    return Ended(process.exitcode != 0, int((beside / "touches").read_text()), said)
