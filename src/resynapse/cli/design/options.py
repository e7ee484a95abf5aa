"""Which options do all designs share, and what do they ask for?"""

import inspect
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.design import words
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.design.futility import Futility
    from resynapse.trial.design.sequential import Looks
    from resynapse.trial.design.sizes import Design

ONE_SIDE = 0.025
DEFAULT_BOUNDS = "lan-demets-obrien-fleming"

Alpha = Annotated[
    float | None,
    typer.Option(help="Type I error, of both sides where --sided is 2; by default 0.025 a side."),
]
Sided = Annotated[int, typer.Option(help="Sides of the test, 1 or 2.")]
Power = Annotated[float, typer.Option(help="Probability of showing the effect that is assumed.")]
Ratio = Annotated[str, typer.Option(metavar="R:1", help="People treated for each control.")]
Count = Annotated[int | None, typer.Option("--looks", help="Equally spaced looks; by default 1.")]
Rates = Annotated[
    str | None,
    typer.Option(metavar="0.5,1", help="Fraction of the information at each look, the last 1."),
]
Bounds = Annotated[
    str | None,
    typer.Option(
        help="obrien-fleming, pocock, wang-tsiatis, haybittle-peto, lan-demets-obrien-fleming "
        "(where there are looks), lan-demets-pocock, kim-demets, hwang-shih-decani or user."
    ),
]
Parameter = Annotated[
    float | None,
    typer.Option(
        help="delta (wang-tsiatis, 0.25), power (kim-demets, 1), gamma (hwang-shih-decani, -4) or "
        "the interim Z (haybittle-peto, 3)."
    ),
]
Spent = Annotated[
    str | None,
    typer.Option(metavar="0.01,0.025", help="user: cumulative alpha of one side at each look."),
]
FutilityBounds = Annotated[
    str | None,
    typer.Option(help="A spending function for beta, or Z at each look before the last: 0,0.5."),
]
FutilityParameter = Annotated[
    float | None, typer.Option(help="As --spending-parameter, for --futility.")
]
FutilitySpent = Annotated[
    str | None, typer.Option(metavar="0.05,0.2", help="user: cumulative beta at each look.")
]
Binding = Annotated[
    bool,
    typer.Option("--binding/--non-binding", help="Whether crossing for futility must stop."),
]
Prior = Annotated[
    str | None,
    typer.Option(
        metavar="normal(M,SD)|FILE.csv",
        help="What is believed of the effect, for assurance: the difference, the rate of the "
        "treated, ln of the hazard or rate ratio; or draws of it, one a line.",
    ),
]
Plot = Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw the bounds.")]
Pdf = Annotated[Path | None, typer.Option(metavar="FILE.pdf", help="Write a report on A4.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True)
class Asked:
    """What every design needs to know."""

    looks: "Looks"
    ratio: float


def asked(
    alpha: Alpha = None,
    sided: Sided = 1,
    power: Power = 0.8,
    ratio: Ratio = "1:1",
    looks: Count = None,
    information_rates: Rates = None,
    spending: Bounds = None,
    spending_parameter: Parameter = None,
    spent: Spent = None,
    futility: FutilityBounds = None,
    futility_parameter: FutilityParameter = None,
    futility_spent: FutilitySpent = None,
    binding: Binding = False,
) -> Asked:
    """The options that all designs share, read and checked."""
    from resynapse.trial.design.sequential import Looks

    rates = _rates(looks, information_rates)
    if len(rates) == 1 and spending:
        raise InputError(
            f"--spending {spending} needs several looks: give --looks or --information-rates."
        )
    return Asked(
        Looks(
            alpha=ONE_SIDE * sided if alpha is None else alpha,
            sided=sided,
            power=power,
            information_rates=rates,
            spending=spending or DEFAULT_BOUNDS,
            parameter=spending_parameter,
            spent=None if spent is None else words.numbers("--spent", spent),
            futility=_futility(futility, futility_parameter, futility_spent, binding),
        ),
        words.ratio(ratio),
    )


def _rates(looks: int | None, given: str | None) -> list[float]:
    if given is None:
        count = 1 if looks is None else looks
        if not 1 <= count <= 50:
            raise InputError(f"--looks {count}: give 1 to 50 looks.")
        return [(k + 1) / count for k in range(count)]
    rates = words.numbers("--information-rates", given)
    if looks is not None and looks != len(rates):
        raise InputError(
            f"--looks {looks} and --information-rates {given} do not agree; give one of them."
        )
    return rates


def _futility(
    given: str | None, parameter: float | None, spent: str | None, binding: bool
) -> "Futility":
    from resynapse.trial.design.futility import Futility

    cumulative = None if spent is None else words.numbers("--futility-spent", spent)
    if given is None:
        return Futility((), "", parameter, cumulative, binding)
    if given[:1].isalpha():
        return Futility((), given, parameter, cumulative, binding)
    bounds = words.numbers("--futility", given)
    if not bounds:
        raise InputError("--futility is empty; give Z at each look before the last, as 0,0.5.")
    return Futility(tuple(bounds), binding=binding)


def shared(
    printing: Callable[..., None], **defaults: Any
) -> Callable[[Callable], Callable[..., None]]:
    """A command with the shared options after its own; what it returns is printed so.

    ``defaults`` are those of shared options that differ here.
    """
    return lambda command: _with_shared(command, printing, defaults)


def _with_shared(
    command: Callable, printing: Callable[..., None], defaults: dict[str, Any]
) -> Callable[..., None]:
    ours = {
        name: one.replace(default=defaults.get(name, one.default))
        for name, one in inspect.signature(asked).parameters.items()
    }
    _, *own = inspect.signature(command).parameters.values()
    _, *last = inspect.signature(printing).parameters.values()

    def run(**given: Any) -> None:
        common = asked(**{name: given[name] for name in ours})
        found = command(common, **{one.name: given[one.name] for one in own})
        printing(found, **{one.name: given[one.name] for one in last})

    every = [*own, *ours.values(), *last]
    named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in every]
    run.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def printed(
    design: "Design", context: typer.Context, prior: Prior = None, plot: Plot = None,
    pdf: Pdf = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """A design as a table or one JSON object, as a picture and as pages."""
    assured = None if prior is None else words.assured(design, prior)
    if pdf is not None:
        from resynapse.cli.design.paper import write

        write(design, assured, context, pdf)
    if plot is not None:
        from resynapse.report.boundaries import boundaries

        boundaries(design).save(plot)
    if as_json:
        assurance = None if assured is None else vars(assured)
        print_json(design.as_dict() | {"assurance": assurance})
        return
    from resynapse.cli.design.show import show

    show(design, assured)


def told(
    found: dict[str, Any], as_json: AsJson = False, labels: Mapping[str, str] | None = None
) -> None:
    """Named values as rows, or one JSON object; ``labels`` are what the screen calls some."""
    if as_json:
        print_json(found)
        return
    from resynapse.cli.design.show import show_values

    show_values(found, labels or {})


def print_json(found: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    print(json.dumps(finite(found)))


def finite(value: Any) -> Any:
    """The same, where a bound that nothing crosses is none."""
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
