"""How fast are the analyses of simulated trials, and how many times as fast as R in the same run?

python benchmarks/analyses.py [--trials 10000] [--repeated 1000] [--r-trials 500] [--json]

Processor time of one core, so that other work moves it little; the time by the clock and the load
stand beside. R's start is not counted; ``bare`` is R's routine without formula and data frame.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from resynapse.trial.analysis.many_trials import (
    InOrder,
    analyse_many,
    chunks,
    in_order,
    log_hazard_ratio,
    log_rank_z,
    restricted_mean_difference,
)
from resynapse.trial.analysis.mixed_model import fit_mixed_model

PEOPLE, VISITS, HORIZON = 200, 5, 180.0
R = """
suppressMessages({library(survival); library(nlme)})
a <- commandArgs(TRUE); trials <- as.integer(a[1]); repeated <- as.integer(a[2])
n <- 200; arm <- rep(0:1, each = n / 2); set.seed(1); v <- 5
draw <- function() {
  lapse <- ceiling(rexp(n, log(2) / ifelse(arm == 1, 90, 60))); left <- ceiling(rexp(n, 1 / 400))
  data.frame(time = pmin(lapse, left, 200), event = as.integer(lapse <= pmin(left, 200)), arm)
}
long <- function() {
  y <- outer(rnorm(n), rep(1, v)) + rnorm(n * v)
  d <- data.frame(y = as.vector(t(y)), id = factor(rep(1:n, each = v)), arm = rep(arm, each = v),
                  k = rep(1:v, n)); d$visit <- factor(d$k)
  d[rep(sample(2:(v + 4), n, TRUE), each = v) >= d$k, ]
}
seconds <- function(tables, f) {
  t <- system.time(for (d in tables) f(d)); c(sum(t[1:2]), t[3]) / length(tables)
}
tables <- lapply(seq_len(trials), function(i) draw())
surv <- lapply(tables, function(d) Surv(d$time, d$event))
how <- coxph.control(); x <- matrix(as.numeric(arm), dimnames = list(NULL, "arm"))
found <- list(
  log_rank = seconds(tables, function(d) survdiff(Surv(time, event) ~ arm, d)),
  bare_log_rank = seconds(surv, function(y) survival:::survdiff.fit(y, arm)),
  cox = seconds(tables, function(d) coxph(Surv(time, event) ~ arm, d)),
  bare_cox = seconds(surv, function(y) coxph.fit(x, y, NULL, NULL, 0, how, NULL, "efron", NULL)),
  restricted_mean = seconds(tables, function(d)
    summary(survfit(Surv(time, event) ~ arm, d), rmean = 180)$table),
  mixed_model = seconds(lapply(seq_len(repeated), function(i) long()), function(d)
    gls(y ~ visit * arm, d, correlation = corSymm(form = ~k | id),
        weights = varIdent(form = ~1 | visit))))
for (name in names(found)) cat(name, found[[name]], "\\n")
"""


@dataclass(frozen=True)
class Timed:
    """Seconds of one trial."""

    processor: float
    clock: float


@dataclass(frozen=True)
class Line:
    """One analysis, here and elsewhere."""

    analysis: str
    trials: int
    seconds: float
    """Of so many trials here, by the clock"""
    processor_seconds: float
    peer: str
    times: float
    """Processor time of the peer over ours, trial for trial"""
    times_by_the_clock: float


def timed(trials: int, work: Callable[[], object]) -> Timed:
    """Seconds a trial of some work."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    spent = time.process_time() - processor, time.perf_counter() - clock
    return Timed(*(one / trials for one in spent))


