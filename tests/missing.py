"""What happens to a test whose tool is not there: it fails under CI, and says so elsewhere."""

import os

import pytest

IN_CI = bool(os.environ.get("CI"))


def is_missing(reason: str, *, required: bool = IN_CI) -> None:
    """End this test, failed where the tool is required, skipped with the reason elsewhere."""
    if required:
        pytest.fail(reason)
    pytest.skip(reason)
