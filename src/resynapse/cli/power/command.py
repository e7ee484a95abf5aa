"""How large must a trial of this protocol be, when it is played out?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli import choices
from resynapse.cli.design.options import AsJson, Asked, print_json, shared
from resynapse.cli.run import CALIBRATED, Parameters, Quiet, Seed, Settings, Switches

if TYPE_CHECKING:
    from resynapse.trial.power.found import Found

Given = Annotated[
    str | None, typer.Argument(help="A name from `resynapse protocols`, or a YAML file.")
]
Endpoint = Annotated[
    str | None,
    typer.Option(help="relapse_6_months, abstinence_6_months, craving_vas_day_28, ..."),
]
Analyses = Annotated[
    list[str] | None,
    typer.Option(
        "--analysis",
        help="log_rank, fleming_harrington_1_0, max_combo, cox, restricted_mean; risk_difference; "
        "mean_difference, wilcoxon; within strata stratified_cox and so on. May be given again.",
    ),
]
Sizes = Annotated[
    str,
    typer.Option(
        "--n", metavar="40:400", help="People of the reference arm: 120; 40,80; LOW:HIGH."
    ),
]
Arms = Annotated[
    list[str] | None,
    typer.Option("--arm", help="Arm set against the reference; again for designs side by side."),
]
Accrual = Annotated[float, typer.Option(help="Days over which people enter.")]
LookDays = Annotated[
    str | None,
    typer.Option(
        metavar="300,500",
        help="Calendar days of the looks before the last; by events or people by default.",
    ),
]
Trials = Annotated[int, typer.Option(help="Trials of each size in each world.")]
People = Annotated[
    int | None,
    typer.Option(help="Simulated people of a batch; by default twice the largest trial."),
]
Batches = Annotated[
    int | None,
    typer.Option(
        help="Batches of people that share nobody, by default 16; with --grow, how many more."
    ),
]
Draws = Annotated[
    int, typer.Option(help="Draws of the parameters from what is known of them; two batches each.")
]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Write report.pdf too, with --output, --resume or --grow.")
]
Output = Annotated[Path | None, typer.Option(help="Folder for people, tables and report.")]
Resume = Annotated[Path | None, typer.Option(metavar="DIR", help="Go on with what was stopped.")]
Grow = Annotated[Path | None, typer.Option(metavar="DIR", help="Add batches to a finished run.")]


def printed(found: "Found", as_json: AsJson = False) -> None:
    """What was found as tables, or as one JSON object."""
    if as_json:
        return print_json(found.as_dict())
    from resynapse.cli.power.show import show

    show(found)


@shared(printed, sided=2)
def power(
    asked: Asked,
    context: typer.Context,
    protocol: Given = None,
    endpoint: Endpoint = None,
    analysis: Analyses = None,
    n: Sizes = "40:400",
    arm: Arms = None,
    accrual: Accrual = 365.0,
    look_days: LookDays = None,
    trials: Trials = 2000,
    people: People = None,
    batches: Batches = None,
    draws: Draws = 0,
    seed: Seed = 1,
    switch: Switches = None,
    setting: Settings = None,
    parameters: Parameters = CALIBRATED,
    output: Output = None,
    resume: Resume = None,
    grow: Grow = None,
    pdf: Pdf = False,
    quiet: Quiet = False,
) -> "Found":
    """Play out trials of a protocol: power, error rates, bias and stopping at many sizes.

    Type I error is read where the arms are the same and nobody expects anything, and its
    inflation where ketamine does nothing but let people guess that they got it.
    """
    from resynapse.cli.power import asking

    if resume is not None or grow is not None:
        asking.ensure_nothing_else(context, grow is not None)
        return asking.answered(asking.begun(resume, grow, batches, draws, protocol), quiet, pdf)
    analyses = asking.distinct("--analysis", tuple(analysis or ()))
    arms = asking.distinct("--arm", tuple(arm or ()))
    wishes = asking.Wishes(
        asking.loaded(protocol), asking.named(endpoint), analyses, n, arms,
        asked.looks, asked.ratio, accrual, trials, people, batches, draws, seed,
        choices.switches(switch or []), choices.settings(setting or []), parameters, output,
        asking.days_in(look_days), choices.file_of(protocol) or "",
    )  # fmt: skip
    return asking.answered(wishes, quiet, pdf)
