"""Is a page's first picture there before all is loaded that a page may ask, and is it the same?"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from resynapse.engine import cache
from resynapse.engine.native import blueprint
from resynapse.protocol import schema
from resynapse.web import server as page_server
from resynapse.web.answer import computed
from resynapse.web.earlier import EXAMPLE, SCHEMA, SIMULATE, Earlier
from resynapse.web.first import First
from resynapse.web.form import form
from resynapse.web.laboratory import FIRST_PARTS, FIRST_WORLDS, Laboratory
from resynapse.web.scenario import read
from resynapse.web.start import Start, loaded
from software.page_server import PATIENCE_SECONDS, SOON, Awaited, listening

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
        others = [question(told[0][1], seed=2), b"{", question(told[0][1], patients=0)]
        waiting = [pool.submit(page.ask, SIMULATE, one) for one in others]
        waited = start._there.by(3) and not any(one.done() for one in waiting)
        go.set()
        later = [one.result(PATIENCE_SECONDS) for one in waiting]
        again = [page.ask(EXAMPLE), page.ask(SCHEMA), page.ask(SIMULATE, asked)]
    kept = Earlier("calibrated")
    fresh = json.loads(computed(Laboratory(), read(asked), lambda: True))
    parts = json.loads(picture[1])["parts"]

    assert again == [*told, picture]
    assert [kept.there(EXAMPLE), kept.there(SCHEMA)] == [answer for _, answer in told]
    assert waited
    assert [status for status, _ in later] == [200, 422, 422]
    assert parts == fresh["parts"] != json.loads(later[0][1])["parts"]
    assert parts.keys() == {*FIRST_PARTS}


def test_where_machine_code_has_to_be_made_the_rest_is_loaded_meanwhile(monkeypatch):
    monkeypatch.setattr(blueprint, "compiling", lambda: True)
    lab = Laboratory()
    lab._opened.clear()

    First().wait(lab)

    assert not lab.opened(0.0)


class Looked(threading.Event):
    """``come`` is released whenever somebody looks whether it is set."""

    def __init__(self):
        super().__init__()
        self.come = threading.Semaphore(0)

    def wait(self, timeout=None):
        self.come.release()
        return super().wait(timeout)


def test_the_rest_is_loaded_once_the_first_picture_is_there():
    lab = Laboratory()
    lab._opened = Looked()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(First().wait, lab)
        looked = all(lab._opened.come.acquire(timeout=SOON) for _ in range(3))
        early = waiting.done()
        lab._opened.set()
        waiting.result(PATIENCE_SECONDS)

    assert looked and not early


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
