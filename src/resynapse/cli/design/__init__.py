"""``resynapse design``: sizes and bounds of a trial from formulas."""

from resynapse.cli.design.commands import app

__all__ = ["app"]
