"""Which numbers of the model stand behind a programme, link by link?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from resynapse.patient import Patient
from resynapse.protocol import Protocol
from resynapse.report.sections.provenance import parameters_table
from resynapse.report.table import Table
from resynapse.trial.fitted import fitted_at
from resynapse.trial.hypothesis import hypothesis
from resynapse.trial.parameter_set import CALIBRATED, middle
from resynapse.trial.provenance import parameter_rows
from resynapse.trial.site_draws import intervals
from resynapse.trial.site_numbers import at_site
from resynapse.web.view import environment

LINKS = {
    "pharmacology": "Pharmacology: doses, blood, medications",
    "receptor": "Receptors",
    "circuit": "Circuit: the glutamate surge",
    "plasticity": "Plasticity window",
    "pathways": "Pathways and therapy",
    "symptoms": "Symptoms and acute effects",
    "behaviour": "Use, relapse, attendance, leaving",
    "patient": "How people differ",
}
"""Folder of the package -> its heading, in the order of the chain"""


def parameters_html(
    protocol: Protocol, wanted: Collection[str] = (), parameters: str = CALIBRATED
) -> str:  # fmt: skip
    """Value, unit, prior, status, source and fit of every number that this programme runs with.

    ``wanted`` names links, or files of one, such as "symptoms" or "dissociation"; empty: all.
    """
    fitted, under = fitted_at(parameters, protocol), hypothesis(protocol)
    patient = at_site(protocol, under.of(middle(protocol.disorder, fitted)))
    rows = parameter_rows(patient, fitted, under.fixed, intervals(protocol, fitted))
    made = list(_tables(patient, rows, set(wanted)))
    return environment().get_template("parameters.html.j2").render(tables=made)


def _tables(
    patient: Patient, given: list[dict[str, Any]], wanted: set[str]
) -> Iterator[Table]:  # fmt: skip
    rows = [(_place(patient, row["path"]), row) for row in given]
    for link, heading in LINKS.items():
        own = [row for place, row in rows if link in place and (not wanted or wanted & place)]
        if own:
            yield parameters_table(own, f"{heading}: {len(own)}")


def _place(patient: Patient, path: str) -> set[Any]:
    """Folder and file in which a number is declared."""
    return set(type(getattr(patient, path.partition(".")[0])).__module__.split("."))
