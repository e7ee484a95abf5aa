"""How does a designer ask for the power of a protocol?"""

from __future__ import annotations

from resynapse.cli.power.command import power

__all__ = ["power"]
