"""Which hypotheses of a plan may be rejected together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.analysis.answer import Answer, MarginTest, Test
from resynapse.trial.analysis.multiplicity import Graph, bonferroni, graphical, hochberg, holm
from resynapse.trial.analysis.plan import HypothesisPlan, MultiplicityPlan, Plan

Verdicts = Mapping[tuple[str, str], bool]
"""Analysis and test at a margin -> shown with all hypotheses"""

STEPPED = {"holm": holm, "hochberg": hochberg, "bonferroni": bonferroni}


@dataclass(frozen=True)
class Hypothesis:
    """What a plan's hypothesis is in the answers."""

    analysis: str
    quantity: str | None
    """The test that is used; None where the analysis failed and the plan names none"""
    p: float
    note: str = ""
    margin: MarginTest | None = None

    @property
    def name(self) -> str:
        """In full."""
        return f"{self.analysis}, {self.quantity}" if self.quantity else self.analysis


def answer_multiplicity(
    plan: Plan, wish: MultiplicityPlan, answers: Sequence[Answer]
) -> list[Answer]:
    """The answers with the verdict on their margins, then one of adjusted p-values.

    An analysis that failed counts as p = 1, so that it is not rejected. A test at a margin is of
    one side, so twice its p is held against alpha, which is of two.
    """
    found = [_hypothesis(one, answers) for one in wish.hypotheses]
    names = _names(found)
    p = dict(zip(names, (one.p for one in found), strict=True))
    if wish.method == "graphical":
        adjusted = graphical(p, _graph(wish, found, names))
    else:
        adjusted = dict(zip(names, map(float, STEPPED[wish.method](list(p.values()))), strict=True))
    alpha = 1 - plan.confidence
    rejected = [name for name in names if adjusted[name] <= alpha]
    notes = [one.note for one in found if one.note]
    level = f"one-sided {100 * alpha / 2:.3g} % for all hypotheses together"
    verdicts = {
        (one.analysis, one.margin.name): name in rejected
        for name, one in zip(names, found, strict=True)
        if one.margin
    }
    if verdicts:
        notes.append("p of a test at a margin is of one side; twice that stands here, so that "
                     "alpha of two sides holds for all")  # fmt: skip
    for (analysis, test), shown in verdicts.items():
        notes.append(f"{analysis}, {test}: {'' if shown else 'not '}shown at {level}")
    multiplicity = Answer(
        "multiplicity", wish.method, f"p-values adjusted by {wish.method}, alpha {alpha:.3g}",
        n=len(names), tests=tuple(Test(name, None, None, adjusted[name]) for name in names),
        notes=tuple(dict.fromkeys(notes)), details={"unadjusted": p, "rejected": rejected},
    )  # fmt: skip
    return [*(_with_verdicts(one, verdicts, level) for one in answers), multiplicity]


def _with_verdicts(answer: Answer, verdicts: Verdicts, level: str) -> Answer:
    margins = (
        _with_verdict(one, verdicts.get((answer.name, one.name)), level) for one in answer.margins
    )
    return replace(answer, margins=tuple(margins))


def _with_verdict(one: MarginTest, shown: bool | None, level: str) -> MarginTest:
    """A test at a margin with what holds of it among the hypotheses of the plan."""
    if shown is None:
        return replace(one, said=f"{one.said} It is not among the hypotheses of multiplicity.")
    said = one.said
    if one.shown is not None:
        last = f"Multiplicity has the last word: {'' if shown else 'not '}shown at {level}."
        said = f"By itself, {said[0].lower()}{said[1:]} {last}"
    return replace(one, said=said, shown_together=shown)


def each_at_its_own_level(answers: list[Answer]) -> list[Answer]:
    """Without multiplicity: a note where several tests at a margin are made."""
    held = [(number, one) for number, answer in enumerate(answers) for one in answer.margins]
    if len(held) < 2:
        return answers
    last, one = held[-1]
    said = (
        f"each of {len(held)} tests at a margin is made at its own level, one-sided "
        f"{100 * one.alpha:.3g} %; multiplicity holds several to one alpha"
    )
    noted = replace(answers[last], notes=(*answers[last].notes, said))
    return [*answers[:last], noted, *answers[last + 1 :]]


def _names(found: Sequence[Hypothesis]) -> list[str]:
    """The analysis; with the test where an analysis has two hypotheses."""
    analyses, names = [one.analysis for one in found], [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            f"multiplicity: {twice!r} is a hypothesis twice; name another test by quantity, or "
            "leave one out."
        )
    return names if len(set(analyses)) < len(analyses) else analyses


def _hypothesis(wish: HypothesisPlan, answers: Sequence[Answer]) -> Hypothesis:
    """With a note where the analysis failed or its difference has no p, which counts as 1.

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
        said = f"{wish.analysis}: the analysis failed, so it counts as p = 1"
        return Hypothesis(wish.analysis, wish.quantity, 1.0, said)
    found = {one.quantity: one.p_value for one in answer.estimates if one.p_value is not None}
    found |= {one.name: one.p_value for one in answer.tests if one.p_value is not None}
    margins = {one.name: one for one in answer.margins}
    found |= {name: 2 * one.p_value for name, one in margins.items() if one.p_value is not None}
    expected = *margins, *answer.details.get("differences", ())
    quantity = next(iter((*expected, *found)), None) if wish.quantity is None else wish.quantity
    without = *expected, *(one.name for one in answer.tests)
    if quantity is not None and quantity in without and quantity not in found:
        said = f"{wish.analysis}: {quantity} has no p, so it counts as p = 1"
        return Hypothesis(wish.analysis, quantity, 1.0, said, margins.get(quantity))
    if quantity is None or quantity not in found:
        raise InputError(
            f"multiplicity: analysis {wish.analysis!r} has no p-value of {wish.quantity!r}."
            f"{did_you_mean(wish.quantity, found)} There are: {'; '.join(found) or 'none'}."
        )
    p = min(float(found[quantity]), 1.0)
    return Hypothesis(wish.analysis, quantity, p, margin=margins.get(quantity))


def _graph(wish: MultiplicityPlan, found: Sequence[Hypothesis], names: list[str]) -> Graph:
    m = len(names)
    weights = np.array([1 / m if h.weight is None else h.weight for h in wish.hypotheses])
    transitions = np.zeros((m, m))
    for row, hypothesis in enumerate(wish.hypotheses):
        for to, share in hypothesis.passes_to.items():
            place = _place(to, found)
            if place is None:
                raise InputError(
                    f"multiplicity: {names[row]!r} passes its weight to {to!r}, which is none of "
                    f"these hypotheses: {'; '.join(names)}.{did_you_mean(to, names)}"
                )
            transitions[row, place] += share
    return Graph(tuple(names), weights, transitions)


def _place(to: str, found: Sequence[Hypothesis]) -> int | None:
    """Which hypothesis is meant: by its name in full, or by its analysis where that has one.

    One that failed has no name in full unless the plan names its test.
    """
    for number, one in enumerate(found):
        if to == one.name:
            return number
    ways = [
        [number for number, one in enumerate(found) if one.analysis == to],
        [n for n, one in enumerate(found) if not one.quantity and to.startswith(f"{one.name}, ")],
    ]
    return next((way[0] for way in ways if len(way) == 1), None)
