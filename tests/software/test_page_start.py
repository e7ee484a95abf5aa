"""What is given while the model is still being loaded?"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from resynapse.input_error import InputError
from resynapse.web import laboratory as page_laboratory
from resynapse.web import start as page_start
from resynapse.web.earlier import SIMULATE
from resynapse.web.files import STATIC
from resynapse.web.guard import Guard, names
from resynapse.web.laboratory import Laboratory
from resynapse.web.server import around
from resynapse.web.start import Start
from software.page_server import SOON, Awaited, Heard, Server, free_port, listening, wait_until


class Model:
    """An application that takes until ``let_go`` to load."""

    def __init__(self):
        self.let_go = threading.Event()

    def __call__(self):
        self.let_go.wait(SOON)
        return Starlette(routes=[Route("/api/example", _example), Route("/api/state", _example)])


async def _example(request):
    return PlainTextResponse("of the model")


def test_the_page_and_its_state_are_given_before_the_model_is_there_and_the_rest_waits():
    model = Model()
    start = Start(model, pytest.fail)
    start._there = come = Awaited()
    with listening(start) as page, ThreadPoolExecutor() as pool:
        opened = page.ask("/")[1]
        state = page.json("/api/state")
        styles = [page.ask(path)[0] for path in ("/shared.css", "/static/page.css")]
        waiting = pool.submit(page.ask, "/api/example")
        waited = come.by(1) and not waiting.done()
        model.let_go.set()
        answered = waiting.result(SOON)
        later = page.ask("/api/state")

    assert b"Loading the model." in opened
    assert state == {"ready": False, "compiling": False}
    assert styles == [200, 200]
    assert waited
    assert answered == later == (200, b"of the model")


def test_every_file_is_the_same_before_the_model_is_there_as_after(server):
    model = Model()
    paths = ["/", "/shared.css", *(f"/static/{one.name}" for one in STATIC.iterdir())]
    with listening(Start(model, pytest.fail)) as page:
        early = [given(page, path) for path in paths]
        unknown = page.ask("/static/none.js")[0]
        model.let_go.set()

    assert early == [given(server, path) for path in paths]
    assert unknown == 404


def given(page, path):
    """Content and kind of a file."""
    with urllib.request.urlopen(page.url + path) as answer:
        return answer.read(), answer.headers["content-type"]


def test_another_name_of_the_host_is_refused_before_the_model_is_there_too():
    model, port = Model(), free_port()
    with listening(Guard(Start(model, pytest.fail), names("127.0.0.1", port)), port) as page:
        own, other = page.ask("/")[0], page.ask("/", headers={"host": "elsewhere.example"})[0]
        model.let_go.set()

    assert (own, other) == (200, 403)


def test_where_the_model_cannot_be_loaded_the_server_is_told_to_end_and_the_reason_is_kept():
    told = threading.Event()

    def load():
        raise ModuleNotFoundError("no model")

    start = Start(load, told.set)
    with listening(start):
        ended = told.wait(SOON)

    assert ended
    assert str(start.fault) == "no model"


def test_parameters_that_cannot_be_used_end_the_server_though_somebody_waits_and_he_is_told(
    monkeypatch, tmp_path
):
    wrong, go, come = tmp_path / "wrong.json", threading.Event(), Awaited()
    early = Awaited()
    wrong.write_text("{}")

    class Watched(Start):
        def __init__(self, load, failed, earlier, first):
            super().__init__(lambda: go.wait(SOON) and load(), failed, earlier, first)
            self._there, first._there._there = come, early

    def ask(path, body=None):
        asked = urllib.request.Request(page.url + path, body)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked, timeout=2 * SOON)
        said = json.load(refused.value)["problems"][0]["message"]
        return refused.value.code, said, refused.value.headers["x-content-type-options"]

    monkeypatch.setattr(page_start, "Start", Watched)
    page = Server(free_port(), None)
    with ThreadPoolExecutor() as pool:
        given = "127.0.0.1", page.port, tmp_path, str(wrong)
        serving = pool.submit(page_start.serve, *given)
        wait_until(lambda: _listens(page))
        waiting = [pool.submit(ask, "/api/protocols"), pool.submit(ask, SIMULATE, b"{}")]
        waited = come.by(1) and early.by(1) and not any(one.done() for one in waiting)
        go.set()
        told = [one.result(2 * SOON) for one in waiting]
        fault = serving.exception(2 * SOON)

    assert waited
    assert told == [(503, page_start.NOT_LOADED, "nosniff")] * 2
    assert isinstance(fault, InputError) and "wrong.json" in str(fault)


def _listens(page):
    try:
        return page.ask("/api/state")[0] == 200
    except OSError:
        return False


def test_whoever_asks_while_the_first_picture_is_made_waits_for_it_instead_of_making_it_too(
    monkeypatch,
):
    made, going = [], threading.Event()

    def result(lab, asked, courses=True, wanted=None):
        made.append((asked.worlds, courses))
        going.wait(SOON)

    monkeypatch.setattr(page_laboratory.Laboratory, "result", result)
    monkeypatch.setattr(page_laboratory.gc, "freeze", lambda: None)
    lab = Laboratory()
    lab._opened = Heard()
    lab.open()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lab.wait_until_open)
        waited = lab._opened.come.acquire(timeout=SOON) and not waiting.done()
        going.set()
        waiting.result(SOON)
        lab.ready.wait(SOON)

    assert waited
    assert made == [(("default",), False), (lab.opening.worlds, True)]


def test_no_library_that_the_first_picture_does_without_is_loaded_before_it():
    asked = "import sys, resynapse.web.server; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert not {"scipy.stats", "numpyro", "statsmodels", "dask"} & set(done.stdout.split())


def test_a_laboratory_that_was_opened_early_is_not_opened_again_by_its_server(
    monkeypatch, tmp_path
):
    begun = []
    monkeypatch.setattr(Laboratory, "warm", lambda lab: begun.append(lab))
    lab = Laboratory()
    lab.open()
    with listening(around(lab, tmp_path)) as page:
        page.ask("/api/state")

    assert begun == [lab]
