"""Tables of shares, and plans that hold them against a margin."""

from __future__ import annotations

import pandas as pd

from resynapse.trial.analysis import analyse, parse_plan

NI = "name: a, method: risk_difference, value: y, margin: 0.2, higher_is_better: true"


def shares(**arms):
    """A row a person: so many of an arm, and so many of them with yes."""
    rows = [(arm, int(k < yes)) for arm, (n, yes) in arms.items() for k in range(n)]
    return pd.DataFrame(rows, columns=["arm", "y"])


def found_in(rows, *wishes, more="", reference="old"):
    text = "".join(f"  - {{{wish}}}\n" for wish in wishes)
    return analyse(rows, parse_plan(f"reference: {reference}\nanalyses:\n{text}{more}", "plan"))
