"""Where are compiled loops kept, so that a second start costs little?"""

from __future__ import annotations

import os
from pathlib import Path

import jax
import platformdirs

VARIABLE = "RESYNAPSE_CACHE"
"""environment variable: another folder for compiled loops, or ``off``"""


def folder(kind: str) -> Path | None:
    """The folder for what was compiled, made if need be; None where nothing is to be kept."""
    chosen = os.environ.get(VARIABLE, platformdirs.user_cache_dir("resynapse"))
    if chosen == "off":
        return None
    place = Path(chosen) / kind
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return place


def keep_compiled() -> None:
    """Let JAX keep compiled loops in the user's cache folder; without one, compile every time."""
    place = folder("compiled")
    if place is None:
        return
    jax.config.update("jax_compilation_cache_dir", str(place))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 1.0)
