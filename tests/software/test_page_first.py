"""Is a page's first picture there before all is loaded that a page may ask, and is it the same?"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from resynapse.engine import cache
from resynapse.engine.native import blueprint
from resynapse.input_error import InputError
from resynapse.protocol import schema
from resynapse.web import scenario
from resynapse.web import server as page_server
from resynapse.web.answer import computed
from resynapse.web.earlier import EXAMPLE, SCHEMA, SIMULATE, Earlier
from resynapse.web.first import First
from resynapse.web.form import form
from resynapse.web.laboratory import FIRST_PARTS, FIRST_WORLDS, Laboratory
from resynapse.web.received import AT_ONCE
from resynapse.web.scenario import read
from resynapse.web.start import Start, loaded
from software.page_server import PATIENCE_SECONDS, SOON, Awaited, Heard, in_a_thread, listening

FOR_LATER = {
    *("fastapi", "duckdb", "xarray", "dask", "matplotlib", "statsmodels", "numpyro"),
    *("scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.spatial"),
    *("resynapse.trial.analysis", "resynapse.trial.power", "resynapse.web.server"),
}
MODEL = {"jax", "equinox", "numba", "pandas", "scipy", "fastapi", "resynapse.patient"}
PICTURE = f"""
import sys
from dataclasses import replace
from resynapse.web.answer import computed
from resynapse.web.laboratory import Laboratory
lab = Laboratory(16)
asked = replace(lab.opening, worlds={FIRST_WORLDS}, parts={FIRST_PARTS})
assert computed(lab, asked, lambda: True)
print(" ".join(sys.modules))
"""
FORM = """
import sys
from resynapse.web.form import form, shown
from resynapse.web.opening import example
assert form() and shown(example(), 200, 1)
print(" ".join(sys.modules))
"""


@pytest.fixture
def whole(server, tmp_path, monkeypatch):
    """A new start of ``resynapse serve`` that loads the rest once ``go`` is set."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    go, around = threading.Event(), page_server.around

    def later(laboratory, queue):
        go.wait(PATIENCE_SECONDS)
        return around(laboratory, queue)

    monkeypatch.setattr(page_server, "around", later)
    first, earlier = First(), Earlier("calibrated")
    start = Start(
        lambda: loaded("calibrated", tmp_path / "queue", earlier, first),
        pytest.fail, earlier, first,
    )  # fmt: skip
    start._there = Awaited()
    return start, go


def question(example, **other):
    asked = {**json.loads(example), "worlds": [*FIRST_WORLDS], "parts": [*FIRST_PARTS], **other}
    return json.dumps(asked).encode()


def test_the_first_questions_are_answered_before_the_rest_is_loaded_as_they_are_after(whole):
    start, go = whole
    with listening(start) as page, ThreadPoolExecutor() as pool:
        told = [page.ask(EXAMPLE), page.ask(SCHEMA)]
        asked = question(told[0][1])
        picture = page.ask(SIMULATE, asked)
        needed = [start._first._needed.is_set()]
        others = [question(told[0][1], seed=2), b"{", question(told[0][1], patients=0)]
        waiting = [pool.submit(page.ask, SIMULATE, one) for one in others]
        waited = start._there.by(3) and not any(one.done() for one in waiting)
        needed.append(start._first._needed.is_set())
        go.set()
        later = [one.result(PATIENCE_SECONDS) for one in waiting]
        again = [page.ask(EXAMPLE), page.ask(SCHEMA), page.ask(SIMULATE, asked)]
    kept = Earlier("calibrated")
    fresh = json.loads(computed(Laboratory(), read(asked), lambda: True))
    parts = json.loads(picture[1])["parts"]

    assert again == [*told, picture]
    assert [kept.there(EXAMPLE), kept.there(SCHEMA)] == [answer for _, answer in told]
    assert waited and needed == [False, True]
    assert [status for status, _ in later] == [200, 422, 422]
    assert parts == fresh["parts"] != json.loads(later[0][1])["parts"]
    assert parts.keys() == {*FIRST_PARTS}


def comes_back(first: First) -> bool:
    """Whether the wait for a picture that never comes ends."""
    lab = Laboratory()
    lab._opened.clear()
    waiting = threading.Thread(target=first.wait, args=(lab,), daemon=True)
    waiting.start()
    waiting.join(SOON)
    return not waiting.is_alive()


def test_where_machine_code_has_to_be_made_the_rest_is_loaded_meanwhile(monkeypatch):
    monkeypatch.setattr(blueprint, "compiling", lambda: True)
    assert comes_back(First())


def test_the_rest_is_loaded_once_the_first_picture_is_there():
    lab = Laboratory()
    lab._opened = Heard()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(First().wait, lab)
        looked = all(lab._opened.come.acquire(timeout=SOON) for _ in range(3))
        early = waiting.done()
        lab._opened.set()
        waiting.result(PATIENCE_SECONDS)

    assert looked and not early


