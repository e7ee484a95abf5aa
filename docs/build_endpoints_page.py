"""Which endpoints are defined, and how far apart do definitions lie for the same people?

    python docs/build_endpoints_page.py [FOLDER]

writes docs/endpoints.md; with the folder of CTN-0094's tables as Parquet, docs/endpoint_counts.csv
first.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from resynapse.trial.definitions import DEFINITIONS
from resynapse.trial.definitions.days import Timed
from resynapse.trial.definitions.urine_rule import UrineRule
from resynapse.trial.definitions.urine_rules import ABSTINENCE, REDUCTION, RELAPSE, RULES
from resynapse.trial.endpoint_name import given

FOLDER = Path(__file__).parent
PAGE = FOLDER / "endpoints.md"
COUNTS = FOLDER / "endpoint_counts.csv"
SMALL = 5
"""People below whom a count is not shown (docs/ctn0094.md)"""
INTRODUCTION = """\
# Endpoints by their published definitions

Built by `python docs/build_endpoints_page.py` from the definitions themselves. `resynapse
endpoints [WORD ...]` prints the same; a plan of `resynapse analyse` makes columns of them from
your own table ([analyse.md](analyse.md)).

A person's urines are a word, a letter a week from the first of treatment: `+` positive, `-`
negative, `o` missing, `*` mixed, `_` none required. A rule says what missing and mixed count as,
which weeks it looks at, and what it asks. `from_week`, `to_week` and `missing` can be set
otherwise.

```python
from resynapse.trial.definitions.urine_rules import RULES

RULES["relapse_ctn0051"].of("---+o++oo-")  # Timed(time=4.0, event=True)
RULES["share_negative_haight2019"].of("-" * 12, to_week=12, missing="skipped")  # 1.0
```

**Where the rules are from.** CTNote's library of outcomes (Odom, Brandt, Luo and Balise; R
package, GPL) collects them from trials of opioid use. Its tables and vignettes were read and the
rules written anew; the trials' own papers were not read, so each is *secondary*. Brandt and others
2024 (doi 10.1111/add.16494) count 61 definitions; the {rules} here are those whose rule and
outcomes CTNote publishes. Tests hold every rule to CTNote's outcomes for 16 to 20 words of urines.
Two things differ from CTNote on purpose: a share of no urine at all is not known (there 0 or 1),
and weeks are counted on the calendar before missing ones are left out (there after).

**For everybody.** CTNote publishes its outcomes of 3 560 people, as CSV in its repository (folder
inst/extdata). They are not among the tables that stand in shared/data (the R packages of the data
hold words, no outcomes), and neither PyPI, Debian nor npm carries the package. Read there in parts,
84 people's relapse (1 008 values) and 46 people's abstinence (736 values) were compared beyond the
words of the tests: all agree. Laid in shared/data/ctn0094/ctnote, its files are compared whole by
`pytest tests/conduct/test_urine_rules.py -k everybody`, which says so where they are absent.

**The last two columns** say how much hangs on the choice: of {people} people randomised in
CTN-0027 and CTN-0030 ([ctn0094.md](ctn0094.md)), how many have urines for as many weeks as the
rule looks at, and the share to whom it happens (yes or no, time), or the mean. Nobody got
ketamine. Rules look at different weeks, so lines with fewer people are of the longer trial only.
"""


RUN = """\
Names that stand under `endpoints` of a protocol; N is a whole number of days, weeks or months, of
a scale or a state the day from entry, with decimals if need be. `_committed` may follow, and
`_observed` where missing people matter. Arms are compared by a difference, times to events by a
ratio of hazards too. A report shows deaths from overdose of each arm, for 1000 people a year where
a file has 100; `resynapse claims` compares them by their ratio. Deaths and COWS are of people who
use opioids: of others the model has no deaths, and withdrawal is a model quantity of 0 to 1, so the
two names are refused. States of the model are means over everyone in the arm, people who left among
them, without error of measurement.

A rating or a state of a whole day is of the moment at which that day begins, before a dose of that
day: `dissociation_cadss_day_7` with a dose on day 7 has nothing of that dose in it. `_day_7.03` is
read 43 minutes into day 7; `resynapse check` says where a rating falls so.

