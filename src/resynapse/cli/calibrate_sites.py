"""How does a person see how stage c does at sites that it was not fitted to?"""

from __future__ import annotations

import json
from typing import Any


def calibrate_sites(samples: int, as_json: bool, quiet: bool) -> None:
    """Fit it three times, each without a third of the sites, and judge it there."""
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.sites_left_out.weeks import folds
        from resynapse.inference.stages.medications import Medications

        stage = Medications(progress=lambda share, words: progress.show(0.5 * share, words))
        found = folds(stage, lambda share, words: progress.show(0.5 + 0.5 * share, words), samples)
    told = as_dict(found)
    print(json.dumps(told, allow_nan=False) if as_json else text(told))


def as_dict(found: tuple[Any, ...]) -> dict[str, Any]:
    """By forecast and kind of share: mean error, shares within five points, of how many."""
    from resynapse.inference.sites_left_out.weeks import errors

    rows = [
        {"forecast": forecast, "shares": kind, "mean_error": off, "within": within, "of": count}
        for forecast in found[0].forecasts
        for kind, (off, within, count) in errors(found, forecast).items()
    ]
    return {"folds": len(found), "unit": "1", "forecasts": rows}


def text(told: dict[str, Any]) -> str:
    """A row a forecast and kind of share."""
    lines = [
        f"CTN-0027, {told['folds']} fits, each without some sites, judged on the people there.",
        "",
        "| forecast | shares | mean error, points | within 5 points |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row['forecast']} | {row['shares']} | {100.0 * row['mean_error']:.1f} |"
        f" {row['within']} of {row['of']} |"
        for row in told["forecasts"]
    ]
    return "\n".join(lines)
