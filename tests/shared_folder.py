"""Where is the folder of source material that is not part of the repository?

It stands beside the repository, or where ``RESYNAPSE_SHARED`` says. Tests that need it say so
and are passed over where it is absent.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def shared(part: str) -> Path:
    """A path in the folder; the test is passed over, with the reason, where it is absent."""
    folder = Path(os.environ.get("RESYNAPSE_SHARED", ROOT.parent / "shared"))
    path = folder / part
    if not path.exists():
        pytest.skip(f"{part} is not at hand: it stands in no folder 'shared' beside the repository")
    return path