def test_the_rest_is_loaded_without_the_picture_once_it_is_needed():
    first = First()
    first.need()

    assert comes_back(first)


@pytest.mark.parametrize(
    ("path", "body", "needs"),
    [
        ("/api/protocols", None, True),
        ("/api/jobs", None, False),
        ("/api/evidence", None, False),
        (SIMULATE, b"kept", True),
    ],
)
def test_who_asks_for_what_the_picture_stands_in_the_way_of_has_the_rest_loaded(path, body, needs):
    class Kept:
        def there(self, path, body):
            return b"of before" if body == b"kept" else None

    go, first = threading.Event(), First()
    start = Start(lambda: go.wait(SOON) and page_server.FastAPI(), pytest.fail, Kept(), first)
    start._there = come = Awaited()
    with listening(start) as page, ThreadPoolExecutor() as pool:
        asking = pool.submit(page.ask, path, body)
        assert asking.result(SOON) == (200, b"of before") if body else come.by(1)
        needed = first._needed.is_set()
        go.set()

    assert needed == needs


class Slow:
    """Keeps nothing, and not before it may ``go``."""

    def __init__(self):
        self.inside, self.go, self.kept = threading.Event(), threading.Event(), []

    def keep(self, path, body, answer):
        self.inside.set()
        self.go.wait(SOON)
        self.kept.append(path)


def test_what_is_told_while_that_before_is_kept_is_in_nobodys_way(monkeypatch):
    said = []
    monkeypatch.setattr(cache, "tell", said.append)

    async def kept():
        first, slow = First(), Slow()
        first.begin()
        await asyncio.to_thread(first.tell)
        await first.answer({"path": EXAMPLE}, b"")
        keeping = asyncio.ensure_future(asyncio.to_thread(first.keep, slow))
        await asyncio.to_thread(slow.inside.wait, SOON)
        await first.answer({"path": SCHEMA}, b"")
        slow.go.set()
        await keeping
        return slow.kept

    assert in_a_thread(kept()) == [EXAMPLE]
    assert said == []


def test_that_nothing_can_be_kept_is_one_line_and_ends_no_start(monkeypatch):
    class Broken:
        def keep(self, path, body, answer):
            raise RuntimeError("no room.")

    said, first = [], First()
    monkeypatch.setattr(cache, "tell", said.append)
    first._given = {EXAMPLE: b"", SCHEMA: b""}

    first.keep(Broken())

    words = "What the page asks first could not be kept for the next start (RuntimeError: no room)."
    assert said == [words]


async def asked_early(lab, many=1):
    """What is said to so many who ask for a picture while the rest is loaded."""
    first = First()
    first.begin()
    await asyncio.to_thread(first.draw, lab)
    scope = {"type": "http", "method": "POST", "path": SIMULATE, "headers": []}
    return await asyncio.gather(*(first.answer(scope, b"{}") for _ in range(many)))


def test_as_many_bodies_are_read_at_once_as_when_all_is_loaded(monkeypatch, tmp_path):
    lab, go, inside = Laboratory(), threading.Event(), threading.Semaphore(0)

    def slow(body):
        inside.release()
        go.wait(SOON)
        raise InputError("nothing")

    async def most():
        asking = asyncio.ensure_future(asked_early(lab, 3 * AT_ONCE))
        for _ in range(AT_ONCE):
            await asyncio.to_thread(inside.acquire, timeout=SOON)
        found = lab.reading.statistics()
        go.set()
        return found.borrowed_tokens, found.tasks_waiting, await asking

    monkeypatch.setattr(scenario, "read", slow)

    assert in_a_thread(most()) == (AT_ONCE, 2 * AT_ONCE, [None] * 3 * AT_ONCE)
    assert page_server.around(lab, tmp_path).state.reading is lab.reading


@pytest.mark.parametrize("fault", [InputError("wrong"), ValueError("a fault of ours")])
def test_what_fails_before_all_is_loaded_is_left_to_the_whole_application(monkeypatch, fault):
    def failing(body):
        raise fault

    monkeypatch.setattr(scenario, "read", failing)

    assert in_a_thread(asked_early(Laboratory())) == [None]


def imported(code):
    """All modules that this program has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        timeout=4 * PATIENCE_SECONDS,
    )  # fmt: skip
    return set(done.stdout.split())


def test_nothing_that_a_first_picture_does_without_is_loaded_for_it(server):
    assert FOR_LATER & imported(PICTURE) == set()


def test_the_example_and_its_fields_are_told_without_the_model():
    assert MODEL & imported(FORM) == set()


def test_the_schema_that_is_sent_is_the_one_of_this_version_in_the_same_order():
    assert json.dumps(form()["schema"]) == json.dumps(schema())
