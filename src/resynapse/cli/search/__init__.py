"""How does a designer look for designs worth testing?"""

from __future__ import annotations

from resynapse.cli.search.command import search

__all__ = ["search"]
