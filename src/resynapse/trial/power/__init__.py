"""Power, error rates and size of trials that are played out."""

from __future__ import annotations

from resynapse.trial.power.designs import designs
from resynapse.trial.power.power import Design, Extent, Found, extent, of_all, power
from resynapse.trial.power.question import Asked, sizes_in

__all__ = ["Asked", "Design", "Extent", "Found", "designs", "extent", "of_all", "power", "sizes_in"]
