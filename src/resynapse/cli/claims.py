"""How does a person ask what is known of a claim about ketamine?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from resynapse.inference.claims import Asked, Claim

MANY_DRAWS = 100
"""draws of which 90 % is no longer nearly all"""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
app = typer.Typer(help="What is said of ketamine, and what is known.", invoke_without_command=True)


@app.callback()
def claims(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is said of ketamine for addiction, each with a verdict and the reason."""
    if context.invoked_subcommand:
        return
    from resynapse.inference.claims import claims as known

    if as_json:
        print(json.dumps({"claims": [as_dict(one) for one in known()]}, allow_nan=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table("Name", "Claim", "Verdict", "Why")
    for one in known():
        table.add_row(*map(escape, (one.id, one.claim, one.verdict, one.why)))
    screen().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A name from `resynapse claims`.")],
    run: Annotated[bool, typer.Option("--run", help="Simulate again, and not as stored.")] = False,
    patients: Annotated[int | None, typer.Option(help="With --run: people in each arm.")] = None,
    draws: Annotated[int | None, typer.Option(help="With --run: draws of parameters.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print one claim: its studies, what the model finds, and what would settle it."""
    from resynapse.inference.claims import claim

    found = claim(name)
    told = as_dict(found, _simulated(found, patients, draws) if run else None)
    print(json.dumps(told, allow_nan=False) if as_json else text(found, told))


def _simulated(found: Claim, patients: int | None, draws: int | None) -> dict[str, Any]:
    """As it is stored; people and draws too, unless said otherwise."""
    from resynapse.cli.progress import Progress
    from resynapse.inference.claims import find, record
    from resynapse.inference.claims.finding import DRAWS, PEOPLE
    from resynapse.protocol.run_size import ensure_whole

    people = PEOPLE if patients is None else patients
    draws = DRAWS if draws is None else draws
    ensure_whole("patients", people, "--")
    ensure_whole("draws", draws, "--")
    with Progress() as progress:
        progress.show(0.0, "loading the model")
        return record(find(found, people, draws, progress=progress.show), people, draws)


def as_dict(found: Claim, kept: dict[str, Any] | None = None) -> dict[str, Any]:
    """The claim as programs read it; ``result`` and ``rival`` are None where nothing is stored.

    ``kept`` is what was just simulated, where that is told and not what is stored.
    """
    from resynapse.inference.claims import stored

    kept = kept or stored(found) or {}
    rows = kept.get("findings")
    result = rows and [
        {k: v for k, v in row.items() if k != "rival"} | _seen(asked)
        for row, asked in zip(rows, found.asked, strict=True)
    ]
    rival = rows and [
        {"arm": row["arm"], "endpoint": row["endpoint"], "value": row["rival"]} for row in rows
    ]
    sizes = ("people_per_arm", "draws", "seed", "parameters", "parameters_hash")
    return {
        "id": found.id, "claim": found.claim, "verdict": found.verdict, "why": found.why,
        "studies": [asdict(one) for one in found.studies], "protocol": found.protocol,
        "result": result, "rival": rival, "settled_by": found.settled_by,
        **{name: kept.get(name) for name in sizes},
    }  # fmt: skip


def _seen(asked: Asked) -> dict[str, Any]:
    """Whether people were ever measured so, and what is said where they were not."""
    from resynapse.inference.claims import UNSHOWN

    return {"measured_in_people": asked.shown, "label": None if asked.shown else UNSHOWN}


_BEARS = {"for": "for", "against": "against", "neither": "neither for nor against"}


def text(found: Claim, told: dict[str, Any]) -> str:
    """As Markdown: verdict, studies, the model beside its rival, what would settle it."""
    from resynapse.evidence import study

    lines = [f"# {found.claim}", "", f"**{found.verdict.capitalize()}.** {found.why.strip()}", ""]
    lines += ["## Studies that bear on it", ""]
    for one in found.studies:
        where = f"{study(one.id).short_citation} (`{one.id}`)"
        where += f", {one.grade.replace('-', ', ')}, {_BEARS[one.bears]} it"
        lines.append(f"* {where}: {one.says}")
    if not found.studies:
        lines.append("None of the package's evidence base.")
    lines += ["", f"## What the model finds ({found.protocol}; {_rests_on(told)})", ""]
    lines += [*_table(told), *_few_draws(told)]
    lines += ["", f"What would settle it: {found.settled_by.strip()}"]
    return "\n".join(lines)


def _few_draws(told: dict[str, Any]) -> list[str]:
    """What 90 % of a few draws is."""
    if not told["result"] or told["draws"] >= MANY_DRAWS:
        return []
    few = f"90 % of {told['draws']} draws is nearly their whole range"
    return ["", f"{few}; its ends would move with other draws."]


def _rests_on(told: dict[str, Any]) -> str:
    """Which parameters its numbers were simulated with, and how many people and draws."""
    parameters = "calibrated where numbers were fitted, prior elsewhere"
    if told["parameters"] == "prior":
        parameters = "prior, not calibrated"
    if not told["result"]:
        return parameters
    return f"{parameters}; {told['people_per_arm']} people an arm, {told['draws']} draws"


def _table(told: dict[str, Any]) -> list[str]:
    if not told["result"]:
        return [f"Nothing stored; `resynapse claims show {told['id']} --run` simulates it."]
    lines = [
        "| quantity | default (95 % over people) | 90 % over knowledge | expectancy alone |",
        "| --- | --- | --- | --- |",
    ]
    for row, rival in zip(told["result"], told["rival"], strict=True):
        lines.append(
            f"| {_quantity(row, told['protocol'])} |"
            f" {_number(row['value'])} ({_number(row['low'])} to {_number(row['high'])}) |"
            f" {_number(row['knowledge_low'])} to {_number(row['knowledge_high'])} |"
            f" {_number(rival['value'])} |"
        )
    return lines


def _quantity(row: dict[str, Any], usual: str) -> str:
    """Endpoint, arms, people where they are not the protocol's, measure; whether it was seen."""
    against = f" against {row['reference']}" if row["reference"] else ""
    at = f", craving and withdrawal {row['severity']}" if row["severity"] else ""
    than = f" against {row['than']}" if row["than"] else ""
    trial = f" ({row['protocol']})" if row["protocol"] != usual else ""
    label = f". {row['label']}" if row["label"] else ""
    words = f"{row['endpoint'].replace('_', ' ')}, {row['arm']}{against}{at}{than}{trial}"
    return f"{words}, {row['measure'].replace('_', ' ')}{label}"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"