def survival_trials(trials: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole days to a lapse, medians 60 and 90, some lost, all censored at 200."""
    draw = np.random.default_rng(1)
    treated = np.arange(PEOPLE) >= PEOPLE // 2
    median = np.where(treated, 90.0, 60.0)
    lapse = np.ceil(draw.exponential(median / np.log(2), (trials, PEOPLE)))
    left = np.minimum(np.ceil(draw.exponential(400.0, (trials, PEOPLE))), 200.0)
    return np.minimum(lapse, left), lapse <= left, np.broadcast_to(treated, lapse.shape)


def repeated_trials(trials: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Five visits, about half of people lost on the way; values and design."""
    draw = np.random.default_rng(2)
    arm = np.arange(PEOPLE) >= PEOPLE // 2
    design = np.zeros((PEOPLE, VISITS, 2 * VISITS))
    design[:, range(VISITS), range(VISITS)] = 1.0
    design[:, range(VISITS), range(VISITS, 2 * VISITS)] = arm[:, None]
    found = []
    for _ in range(trials):
        values = draw.normal(size=(PEOPLE, 1)) + draw.normal(size=(PEOPLE, VISITS))
        lost = draw.integers(2, VISITS + 5, PEOPLE)
        values[np.arange(1, VISITS + 1) > lost[:, None]] = np.nan
        found.append((values, design))
    return found


def ours(trials: int, repeated: int) -> dict[str, Timed]:
    """Each analysis by itself, the three of times at once, and mixed models."""
    data, models = survival_trials(trials), repeated_trials(repeated)
    last = np.eye(2 * VISITS)[-1]

    def alone(estimate: Callable[[InOrder], object]) -> Callable[[], object]:
        def work() -> None:
            with np.errstate(divide="ignore", invalid="ignore"):
                for rows in chunks(trials):
                    estimate(in_order(*(one[rows] for one in data)))

        return work

    works = {
        "log_rank": alone(log_rank_z),
        "cox": alone(log_hazard_ratio),
        "restricted_mean": alone(lambda s: restricted_mean_difference(s, HORIZON)),
        "all three": lambda: analyse_many(*data, HORIZON),
    }
    found = {name: timed(trials, work) for name, work in works.items()}
    fit_mixed_model(*models[0]).small_sample.t_degrees(last)
    found["mixed_model"] = timed(
        repeated, lambda: [fit_mixed_model(*one).small_sample.t_degrees(last) for one in models]
    )
    return found


def in_r(trials: int, repeated: int) -> dict[str, Timed]:
    """The same in R."""
    words = ["Rscript", "--vanilla", "-e", R, str(trials), str(repeated)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in said.splitlines() if line.strip())
    return {name: Timed(float(processor), float(clock)) for name, processor, clock in rows}


def in_statsmodels(trials: int, repeated: int) -> dict[str, Timed]:
    """The same by statsmodels; it has no unstructured covariance, so a random intercept stands."""
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import survdiff
    from statsmodels.regression.mixed_linear_model import MixedLM

    rows = list(zip(*survival_trials(trials), strict=True))
    models = []
    for values, design in repeated_trials(repeated):
        there = ~np.isnan(values)
        person = np.broadcast_to(np.arange(PEOPLE)[:, None], there.shape)[there]
        models.append((values[there], design[there], person))
    return {
        "log_rank": timed(trials, lambda: [survdiff(*row) for row in rows]),
        "cox": timed(trials, lambda: [
            PHReg(t, a[:, None] * 1.0, status=e, ties="efron").fit() for t, e, a in rows]),
        "mixed_model": timed(
            repeated, lambda: [MixedLM(y, X, groups=g).fit() for y, X, g in models]),
    }  # fmt: skip


PEERS = {
    "log_rank": "survdiff",
    "bare_log_rank": "survdiff.fit, bare",
    "cox": "coxph",
    "bare_cox": "coxph.fit, bare",
    "restricted_mean": "survfit, rmean",
    "mixed_model": "nlme gls, unstructured",
}
BESIDE = {
    "log_rank": "statsmodels survdiff",
    "cox": "statsmodels PHReg",
    "mixed_model": "statsmodels MixedLM, random intercept",
}


def measure(trials: int, repeated: int, r_trials: int) -> list[Line]:
    """A line for each analysis and peer."""
    here = ours(trials, repeated)
    r, python = in_r(r_trials, max(r_trials // 20, 2)), in_statsmodels(40, 4)
    many = {name: repeated if name == "mixed_model" else trials for name in here}
    whole = [r["log_rank"], r["cox"], r["restricted_mean"]]
    r["all three"] = Timed(*(sum(getattr(x, k) for x in whole) for k in ("processor", "clock")))

    def lines() -> Iterator[Line]:
        for names, peers in ((PEERS | {"all three": "survdiff, coxph, survfit"}, r),
                             (BESIDE, python)):  # fmt: skip
            for name, peer in names.items():
                own, other = here[name.removeprefix("bare_")], peers[name]
                count = many[name.removeprefix("bare_")]
                yield Line(
                    name.removeprefix("bare_"), count, own.clock * count, own.processor * count,
                    peer, other.processor / own.processor, other.clock / own.clock,
                )  # fmt: skip

    return sorted(lines(), key=lambda line: list(here).index(line.analysis))


def table(lines: list[Line], load: tuple[float, float, float]) -> str:
    """As it stands in docs/analyse.md."""
    rows = [
        f"| {one.analysis.replace('_', ' ')} | {one.trials:,} | {one.processor_seconds:.1f} | "
        f"{one.seconds:.1f} | {one.peer} | {one.times:.0f} | {one.times_by_the_clock:.0f} |"
        for one in lines
    ]
    head = "| analysis | trials | processor, s | clock, s | beside | times | times by the clock |"
    rule = "| --- | ---: | ---: | ---: | --- | ---: | ---: |"
    said = ", ".join(f"{one:.1f}" for one in load)
    return "\n".join([head, rule, *rows, "", f"Load (1, 5, 15 min) when it ended: {said}."])


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=10_000)
    options.add_argument("--repeated", type=int, default=1_000)
    options.add_argument("--r-trials", type=int, default=500)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found = measure(given.trials, given.repeated, given.r_trials)
    if given.json:
        print(json.dumps({"load": os.getloadavg(), "lines": [asdict(one) for one in found]}))
    else:
        print(table(found, os.getloadavg()))
