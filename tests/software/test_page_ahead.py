"""Is the next value of a slider computed before it is asked for, and only while nobody waits?"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from resynapse.trial import live
from resynapse.web.laboratory import Laboratory
from software.page_server import PATIENCE_SECONDS, in_a_thread
from software.page_window import settled

AHEAD = {"x-ahead": "1"}
SLIDER, SOON = "Over", 10.0


@pytest.fixture
def runs(monkeypatch):
    """The arms that are run from here on."""
    found, real = [], live.run_arm
    monkeypatch.setattr(live, "run_arm", lambda *given: found.append(given[1].id) or real(*given))
    return found


def laboratory() -> Laboratory:
    made = Laboratory()
    made.ready.set()
    return made


def test_an_answer_that_was_made_ahead_is_the_one_that_is_asked_for_and_costs_nothing_more(
    server, asked, runs
):
    body = {**asked, "seed": 91, "worlds": ["default"], "parts": ["opening", "outcomes"]}

    ahead = server.ask("/api/simulate", body, AHEAD)
    made = list(runs)
    status, answer = server.ask("/api/simulate", body)
    plain = server.json("/api/simulate", {**body, "parts": ["outcomes"]})

    assert ahead == (204, b"")
    assert sorted(made) == ["ketamine-3-therapy", "placebo-therapy"]
    assert (status, runs) == (200, made)
    assert json.loads(answer)["parts"]["outcomes"] == plain["parts"]["outcomes"]


def test_nothing_is_made_ahead_while_anybody_waits_or_a_long_run_works():
    lab, begun = laboratory(), []

    def ahead() -> None:
        in_a_thread(lab.run_ahead(1, lambda wanted: begun.append(wanted())))

    ahead()
    lab.waiting = 1
    ahead()
    lab.waiting = 0
    lab.beside.append(lambda: True)
    ahead()

    assert begun == [True]


def test_what_is_made_ahead_hears_at_once_of_somebody_who_asks():
    lab, told = laboratory(), []

    def work(wanted) -> None:
        told.append(wanted())
        lab.waiting = 1
        told.append(wanted())
        raise live.AbandonedError

    in_a_thread(lab.run_ahead(1, work))
    lab.waiting = 0
    in_a_thread(lab.run_ahead(1, lambda wanted: told.append(wanted())))

    assert told == [True, False, True]


def test_who_asks_for_what_is_just_made_ahead_waits_for_it_and_nobody_else_does():
    lab, go = laboratory(), threading.Event()

    def work(wanted) -> None:
        go.wait(SOON)
        lab.answers.get("next", lambda: b"made" if wanted() else b"left")

    async def asked() -> tuple[bool, bytes | None, bytes | None]:
        ahead = asyncio.ensure_future(lab.run_ahead("next", work))
        await asyncio.sleep(0.05)
        same = asyncio.ensure_future(lab.made_ahead("next"))
        other = await asyncio.wait_for(lab.made_ahead("other"), SOON)
        waits = not same.done()
        go.set()
        await ahead
        return waits, await asyncio.wait_for(same, SOON), other

    assert in_a_thread(asked()) == (True, b"made", None)


def test_what_somebody_waits_for_is_finished_also_when_others_ask():
    lab, go = laboratory(), threading.Event()

    def work(wanted) -> None:
        go.wait(SOON)
        lab.answers.get("next", lambda: b"made" if wanted() else b"left")

    async def asked() -> bytes | None:
        ahead = asyncio.ensure_future(lab.run_ahead("next", work))
        await asyncio.sleep(0.05)
        same = asyncio.ensure_future(lab.made_ahead("next"))
        await asyncio.sleep(0.05)
        lab.waiting = 1
        go.set()
        await ahead
        return await asyncio.wait_for(same, SOON)

    assert in_a_thread(asked()) == b"made"


def finished_or_left(lab: Laboratory, key: str, go: threading.Event) -> Any:
    """Work that says so once it may go on."""

    def work(wanted) -> None:
        go.wait(SOON)
        if not wanted():
            lab.answers.keep(key, b"left")
            raise live.AbandonedError
        lab.answers.keep(key, b"made")

    return work


def test_a_page_that_turns_to_another_value_has_that_one_made_and_the_first_left():
    lab, go = laboratory(), threading.Event()

    async def asked() -> None:
        first = asyncio.ensure_future(lab.run_ahead("a", finished_or_left(lab, "a", go), "page"))
        await asyncio.sleep(0.05)
        others = [
            asyncio.ensure_future(lab.run_ahead(key, finished_or_left(lab, key, go), page))
            for key, page in (("b", "page"), ("c", "page"), ("d", "another"), ("e", ""))
        ]
        await asyncio.sleep(0.05)
        go.set()
        await asyncio.gather(first, *others)

    in_a_thread(asked())

    assert [lab.answers.there(key) for key in "abcde"] == [b"left", None, b"made", None, None]


def test_only_the_last_value_that_a_page_turned_to_waits_and_not_once_it_has_hung_up():
    lab, go = laboratory(), threading.Event()

    async def asked() -> tuple[list[bool], bool]:
        hung_up = asyncio.Event()

        def ahead(key: str, gone: Any = None) -> asyncio.Future[None]:
            work = finished_or_left(lab, key, go)
            return asyncio.ensure_future(lab.run_ahead(key, work, "page", gone))

        waits = [ahead("a")]
        await asyncio.sleep(0.05)
        waits += [ahead("b"), ahead("c"), ahead("d", hung_up.wait)]
        await asyncio.sleep(0.05)
        passed = [one.done() for one in waits]
        hung_up.set()
        await asyncio.sleep(0.05)
        last = waits[-1].done()
        go.set()
        await asyncio.gather(*waits)
        return passed, last

    assert in_a_thread(asked()) == ([False, True, True, False], True)
    assert [lab.answers.there(key) for key in "abcd"] == [b"left", None, None, None]


def test_another_page_does_not_end_what_is_made_for_the_first():
    lab, go = laboratory(), threading.Event()

    async def asked() -> None:
        first = asyncio.ensure_future(lab.run_ahead("a", finished_or_left(lab, "a", go), "page"))
        await asyncio.sleep(0.05)
        await lab.run_ahead("b", finished_or_left(lab, "b", go), "another")
        go.set()
        await first

    in_a_thread(asked())

    assert (lab.answers.there("a"), lab.answers.there("b")) == (b"made", None)


@pytest.mark.parametrize(("asks", "found"), [(False, b"left"), (True, b"made")])
def test_what_a_page_has_hung_up_on_is_left_unless_somebody_asks_for_it(asks, found):
    lab, go = laboratory(), threading.Event()

    async def gone() -> None:
        await asyncio.sleep(0.05)

    async def asked() -> None:
        ahead = lab.run_ahead("a", finished_or_left(lab, "a", go), "page", gone)
        waits = [asyncio.ensure_future(ahead)]
        await asyncio.sleep(0.1)
        if asks:
            waits.append(asyncio.ensure_future(lab.made_ahead("a")))
            await asyncio.sleep(0.05)
        go.set()
        await asyncio.gather(*waits)

    in_a_thread(asked())

    assert lab.answers.there("a") == found


def test_one_who_waited_for_what_is_made_ahead_and_has_gone_is_waited_for_no_longer():
    lab, go = laboratory(), threading.Event()

    async def gone() -> None:
        await asyncio.sleep(0.05)

    async def asked() -> None:
        ahead = asyncio.ensure_future(lab.run_ahead("a", finished_or_left(lab, "a", go), "page"))
        await asyncio.sleep(0.05)
        with pytest.raises(live.AbandonedError):
            await lab.made_ahead("a", gone)
        lab.waiting = 1
        go.set()
        await ahead

    in_a_thread(asked())

    assert lab.answers.there("a") == b"left"


def test_rivals_are_not_made_ahead(server, asked, runs):
    body = {**asked, "seed": 92, "parts": ["opening", "outcomes"]}

    assert server.ask("/api/simulate", body, AHEAD) == (204, b"") and not runs


def test_whoever_steps_a_slider_by_the_keyboard_finds_the_next_value_made(page, runs):
    asked = []
    page.on("requestfinished", lambda one: asked.append(one) if "x-ahead" in one.headers else None)
    page.get_by_role("slider", name=SLIDER).first.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    until = time.monotonic() + PATIENCE_SECONDS
    while 50.0 not in [minutes(one) for one in asked] and time.monotonic() < until:
        page.wait_for_timeout(50)
    shown = page.get_by_role("slider", name=SLIDER).first.input_value()
    made = len(runs)
    with page.expect_response(lambda one: one.url.endswith("/api/simulate") and one.status == 200):
        page.keyboard.press("ArrowRight")

    assert made
    assert len(runs) == made
    assert page.get_by_role("slider", name=SLIDER).first.input_value() == f"{float(shown) + 5:g}"


@pytest.mark.parametrize("key", ["PageUp", "PageDown"])
def test_whoever_rests_on_a_slider_finds_a_tenth_of_its_range_made_after_both_neighbours(
    page, runs, key
):
    asked = []
    page.on("requestfinished", lambda one: asked.append(one) if "x-ahead" in one.headers else None)
    slider = page.get_by_role("slider", name=SLIDER).first
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    at = float(slider.input_value())
    foreseen = [at + 5.0, at - 5.0, at + 10.0, at - 10.0]
    until = time.monotonic() + PATIENCE_SECONDS
    while (last := [minutes(one) for one in asked[-4:]]) != foreseen and time.monotonic() < until:
        page.wait_for_timeout(50)  # what is asked first is near the value before, partly the same
    made = len(runs)
    with page.expect_response(lambda one: one.url.endswith("/api/simulate") and one.status == 200):
        page.keyboard.press(key)

    assert last == foreseen
    assert float(slider.input_value()) - at == {"PageUp": 10.0, "PageDown": -10.0}[key]
    assert len(runs) == made


def minutes(request) -> float:
    """How long a dose lasts in what a page asks."""
    return request.post_data_json["protocol"]["arms"][-1]["doses"][0]["minutes"]


def test_looking_ahead_changes_nothing_of_the_programme_that_is_shown(page):
    title, told = page.title(), page.locator("#part-outcomes").inner_text()
    page.get_by_role("slider", name=SLIDER).first.focus()
    page.keyboard.press("Shift")
    page.wait_for_load_state("networkidle")

    assert page.get_by_role("slider", name=SLIDER).first.input_value() == "40"
    assert (page.title(), page.locator("#part-outcomes").inner_text()) == (title, told)
    assert page.evaluate("document.documentElement.dataset.shown") == "whole"
