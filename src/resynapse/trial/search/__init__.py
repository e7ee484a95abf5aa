"""Designs worth testing in a trial, searched for over draws of the parameters."""

from __future__ import annotations

from resynapse.trial.search.found import Found
from resynapse.trial.search.search import Asked, search

__all__ = ["Asked", "Found", "search"]
