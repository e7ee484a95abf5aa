"""How does a designer read what trials showed?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from resynapse.cli.summary import NOTICE, screen

if TYPE_CHECKING:
    from resynapse.trial.power.found import Found
    from resynapse.trial.power.monte_carlo import Share
    from resynapse.trial.power.summary import Row

HEADS = {
    "as asked": "Power",
    "no effect": "Type I error",
    "expectancy alone": "Guessing alone",
}


def show(found: Found) -> None:
    """Rejections by size in each world, people needed, bias, and what differs between designs."""
    console = screen()
    asked = found.asked
    sides = "two" if asked.looks.sided == 2 else "one"
    console.print(
        f"[bold]{escape(asked.endpoint)}[/bold], alpha {asked.looks.alpha:g}, {sides}-sided"
    )
    console.print(_extent(found), soft_wrap=True)
    console.print(rejections(found))
    console.print(estimates(found)) if any(row.bias for row in found.rows) else None
    if len(asked.looks.information) > 1:
        console.print(stopping(found))
        console.print(after_stopping(found)) if any(row.adjusted for row in found.rows) else None
    for row in found.rows:
        if row.by_draw and row.world == "as asked" and row.n == found.asked.n[-1]:
            console.print(escape(_over_draws(row)), soft_wrap=True)
    for (design, method), one in found.needed.items():
        console.print(escape(needed_in_words(design, method, one)), soft_wrap=True)
        for sentence in _failures(found, design, method):
            console.print(escape(sentence), soft_wrap=True)
    for gap in found.differences:
        console.print(
            f"{escape(gap.design)} less {escape(gap.other)}, {gap.method}, n {gap.n}: power "
            f"{gap.power.value:+.3f} ({gap.power.error:.3f}), on the same people"
        )
    console.print(
        "Monte Carlo error in brackets. Type I error: both arms the reference arm, expectancy off. "
        "Guessing alone: ketamine does nothing but let people guess their arm.",
        soft_wrap=True,
    )
    console.print(NOTICE)


def _extent(found: Found) -> str:
    much = found.extent
    draws = (
        f", {much.draws} draws of the parameters" if much.draws else ", parameters in the middle"
    )
    by_protocol = "; entry, randomisation and visits as the protocol's conduct says"
    conducted = by_protocol if found.asked.accrual is None else ""
    treated = f"{found.asked.ratio:g} treated for each control"
    return (
        f"{found.rows[0].rejected.trials} trials of each size, from {much.batches} batches of "
        f"{much.people} people{draws}; {treated}; seed {found.asked.seed}{conducted}"
    )


def rejections(found: Found) -> Table:
    """A row a design, analysis and size."""
    table = Table("Design", "Analysis", "n control", *HEADS.values())
    for row in (one for one in found.rows if one.world == "as asked"):
        cells = [share(found.row(row.design, world, row.n, row.method).rejected) for world in HEADS]
        table.add_row(row.design, row.method, str(row.n), *cells)
    return table


def estimates(found: Found) -> Table:
    """Bias and coverage as asked, at the largest size."""
    from resynapse.trial.power.method import ESTIMATES

    largest = found.asked.n[-1]
    rows = [
        row
        for row in found.rows
        if row.world == "as asked" and row.n == largest and row.bias is not None
    ]
    what = dict.fromkeys(f"{row.method}: {ESTIMATES[row.method]}" for row in rows)
    table = Table(
        "Design", "Estimator", "Mean", "Truth", "Bias", "SD", "Stated error", "Coverage",
        title=f"Estimates at {largest} controls. {'; '.join(what)}", title_justify="left",
    )  # fmt: skip
    for row in rows:
        table.add_row(row.design, row.method, *_estimate(row))
    return table


def _estimate(row: Row) -> list[str]:
    assert row.bias is not None and row.estimate is not None and row.coverage is not None
    return [
        f"{row.estimate.value:.4g}",
        f"{row.truth:.4g}",
        f"{row.bias.value:.2g} ({row.bias.error:.2g})",
        f"{row.empirical_error:.3g}",
        f"{row.stated_error:.3g}",
        f"{row.coverage.value:.3f} ({row.coverage.error:.3f})",
    ]


def stopping(found: Found) -> Table:
    """When trials end, as asked; information is what a look sees, of all that was planned."""
    table = Table(
        "Design",
        "Analysis",
        "n control",
        "Information",
        "Z at looks",
        "Ended at each look",
        "People",
        "Days",
        "Futility",
    )
    for row in (one for one in found.rows if one.world == "as asked"):
        ended = " ".join(f"{part:.2f}" for part in row.stopped)
        seen = " ".join(f"{part:.2f}" for part in row.information)
        bounds = " ".join(f"{bound:.2f}" for bound in row.critical_values)
        people = f"{row.people.value:.0f} ({row.people.error:.1f})"
        days = f"{row.days.value:.0f} ({row.days.error:.1f})"
        table.add_row(
            row.design, row.method, str(row.n), seen, bounds, ended, people, days,
            f"{row.futility:.3f}",
        )  # fmt: skip
    return table


def after_stopping(found: Found) -> Table:
    """The naive estimate and the median-unbiased one, as asked, at every size."""
    table = Table(
        "Design", "Estimator", "n control", "Truth", "Bias, naive", "Bias, median-unbiased",
        "Coverage, naive", "Coverage, stage-wise",
    )  # fmt: skip
    for row in found.rows:
        one = row.adjusted
        if row.world != "as asked" or one is None or row.bias is None or row.coverage is None:
            continue
        table.add_row(
            row.design, row.method, str(row.n), f"{row.truth:.4g}",
            f"{row.bias.value:+.3f} ({row.bias.error:.3f})",
            f"{one.bias.value:+.3f} ({one.bias.error:.3f})",
            f"{row.coverage.value:.3f} ({row.coverage.error:.3f})",
            f"{one.coverage.value:.3f} ({one.coverage.error:.3f})",
        )  # fmt: skip
    return table


def _over_draws(row: Row) -> str:
    """How far power moves with what is not known."""
    ordered = sorted(row.by_draw)
    low, middle, high = (ordered[int(q * (len(ordered) - 1))] for q in (0.1, 0.5, 0.9))
    return (
        f"{row.design}, {row.method}, n {row.n}: over {len(ordered)} draws of parameters power "
        f"has median {middle:.2f}, 10 to 90 % {low:.2f} to {high:.2f}; the mean is the assurance."
    )


def share(found: Share) -> str:
    """A share with its error."""
    return f"{found.value:.3f} ({found.error:.3f})"


def _failures(found: Found, design: str, method: str) -> Iterator[str]:
    """Where an analysis had no answer in some trials: how many at the most, and at which size."""
    rows = [row for row in found.rows if (row.design, row.method) == (design, method)]
    worst = max(rows, key=lambda row: row.failed)
    if worst.failed > 0:
        yield (
            f"{design}, {method}: no answer in up to {100 * worst.failed:.1f} % of trials (n "
            f"{worst.n}, {worst.world}), which count as not significant."
        )


def needed_in_words(design: str, method: str, one: object) -> str:
    """How many people the power takes, or on which side of the sizes that were tried."""
    n, error = getattr(one, "n", None), getattr(one, "error", None)
    power = getattr(one, "power", 0.0)
    if n is None and getattr(one, "passed", False):
        return (
            f"{design}, {method}: power {power:g} is passed at the smallest of these sizes already;"
            " give smaller ones with --n to find where."
        )
    if n is None:
        return (
            f"{design}, {method}: power {power:g} is not reached within these sizes, nor near them."
        )
    sure = "" if error is None else f" (Monte Carlo error {error:.0f})"
    far = "" if getattr(one, "inside", True) else ", beyond the sizes simulated: extrapolated"
    return f"{design}, {method}: power {power:g} at {n:.0f} in the reference arm{sure}{far}."
