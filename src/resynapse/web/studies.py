"""What did studies measure, and which of them was the model allowed to see?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from resynapse.evidence import Study, studies
from resynapse.evidence.likelihood import why_no_number
from resynapse.report.forest import forest
from resynapse.report.names import MEASURES, ROLES, SEEN, endpoint
from resynapse.report.sections import forecasts, held_out_kinetics
from resynapse.report.sections.published import no_interval
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import sentence_case
from resynapse.web.view import environment

if TYPE_CHECKING:
    from resynapse.evidence.study import Number
    from resynapse.inference.validation import Validation

KINDS = {
    "calibration": "A number of the model may be fitted to these; where none is, that is said.",
    "retrospective": "They informed the structure of the model, so meeting them proves little.",
    "held-out": "The model was not fitted to these. They are the test.",
    "forecast": "Not reported yet. What the model says of them is dated before they are.",
}
"""Role -> what it means, in the order of the page"""


@cache
def evidence_html() -> str:
    """Every study, by role, with its values and where each was read."""
    groups = [
        {"name": ROLES[role], "words": words, "studies": [_told(s) for s in _of(role)]}
        for role, words in KINDS.items()
    ]
    found = _stored()
    return environment().get_template("evidence.html.j2").render(
        groups=groups, figure=forecasts.forecasts(found), table=forecasts.forecasts_table(found),
        held_out=forecasts.held_out(found), made=forecasts.made(found), words=found.words(),
        **_kinetics(),
    )  # fmt: skip


def _kinetics() -> dict[str, Any]:
    from resynapse.inference.kinetics import TWOFOLD, bars, stored

    values = stored()
    return {
        "concentrations": held_out_kinetics.table(values, TWOFOLD),
        "missed": sum(not 1.0 / TWOFOLD <= one.ratio <= TWOFOLD for one in values),
        "verdicts": held_out_kinetics.verdicts(bars(values)),
    }


def forecasts_file() -> str:
    """The figure of forecasts beside published values, as a whole SVG file."""
    return forest(_stored())


def _stored() -> Validation:
    """What ships; loaded with the libraries of inference once somebody asks."""
    from resynapse.inference.validated import stored

    return stored()


def _of(role: str) -> list[Study]:
    return [study for study in studies() if study.role == role]


def _told(study: Study) -> dict[str, Any]:
    unused = [f"No fit uses it: {why}" for why in [why_no_number(study)] if why]
    unused += [f"In no fit, {one.what}: {one.reason}" for one in study.in_no_fit]
    return {
        "study": study, "unused": unused, "table": _values(study) if study.numbers else None,
    }  # fmt: skip


def _where(one: Number) -> list[str]:
    """Where a value stands, how it was seen, and what its brackets hold if no interval."""
    kind = no_interval(one)
    return [one.place, SEEN.get(one.seen, one.seen), *([f"in brackets {kind}"] if kind else [])]


def _values(study: Study) -> Table:
    rows = tuple(
        Row(
            f"{endpoint(one.endpoint)}, {MEASURES.get(one.measure, sentence_case(one.measure))}",
            (
                Cell(words=f"{one.arm} against {one.reference}" if one.reference else one.arm),
                value_cell(one.value, one.unit, one.low, one.high),
                Cell(words=str(one.n or "")),
                Cell(words="; ".join(_where(one))),
                Cell(words="yes" if one.comparable else "no"),
            ),
        )
        for one in study.numbers
    )
    heads = ("Quantity", "Arm", "Value", "n", "Where it stands", "In the model")
    return Table(f"Values of {study.short_citation}", heads, rows)
