"""How does a person ask for the true value of an estimand, and how well estimators find it?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.run import CALIBRATED, Parameters, Quiet, Seed
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.protocol.estimand import Estimand

Given = Annotated[str, typer.Argument(help="A name from `resynapse protocols`, or a YAML file.")]
Variable = Annotated[
    str | None,
    typer.Option(help="relapse_6_months, ...; by default the estimands that the protocol writes."),
]
Arm = Annotated[str | None, typer.Option(help="Arm set against the reference.")]
Size = Annotated[int, typer.Option("--n", min=4, help="People of a trial, over all arms.")]
People = Annotated[int, typer.Option(min=100, max=200_000, help="People simulated in each arm.")]
Trials = Annotated[int, typer.Option(min=2, max=100_000, help="Trials drawn from them.")]
Event = Annotated[
    str,
    typer.Option(
        help="Event whose strategies stand side by side: dropout, rescue_medication, "
        "incarceration, death. The others are as the estimand writes them."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def estimand(
    protocol: Given, variable: Variable = None, arm: Arm = None, n: Size = 200,
    people: People = 4000, trials: Trials = 500, event: Event = "dropout", seed: Seed = 1,
    parameters: Parameters = CALIBRATED, as_json: AsJson = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """True values of an effect under each strategy for drop-out, and who finds them."""
    from resynapse.cli.progress import Progress
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use
    from resynapse.trial.estimand import ensure_possible, understood, worlds
    from resynapse.trial.estimator_check import performance
    from resynapse.trial.trials import ensure_enough

    given = ensure_use(load(protocol), "resynapse estimand")
    wanted = [(asked, understood(given, asked)) for asked in _asked(given, variable, arm)]
    ensure_enough(people, n)
    ensure_possible(given, event)
    with Progress(quiet or as_json) as progress:
        progress.show(0.0, f"{people} people through {len(given.arms)} arms")
        known = worlds(given, people, seed, parameters)
        found = []
        for k, (asked, read) in enumerate(wanted):
            progress.show((k + 1) / (len(wanted) + 1), f"{trials} trials of {n} people")
            others = asked.intercurrent_events.model_dump()
            asks = asked.arm, n, trials, seed, given.conduct, others, event
            rows = performance(read, known, *asks)
            found.append(
                {"estimand": asked.model_dump(), "reference": given.reference, "event": event,
                 "rows": rows}
            )  # fmt: skip
    if as_json:
        from resynapse.exchange.as_json import plain

        told = {"protocol": given.name, "n": n, "people": people, "estimands": found}
        print(json.dumps(plain(told), allow_nan=False))
        return
    for one in found:
        _show(one)


def _asked(protocol: Protocol, variable: str | None, arm: str | None) -> list[Estimand]:
    """The estimand of the command line, or those that the protocol writes."""
    from resynapse.protocol.estimand import Estimand
    from resynapse.trial.endpoint_name import parse

    if variable is None:
        if arm is not None:
            raise InputError(f"--arm {arm}: say also with --variable what is compared.")
        if not protocol.estimands:
            raise InputError(
                f"{protocol.name} writes no estimand; give --variable, such as relapse_6_months, "
                "or a section `estimands`."
            )
        return list(protocol.estimands)
    parse(variable)
    others = [one.id for one in protocol.arms if one.id != protocol.reference]
    if not others:
        raise InputError(f"{protocol.name} has one arm only; an effect needs two.")
    return [Estimand(name="asked", arm=arm or others[0], variable=variable)]


def _show(found: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    asked, rows, console = found["estimand"], found["rows"], screen()
    event, events = found["event"], asked["intercurrent_events"]
    wanted = events[event]
    strategies = list(dict.fromkeys(row.strategy for row in rows))
    console.print(
        f"[bold]{escape(asked['name'])}[/bold]: {escape(asked['variable'])}, "
        f"{escape(asked['arm'])} less {escape(found['reference'])}, everybody randomised, "
        f"difference of means; {event}: {wanted}"
    )
    marked = [f"{one} *" if one == wanted else one for one in strategies]
    table = Table("", *marked)
    table.add_row("true value", *[f"{_of(rows, None, one).truth:.4g}" for one in strategies])
    for name in dict.fromkeys(row.estimator for row in rows):
        cells = [_cell(_of(rows, name, one)) for one in strategies]
        table.add_row(escape(name), *cells)
    console.print(table)
    console.print(
        "Bias (Monte Carlo error), and share of 95 % intervals that hold the true value. "
        f"{rows[0].trials + rows[0].failed} trials, without an estimate: "
        f"{max(row.failed for row in rows)}. * what was asked. Research software: a model's truth."
    )


def _of(rows: list[Any], estimator: str | None, strategy: str) -> Any:
    return next(
        row for row in rows if row.strategy == strategy and estimator in (None, row.estimator)
    )


def _cell(row: Any) -> str:
    return f"{row.bias:+.3g} ({row.bias_error:.1g}), {row.coverage:.1%}"
