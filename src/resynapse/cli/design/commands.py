"""How large must a trial be, and where does it stop?"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli.design import words
from resynapse.cli.design.options import Asked, printed, shared
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.design.piecewise import Piecewise
    from resynapse.trial.design.sizes import Design

Lost = Annotated[
    float, typer.Option(metavar="SHARE", help="People whose outcome will be missing: 0.2.")
]

app = typer.Typer(
    help="Sizes and bounds of a trial from formulas, and what its looks say.",
    no_args_is_help=True,
)


@app.command()
@shared(printed)
def means(
    asked: Asked,
    effect: Annotated[float, typer.Option(help="Difference of means, treated less control.")],
    sd: Annotated[float, typer.Option(help="Standard deviation within an arm.")],
    margin: Annotated[float, typer.Option(help="Non-inferiority margin.")] = 0.0,
    known_sd: Annotated[bool, typer.Option("--known-sd", help="z test in place of t.")] = False,
    dropout: Lost = 0.0,
) -> "Design":
    """Two means, such as craving on a scale."""
    from resynapse.trial.design.means import means as design

    found = design(asked.looks, effect, sd, asked.ratio, margin, known_sd)
    return replace(found, lost=dropout)


@app.command()
@shared(printed)
def rates(
    asked: Asked,
    p1: Annotated[float, typer.Option("--p1", help="Rate of the treated.")],
    p2: Annotated[float, typer.Option("--p2", help="Rate of controls.")],
    margin: Annotated[
        float, typer.Option(help="Non-inferiority margin: H0 is a difference of -margin.")
    ] = 0.0,
    dropout: Lost = 0.0,
) -> "Design":
    """Two rates, such as abstinence at six months."""
    from resynapse.trial.design.rates import rates as design

    return replace(design(asked.looks, p1, p2, asked.ratio, margin), lost=dropout)


@app.command()
@shared(printed)
def survival(
    asked: Asked,
    hazard_ratio: Annotated[
        str, typer.Option(metavar="HR", help="One, or pieces: 0.5x3,0.9 is 0.5 for 3, then 0.9.")
    ],
    accrual: Annotated[
        str, typer.Option(help="Time of recruitment: 12; or people in pieces: 5x4,10x8.")
    ],
    follow_up: Annotated[float, typer.Option(help="Time from the last person in to the end.")],
    median_control: Annotated[float | None, typer.Option(help="Median time of controls.")] = None,
    hazard_control: Annotated[
        str | None, typer.Option(help="In place of the median, a hazard, or pieces: 0.3x2,0.1.")
    ] = None,
    dropout: Annotated[
        str | None, typer.Option(metavar="P@T", help="Share that leaves by a time: 0.1@6.")
    ] = None,
    method: Annotated[
        str, typer.Option(help="schoenfeld, freedman, hsieh-freedman or expected-score.")
    ] = "",
    margin: Annotated[
        float, typer.Option(help="Non-inferiority margin: the hazard ratio under H0, such as 1.3.")
    ] = 1.0,
) -> "Design":
    """Two times to an event, such as relapse; one unit of time throughout."""
    from resynapse.trial.design.piecewise import Piecewise
    from resynapse.trial.design.survival import survival as design

    none = Piecewise((0.0,))
    return design(
        asked.looks,
        words.piecewise("--hazard-ratio", hazard_ratio),
        _control(median_control, hazard_control),
        words.accrual(accrual),
        follow_up,
        words.dropout(dropout) if dropout else (none, none),
        asked.ratio,
        method,
        margin,
    )


def _control(median: float | None, hazard: str | None) -> "Piecewise":
    """The hazard of controls: ln 2 / median."""
    from resynapse.trial.design.survival import hazard_of_median

    if median is not None and hazard is None:
        return hazard_of_median(median)
    if hazard is not None and median is None:
        return words.piecewise("--hazard-control", hazard)
    raise InputError("Give --median-control or --hazard-control, one of them.")


@app.command()
@shared(printed)
def counts(
    asked: Asked,
    rate1: Annotated[float, typer.Option("--rate1", help="Events a unit of time, treated.")],
    rate2: Annotated[float, typer.Option("--rate2", help="Events a unit of time, controls.")],
    dispersion: Annotated[
        float, typer.Option(help="k of the variance mu + k mu^2; 0 is Poisson.")
    ] = 0.0,
    follow_up: Annotated[float, typer.Option(help="Time that each person is followed.")] = 1.0,
    null_variance: Annotated[
        str, typer.Option(help="alternative, reference or maximum-likelihood.")
    ] = "alternative",
    dropout: Lost = 0.0,
) -> "Design":
    """Two rates of counted events, such as days of heavy drinking."""
    from resynapse.trial.design.counts import counts as design

    found = design(asked.looks, rate1, rate2, dispersion, follow_up, asked.ratio, null_variance)
    return replace(found, lost=dropout)
