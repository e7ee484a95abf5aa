"""Who waits for whom where many ask the page at once?"""

from __future__ import annotations

import threading
import time

import anyio
import pytest

from resynapse.trial.live import AbandonedError
from resynapse.web import laboratory as page_laboratory
from resynapse.web.flights import Flights
from resynapse.web.laboratory import Laboratory
from resynapse.web.refusal import BusyError
from resynapse.web.row import Row

SOON = 5.0
"""seconds within which something must have happened"""


class Browser:
    """A request whose sender may go away."""

    def __init__(self):
        self.gone = anyio.Event()

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}


def test_what_takes_longer_waits_for_a_released_slider_and_then_goes_on(monkeypatch):
    monkeypatch.setattr(page_laboratory, "PATIENCE_SECONDS", SOON)
    lab, slider, order = Laboratory(), threading.Event(), []

    def first():
        slider.wait(SOON)
        order.append("slider")

    def longer():
        lab.let_others_go_first()
        order.append("rivals")

    async def ask():
        async with anyio.create_task_group() as group:
            group.start_soon(lab.run_first, "", first)
            await anyio.sleep(0.05)
            group.start_soon(lab.run, longer)
            await anyio.sleep(0.05)
            slider.set()

    anyio.run(ask)
    assert order == ["slider", "rivals"]


def test_what_takes_longer_is_not_put_off_for_ever(monkeypatch):
    monkeypatch.setattr(page_laboratory, "PATIENCE_SECONDS", 0.05)
    lab, slider = Laboratory(), threading.Event()

    async def ask():
        async with anyio.create_task_group() as group:
            group.start_soon(lab.run_first, "", slider.wait, SOON)
            await anyio.sleep(0.05)
            await lab.run(lab.let_others_go_first)
            group.start_soon(lab.run, slider.set)

    begun = time.monotonic()
    anyio.run(ask)
    assert time.monotonic() - begun < SOON


def test_a_step_that_another_has_overtaken_leaves_the_row_before_it_has_begun():
    flights, browser, row = Flights(), Browser(), []

    async def work(wanted):
        row.append("in the row")
        try:
            await anyio.sleep(SOON)
        except BaseException:
            row.append("left")
            raise
        return wanted()

    async def ask():
        async with anyio.create_task_group() as group:
            group.start_soon(_abandoned, flights, browser, work)
            await anyio.sleep(0.02)
            browser.gone.set()
        await anyio.sleep(0.02)
        return list(row)

    assert anyio.run(ask) == ["in the row", "left"]


async def _abandoned(flights, browser, work):
    with pytest.raises(AbandonedError):
        await flights.answer(browser, "key", work)


def test_a_request_too_many_is_refused_in_a_sentence_and_the_others_are_answered(monkeypatch):
    monkeypatch.setattr(page_laboratory, "MOST_WAITING", 1)
    lab, held = Laboratory(), threading.Event()

    async def ask():
        async with anyio.create_task_group() as group:
            group.start_soon(lab.run_first, "", held.wait, SOON)
            await anyio.sleep(0.05)
            with pytest.raises(BusyError, match="Try again in a few seconds"):
                await lab.run(print)
            held.set()
        return await lab.run(lambda: "answered")

    assert anyio.run(ask) == "answered"


def test_who_asks_again_keeps_the_place_and_is_answered_with_the_latest_question():
    row, answered = Row(1), []

    async def ask(who, what, hold=None):
        async with row.turn(who):
            if hold:
                await hold.wait()
            answered.append(what)

    async def asked():
        hold = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(ask, "", "before", hold)
            await anyio.sleep(0)
            with anyio.CancelScope() as overtaken:
                overtaken.deadline = anyio.current_time() + 0.01
                await ask("anna", "first step")
            group.start_soon(ask, "bela", "step")
            await anyio.sleep(0)
            group.start_soon(ask, "anna", "second step")
            await anyio.sleep(0)
            hold.set()

    anyio.run(asked)
    assert answered == ["before", "second step", "step"]


def test_a_row_holds_its_bound_and_never_loses_a_free_place():
    row, inside, most = Row(2), set(), []

    async def ask(number):
        with anyio.move_on_after(0.004 * (number % 3)):
            async with row.turn(str(number % 5)):
                inside.add(number)
                most.append(len(inside))
                try:
                    await anyio.sleep(0.001)
                finally:
                    inside.discard(number)

    async def asked():
        async with anyio.create_task_group() as group:
            for number in range(60):
                group.start_soon(ask, number)
        before = len(most)
        async with anyio.create_task_group() as group:
            for number in (2, 5):
                group.start_soon(ask, number)
        return len(most) - before

    assert anyio.run(asked) == 2
    assert max(most) == 2
