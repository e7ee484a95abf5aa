"""Does the list of claims name tests that exist, and every one of its files?"""

from __future__ import annotations

import re
from pathlib import Path

CLAIMS = Path(__file__).parent


def test_every_claim_that_the_list_names_is_a_test(root):
    listed = set(re.findall(r"`(test_\w+)`", (root / "docs/claims.md").read_text("utf-8")))
    tests = "".join(path.read_text("utf-8") for path in CLAIMS.glob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)\(", tests, re.MULTILINE))

    assert len(listed) > 50
    assert listed <= known, sorted(listed - known)
