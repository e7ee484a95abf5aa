"""Does the page that says how near we come to R name the tests that there are?"""

from __future__ import annotations

import re

FOLDERS = ("tests/analysis", "tests/design", "tests/power")


def test_every_line_of_the_page_is_a_test_and_every_file_that_asks_r_has_a_line(root):
    page = (root / "docs/oracles.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w[^|]*?) \| [\w, ]+ \| \d+ \| \d", page, re.MULTILINE)
    files = [one for folder in FOLDERS for one in (root / folder).glob("test_*.py")]
    texts = [one.read_text(encoding="utf-8") for one in files]
    asking = [text for text in texts if "in_r(" in text]
    names = [re.findall(r"^def test_(\w+)", text, re.MULTILINE) for text in asking]

    said = [row.replace(" ", "_") for row in rows]
    assert len(said) > 30 and set(said) <= {name for each in names for name in each}
    for each in names:
        assert set(each) & set(said), each[0]
