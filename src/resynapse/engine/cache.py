"""Where are compiled loops kept, so that a second start costs little?"""

from __future__ import annotations

import logging
import multiprocessing
import os
from functools import cache
from pathlib import Path

import jax
import platformdirs

log = logging.getLogger(__name__)
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
    except OSError as error:
        not_kept(Path(chosen), error)
        return None
    return place


def not_kept(cache_folder: Path, error: OSError) -> None:
    """Say that what was made cannot be kept in this folder."""
    tell(
        f"The cache folder {cache_folder} cannot be written ({error.strerror}), so what was made"
        f" is made again at the next start. Set {VARIABLE} to another folder, or to off."
    )


def made_again(file: Path) -> None:
    """Say that what was kept there is of no use."""
    tell(f"The cache file {file} was damaged; what it held is made again.")


@cache
def tell(words: str) -> None:
    """A line on standard error, once; workers leave it to the process that started them."""
    if multiprocessing.parent_process() is None:
        log.warning(words)


def keep_compiled() -> None:
    """Let JAX keep compiled loops in the user's cache folder; without one, compile every time."""
    place = folder("compiled")
    if place is None:
        return
    jax.config.update("jax_compilation_cache_dir", str(place))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
