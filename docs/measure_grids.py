"""Measure the time grid of the library's protocols against the reference; the package ships it.

python docs/measure_grids.py [NAME ...] [--list | --table]

Default parameters at the middle, seed 1, 32 people of tuning and 32 others, 60 days, `native`. What
still holds is left as it is, and halves that are measured are kept in the cache folder, so the
command may be stopped and given again; a table of a part of the library is one as well. ``--list``
only says what holds, ``--table`` prints the rows of docs/engine.md.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.patient import Patient, configured
from resynapse.protocol import Protocol, library, load
from resynapse.trial.fitted import fitted_for
from resynapse.trial.grid import DAYS
from resynapse.trial.grid_choice import ACUTE, BUDGET, PEOPLE, judged
from resynapse.trial.grid_known import BROUGHT, SHIPPED, measured, opened, sealed, subject
from resynapse.trial.parameter_set import CALIBRATED, middle

SEED = 1


def main(names: list[str], listed: bool) -> None:
    """Measure these protocols, or all, and write a file each."""
    unknown = [name for name in names if name not in library()]
    if unknown:
        sys.exit(f"Not in the library: {', '.join(unknown)}.")
    keep_compiled()
    SHIPPED.mkdir(exist_ok=True)
    for name in names or library():
        protocol = load(name)
        patient = usual(protocol)
        place = SHIPPED / f"{name}.json"
        about = subject(protocol, patient, DEFAULT, 1)
        before = opened(place, BROUGHT) if place.exists() else []
        if before and before[0].subject == about:
            print(f"{name}: holds", flush=True)
        elif listed:
            print(f"{name}: {'of another version' if before else 'not measured'}", flush=True)
        else:
            write(protocol, patient, place, about)


def usual(protocol: Protocol) -> Patient:
    """The parameters of a run by default, at the middle."""
    base = middle(protocol.disorder, fitted_for(CALIBRATED, protocol.disorder))
    return configured(base, protocol.switches.chosen, None)


def write(protocol: Protocol, patient: Patient, place: Path, about: dict[str, Any]) -> None:
    """Both halves, to four digits."""
    begun, used = time.monotonic(), time.process_time()
    errors = [
        rounded(measured(protocol, patient, SEED, people=PEOPLE, days=DAYS, first=first))
        for first in (0, PEOPLE)
    ]
    part = place.with_suffix(".part")
    part.write_text(sealed(about, errors), encoding="utf-8")
    part.replace(place)
    found = judged(BUDGET, *errors)
    said = {True: "kept", False: "NOT kept"}
    print(
        f"{protocol.name}: budget {said[found['kept_in_tuning']]} in tuning, "
        f"{said[found['kept_in_others']]} in others; {time.process_time() - used:.0f} s of "
        f"processor time, {time.monotonic() - begun:.0f} s by the clock",
        flush=True,
    )


def rounded(told: Any) -> Any:
    """Every number to four digits."""
    if isinstance(told, dict):
        return {name: rounded(value) for name, value in told.items()}
    return float(f"{told:.4g}") if isinstance(told, float) else told


def table() -> None:
    """A row for the people of tuning and one for the others of each protocol, its worst arm."""
    for place in sorted(SHIPPED.glob("*.json")):
        for found in opened(place, BROUGHT):
            arms = list(found.error["arms"].values())
            states = [each["states_share_of_range"] for each in arms]
            acute = max(one.get(name, 0.0) for one in states for name in ACUTE)
            far, name = max((share, name) for one in states for name, share in one.items())
            median, tail = (
                max(each[f"first_use_{what}_d"] for each in arms)
                for what in ("median", "99th_percentile")
            )
            first, last = found.error["people"]
            bouts = 100.0 * min(each["same_bouts"] for each in arms)
            print(
                f"| {place.stem} | {first} to {last} | {median:.2g} d | {tail:.2g} d"
                f" | {bouts:.3g} % | {acute:.1e} | {name.replace('_', ' ')}, {far:.2g} |"
            )


if __name__ == "__main__":
    words = sys.argv[1:]
    if "--table" in words:
        table()
    else:
        main([word for word in words if word != "--list"], "--list" in words)
