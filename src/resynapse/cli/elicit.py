"""How does a person turn the beliefs of a few people into a prior for a design?"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import JsonAlone, Seed

if TYPE_CHECKING:
    from resynapse.inference.elicitation import Conflict, Pooled

MOST_DRAWS = 1_000_000

AnswersFile = Annotated[Path, typer.Argument(metavar="ANSWERS.yaml", help="Chips of each person.")]
Below = Annotated[
    float | None,
    typer.Option(metavar="VALUE", help="How probable is a value below this, as 0 for no effect?"),
]
Published = Annotated[
    str | None,
    typer.Option(metavar="VALUE,SE", help="A published estimate: does it contradict the beliefs?"),
]
DrawsFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv", help="Write draws of the pool, for `resynapse design --prior FILE.csv`."
    ),
]
Count = Annotated[int, typer.Option(metavar="N", help="Draws to write.")]
PlotFile = Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw the beliefs.")]


def elicit(
    answers: AnswersFile,
    below: Below = None,
    published: Published = None,
    draws: DrawsFile = None,
    count: Count = 10_000,
    seed: Seed = 1,
    plot: PlotFile = None,
    as_json: JsonAlone = False,
) -> None:
    """Fit a distribution to each person's chips, pool them, and set a published value beside."""
    from resynapse.inference.elicitation import conflict, pooled, read_answers

    if not 1 <= count <= MOST_DRAWS:
        raise InputError(f"--count {count}: give 1 to {MOST_DRAWS}.")
    estimate = None if published is None else _estimate(published)
    found = pooled(read_answers(answers))
    against = None if estimate is None else conflict(found, *estimate)
    _ensure_places(draws, plot)
    if draws:
        rows = "\n".join(repr(float(value)) for value in found.draws(count, seed))
        _write(draws, f"value\n{rows}\n")
    if plot:
        from resynapse.report.beliefs import beliefs

        _write(plot, beliefs(found, against))
    told = as_dict(found, below, against)
    print(json.dumps(told, allow_nan=False) if as_json else text(told))


def _estimate(given: str) -> tuple[float, float]:
    try:
        value, error = (float(part) for part in given.split(","))
    except ValueError:
        value = error = math.nan
    if not (math.isfinite(value) and math.isfinite(error) and error > 0.0):
        raise InputError(
            f"--published {given}: give an estimate and its standard error, as -0.76,0.35."
        )
    return value, error


def _ensure_places(*paths: Path | None) -> None:
    """Refuse before the first file is written, so that no call leaves one of two."""
    for path in paths:
        if path is not None and (path.is_dir() or not path.parent.is_dir()):
            raise InputError(f"{path} cannot be written; name a file in a folder that exists.")


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); name another file."
        ) from None


def as_dict(found: Pooled, below: float | None, against: Conflict | None) -> dict[str, Any]:
    """The beliefs as programs read them."""
    from resynapse.inference.elicitation.pooled import LEVELS

    people = [
        {
            "name": one.name, "weight": float(weight), "family": one.family,
            "quantiles": {f"{q:g}": float(one.distribution.ppf(q)) for q in LEVELS},
            "below": None if below is None else float(one.distribution.cdf(below)),
            "fit_error": one.error,
            "conflict": None if against is None else against.tails[number],
        }
        for number, (one, weight) in enumerate(zip(found.beliefs, found.weights, strict=True))
    ]  # fmt: skip
    return {
        "quantity": found.answers.quantity, "unit": found.answers.unit, "threshold": below,
        "people": people,
        "pool": {
            "quantiles": {f"{q:g}": found.quantile(q) for q in LEVELS},
            "below": None if below is None else float(found.below(below)),
        },
        "published": None if against is None else asdict(against) | {
            "conflicts": against.conflicts
        },
    }  # fmt: skip


def text(told: dict[str, Any]) -> str:
    """A table a person can read, and what it means."""
    threshold = told["threshold"]
    heads = ["who", "weight", "distribution", "median", "90 %", "fit off by"]
    heads += [f"below {threshold:g}"] if threshold is not None else []
    unit = "" if told["unit"] == "1" else f" ({told['unit']})"
    lines = [f"{told['quantity']}{unit}", "", _row(heads), _row(["---"] * len(heads))]
    for one in told["people"]:
        cells = [one["name"], f"{one['weight']:.2f}", one["family"]]
        cells += [*_middle(one["quantiles"]), f"{100.0 * one['fit_error']:.0f} points"]
        lines.append(_row(cells + _share(one["below"])))
    pool = told["pool"]
    cells = ["**pool**", "1", "mixture", *_middle(pool["quantiles"]), ""]
    lines.append(_row(cells + _share(pool["below"])))
    return "\n".join([*lines, "", *_meaning(told)])


def _meaning(told: dict[str, Any]) -> list[str]:
    medians = [one["quantiles"]["0.5"] for one in told["people"]]
    spread = (
        f"Medians lie between {min(medians):.3g} and {max(medians):.3g}: the pool keeps that"
        " disagreement as width."
        if len(medians) > 1
        else "One person was asked, so the pool is theirs alone."
    )
    lines = [f"{spread} These are opinions, not evidence."]
    seen = told["published"]
    if seen:
        verdict = "contradicts the pool" if seen["conflicts"] else "does not contradict the pool"
        lines.append(
            f"Published {seen['published']:g} (SE {seen['standard_error']:g}): a value as far out"
            f" has probability {seen['tail']:.2g}, so it {verdict} at 5 %."
        )
    return lines


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _middle(quantiles: dict[str, float]) -> list[str]:
    return [f"{quantiles['0.5']:.3g}", f"{quantiles['0.05']:.3g} to {quantiles['0.95']:.3g}"]


def _share(below: float | None) -> list[str]:
    return [] if below is None else [f"{100.0 * below:.0f} %"]
