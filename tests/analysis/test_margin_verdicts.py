"""Whose margin is it, and which verdict holds where several are tested?"""

from __future__ import annotations

import pandas as pd
import pytest

from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.analysis.plan import Plan


def shares(**arms):
    """A row a person: so many of an arm, and so many of them with yes."""
    rows = [(arm, int(k < yes)) for arm, (n, yes) in arms.items() for k in range(n)]
    return pd.DataFrame(rows, columns=["arm", "y"])


def found_in(rows, *wishes, more="", reference="old"):
    text = "".join(f"  - {{{wish}}}\n" for wish in wishes)
    return analyse(rows, parse_plan(f"reference: {reference}\nanalyses:\n{text}{more}", "plan"))


def together(*hypotheses, method="holm"):
    lines = "".join(f"    - {{{one}}}\n" for one in hypotheses)
    return f"multiplicity:\n  method: {method}\n  hypotheses:\n{lines}"


NI = "name: a, method: risk_difference, value: y, margin: 0.2, higher_is_better: true"


def test_non_inferiority_is_to_an_arm_that_the_plan_or_the_analysis_names():
    rows = shares(ketamine=(40, 30), midazolam=(40, 31))
    wish = {"method": "risk_difference", "value": "y", "margin": 0.2}
    ni = {**wish, "higher_is_better": True}

    for given in (
        {"analyses": [ni], "reference": "midazolam"},
        {"analyses": [{**ni, "reference": "midazolam"}]},
    ):
        (one,) = analyse(rows, Plan.model_validate(given))
        assert one.margins[0].name.endswith("ketamine against midazolam")

    with pytest.raises(InputError, match="first in alphabetical order, which may be the treatment"):
        analyse(rows, Plan.model_validate({"analyses": [ni]}))
    (both,) = analyse(rows, Plan.model_validate({"analyses": [{**wish, "equivalence": True}]}))
    assert both.margins[0].shown is not None
