"""Where are compiled loops kept, so that a second start costs little?"""

from __future__ import annotations

import os
from pathlib import Path

import jax
import platformdirs

VARIABLE = "RESYNAPSE_CACHE"
"""environment variable: another folder for compiled loops, or ``off``"""


def keep_compiled() -> None:
    """Let JAX keep compiled loops in the user's cache folder; without one, compile every time."""
    chosen = os.environ.get(VARIABLE, platformdirs.user_cache_dir("resynapse"))
    if chosen == "off":
        return
    folder = Path(chosen) / "compiled"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 1.0)
