"""Pages and pictures of a search for designs worth testing."""

from __future__ import annotations

from resynapse.report.search.document import picture, render
from resynapse.report.search.told import Told

__all__ = ["Told", "picture", "render"]
