"""How does a person ask what a result rests on?"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import AsJson, ProtocolArgument, Quiet, Seed

if TYPE_CHECKING:
    from resynapse.inference.sensitivity import Local, Quantity, Shares, Tornado

METHODS = ("tornado", "links", "local")
Endpoint = Annotated[
    str, typer.Option(help="An endpoint, or an event for a hazard ratio: lapse, relapse, dropout.")
]
ArmName = Annotated[str | None, typer.Option(help="By default the first arm but the reference.")]
Against = Annotated[
    str | None, typer.Option(help="Compare with this arm; by default the protocol's reference.")
]
Alone = Annotated[bool, typer.Option("--alone", help="The arm by itself, compared with none.")]
Method = Annotated[
    str,
    typer.Option(
        help="tornado: every parameter alone; links: shares of variance (Sobol); local: slopes at"
        " the defaults."
    ),
]
Only = Annotated[
    list[str] | None, typer.Option(help="Paths to try, as 'learning.*'; may be repeated.")
]
People = Annotated[int, typer.Option(help="People an arm for each set of parameters.")]
Base = Annotated[int, typer.Option(help="links: a power of two; simulates it 10 times.")]
Top = Annotated[int, typer.Option(help="Rows printed and drawn; files hold all.")]
Output = Annotated[Path | None, typer.Option(help="All rows as a CSV file.")]
Plot = Annotated[Path | None, typer.Option(help="tornado, local: the picture, an SVG file.")]


def sensitivity(
    protocol: ProtocolArgument, endpoint: Endpoint = "lapse", arm: ArmName = None,
    against: Against = None, alone: Alone = False, method: Method = "tornado", only: Only = None,
    people: People = 256, base: Base = 128, top: Top = 20, output: Output = None,
    plot: Plot = None, seed: Seed = 1, as_json: AsJson = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Show which parameters, or which links of the chain, a result of a trial rests on."""
    from resynapse.cli.progress import Progress
    from resynapse.inference.sensitivity import local, shares, tornado

    _ensure(method, people, base, output, plot)
    asked = _quantity(protocol, endpoint, arm, against, alone, people, seed)
    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        found: Tornado | Shares | Local
        if method == "links":
            found = shares(asked, base, progress.show)
        elif method == "local":
            found = local(asked, tuple(only or ()), progress.show)
        else:
            found = tornado(asked, tuple(only or ()), progress.show)
    _write(found, output, plot, top)
    print(json.dumps(_as_dict(found), allow_nan=False) if as_json else _text(found, top))


def _ensure(method: str, people: int, base: int, output: Path | None, plot: Path | None) -> None:
    if method not in METHODS:
        raise InputError(f"--method {method}: choose one of {', '.join(METHODS)}.")
    if people < 16:
        raise InputError(f"--people {people}: give at least 16 an arm.")
    if base < 2 or base & (base - 1):
        raise InputError(f"--base {base}: give a power of two, as 32 or 64.")
    if plot is not None and (plot.suffix != ".svg" or method == "links"):
        raise InputError(f"--plot {plot}: only a tornado is drawn, or slopes, and as .svg.")
    for path in (output, plot):
        if path is not None and not path.absolute().parent.is_dir():
            raise InputError(f"{path}: its folder does not exist. Make it, or write elsewhere.")


def _quantity(
    name: str, endpoint: str, arm: str | None, against: str | None, alone: bool, people: int,
    seed: int,
) -> Quantity:  # fmt: skip
    from resynapse.inference.sensitivity import Quantity
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use

    plan = ensure_use(load(name), "resynapse sensitivity")
    reference = None if alone else against or plan.reference
    others = [one.id for one in plan.arms if one.id != reference]
    asked = Quantity(plan, endpoint, arm or others[0], reference, people, seed)
    asked.ensure_known()
    return asked


def _write(found: Any, output: Path | None, plot: Path | None, top: int) -> None:
    from resynapse.report.sensitivity import local_svg, tornado_svg

    if output is not None:
        rows = _rows(found)
        with output.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    if plot is not None:
        draw = local_svg if hasattr(found, "slopes") else tornado_svg
        plot.write_text(draw(found, top), encoding="utf-8")


