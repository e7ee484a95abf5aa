"""Which long work is asked for, how far is it, and what came of it? Kept in one SQLite file."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from resynapse.input_error import InputError
from resynapse.web.refusal import BusyError, NotThereError

FILE = "queue.sqlite"
MOST_WAITING = 12
MOST_KEPT = 200
PATIENCE_SECONDS = 20.0
"""how long one process waits for another that writes"""
OPEN = ("waiting", "running", "stopping")
"""States of work that is not over"""
TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, asked TEXT NOT NULL, state TEXT NOT NULL,
  created REAL NOT NULL, ended REAL, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL,
  seconds REAL NOT NULL DEFAULT 0, starts INTEGER NOT NULL DEFAULT 0, claim TEXT,
  message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS parts (
  job TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, first INTEGER NOT NULL,
  body BLOB NOT NULL, PRIMARY KEY (job, first)
);
"""
TRIAL = "trial"
OF_KIND = f"coalesce(json_extract(asked, '$.kind'), '{TRIAL}') = ?"
"""Work that says no kind is a trial"""
FIELDS = "id, name, asked, state, created, ended, done, total, seconds, starts, message"


class QueueError(InputError):
    """A folder in which no queue can be kept."""


@dataclass(frozen=True)
class Job:
    """One piece of long work; times are seconds since 1970."""

    id: str
    name: str
    asked: str
    """JSON"""
    state: str
    """waiting, running, stopping, done, stopped or failed"""
    created: float
    ended: float | None
    done: int
    total: int
    seconds: float
    """worked on it so far"""
    starts: int
    """how often it was begun; more than once after a restart of the server"""
    message: str

    @property
    def left(self) -> float | None:
        """Seconds of work that are left; None before anything is known."""
        if not self.done:
            return None
        return self.seconds / self.done * (self.total - self.done)


class Store:
    """The queue in a folder; every call stands alone, so any thread or process may make it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._open() as base:
                base.executescript(TABLES)
        except (OSError, sqlite3.Error) as error:
            raise QueueError(
                f"--queue {folder}: no queue can be kept there ({error}). Name a folder that you "
                "may write to."
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are kept together or not at all."""
        path = self.folder / FILE
        with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS)) as base:
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA foreign_keys = ON")
            with base:
                yield base

    def add(self, name: str, asked: str, total: int) -> Job:
        """New work at the end of the queue; refused where too much of its kind waits."""
        id, kind = secrets.token_hex(8), json.loads(asked).get("kind", TRIAL)
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            waiting, kept = base.execute(
                f"SELECT count(*) FILTER (WHERE state = 'waiting' AND {OF_KIND}), count(*) "
                "FROM jobs",
                (kind,),
            ).fetchone()
            if waiting >= MOST_WAITING:
                many = "runs" if kind == TRIAL else f"{kind}s"
                raise BusyError(
                    f"{waiting} {many} wait already. Stop one, or try again when one has ended."
                )
            if kept >= MOST_KEPT:
                raise BusyError(f"{kept} results are kept. Delete one to make room.")
            base.execute(
                "INSERT INTO jobs (id, name, asked, state, created, total) VALUES (?,?,?,?,?,?)",
                (id, name, asked, "waiting", time.time(), total),
            )
        return self.job(id)

    def job(self, id: str) -> Job:
        """The work of this id; refused where there is none."""
        with self._open() as base:
            row = base.execute(f"SELECT {FIELDS} FROM jobs WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise NotThereError("There is no run of this name here. It may have been deleted.")
        return Job(*row)

    def jobs(self) -> list[Job]:
        """All work, the latest first."""
        with self._open() as base:
            rows = base.execute(f"SELECT {FIELDS} FROM jobs ORDER BY created DESC, rowid DESC")
            return [Job(*row) for row in rows]

    def parts(self, id: str) -> list[bytes]:
        """What was found so far, in order."""
        with self._open() as base:
            rows = base.execute("SELECT body FROM parts WHERE job = ? ORDER BY first", (id,))
            return [row[0] for row in rows]

    def stop(self, id: str) -> Job:
        """Work that waits ends here; work that runs ends after what it has in hand."""
        with self._open() as base:
            base.execute(
                "UPDATE jobs SET state = 'stopped', ended = ? WHERE id = ? AND state = 'waiting'",
                (time.time(), id),
            )
            base.execute(
                "UPDATE jobs SET state = 'stopping' WHERE id = ? AND state = 'running'", (id,)
            )
        return self.job(id)

    def delete(self, id: str) -> None:
        """Work that is over is forgotten; other work is refused."""
        if self.job(id).state in OPEN:
            raise BusyError("This run is not over. Stop it first, then delete it.")
        with self._open() as base:
            base.execute("DELETE FROM jobs WHERE id = ?", (id,))

    def take(self, kind: str = TRIAL) -> tuple[Job, str] | None:
        """The work of a kind that has waited longest, and a claim that only its worker knows."""
        claim = secrets.token_hex(8)
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            row = base.execute(
                f"SELECT id FROM jobs WHERE state = 'waiting' AND {OF_KIND} "
                "ORDER BY created, rowid LIMIT 1",
                (kind,),
            ).fetchone()
            if row is None:
                return None
            base.execute(
                "UPDATE jobs SET state = 'running', claim = ?, starts = starts + 1 WHERE id = ?",
                (claim, row[0]),
            )
        return self.job(row[0]), claim

    def put(self, id: str, claim: str, first: int, many: int, body: bytes, seconds: float) -> bool:
        """Keep a part; whether its worker shall go on."""
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            row = base.execute(
                "SELECT state FROM jobs WHERE id = ? AND claim = ? AND done = ?", (id, claim, first)
            ).fetchone()
            if row is None:
                return False
            base.execute("INSERT INTO parts VALUES (?, ?, ?)", (id, first, body))
            base.execute(
                "UPDATE jobs SET done = done + ?, seconds = seconds + ? WHERE id = ?",
                (many, seconds, id),
            )
            return row[0] == "running"

    def end(self, id: str, claim: str, failed: str = "") -> None:
        """The end of work that runs: done, stopped before that, or failed and why."""
        with self._open() as base:
            base.execute(
                "UPDATE jobs SET ended = ?, message = ?, claim = NULL, state = CASE "
                "WHEN ? != '' THEN 'failed' WHEN done >= total THEN 'done' ELSE 'stopped' END "
                "WHERE id = ? AND claim = ? AND state IN ('running', 'stopping')",
                (time.time(), failed, failed, id, claim),
            )

    def recover(self, kind: str = TRIAL) -> None:
        """Work whose worker is gone waits again, with what it has; what was to stop has stopped."""
        with self._open() as base:
            base.execute(
                "UPDATE jobs SET state = 'stopped', ended = ?, claim = NULL "
                f"WHERE state = 'stopping' AND {OF_KIND}",
                (time.time(), kind),
            )
            base.execute(
                "UPDATE jobs SET state = 'waiting', claim = NULL WHERE state = 'running' "
                f"AND {OF_KIND}",
                (kind,),
            )
