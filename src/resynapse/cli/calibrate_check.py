"""How does a person see whether the inference says what it should of data whose truth is known?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from resynapse.cli.written import write_json

COMMAND = "resynapse calibrate --check"
SAMPLERS = ("right", "too sure")
EVEN = (
    "Truths are points of one Sobol sequence, spread evenly over the priors, and no independent"
    " draws. So where the data hardly tell a number (a small Spearman), a sampler that gives its"
    " prior back has even ranks by construction: a p near 1 is no strong pass there. That a sampler"
    " which is too sure is caught does not rest on this."
)


def calibrate_check(output: Path | None, as_json: bool, quiet: bool) -> None:
    """Simulation-based calibration of the sampler, and of one that is wrong."""
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.fit_checks import stamped
        from resynapse.inference.simulation_based import checked

        right, wrong, again = checked(progress.show)
    told = dict(zip(SAMPLERS, (right.told(), wrong.told()), strict=True))
    others = [one.told() for one in again]
    told = stamped({"data_sets": len(right.ranks), **told, "again": others}, COMMAND)
    write_json(output, told)
    print(json.dumps(told, allow_nan=False) if as_json else "\n".join(lines(told)))


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """A row a sampler and number."""
    yield "| sampler | number | p of uniform ranks | in 50 % | in 90 % | truth v median, Spearman |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for sampler in SAMPLERS:
        for name, row in told[sampler].items():
            yield (
                f"| {sampler} | {name.replace('_', ' ')} | {row['p']:.2g} | {row['in50']:.2f} |"
                f" {row['in90']:.2f} | {row['correlation']:.2f} |"
            )
    yield ""
    yield EVEN
    if told.get("again"):
        yield ""
        yield _again(told)


def _again(told: Mapping[str, Any]) -> str:
    """The p of the sampler with other simulated trials of each truth."""
    every = (
        f"{name.replace('_', ' ')} " + ", ".join(f"{one[name]['p']:.2g}" for one in told["again"])
        for name in told["right"]
    )
    return (
        f"With {len(told['again'])} other simulated trials of each truth p of uniform ranks is:"
        f" {'; '.join(every)}. Truths are the same, so these are no independent checks."
    )
