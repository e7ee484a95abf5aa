"""Which hypotheses of a plan may be rejected together?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.analysis.answer import Answer, MarginTest, Test
from resynapse.trial.analysis.multiplicity import Graph, bonferroni, graphical, hochberg, holm
from resynapse.trial.analysis.plan import HypothesisPlan, MultiplicityPlan, Plan

STEPPED = {"holm": holm, "hochberg": hochberg, "bonferroni": bonferroni}


def answer_multiplicity(plan: Plan, wish: MultiplicityPlan, answers: Sequence[Answer]) -> Answer:
    """Adjusted p-values; an analysis that failed counts as p = 1, so that it is not rejected.

    A test at a margin is of one side, so twice its p is held against alpha, which is of two.
    """
    names = [one.analysis for one in wish.hypotheses]
    if len(set(names)) < len(names):
        names = [f"{one.analysis}, {one.quantity}" for one in wish.hypotheses]
    found = [_p_value(one, answers) for one in wish.hypotheses]
    raw = [p for p, _, _ in found]
    if wish.method == "graphical":
        adjusted = list(graphical(dict(zip(names, raw, strict=True)), _graph(wish, names)).values())
    else:
        adjusted = list(STEPPED[wish.method](raw))
    tests = tuple(Test(name, None, None, float(p)) for name, p in zip(names, adjusted, strict=True))
    alpha = 1 - plan.confidence
    rejected = [name for name, p in zip(names, adjusted, strict=True) if p <= alpha]
    said = f"p-values adjusted by {wish.method}, alpha {alpha:.3g}"
    margins = {name: one for name, (_, _, one) in zip(names, found, strict=True) if one}
    notes = [*(note for _, note, _ in found if note), *_of_margins(margins, rejected, alpha)]
    return Answer(
        "multiplicity", wish.method, said, n=len(names), tests=tests,
        notes=tuple(dict.fromkeys(notes)),
        details={"unadjusted": dict(zip(names, raw, strict=True)), "rejected": rejected},
    )  # fmt: skip


def _of_margins(margins: dict[str, MarginTest], rejected: list[str], alpha: float) -> list[str]:
    """What holds of tests at a margin once all hypotheses are tested together."""
    if not margins:
        return []
    level = f"one-sided {100 * alpha / 2:.3g} % for all hypotheses together"
    return [
        "p of a test at a margin is of one side; twice that stands here, so that alpha of two "
        "sides holds for all",
        *(
            f"{name}: {one.name.partition(',')[0]} is {'' if name in rejected else 'not '}shown "
            f"at {level}"
            for name, one in margins.items()
        ),
    ]


def _p_value(
    wish: HypothesisPlan, answers: Sequence[Answer]
) -> tuple[float, str, MarginTest | None]:
    """p of a hypothesis; with a note where its difference has none, which counts as 1.

    Of an analysis with a margin the first test at it, unless ``quantity`` names another.
    """
    known = [one.name for one in answers]
    if wish.analysis not in known:
        raise InputError(
            f"multiplicity: there is no analysis {wish.analysis!r}."
            f"{did_you_mean(wish.analysis, known)} Analyses: {', '.join(known)}."
        )
    answer = answers[known.index(wish.analysis)]
    if answer.failed:
        return 1.0, "", None
    found = {one.quantity: one.p_value for one in answer.estimates if one.p_value is not None}
    found |= {one.name: one.p_value for one in answer.tests if one.p_value is not None}
    margins = {one.name: one for one in answer.margins}
    found |= {name: 2 * one.p_value for name, one in margins.items() if one.p_value is not None}
    expected = *margins, *answer.details.get("differences", ())
    quantity = next(iter((*expected, *found)), None) if wish.quantity is None else wish.quantity
    if quantity in expected and quantity not in found:
        said = f"{wish.analysis}: {quantity} has no p, so it counts as p = 1"
        return 1.0, said, margins.get(quantity)
    if quantity not in found:
        raise InputError(
            f"multiplicity: analysis {wish.analysis!r} has no p-value of {wish.quantity!r}."
            f"{did_you_mean(wish.quantity, found)} There are: {'; '.join(found) or 'none'}."
        )
    return min(float(found[quantity]), 1.0), "", margins.get(quantity)


def _graph(wish: MultiplicityPlan, names: list[str]) -> Graph:
    m = len(names)
    weights = np.array([1 / m if h.weight is None else h.weight for h in wish.hypotheses])
    transitions = np.zeros((m, m))
    for row, hypothesis in enumerate(wish.hypotheses):
        for to, share in hypothesis.passes_to.items():
            if to not in names:
                raise InputError(
                    f"multiplicity: {names[row]} passes its weight to {to!r}, which is none of"
                    f" {', '.join(names)}.{did_you_mean(to, names)}"
                )
            transitions[row, names.index(to)] = share
    return Graph(tuple(names), weights, transitions)
