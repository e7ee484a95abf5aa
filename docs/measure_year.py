"""Measure the time grid over a year against the reference, with the fitted parameters.

python docs/measure_year.py [PEOPLE [ARM ...]]

Of arms with medication: default parameters at the middle, seed 1, people from number 200,000 on,
on whom no step was chosen, 365 days, `native`, on the rule. Prints a row of docs/engine.md for each
arm as soon as it is measured.
"""

from __future__ import annotations

import sys
import time

from measure_grids import usual

from resynapse.engine.cache import keep_compiled
from resynapse.protocol import load
from resynapse.trial.grid import grid_error, keeps_chronic
from resynapse.trial.grid_choice import ACUTE

SEED, FIRST, DAYS = 1, 200_000, 365.0
ARMS = (
    ("scenario-heroin-standard-care", "buprenorphine"),
    ("scenario-heroin-ketamine", "ketamine-1-buprenorphine"),
    ("scenario-heroin-standard-care", "methadone"),
    ("scenario-heroin-standard-care", "naltrexone"),
)


def main(people: int, wanted: list[str]) -> None:
    """A row each, of these arms or of all."""
    keep_compiled()
    for name, arm in [one for one in ARMS if not wanted or one[1] in wanted]:
        protocol, used = load(name), time.process_time()
        patient = usual(protocol)
        told = grid_error(
            protocol, patient, SEED, people=people, days=DAYS, arms=(arm,), first=FIRST
        )
        print(row(name, arm, told["arms"][arm], time.process_time() - used), flush=True)


def row(name: str, arm: str, found: dict, seconds: float) -> str:
    """What docs/engine.md says of an arm."""
    states = found["states_share_of_range"]
    acute = max((states[one] for one in ACUTE if one in states), default=float("nan"))
    kept = "yes" if keeps_chronic(found) else "**no**"
    return (
        f"| {arm} ({name}) | {found['people']}, {found['first_uses']}"
        f" | {found['first_use_median_d']:.2g} d | {found['first_use_99th_percentile_d']:.2g} d"
        f" | {100 * found['same_bouts']:.3g} % | {100 * found['use_days_within_one']:.3g} %"
        f" | {acute:.1e} | {kept} | {seconds:.0f} s |"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 32, sys.argv[2:])
