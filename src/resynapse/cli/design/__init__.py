"""``resynapse design``: sizes and bounds of a trial from formulas, and what its looks say."""

from resynapse.cli.design import believing, looking, single_arm
from resynapse.cli.design.commands import app

__all__ = ["app", "believing", "looking", "single_arm"]
