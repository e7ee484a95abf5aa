"""What do all batches say together: power, error rates, bias, stopping, each with its error?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from resynapse.trial.power.monte_carlo import Mean, Share, by_unit, mean, share
from resynapse.trial.power.tally import Tally


@dataclass(frozen=True)
class Adjusted:
    """Median-unbiased estimates of trials that may stop early, beside which the naive stand."""

    estimate: Mean
    bias: Mean
    empirical_error: float
    coverage: Mean
    above: Mean
    """Share of estimates above the truth: one half where the median is unbiased"""
    naive_above: Mean


@dataclass(frozen=True)
class Row:
    """One design at one size, by one method, in one world."""

    design: str
    world: str
    n: int
    method: str
    rejected: Share
    """As asked: for a benefit; elsewhere: on any side that the test has"""
    failed: float
    futility: float
    people: Mean
    days: Mean
    stopped: tuple[float, ...]
    estimate: Mean | None
    truth: float | None
    bias: Mean | None
    empirical_error: float | None
    """Standard deviation of the estimates over trials"""
    stated_error: float | None
    coverage: Mean | None
    by_draw: tuple[float, ...]
    """Rejected, draw by draw of the parameters; empty without draws"""
    adjusted: Adjusted | None = None
    """None with one look, or where a method only tests"""
    information: tuple[float, ...] = (1.0,)
    """At each look as a share of what was planned for the last: events, or people in even arms"""
    critical_values: tuple[float, ...] = ()
    """At each look by what it has seen: medians over trials, averaged over batches"""

    def as_dict(self) -> dict:
        """In plain types; what comes of several looks only where there are such."""
        told = asdict(self)
        absent = {"adjusted"} if self.adjusted is None else set()
        absent |= {"information", "critical_values"} if len(self.information) == 1 else set()
        return {name: value for name, value in told.items() if name not in absent}


def rows(
    design: str, batches: Sequence[Sequence[Tally]], units: np.ndarray, drawn: bool
) -> list[Row]:
    """A row a world, size and method, in that order; all batches list the same of them."""
    return [_row(design, together, units, drawn) for together in zip(*batches, strict=True)]


def _row(design: str, each: tuple[Tally, ...], units: np.ndarray, drawn: bool) -> Row:
    first = each[0]

    def column(name: str) -> np.ndarray:
        return np.array([getattr(one, name) for one in each], dtype=float)

    rejected = column("benefit") + (column("harm") if first.world != "as asked" else 0.0)
    trials = sum(one.trials for one in each)
    independent = None if drawn else float(sum(one.independent for one in each))
    known = bool(np.isfinite(column("truth")).all() and np.isfinite(column("estimate")).all())
    truth = column("truth")
    return Row(
        design=design,
        world=first.world,
        n=first.n,
        method=first.method,
        rejected=share(rejected, units, trials, independent),
        failed=float(column("failed").mean()),
        futility=float(column("futility").mean()),
        people=mean(column("people"), units),
        days=mean(column("day"), units),
        stopped=tuple(np.mean([one.stopped for one in each], axis=0).tolist()),
        estimate=mean(column("estimate"), units) if known else None,
        truth=float(truth.mean()) if known else None,
        bias=mean(column("estimate") - truth, units) if known else None,
        empirical_error=float(np.sqrt(column("spread").mean())) if known else None,
        stated_error=float(column("stated_error").mean()) if known else None,
        coverage=mean(column("covered"), units) if known else None,
        by_draw=tuple(by_unit(rejected, units).tolist()) if drawn else (),
        adjusted=_adjusted(each, truth, units) if known else None,
        information=tuple(np.mean([one.information for one in each], axis=0).tolist()),
        critical_values=tuple(np.mean([one.critical_values for one in each], axis=0).tolist()),
    )


def _adjusted(each: tuple[Tally, ...], truth: np.ndarray, units: np.ndarray) -> Adjusted | None:
    parts = [one.adjusted for one in each]
    if any(part is None for part in parts):
        return None

    def column(name: str) -> np.ndarray:
        return np.array([getattr(part, name) for part in parts], dtype=float)

    return Adjusted(
        estimate=mean(column("estimate"), units),
        bias=mean(column("estimate") - truth, units),
        empirical_error=float(np.sqrt(column("spread").mean())),
        coverage=mean(column("covered"), units),
        above=mean(column("above"), units),
        naive_above=mean(np.array([one.above for one in each]), units),
    )
