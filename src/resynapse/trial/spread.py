"""Who does the pieces of a run: this process, others on this machine, or a cluster?

Whoever does them, the same pieces leave the same bits behind. A worker that dies costs the piece
that it was doing, which is done again by another; a piece that kills one worker after another is
given up.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import wait as until_closed
from typing import Any

from resynapse.input_error import InputError
from resynapse.trial.everyone import Arrays
from resynapse.trial.provenance import version
from resynapse.trial.work import Piece, Work, do_elsewhere, made_by

MOST_DEATHS = 3
"""workers that one piece may kill"""
AHEAD = 2
"""pieces that a thread of a cluster has before it, so that it never waits"""
PATIENCE = "10s"
"""how long a scheduler may take to answer"""
MASKS = hasattr(signal, "pthread_sigmask")
"""whether this system lets signals wait"""

Done = tuple[Piece, Arrays, str]
"""a piece, what it leaves behind, and which version and processor did it"""
Spread = Callable[[Work, list[Piece]], Iterator[Done]]


class WorkerError(InputError):
    """Workers that cannot be reached, that are of another kind, or that die again and again."""


def spread(workers: int = 1, cluster: str | None = None) -> Spread:
    """How the pieces are shared out."""
    if cluster is not None:
        return lambda work, pieces: on_cluster(cluster, work, pieces)
    if workers > 1:
        return lambda work, pieces: on_processes(workers, work, pieces)
    return here


def here(work: Work, pieces: list[Piece]) -> Iterator[Done]:
    """One piece after another, in this process."""
    for piece in pieces:
        yield piece, work.do(piece), made_by()


def on_processes(workers: int, work: Work, pieces: list[Piece]) -> Iterator[Done]:
    """Each worker is a fresh process with a queue of its own, so that it dies alone."""
    packed, left, deaths = _packed(work), deque(pieces), Counter[int]()
    doing: dict[Future, tuple[ProcessPoolExecutor, Piece]] = {}
    pools: list[ProcessPoolExecutor] = []

    def give(pool: ProcessPoolExecutor) -> None:
        if left:
            piece = left.popleft()
            with deaf():
                doing[pool.submit(do_elsewhere, packed, piece)] = pool, piece

    try:
        for _ in range(min(workers, len(pieces))):
            pools.append(_process())
            give(pools[-1])
        while doing:
            for future in wait(doing, return_when=FIRST_COMPLETED).done:
                pool, piece = doing.pop(future)
                try:
                    arrays, by = future.result()
                except BrokenProcessPool:
                    _count(deaths, piece)
                    left.appendleft(piece)
                    pools[pools.index(pool)] = pool = _process()
                    give(pool)
                    continue
                give(pool)
                yield piece, arrays, by
    finally:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)


def on_cluster(address: str, work: Work, pieces: list[Piece]) -> Iterator[Done]:
    """Workers of a Dask scheduler; the scheduler gives a piece of a dead worker to another."""
    distributed = _distributed()
    packed, left = _packed(work), deque(pieces)
    with _client(distributed, address) as client:
        _same_version(client)

        def give() -> list[Any]:
            piece = left.popleft()
            future = client.submit(do_elsewhere, packed, piece, pure=False)
            doing[future.key] = piece
            return [future]

        doing: dict[str, Piece] = {}
        places = AHEAD * max(1, sum(client.nthreads().values()))
        first = [future for _ in range(min(places, len(left))) for future in give()]
        running = distributed.as_completed(first)
        for future in running:
            piece = doing.pop(future.key)
            try:
                arrays, by = future.result()
            except distributed.KilledWorker as error:
                raise WorkerError(_gave_up(piece)) from error
            future.release()
            if left:
                running.update(give())
            yield piece, arrays, by


def _process() -> ProcessPoolExecutor:
    """A worker, started afresh: no lock or thread of this process is copied into it."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=as_worker)


@contextmanager
def deaf() -> Iterator[None]:
    """Interrupts wait meanwhile, and those of a process that begins now until it is a worker."""
    if not MASKS:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def as_worker() -> None:
    """A worker leaves interrupts to the process that started it, and ends when that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if MASKS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    until_closed([sentinel])
    os._exit(1)


def _packed(work: Work) -> bytes:
    """The work as bytes, each worker with one thread."""
    return pickle.dumps(replace(work, threads=1))


def _count(deaths: Counter[int], piece: Piece) -> None:
    deaths[piece.number] += 1
    if deaths[piece.number] >= MOST_DEATHS:
        raise WorkerError(_gave_up(piece))


def _gave_up(piece: Piece) -> str:
    return (
        f"Workers died {MOST_DEATHS} times or more at {piece}, most often because memory ran out; "
        "finished chunks are kept: use fewer workers, and resume."
    )


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise WorkerError(
            "A cluster needs Dask, which is not installed; install resynapse[cluster]."
        ) from None
    return distributed


def _client(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        raise WorkerError(
            f"No Dask scheduler answers at {address}; start one with dask scheduler, workers with "
            "dask worker, and give its address, such as tcp://10.0.0.1:8786."
        ) from error


def _same_version(client: Any) -> None:
    """Refuse workers of another version: their bits would be others."""
    here = version()
    client.wait_for_workers(1, timeout=60)
    try:
        there = client.run(version)
    except Exception as error:
        raise WorkerError(
            f"The workers of the cluster cannot load resynapse ({error}); install version {here} "
            "where they run."
        ) from error
    other = {address: found for address, found in there.items() if found != here}
    if other:
        raise WorkerError(
            f"Workers of the cluster have resynapse {', '.join(sorted(set(other.values())))} and "
            f"this is {here}; install the same version where they run."
        )
