"""How are stages fitted side by side that do not start from one another?

Each in a process of its own: half of what a stage does is Python, and libraries that compile, so
threads would wait for each other. A stage begins once those that it starts from are finished, with
the same numbers as one after the other, and is kept by the process that fitted it.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from threading import Lock
from typing import Any

from resynapse.engine import cache
from resynapse.inference.all_stages import Finished, Listener, Step, fit, kept_before
from resynapse.input_error import InputError
from resynapse.trial.spread import as_worker, deaf

SHARED_GPU = "XLA_PYTHON_CLIENT_PREALLOCATE"
"""environment variable of JAX: whether a process takes most of a GPU's memory at once"""


class StageError(RuntimeError):
    """A fault in a process that fitted a stage."""


def fitted_side_by_side(
    steps: Sequence[Step], progress: Listener, hands: int
) -> tuple[Finished, ...]:
    """Every stage, ``hands`` of them at a time; as ``all_stages.fitted_in_order`` otherwise.

    A stage that is refused ends the others too; what they simulated is kept.
    """
    found = kept_before(steps)
    left = [step for step in steps if step.name not in found]
    told = _Told(steps, left, progress)
    with _crew(hands) as crew:
        while left or crew.busy:
            ready = [step for step in left if all(name in found for name in step.over)]
            for step in ready[: crew.free]:
                left.remove(step)
                crew.give(step, found)
            for step, done in crew.heard(told):
                found[step.name] = done
                told.over(step.name)
    progress(1.0, f"{len(steps)} of {len(steps)} stages fitted")
    return tuple(found[step.name] for step in steps)


class _Told:
    """Tells of stages that go side by side as of one whole, which never goes back."""

    def __init__(self, steps: Sequence[Step], left: Sequence[Step], progress: Listener) -> None:
        self.names = {
            step.name: f"stage {number} of {len(steps)}, {step.name}"
            for number, step in enumerate(steps, 1)
        }
        whole = sum(step.seconds for step in left)
        self.weight = {step.name: step.seconds / whole for step in left}
        self.share = dict.fromkeys(self.weight, 0.0)
        self.said: dict[str, str] = {}
        self.progress = progress

    def heard(self, name: str, share: float, words: str) -> None:
        self.share[name] = max(self.share[name], share)
        self.said[name] = words
        done = sum(self.weight[one] * self.share[one] for one in self.share)
        words = "; ".join(f"{self.names[one]}: {said}" for one, said in self.said.items())
        self.progress(done, words)

    def over(self, name: str) -> None:
        self.share[name] = 1.0
        del self.said[name]


class _Worker:
    """A fresh process that fits what it is given, and the line to it."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.line, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_work, args=(theirs,), daemon=True)
        with deaf():
            self.process.start()
        theirs.close()


class _Crew:
    """Up to so many workers, begun when they are needed, and what they are at."""

    def __init__(self, hands: int) -> None:
        self.hands = hands
        self.workers: list[_Worker] = []
        self.idle: list[_Worker] = []
        self.busy: dict[Any, tuple[_Worker, Step]] = {}

    @property
    def free(self) -> int:
        """How many stages could begin now."""
        return self.hands - len(self.busy)

    def give(self, step: Step, found: Mapping[str, Finished]) -> None:
        if not self.idle:
            self.idle.append(_Worker())
            self.workers.append(self.idle[-1])
        worker = self.idle.pop()
        self.busy[worker.line] = worker, step
        try:
            worker.line.send((step, {name: found[name] for name in step.over}))
        except ConnectionError:
            raise InputError(_ended(step, worker)) from None

    def heard(self, told: _Told) -> Iterator[tuple[Step, Finished]]:
        """Waits until one tells of something; the stages that are finished then."""
        spoken: list[Any] = wait(list(self.busy))
        for line in spoken:
            worker, step = self.busy[line]
            try:
                kind, *what = line.recv()
            except (EOFError, ConnectionError):
                raise InputError(_ended(step, worker)) from None
            if kind == "said":
                told.heard(step.name, *what)
            elif kind == "warned":
                cache.tell(*what)
            elif kind == "refused":
                raise InputError(*what)
            elif kind == "failed":
                raise StageError(*what)
            else:
                del self.busy[line]
                self.idle.append(worker)
                yield step, *what


@contextmanager
def _crew(hands: int) -> Iterator[_Crew]:
    crew = _Crew(hands)
    try:
        yield crew
    finally:
        for worker in crew.workers:
            worker.process.kill()
            worker.process.join()


def _ended(step: Step, worker: _Worker) -> str:
    worker.process.join()
    return (
        f"Stage {step.name}: the process that fitted it ended at once (code"
        f" {worker.process.exitcode}), most often because memory ran out. Finished stages and what"
        " was simulated are kept: give the same command with --workers 1, which needs less."
    )


def _work(line: Connection) -> None:
    """What a worker does: fits stages until nobody gives it one."""
    as_worker()
    os.environ.setdefault(SHARED_GPU, "false")
    send = _one_at_a_time(line)
    _warn_through(send)
    while True:
        try:
            step, found = line.recv()
        except EOFError:
            return
        send(*_answer(step, found, lambda *said: send("said", *said)))


def _one_at_a_time(line: Connection) -> Callable[..., None]:
    """Threads of a stage warn while it tells how far it is; a line carries one thing at a time."""
    lock = Lock()

    def send(*what: object) -> None:
        with lock:
            line.send(what)

    return send


def _warn_through(send: Callable[..., None]) -> None:
    """What the cache says goes to the process that shows it, which says each thing once."""

    def tell(words: str) -> None:
        send("warned", words)

    vars(cache)["tell"] = tell


def _answer(step: Step, found: Mapping[str, Finished], heard: Listener) -> tuple[str, object]:
    try:
        return "done", fit(step, found, heard)
    except InputError as refusal:
        return "refused", refusal.message
    except Exception:
        return "failed", traceback.format_exc()
