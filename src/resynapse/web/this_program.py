"""Is an answer of an earlier start what this start would compute? By all that can move a digit.

Nothing here may load the model or a numerical library: it is asked before they are there.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import resynapse
from resynapse.trial.commit import commit

INSTALLED = (".dist-info", ".egg-info")
"""how the folder of an installed library ends, whose name holds its version"""
STEERING = ("JAX_", "XLA_", "NUMBA_", "OMP_", "OPENBLAS_", "MKL_")
"""begins of environment variables that numerical libraries listen to"""
PLACE = "CACHE_DIR"
"""ending of those that say only where something is kept"""
PROCESSOR = ("vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU ")
"""begins of the lines in which Linux tells the type of a processor"""


def this_program(parameters: str) -> str:
    """Hash of code and data, commit, parameters, libraries, settings of these, and processor.

    ``parameters`` are named as in ``simulate``; of a file or folder the content counts too.
    """
    digest = hashlib.sha256()
    for word in (
        *_hashed(Path(resynapse.__file__).parent),
        *(str(commit()), parameters, *_set(Path(parameters))),
        *(sys.version, platform.platform(), *_libraries(), *_settings(), *_processor()),
    ):
        digest.update(f"{len(word)} {word}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _hashed(folder: Path) -> Iterator[str]:
    """Name and hash of every file in a folder; what Python made of them does not count."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield f"{file.relative_to(folder)} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def _set(place: Path) -> list[str]:
    """Of a set of parameters that is no name: its file, or the files of its folder."""
    try:
        files = [place] if place.suffix == ".json" else sorted(place.glob("*.json"))
        return [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
    except OSError:
        return []  # whoever reads it for its numbers says so


def _libraries() -> list[str]:
    """Name and version of all that is installed."""
    places = [place for place in sys.path if os.path.isdir(place)]
    found = {name for place in places for name in os.listdir(place) if name.endswith(INSTALLED)}
    return sorted(found)


def _settings() -> list[str]:
    told = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(STEERING)]
    return sorted(one for one in told if not one.partition("=")[0].endswith(PLACE))


def _processor() -> list[str]:
    """Its type, and how many there are, since sums may be shared out among them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    told = sorted({line for line in lines if line.startswith(PROCESSOR)})
    return [*(told or [platform.processor()]), str(os.cpu_count())]
