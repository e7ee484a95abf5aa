"""Writes relapse.csv and craving.csv from a simulated trial; nobody in them is a real person.

python examples/analyse/make_data.py runs/NAME reads the folder that this command writes:
resynapse run krupitsky-2002 --patients 40 --seed 7 --draws 0 --parameters prior --output runs/NAME
"""

import sys
from pathlib import Path

import numpy as np

import resynapse
from resynapse.trial.time_to_event import time_to_event

HERE = Path(__file__).parent
VISITS = ("37.4375", "98.3125", "189.625", "372.25")
"""Days 30, 91, 183 and 365 after discharge on day 7"""


def main(folder: Path) -> None:
    """One row a person in relapse.csv, one a person and visit in craving.csv."""
    people = resynapse.read_run(folder).patients.reset_index(drop=True)
    people["person"] = people["arm"].str[0] + people["patient"].astype(str).str.zfill(2)
    people["sex"] = np.where(people["female"] == 1, "female", "male")
    people["age"] = people["age_years"].round(0).astype(int)
    no_days = np.zeros((len(people), 0))
    lapse = time_to_event("lapse", people, no_days)
    people["days"], people["lapse"] = lapse.time.round(1), lapse.event.astype(int)
    survival = ["person", "arm", "sex", "age", "days", "lapse"]
    people[survival].to_csv(HERE / "relapse.csv", index=False)
    visits = people[["person", "arm"]].merge(_craving(people), on="person")
    visits.to_csv(HERE / "craving.csv", index=False)


def _craving(people):
    """Craving at visits that were attended, with craving at discharge beside it."""
    wide = people[["person"]].assign(craving_at_discharge=people["craving_vas_day_7"].round(1))
    for day in VISITS:
        here = people["dropout_day"].isna() | (people["dropout_day"] > float(day))
        wide[round(float(day)) - 7] = people[f"craving_vas_day_{day}"].round(1).where(here)
    long = wide.melt(["person", "craving_at_discharge"], var_name="day", value_name="craving")
    return long.dropna().sort_values(["person", "day"])


main(Path(sys.argv[1]))