def _rows(found: Any) -> list[dict[str, Any]]:
    if hasattr(found, "swings"):
        return [asdict(one) | {"more_than_chance": found.tells(one)} for one in found.swings]
    if hasattr(found, "slopes"):
        return [asdict(one) | {"more_than_chance": one.tells} for one in found.slopes]
    return [asdict(one) for one in found.shares]


def _as_dict(found: Any) -> dict[str, Any]:
    asked = found.quantity
    head = {
        "protocol": asked.protocol.name, "endpoint": asked.endpoint, "arm": asked.arm,
        "reference": asked.reference, "unit": found.unit, "people_per_arm": asked.people,
        "seed": asked.seed, "parameters": "prior",
    }  # fmt: skip
    if hasattr(found, "swings"):
        return head | {"default": found.default, "chance_sd": found.error, "rows": _rows(found)}
    if hasattr(found, "slopes"):
        return head | {
            "default": found.default, "default_error": found.error,
            "left_out": list(found.left_out), "rows": _rows(found),
        }  # fmt: skip
    return head | {
        "mean": found.mean, "sd": found.sd, "simulated": found.simulated, "rows": _rows(found),
    }  # fmt: skip


def _text(found: Any, top: int) -> str:
    asked = found.quantity
    against = f" against {asked.reference}" if asked.reference else ""
    head = f"{asked.protocol.name}: {asked.endpoint}, {asked.arm}{against} ({found.unit})"
    if hasattr(found, "swings"):
        return "\n".join([f"{head}, prior, not calibrated", *_tornado_lines(found, top)])
    if hasattr(found, "slopes"):
        return "\n".join([f"{head}, prior, not calibrated", *_slope_lines(found, top)])
    return "\n".join([f"{head}, prior, not calibrated", *_share_lines(found)])


def _tornado_lines(found: Tornado, top: int) -> Iterable[str]:
    yield f"default {found.default:.3g}; one standard deviation of chance {found.error:.2g}"
    yield "| parameter | 5 to 95 % of its prior | result at 5 % | at 95 % | more than chance |"
    yield "| --- | --- | --- | --- | --- |"
    for one in found.swings[:top]:
        yield (
            f"| {one.path} | {one.low:.3g} to {one.high:.3g} {one.unit} | {one.at_low:.3g} |"
            f" {one.at_high:.3g} | {'yes' if found.tells(one) else 'no'} |"
        )


def _slope_lines(found: Local, top: int) -> Iterable[str]:
    yield f"default {found.default:.3g}, standard error {found.error:.2g}"
    yield said_of_slopes(found)
    yield "| parameter | at | slope per unit (SE) | per sd of its prior | elasticity |"
    yield "| --- | --- | --- | --- | --- |"
    for one in found.slopes[:top]:
        elasticity = "-" if one.elasticity is None else f"{one.elasticity:+.2g}"
        yield (
            f"| {one.path} | {one.value:.3g} {one.unit} | {one.slope:+.3g}"
            f" ({one.error:.1g}){'' if one.tells else ', chance'} | {one.per_sd:+.2g} |"
            f" {elasticity} |"
        )
    if found.left_out:
        named = ", ".join(found.left_out)
        yield f"Left out, as their prior is one value or too few sets could tell: {named}."


def said_of_slopes(found: Local) -> str:
    """How the slopes were taken."""
    people = found.quantity.people
    return (
        "Differences over the middle fifth of each prior (more where a spike is wider), the same"
        f" people at both ends; eight sets of {people} an arm. The quantity has jumps, so no"
        " derivative is taken."
    )


def _share_lines(found: Shares) -> Iterable[str]:
    yield f"mean {found.mean:.3g}, sd {found.sd:.2g} over {found.simulated} sets of parameters"
    yield "| link | parameters | alone | with interactions and chance |"
    yield "| --- | --- | --- | --- |"
    for one in found.shares:
        yield (
            f"| {one.link} | {one.parameters} | {one.alone:.2f} ± {one.alone_error:.2f} |"
            f" {one.total:.2f} ± {one.total_error:.2f} |"
        )
