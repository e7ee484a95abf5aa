"""What do the tests of the page share?"""

from __future__ import annotations

import pytest

from software.page_window import opened

FEW = 16


@pytest.fixture(autouse=True)
def no_work_left(request):
    """What a test asked of the queue is gone before the next one, whichever that is."""
    yield
    if "server" in request.fixturenames:
        request.getfixturevalue("server").forget_work()


@pytest.fixture
def page(chromium, server):
    """The page as it opens."""
    window = opened(chromium, server)
    yield window
    window.context.close()
    assert window.wrong == []
    assert window.elsewhere == []


@pytest.fixture(scope="module")
def asked(server):
    """The example with few people."""
    return {**server.json("/api/example"), "patients": FEW}
