"""How does a person predict one infusion, planned by rate or steered to a target?"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from resynapse.cli.estimand import Given
from resynapse.cli.run import Seed
from resynapse.input_error import InputError

STEP = re.compile(r"([0-9.eE+-]+)/([0-9.eE+-]+)")
RESEARCH = "Research, not for dosing a patient. No pump may be set by this."
Rates = Annotated[
    list[str] | None,
    typer.Option("--rate", metavar="MG_PER_KG/MINUTES", help="A part at a constant rate: 0.5/40."),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target", metavar="NG_PER_ML/MINUTES", help="A level that a pump steers to: 100/40."
    ),
]
Site = Annotated[str, typer.Option(help="Where the target is: plasma or effect-site.")]
Believed = Annotated[str, typer.Option(help="Set in the pump: domino or resynapse.")]
Most = Annotated[float, typer.Option(help="What the pump gives at most, mg/min.")]
Watched = Annotated[float, typer.Option(help="Minutes after the end that are shown.")]
People = Annotated[int, typer.Option(min=1, max=100_000, help="People of the protocol.")]
Output = Annotated[Path | None, typer.Option(help="CSV file; printed without it.")]


def infusion(
    protocol: Given, rate: Rates = None, target: Targets = None, at: Site = "plasma",
    believed: Believed = "domino", highest_rate: Most = 20.0, watched: Watched = 60.0,
    people: People = 200, seed: Seed = 1, output: Output = None,
) -> None:  # fmt: skip
    """Predict one infusion in people of a protocol: levels, dissociation, pressure, as CSV."""
    from resynapse.exchange.infusion_csv import infusion_csv
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use
    from resynapse.trial.infusion import Hold, InfusionPlan, Part, predict

    if not rate and not target:
        raise InputError(
            "Nothing is infused: give a part with --rate (0.5/40: mg/kg over minutes) or a level"
            " with --target (100/40: ng/mL for minutes)."
        )
    if rate and target:
        raise InputError("Give parts with --rate, or targets with --target; not both.")
    plan = InfusionPlan(
        "rate" if rate else at,  # type: ignore[arg-type]
        parts=tuple(Part(*_step(one, "--rate")) for one in rate or ()),
        holds=tuple(Hold(*_step(one, "--target")) for one in target or ()),
        believed=believed,  # type: ignore[arg-type]
        highest_rate=highest_rate, watched=watched,
    )  # fmt: skip
    given = ensure_use(load(protocol), "resynapse infusion")
    found = infusion_csv(predict(plan, given, people=people, seed=seed))
    print(RESEARCH, file=sys.stderr)
    if output is None:
        sys.stdout.write(found)
        return
    try:
        output.write_text(found, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"--output {output} could not be written ({error.strerror}).") from None


def _step(given: str, option: str) -> tuple[float, float]:
    """An amount and its minutes."""
    read = STEP.fullmatch(given.strip())
    try:
        return float(read[1]), float(read[2])  # type: ignore[index]
    except (TypeError, ValueError):
        raise InputError(
            f"{option} {given}: give an amount, a slash and minutes, such as 0.5/40."
        ) from None
