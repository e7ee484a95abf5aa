"""What do all tests share?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from agreement import WANTED, Noted, begin
from missing import IN_CI, is_missing

ROOT = Path(__file__).parents[1]

settings.register_profile("here", deadline=None, max_examples=30)
settings.register_profile("ci", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("ci" if IN_CI else "here")
os.environ.setdefault("MPLBACKEND", "agg")
LONGEST = "test_gradient.py"
"""compiles for minutes; the other process does everything else meanwhile"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that takes longest begins first, so that no process waits for it at the end."""
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> None:
    """What JAX compiles for one test process, the other and the next run read."""
    from resynapse.engine.cache import keep_compiled

    keep_compiled()


@pytest.fixture(autouse=WANTED in os.environ)
def noted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparisons with R are written down, where that is asked for."""
    begin(request.fixturenames)
    monkeypatch.setattr(pytest, "approx", Noted)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium without a window; needed under CI, said to be missing elsewhere."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        is_missing("Chromium is not installed, so no page was looked at: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page of ``resynapse serve``, ready."""
    from software.page_server import served

    with served(tmp_path_factory.mktemp("queue")) as one:
        yield one
