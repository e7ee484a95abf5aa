"""May a run of this size be made on this machine, and about what would it take?"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol.trial_protocol import Protocol

MOST_PATIENTS = 10_000_000
DRAWS = 8
"""Draws of the parameters when nothing else is asked for."""
BOUNDS = {
    "patients": (1, MOST_PATIENTS),
    "seed": (0, 2**32 - 1),
    "draws": (0, 100_000),
    "workers": (1, 4096),
    "patient": (0, MOST_PATIENTS - 1),
}
ESTIMATED = "patients"
"""Above its bound this is refused with what it would take, not before."""
VARIANTS = 3
"""A run is made as asked for, by expectancy alone and without a window; 1 without its rivals."""
PEOPLE_PER_DRAW = 256
HELD = 20_000
"""People of an arm whose rows a run that keeps its chunks holds in memory."""
BASE, COUNTED, ALONE = 0.8e9, 250, 100
"""Bytes of the program itself; of everyone in an arm while two arms are compared; where there is
only one. All as seen in whole runs (docs/running_at_scale.md)."""
BESIDE, MOST_SEEN = 5_900, 6
"""Bytes beside a row that is held, while the result is put together; more arms times hypotheses
than these were not seen to take more."""
REFERENCE_PEOPLE = 256
"""People of the reference infusion, beside which measured concentrations are drawn"""
SAMPLED, PATH = 2048, 20_000
"""People of an arm whose whole paths are kept, and bytes of one of them."""
MOST_HOURS = 24.0 * 60
"""A run that would take longer is refused."""
COPIES = 4
"""Tables of the variants, and one more while files are written."""
COLUMNS, SCALES, BYTES = 22, 5, 8
"""Of a row of the table of patients; so many more scales at each visit; bytes of a number."""
CORES = 2
"""Workers that keep the two cores of the next line busy."""
DAYS_PER_SECOND = 1_000_000.0
"""Days of simulated people in a second on two cores, to the nearest power of ten."""
MEMORY = Path("/proc/meminfo")


class SizeError(InputError):
    """A number of patients, a seed or a number of draws with which no run can be made."""


@dataclass(frozen=True)
class Size:
    """What a run would take."""

    gigabytes: float
    hours: float

    def __str__(self) -> str:
        return f"about {_rounded(self.gigabytes)} GB of memory and {_duration(self.hours)}"


def size(
    protocol: Protocol, patients: int, draws: int, kept: bool = False, variants: int = VARIANTS
) -> Size:
    """Memory of the tables and days of use; time from the days that people live through.

    ``kept``: where finished chunks are kept in files, tables hold the first people of an arm only,
    and of everyone one endpoint, or the times to one event in two arms, is held at a time.

    row      = BYTES (COLUMNS + SCALES visits) + days                  bytes
    memory   = COPIES arms patients row                                bytes
    held     = min(variants arms, MOST_SEEN) min(patients, HELD) (row + BESIDE)   bytes
    memory   = BASE + held + patients (COUNTED or, of one arm, ALONE)  bytes, where kept
    time     = arms (variants patients + draws PEOPLE_PER_DRAW) days / DAYS_PER_SECOND
    """
    arms, days = len(protocol.arms), protocol.follow_up_days
    row = BYTES * (COLUMNS + SCALES * len(protocol.visits)) + days
    memory = COPIES * arms * patients * row
    if kept:
        held = min(variants * arms, MOST_SEEN) * min(patients, HELD) * (row + BESIDE)
        memory = BASE + held + patients * (COUNTED if arms > 1 else ALONE)
    time = arms * (variants * patients + draws * PEOPLE_PER_DRAW) * days / DAYS_PER_SECOND
    return Size(memory / 1e9, time / 3600.0)


def ensure_possible(
    protocol: Protocol, patients: int, seed: int, draws: int, dashes: str = "",
    kept: bool = False, hands: int | None = 1, variants: int = VARIANTS,
) -> None:  # fmt: skip
    """Refuse, before anything is computed, what is out of bounds, or too large or too long.

    ``kept`` and ``variants`` as in ``size``; ``hands`` is the number of workers, None where
    nobody knows.
    """
    for name, given in (("patients", patients), ("seed", seed), ("draws", draws)):
        ensure_whole(name, given, dashes)
    needed, free = size(protocol, patients, draws, kept, variants), free_gigabytes()
    if patients > MOST_PATIENTS:
        raise SizeError(
            f"{dashes}patients {patients}: an arm may have 1 to {MOST_PATIENTS}; so many in each "
            f"of {len(protocol.arms)} arms would take {needed}. Ask for fewer."
        )
    if free is not None and needed.gigabytes > free:
        fitting = max(int(patients * free / needed.gigabytes), 1)
        raise SizeError(
            f"{dashes}patients {patients}: so many in each of {len(protocol.arms)} arms would take "
            f"{needed}, and {_rounded(free)} GB are free. Ask for fewer than {fitting}."
        )

    hours = needed.hours / max(1.0, (hands or 1) / CORES)
    if hands is not None and hours > MOST_HOURS:
        raise SizeError(
            f"{dashes}patients {patients}: so many in each of {len(protocol.arms)} arms would take "
            f"{Size(needed.gigabytes, hours)}, and {_duration(MOST_HOURS)} are the most that is "
            "begun. Ask for fewer, or share the work with workers or a cluster."
        )


def disk_gigabytes(protocol: Protocol, patients: int, variants: int = VARIANTS) -> float:
    """Files of finished chunks and of the result, which stand side by side at the end.

    rows  = BYTES (2 (COLUMNS + SCALES visits) + (variants - 1) COLUMNS)          bytes
    first = variants (min(patients, HELD) row + min(patients, SAMPLED) PATH)     bytes
    disk  = arms (patients rows + first)                                         bytes
    """
    wide = COLUMNS + SCALES * len(protocol.visits)
    rows = BYTES * (2 * wide + (variants - 1) * COLUMNS)
    row = BYTES * wide + protocol.follow_up_days
    first = variants * (min(patients, HELD) * row + min(patients, SAMPLED) * PATH)
    return len(protocol.arms) * (patients * rows + first) / 1e9


def ensure_room(
    protocol: Protocol, patients: int, chunks: Path | str | None, variants: int = VARIANTS
) -> None:
    """Refuse a run whose files do not fit on the disk of this folder, unless it has begun there."""
    if chunks is None or Path(chunks).exists():
        return
    folder = Path(chunks).absolute().parent
    needed, free = disk_gigabytes(protocol, patients, variants), free_disk(folder)
    if needed > free:
        raise SizeError(
            f"patients {patients}: the files of so many in each of {len(protocol.arms)} arms would "
            f"take about {_rounded(needed)} GB, and the disk of {folder} has {_rounded(free)} GB "
            "free. Ask for fewer, make room, or choose a folder elsewhere."
        )


def free_disk(folder: Path) -> float:
    """GB free where this folder is or would be made."""
    here = folder.absolute()
    while not here.exists():
        here = here.parent
    return disk_usage(here).free / 1e9


def ensure_whole(name: str, given: object, dashes: str = "") -> int:
    """The number; what is no whole number within the bounds of this wish is refused."""
    low, high = BOUNDS[name]
    if isinstance(given, Integral) and not isinstance(given, bool):
        number = int(given)
        if low <= number and (number <= high or name == ESTIMATED):
            return number
    if isinstance(given, str) and not dashes:
        raise SizeError(
            f"{name} {given!r} is text: give a whole number from {low} to {high}, without quotes."
        )
    raise SizeError(f"{dashes}{name} {given}: give a whole number from {low} to {high}.")


def free_gigabytes() -> float | None:
    """Memory that may still be taken; None where the system does not say."""
    try:
        lines = MEMORY.read_text(encoding="ascii").splitlines()
        found = next(line for line in lines if line.startswith("MemAvailable:"))
        return float(found.split()[1]) * 1024.0 / 1e9
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def _rounded(number: float) -> str:
    return f"{number:.1f}" if number < 10.0 else f"{number:,.0f}"


def _duration(hours: float) -> str:
    if hours < 1.0:
        return f"{max(60.0 * hours, 1.0):.0f} min"
    return f"{hours:.0f} h" if hours < 48.0 else f"{hours / 24.0:,.0f} days"
