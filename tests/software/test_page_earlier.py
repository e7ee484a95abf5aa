"""Is what an earlier start answered given before the model is there, and only where it holds?"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from resynapse.engine import cache
from resynapse.web import earlier as page_earlier
from resynapse.web import this_program as program
from resynapse.web.earlier import EXAMPLE, SCHEMA, SIMULATE, Earlier
from resynapse.web.laboratory import FIRST_PARTS, FIRST_WORLDS, Laboratory
from resynapse.web.server import around
from resynapse.web.start import Start
from software.page_server import FEW, PATIENCE_SECONDS, SOON, Awaited, listening
from software.page_window import opened, outcomes

QUESTION = b'{"seed": 1}'


@pytest.fixture
def kept_in(tmp_path, monkeypatch):
    """An empty cache folder, and the lines that are said of it, each once as a process does."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    said = []
    monkeypatch.setattr(cache, "tell", functools.cache(said.append))
    return tmp_path / "cache", said


def entries(folder):
    return sorted(file for file in folder.rglob("*") if file.is_file())


def test_what_was_kept_is_found_byte_by_byte_at_the_next_start(kept_in):
    Earlier("calibrated").keep(SIMULATE, QUESTION, b"an answer")

    assert Earlier("calibrated").there(SIMULATE, QUESTION) == b"an answer"
    assert Earlier("calibrated").there(SIMULATE, QUESTION + b" ") is None
    assert Earlier("calibrated").there(EXAMPLE, QUESTION) is None
    assert kept_in[1] == []


def test_another_set_of_parameters_has_its_own_answers_also_under_the_same_name(kept_in, tmp_path):
    place = tmp_path / "set.json"
    place.write_text("1")
    folder = tmp_path / "sets"
    folder.mkdir()
    (folder / "mood.json").write_text("1")
    for name in ("calibrated", str(place), str(folder)):
        Earlier(name).keep(SIMULATE, QUESTION, name.encode())
    found = [Earlier(n).there(SIMULATE, QUESTION) for n in ("prior", str(place), str(folder))]
    place.write_text("2")
    (folder / "mood.json").write_text("2")
    changed = [Earlier(n).there(SIMULATE, QUESTION) for n in (str(place), str(folder))]

    assert found == [None, str(place).encode(), str(folder).encode()]
    assert changed == [None, None]


@pytest.mark.parametrize("name", ["code.py", "study.yaml", "table.csv", "page.js", "set.json"])
def test_another_byte_name_or_file_in_the_package_finds_nothing_kept(tmp_path, monkeypatch, name):
    package = tmp_path / "package"
    package.mkdir()
    (package / name).write_text("1")
    monkeypatch.setattr(program.resynapse, "__file__", str(package / "__init__.py"))
    told = [program.this_program("calibrated")]
    (package / name).write_text("2")
    told.append(program.this_program("calibrated"))
    (package / name).rename(package / f"other-{name}")
    told.append(program.this_program("calibrated"))
    (package / "more.txt").write_text("")
    told.append(program.this_program("calibrated"))
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "code.pyc").write_text("made by Python")

    assert len(set(told)) == 4
    assert program.this_program("calibrated") == told[-1]


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("commit", lambda: "another"),
        ("_libraries", lambda: ["numpy-9.dist-info"]),
        ("_processor", lambda: ["another"]),
        ("_settings", lambda: ["XLA_FLAGS=another"]),
    ],
)
def test_another_commit_library_processor_or_setting_finds_nothing_kept(monkeypatch, part, other):
    before = program.this_program("calibrated")
    monkeypatch.setattr(program, part, other)

    assert program.this_program("calibrated") != before


def test_settings_of_numerical_libraries_count_and_where_they_keep_things_does_not(monkeypatch):
    before = program.this_program("calibrated")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "elsewhere")
    elsewhere = program.this_program("calibrated")
    monkeypatch.setenv("XLA_FLAGS", "--another")

    assert elsewhere == before
    assert program.this_program("calibrated") != before


