"""How does a designer see what a planned trial is expected to tell?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import JsonAlone, ProtocolArgument, Quiet

if TYPE_CHECKING:
    from resynapse.inference.information import Told

SIZES = "25,50,100,300"
FEWEST_POINTS = 24
SEPARATES = 0.5
"""chance to end strongly for what is so, below which a design is said not to tell"""
WORDS = {
    "early_effect": "an early effect of the drug on use",
    "window_gain": "a window in which therapy teaches more",
    "belief_on_use": "an effect of belief on use",
}
Arms = Annotated[
    str | None, typer.Option(help="Only these arms, as a,b. By default all of the protocol.")
]
Felt = Annotated[
    bool, typer.Option("--nothing-felt", help="As under anaesthesia: no arm feels different.")
]
People = Annotated[str, typer.Option(help="People in each arm, one size or several.")]
Days = Annotated[float, typer.Option(help="Days of follow-up that are read, from day 0.")]
Points = Annotated[int, typer.Option(help="Settings of the model that are simulated.")]


def information(
    protocol: ProtocolArgument, arms: Arms = None, nothing_felt: Felt = False,
    people: People = SIZES, days: Days = 98.0, points: Points = 48, as_json: JsonAlone = False,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Say what a planned trial is expected to tell: drug, window for therapy, or belief.

    Arms are simulated at many settings of the model; of trials drawn from them the posterior
    probability of each mechanism is averaged, where it acts and where it does not.
    """
    from resynapse.cli.progress import Progress
    from resynapse.inference.information import of_arms, planned, told
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use

    sizes = _sizes(people)
    if points < FEWEST_POINTS:
        raise InputError(f"--points {points}: give at least {FEWEST_POINTS}.")
    plan = ensure_use(load(protocol), "resynapse information")
    trial = of_arms(plan, [one.strip() for one in arms.split(",")] if arms else [], days)
    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        found = told(
            planned(trial, nothing_felt=nothing_felt, points=points, progress=progress.show), sizes
        )
    if as_json:
        names = [arm.id for arm in trial.arms]
        print(json.dumps({"protocol": trial.name, "arms": names, "nothing_felt": nothing_felt,
                          "told": [asdict(one) for one in found]}, allow_nan=False))  # fmt: skip
    else:
        print(text(found))


def text(found: Sequence[Told]) -> str:
    """What the largest trial tells, in words, then a row a size and mechanism."""
    return "\n".join([*words(found), "", *rows(found)])


def words(found: Sequence[Told]) -> Iterator[str]:
    """One sentence a mechanism, of the largest size asked for."""
    largest = max(one.people for one in found)
    for one in found:
        if one.people == largest:
            tells = one.found >= SEPARATES or one.cleared >= SEPARATES
            able = "can" if tells else "can hardly"
            yield (
                f"With {one.people} an arm the trial {able} tell whether there is"
                f" {WORDS[one.name]}: strong evidence for it in {one.found:.0%} of trials"
                f" where it is there, against it in {one.cleared:.0%} where it is not;"
                f" {one.information:.2f} of 1 bit."
            )


def rows(found: Sequence[Told]) -> Iterator[str]:
    """The table."""
    yield (
        "| mechanism | people an arm | bits, of 1 | P(acts) if it does | if it does not |"
        " strong for, if it does | strong against, if not | strong for the wrong |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for one in sorted(found, key=lambda told: (list(WORDS).index(told.name), told.people)):
        yield (
            f"| {one.name.replace('_', ' ')} | {one.people} | {one.information:.2f} |"
            f" {one.probability_if_on:.2f} | {one.probability_if_off:.2f} | {one.found:.0%} |"
            f" {one.cleared:.0%} | {one.misled:.1%} |"
        )


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 2:
        raise InputError(f"--people {text}: give whole numbers of at least 2, as 50 or 25,50,100.")
    return sizes
