"""How does a person see what the stages before do to the fit of ketamine?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.cli.written import write_json

if TYPE_CHECKING:
    from resynapse.inference.joint import Beside

LABELS = {
    "held": "b and c where they were set by hand, d from its prior",
    "cut": "a draw of stages b, c, d under every draw, as shipped",
    "joint": "numbers of stage b free too",
}


def calibrate_beside(
    draws: int, samples: int, command: str, output: Path | None, as_json: bool, quiet: bool
) -> None:
    """Fit ketamine three ways and set the fits side by side; no set is written.

    ``command`` is what was asked, as it is kept with what is found.
    """
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.fit_checks import stamped
        from resynapse.inference.joint import beside

        found = beside(draws, samples, progress.show)
        told = stamped(as_dict(found, draws), command)
    write_json(output, told)
    print(json.dumps(told, allow_nan=False) if as_json else "\n".join(lines(told)))


def as_dict(found: Beside, draws: int) -> dict[str, Any]:
    """By fit, each number with its interval and the probability that it is not zero."""
    import numpy as np

    rows = []
    for label, done in found.fits.items():
        for k, one in enumerate(done.identified[:3]):
            low, middle, high = np.percentile(done.posterior.draws[:, k], (5, 50, 95))
            rows.append(
                {"fit": label, "number": one.name, "median": float(middle), "low90": float(low),
                 "high90": float(high), "probability_on": one.on_after,
                 "contraction": one.contraction}
            )  # fmt: skip
    moved = {name: {"shift": shift, "sd_ratio": ratio} for name, (shift, ratio) in
             found.moved.items()}  # fmt: skip
    return {"draws": draws, "fits": rows, "moved": moved}


def lines(told: dict[str, Any]) -> Iterator[str]:
    """How far stage b was moved, then a row a fit and number."""
    name, most = max(told["moved"].items(), key=lambda one: abs(one[1]["shift"]))
    yield (
        f"{told['draws']} simulated draws of each trial. In the joint fit ketamine moves the"
        f" numbers of stage b by at most {abs(most['shift']):.2f} sd ({name})."
    )
    yield ""
    labels = told.get("labels", LABELS)
    yield "| fit | number | median, 90 % | P(not 0) | contraction |"
    yield "| --- | --- | --- | --- | --- |"
    for row in told["fits"]:
        yield (
            f"| {labels[row['fit']]} | {row['number'].replace('_', ' ')} | {row['median']:.3g}"
            f" ({row['low90']:.3g} to {row['high90']:.3g}) | {row['probability_on']:.2f} |"
            f" {_told(row['contraction'])} |"
        )


def _told(contraction: float | None) -> str:
    """Not known of a check that was copied from a page."""
    return "-" if contraction is None else f"{contraction:.2f}"
