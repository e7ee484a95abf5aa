"""Under which model were stored numbers simulated, where they carry the hash of a later one?

A set of fitted numbers carries the hash of the model that it ships with. Where a later model gives
the same draws to the last bit in every trial that was fitted or judged, its hash is put into the
sets and into what was stored of them; the pages say under which they were simulated.
"""

from __future__ import annotations

SHORT = 12
SAME_DRAWS = {"33de5d44522c": "f9db749fdc55"}
"""a model and the one before it: since then nobody guesses an arm anew from a dose that a rule kept
from them, which no trial that was fitted or judged has, and two switches give other reasons"""


def named(model_hash: str) -> str:
    """The model by the first digits of its hash, and under which it was simulated if another."""
    short = model_hash[:SHORT]
    before = SAME_DRAWS.get(short)
    return f"{short} (simulated under {before}, the same in these trials)" if before else short
