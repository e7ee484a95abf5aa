"""What do the tests of the page share?"""

from __future__ import annotations

import pytest

from software.page_window import opened


@pytest.fixture
def page(chromium, server):
    """The page as it opens."""
    window = opened(chromium, server)
    yield window
    assert window.wrong == []
    assert window.elsewhere == []
    window.context.close()
