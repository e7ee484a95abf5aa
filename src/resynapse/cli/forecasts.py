"""How does a person see what was forecast for pending trials, and freeze a new forecast?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
app = typer.Typer(help="Dated forecasts of pending trials.", invoke_without_command=True)

HEAD = (
    "Frozen before read-out and never changed. Research software: it tells nobody how to dose a"
    " patient, and ketamine is not approved for any addiction."
)
COLUMNS = "| quantity | model: median, 50 %, 90 % | favours it | expectancy alone | favours it |"


@app.callback()
def forecasts(context: typer.Context, as_json: AsJson = False) -> None:
    """List the forecasts of pending trials that were frozen before read-out."""
    if context.invoked_subcommand:
        return
    from resynapse.inference.forecasts import forecasts as known

    if as_json:
        print(json.dumps({"forecasts": list(known())}, allow_nan=False))
        return
    print(f"{HEAD}\n\n| trial | date | quantities | title |\n| --- | --- | --- | --- |")
    for one in known():
        print(f"| {one['trial']} | {one['date']} | {len(one['quantities'])} | {one['title']} |")
    print("\n`resynapse forecasts show TRIAL` prints one.")


@app.command()
def show(
    trial: Annotated[str, typer.Argument(help="A trial from `resynapse forecasts`.")],
    date: Annotated[
        str | None, typer.Option(help="Of which date, as 2026-11-26; by default the first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print one: every quantity with its intervals, the rival beside, and what was assumed."""
    from resynapse.inference.forecasts import forecast_of

    found = forecast_of(trial, date)
    print(json.dumps(found, allow_nan=False) if as_json else text(found))


@app.command()
def freeze(
    protocol: Annotated[str, typer.Argument(help="A pending trial, or your own protocol's file.")],
    draws: Annotated[int, typer.Option(min=20, help="Draws of the parameters.")] = 96,
    people: Annotated[int, typer.Option(min=64, help="People an arm, in each draw.")] = 256,
    parameters: Annotated[
        str,
        typer.Option(
            help="calibrated, prior, the name of a stage, or what `resynapse calibrate` wrote."
        ),
    ] = "ketamine",
    seed: Annotated[int, typer.Option(min=0, help="Seed of all chance.")] = 1,
    output: Annotated[Path, typer.Option(help="Folder of the new file.")] = Path("."),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Simulate a forecast and write it to a new file, dated today; none is ever written over."""
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.forecasts import foresee, questions, record, write
        from resynapse.protocol import load
        from resynapse.protocol.without_use import ensure_use
        from resynapse.trial.fitted import fitted_at
        from resynapse.trial.provenance import as_given

        plan = ensure_use(load(protocol), "resynapse forecasts")
        fitted = fitted_at(parameters, plan)
        asked = questions(plan)
        sizes = {"draws": draws, "people": people, "seed": seed}
        found = foresee(
            plan, asked, fitted, draws=draws, people=people, seed=seed, progress=progress.show
        )
    words = ["resynapse", "forecasts", "freeze", protocol, "--parameters", as_given(parameters)]
    words += [word for key, value in sizes.items() for word in (f"--{key}", str(value))]
    made = {"command": " ".join(words), **sizes}
    print(f"Frozen: {write(record(plan, asked, found, fitted, made), output)}")


def text(found: dict[str, Any]) -> str:
    """As Markdown."""
    lines = [f"# {found['trial']}: {found['title']}", "", HEAD, ""]
    fitted = f" (fitted to {', '.join(found['fitted_to'])})" if found["fitted_to"] else ""
    lines += [
        f"Frozen on {found['date']} by Resynapse {found['version']}, model"
        f" {found['model_hash'][:12]}, parameters {found['parameters']}{fitted}"
        f" {(found['parameter_hash'] or '')[:12]}: {found['draws']} draws of at least"
        f" {found['people']} people an arm."
    ]
    lines += ["", f"{found['told']} {found['primary']}".strip(), ""]
    if found["assumed"]:
        lines += ["Not public, and assumed: " + "; ".join(found["assumed"]) + ".", ""]
    lines += [COLUMNS, "| --- | --- | --- | --- | --- |"]
    return "\n".join(lines + [_line(row) for row in found["quantities"]])


def _line(row: dict[str, Any]) -> str:
    what = f"{row['endpoint'].replace('_', ' ')}, {row['arm'].replace('_', ' ')}"
    if "reference" in row:
        what += f" against {row['reference'].replace('_', ' ')}"
    what += f", {row['measure'].replace('_', ' ')}"
    cells = [cell for side in ("model", "rival") for cell in _cells(row[side])]
    return f"| {what} | {' | '.join(cells)} |"


def _cells(one: dict[str, Any]) -> tuple[str, str]:
    inner = f"[{one['low50']:.3g} to {one['high50']:.3g}]"
    outer = f"({one['low90']:.3g} to {one['high90']:.3g})"
    favours = "" if one["favours"] is None else f"{one['favours']:.2f}"
    return f"{one['median']:.3g} {inner} {outer}", favours
