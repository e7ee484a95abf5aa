"""Who computes what the page asks, how many at once, and who waits?"""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar

from anyio import to_thread

from resynapse.engine.native.blueprint import compiling
from resynapse.trial.live import Live, Remembered
from resynapse.trial.parameter_set import CALIBRATED
from resynapse.trial.result import Result
from resynapse.web.ahead import Ahead, Gone
from resynapse.web.circuit import circuit
from resynapse.web.earlier import Earlier
from resynapse.web.flights import Flights
from resynapse.web.opening import example
from resynapse.web.received import at_once
from resynapse.web.refusal import BusyError
from resynapse.web.request import DEFAULT_PATIENTS
from resynapse.web.row import Row
from resynapse.web.scenario import Scenario

AT_ONCE = 2
"""answers to a released slider that are computed beside one another"""
MOST_WAITING = 128
ANSWERS_BYTES = 48_000_000
"""of answers as they were sent; one with all parts has about 0.2 MB"""
RESULTS = 40
"""results that are kept, so that a file of what is shown needs no second run"""
PATIENCE_SECONDS = 0.5
"""how long what takes longer lets others go first, before each of its parts"""
FIRST_WORLDS, FIRST_PARTS = ("default",), ("opening", "notice", "measured", "outcomes")
"""what the page asks for first"""
T = TypeVar("T")


class Laboratory:
    """Runs scenarios in threads: first what a hand waits for, beside it one that takes longer."""

    def __init__(
        self, patients: int = DEFAULT_PATIENTS, parameters: str = CALIBRATED,
        earlier: Earlier | None = None,
    ) -> None:  # fmt: skip
        """``earlier``: where answers of an earlier start are, and those of this one are kept."""
        self.earlier = earlier
        self.opening = Scenario(example(), patients)
        self.live = Live(parameters=parameters)
        self.kept = Remembered(RESULTS * 100_000)
        self.answers = Remembered(ANSWERS_BYTES)
        self.first, self.later, self.reports = Row(AT_ONCE), Row(1), Row(1)
        self.flights = Flights()
        self.reading = at_once()
        self.waiting = 0
        self.ready, self._opened = threading.Event(), threading.Event()
        self._opened.set()
        self._begun = False
        self._ahead = Ahead(self._nobody_waits)
        self.beside: list[Callable[[], bool]] = []
        """whether anything else works for somebody: a long run, draws of the parameters"""
        self._nobody_first = threading.Event()
        self._nobody_first.set()
        self._first = 0

    async def run(self, work: Callable[..., T], *given: Any) -> T:
        """Work that takes longer, in a thread; refused where too many wait."""
        return await self._run(self.later, "", work, *given)

    async def run_apart(self, work: Callable[..., T], *given: Any) -> T:
        """Work that a process of its own does, one at a time; refused where too many wait."""
        return await self._run(self.reports, "", work, *given)

    async def run_first(self, who: str, work: Callable[..., T], *given: Any) -> T:
        """Work that a hand on a slider waits for, in a thread; refused where too many wait.

        ``who`` keeps the place in the row when asking again; empty for one who never does.
        """
        self._first += 1
        self._nobody_first.clear()
        try:
            return await self._run(self.first, who, work, *given)
        finally:
            self._first -= 1
            if not self._first:
                self._nobody_first.set()

    async def run_ahead(
        self, key: Hashable, work: Callable[[Callable[[], bool]], object], page: str = "",
        gone: Gone | None = None,
    ) -> None:  # fmt: skip
        """Work that nobody has asked for yet, in a thread, one at a time.

        It is not begun while anybody waits for anything, and told to end once somebody does, or the
        ``page`` that looked ahead is ``gone`` or looks elsewhere; who asks for the answer of this
        ``key`` itself waits in ``made_ahead``, and then it is finished.
        """
        await self._ahead.make(key, work, page, gone)

    async def made_ahead(self, key: Hashable, gone: Gone | None = None) -> Any:
        """The kept answer of this key, waited for where it is just being made; or None."""
        await self._ahead.over(key, gone)
        return self.answers.there(key)

    def _nobody_waits(self) -> bool:
        return self.ready.is_set() and not self.waiting and not any(one() for one in self.beside)

    async def _run(self, row: Row, who: str, work: Callable[..., T], *given: Any) -> T:
        if self.waiting >= MOST_WAITING:
            raise BusyError(
                f"{MOST_WAITING} requests are waiting for this machine. Try again in a few seconds."
            )
        self.waiting += 1
        try:
            async with row.turn(who):
                return await to_thread.run_sync(work, *given)
        finally:
            self.waiting -= 1

    def let_others_go_first(self) -> None:
        """Wait a while for those who have a slider in the hand."""
        self._nobody_first.wait(PATIENCE_SECONDS)

    def result(
        self, asked: Scenario, courses: bool = True, wanted: Callable[[], bool] = lambda: True
    ) -> Result:
        """What the scenario shows, without draws of the parameters; ``courses`` over time too."""
        told = (
            f"{asked.patients} {asked.seed} {asked.worlds} {courses} {asked.singles} "
            f"{asked.enantiomers} "
            f"{asked.protocol.model_dump_json()}"
        )
        key = hashlib.sha256(told.encode()).hexdigest()
        return self.kept.get(
            key,
            lambda: self.live.result(
                asked.protocol,
                patients=asked.patients,
                seed=asked.seed,
                worlds=asked.worlds,
                courses=courses,
                singles=asked.singles,
                enantiomers=asked.enantiomers,
                wanted=wanted,
                turn=self._turn(asked),
            ),
        )

    def _turn(self, asked: Scenario) -> Callable[[], object]:
        """What stands before each world: nothing where a hand waits for this one alone."""
        return self.let_others_go_first if len(asked.worlds) > 1 else lambda: None

    def asked_at_opening(self, asked: Scenario) -> bool:
        """Whether a page asks this by itself, on a screen of any width."""
        whole = self.opening.worlds, self.opening.parts
        same = replace(asked, worlds=whole[0], parts=whole[1], narrow=False) == self.opening
        return same and (asked.worlds, asked.parts) in ((FIRST_WORLDS, FIRST_PARTS), whole)

    def circuit(self, asked: Scenario) -> dict[str, Any]:
        """One person of the scenario, for the picture of the circuit."""
        patient, runs = self.live.paths(asked.protocol, patients=asked.patients, seed=asked.seed)
        return circuit(self.result(asked), runs, patient)

    def open(self) -> None:
        """Load the model and its machine code in a thread, before the first visitor asks; once."""
        if self._begun:
            return
        self._begun = True
        self._opened.clear()
        threading.Thread(target=self.warm, daemon=True).start()

    def wait_until_open(self) -> None:
        """Until the first picture of the example is there: nobody computes it a second time."""
        self._opened.wait()

    def opened(self, seconds: float) -> bool:
        """Whether that is so, waited for so long."""
        return self._opened.wait(seconds)

    def warm(self) -> None:
        """The first picture of the example, as the page asks for it; then all of it.

        What was loaded stays, so Python need not look through it for what may go: a third of a
        second that a visitor would wait for, now and then. What compiling left goes first.
        """
        try:
            self.result(replace(self.opening, worlds=FIRST_WORLDS), courses=False)
            self._opened.set()
            self.let_others_go_first()
            self.result(self.opening)
            gc.collect()
            gc.freeze()
        finally:
            gc.enable()
            self._opened.set()
            self.ready.set()

    def state(self) -> dict[str, bool]:
        """Whether the first result is there, and whether machine code is being made."""
        return {"ready": self.ready.is_set(), "compiling": compiling()}