In `patients.parquet`, days are counted from entry. `first_use_day` is the instant of the first use;
`relapse_day` is the first of seven days of use in a row, as a whole day, or that instant where the
seven begin on the day of the first use, so that no relapse comes before it. `days_in_community` is
the time from discharge to the end of follow-up, whether or not the person was still seen, and
`overdose_deaths_expected` is of these days.
"""


def page() -> str:
    """The introduction, the rules on urines, every other definition, then what a run gives."""
    counts = stored()
    people = max(int(row["people"]) for row in counts.values())
    text = [INTRODUCTION.format(rules=len(RULES), people=f"{people:,}".replace(",", " "))]
    for title, rules in (
        ("Abstinence, on urines", ABSTINENCE),
        ("Relapse and drop-out, on urines", RELAPSE),
        ("Less use, on urines", REDUCTION),
    ):
        text += [f"## {title}\n", "| name | rule | whose | people | share or mean |"]
        text += ["| --- | --- | --- | ---: | ---: |", *(_line(one, counts) for one in rules), ""]
    text += [
        "## Every other definition\n",
        "| name | definition | needs | whose |",
    ]
    text += ["| --- | --- | --- | --- |"]
    text += [
        f"| `{one.name}` | {one.sentence} | {one.needs} | {one.citation} ({one.seen}) |"
        for name, one in DEFINITIONS.items()
        if name not in RULES
    ]
    text += ["", "## What a run gives\n", RUN, "| name | what | from where |"]
    text += ["| --- | --- | --- |"]
    text += [f"| `{one.name}` | {one.words} | {one.source} |" for one in given()]
    return "\n".join(text) + "\n"


def _line(rule: UrineRule, counts: dict[str, dict[str, str]]) -> str:
    row = counts[rule.name]
    number = "fewer than 5, or all but"
    if row["mean"]:
        mean = float(row["mean"])
        number = f"{100 * mean:.1f} %" if _is_share(rule) else f"{mean:.1f}"
    return f"| `{rule.name}` | {rule.sentence} | {rule.citation} | {row['people']} | {number} |"


def _is_share(rule: UrineRule) -> bool:
    return rule.measure.gives != "number" or "Share" in rule.measure.words


def stored() -> dict[str, dict[str, str]]:
    """Name of a rule -> its line of the file of counts."""
    with COUNTS.open(encoding="utf-8") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def counted(rule: UrineRule, words: list[str]) -> tuple[int, float | None]:
    """People with as many weeks as the rule looks at, and its mean over those of them it answers.

    A time counts as 1 where it happened; None where fewer than 5 people have, or lack, a yes.
    """
    needed = max(rule.last or 1, rule.first, *(rule.visits or (1,)))
    people = Counter(word for word in words if len(word) >= needed)
    answers = [rule.of(word) for word in people]
    values = np.array(
        [one.event if isinstance(one, Timed) else one for one in answers], dtype=float
    )
    known, weight = ~np.isnan(values), np.array(list(people.values()))
    total, yes = weight.sum(), (weight * values)[known].sum()
    small = rule.measure.gives != "number" and min(yes, total - yes) < SMALL
    return int(total), None if small else float(yes / weight[known].sum())


def weekly_words(folder: Path) -> list[str]:
    """Urines of all who were randomised in CTN-0027 and CTN-0030, both phases, a word each."""
    import duckdb

    query = (
        "select coalesce(Phase_1, '') || coalesce(Phase_2, '') from read_parquet("
        f"'{folder / 'derived_weeklyOpioidPattern.parquet'}') where randWeek1 is not null"
    )
    return [word for (word,) in duckdb.sql(query).fetchall()]


def write_counts(folder: Path) -> None:
    """The file of counts, of every rule."""
    words = weekly_words(folder)
    with COUNTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "people", "mean"))
        for rule in RULES.values():
            people, mean = counted(rule, words)
            writer.writerow((rule.name, people, "" if mean is None else f"{mean:.6g}"))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_counts(Path(sys.argv[1]))
    PAGE.write_text(page(), encoding="utf-8")