def test_every_numerical_library_is_among_those_whose_version_counts():
    found = " ".join(program._libraries()).lower()

    assert all(f"{name}-" in found for name in ("jax", "jaxlib", "numba", "numpy", "llvmlite"))


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_one_changed_byte_has_it_computed_anew_and_is_said_in_one_line(kept_in, place):
    folder, said = kept_in
    Earlier("calibrated").keep(SIMULATE, QUESTION, b"an answer")
    (file,) = entries(folder)
    changed = bytearray(file.read_bytes())
    changed[place] ^= 1
    file.write_bytes(changed)
    now = Earlier("calibrated")
    found = now.there(SIMULATE, QUESTION)
    now.keep(SIMULATE, QUESTION, b"an answer")

    assert found is None
    assert said == [f"The cache file {file} was damaged; what it held is made again."]
    assert Earlier("calibrated").there(SIMULATE, QUESTION) == b"an answer"


def test_where_the_cache_is_off_or_cannot_be_written_nothing_is_kept_and_nothing_breaks(
    kept_in, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file"))
    Earlier("calibrated").keep(SIMULATE, QUESTION, b"an answer")
    unwritable = Earlier("calibrated").there(SIMULATE, QUESTION)
    monkeypatch.setenv(cache.VARIABLE, "off")
    Earlier("calibrated").keep(SIMULATE, QUESTION, b"an answer")

    assert unwritable is None
    assert Earlier("calibrated").there(SIMULATE, QUESTION) is None
    assert len(kept_in[1]) == 1 and "cannot be written" in kept_in[1][0]


def test_nothing_is_kept_by_a_process_under_whose_feet_the_package_changed(kept_in, monkeypatch):
    now = Earlier("calibrated")
    with monkeypatch.context() as changed:
        changed.setattr(page_earlier, "this_program", lambda parameters: "another")
        now.keep(SIMULATE, QUESTION, b"an answer")

    assert entries(kept_in[0]) == []


def test_no_more_is_kept_than_pages_ask_for_by_themselves(kept_in):
    now = Earlier("calibrated")
    for number in range(2 * page_earlier.MOST):
        now.keep(SIMULATE, str(number).encode(), b"an answer")

    assert len(entries(kept_in[0])) == page_earlier.MOST


def test_its_folder_is_the_one_of_the_engine(kept_in):
    assert cache.VARIABLE == page_earlier.VARIABLE
    assert page_earlier._store() == cache.folder(page_earlier.KIND)


def test_a_kept_answer_is_given_before_the_model_is_there_and_says_so(kept_in):
    Earlier("calibrated").keep(SIMULATE, QUESTION, b'{"kept": 1}')
    Earlier("calibrated").keep(EXAMPLE, b"", b'{"example": 1}')
    go = threading.Event()

    async def computed(request):
        return Response(b"computed of " + await request.body())

    def load():
        go.wait(SOON)
        return Starlette(routes=[Route(SIMULATE, computed, methods=["POST"])])

    start = Start(load, pytest.fail, Earlier("calibrated"))
    start._there = waiting = Awaited()
    with listening(start) as page, ThreadPoolExecutor() as pool:
        kept = [page.ask(EXAMPLE), page.ask(SIMULATE, QUESTION)]
        other = pool.submit(page.ask, SIMULATE, b"something else" * 20_000)
        ahead = pool.submit(page.ask, SIMULATE, QUESTION, {"x-ahead": "1"})
        waited = waiting.by(2) and not other.done() and not ahead.done()
        go.set()
        later = other.result(SOON), ahead.result(SOON)

    assert kept == [(200, b'{"example": 1}'), (200, b'{"kept": 1}')]
    assert waited
    assert later[0] == (200, b"computed of " + b"something else" * 20_000)
    assert later[1] == (200, b"computed of " + QUESTION)


EARLY = """
import sys, threading, time, urllib.request, uvicorn
from resynapse.web.earlier import SIMULATE, Earlier
from resynapse.web.start import Start
go = threading.Event()
start = Start(lambda: go.wait(60) and sys.exit(), lambda: None, Earlier("calibrated"))
server = uvicorn.Server(uvicorn.Config(start, port=0, log_level="error"))
threading.Thread(target=server.run, daemon=True).start()
while not server.started: time.sleep(0.01)
port = server.servers[0].sockets[0].getsockname()[1]
asked = urllib.request.Request(f"http://127.0.0.1:{port}{SIMULATE}", b"question")
print(urllib.request.urlopen(asked, timeout=30).read().decode(), *sys.modules)
server.should_exit = True
go.set()
"""


def test_no_library_of_the_model_is_loaded_for_a_kept_answer(kept_in):
    Earlier("calibrated").keep(SIMULATE, b"question", b"kept")

    done = subprocess.run(
        [sys.executable, "-c", EARLY], capture_output=True, text=True, check=True,
        timeout=PATIENCE_SECONDS,
    )  # fmt: skip

    found = done.stdout.split()
    heavy = {"jax", "numpy", "numba", "llvmlite", "pydantic", "fastapi", "pandas", "matplotlib"}
    assert found[0] == "kept"
    assert not heavy & set(found)
    assert not [name for name in found if name.startswith("resynapse.patient")]


@pytest.fixture
def model(server, kept_in, tmp_path):
    """A new start of the page's own application, whose model is there once ``go`` is set."""

    def start(go):
        earlier = Earlier("calibrated")

        def load():
            go.wait(PATIENCE_SECONDS)
            return around(Laboratory(FEW, earlier=earlier), tmp_path / "queue")

        return Start(load, pytest.fail, earlier)

    return start


def test_a_second_start_gives_the_very_bytes_of_the_first_before_it_has_the_model(model, kept_in):
    go = threading.Event()
    go.set()
    with listening(model(go)) as page:
        example = page.json(EXAMPLE)
        first = {**example, "worlds": [*FIRST_WORLDS], "parts": [*FIRST_PARTS]}
        questions = [json.dumps(one).encode() for one in (first, example, {**first, "seed": 2})]
        computed = [page.ask(SIMULATE, one) for one in questions]
        others = [page.ask(EXAMPLE), page.ask(SCHEMA)]
    waits = threading.Event()
    start = model(waits)
    start._there = waiting = Awaited()
    with listening(start) as page, ThreadPoolExecutor() as pool:
        kept = [page.ask(SIMULATE, one) for one in questions[:2]]
        early = [page.ask(EXAMPLE), page.ask(SCHEMA)]
        another = pool.submit(page.ask, SIMULATE, questions[2])
        waited = waiting.by(1) and not another.done()
        waits.set()
        later = json.loads(another.result(PATIENCE_SECONDS)[1])
        with_model = page.ask(SIMULATE, questions[1])

    assert kept == computed[:2] and early == others
    assert with_model == kept[1]
    assert waited
    assert later["parts"] == json.loads(computed[2][1])["parts"]


def test_the_page_shows_the_kept_answer_before_the_model_is_there_and_says_so(
    model, kept_in, chromium
):
    go = threading.Event()
    go.set()
    with listening(model(go)) as page:
        first = opened(chromium, page)
        shown = outcomes(first)
        said = first.locator("#status").inner_text()
        first.context.close()
    waits = threading.Event()
    with listening(model(waits)) as page:
        second = opened(chromium, page)
        kept = outcomes(second)
        second.get_by_text("still being loaded").wait_for()
        early = second.locator("#status").inner_text()
        waits.set()
        second.get_by_text("still being loaded").wait_for(state="detached", timeout=90_000)
        late = second.locator("#status").inner_text()
        wrong = second.wrong
        second.context.close()

    assert said.startswith("Computed in")
    assert kept == shown
    assert early.startswith("Kept from an earlier start of this version, computed then in ")
    assert early.startswith(late) and late != early
    assert wrong == []
