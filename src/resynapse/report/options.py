"""How does an option of a command stand in a sentence, so that no line breaks at its hyphens?"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

OPTION = re.compile(r"--[a-z-]+ \w(?:[\w.=-]*\w)?")


def options(words: str) -> Markup:
    """The sentence with each option and its value as code."""
    return Markup(OPTION.sub(r"<code>\g<0></code>", str(escape(words))))
