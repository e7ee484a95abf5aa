"""A cache folder of a test's own in which nothing was kept but machine code."""

from __future__ import annotations

from pathlib import Path

import pytest

from resynapse.engine.cache import VARIABLE, folder

CODE = ("native", "compiled")
"""kinds of machine code: named by all that they were made from, they say nothing of results"""


def own_cache(patch: pytest.MonkeyPatch, place: Path) -> Path:
    """The folder, empty but for the code that other tests had made; the cache from here on."""
    shared = {kind: folder(kind) for kind in CODE}
    place.mkdir(exist_ok=True)
    for kind, code in shared.items():
        if code is not None and not (place / kind).exists():
            (place / kind).symlink_to(code, target_is_directory=True)
    patch.setenv(VARIABLE, str(place))
    return place
