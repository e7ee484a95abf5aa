"""How fast are the analyses of simulated trials, and how many times as fast as R in the same run?

python benchmarks/analyses.py [--trials 10000] [--repeated 1000] [--r-trials 200] [--json]

Ratios are of seconds a trial, both measured here and now on one core; R's start is not counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time

import numpy as np

from resynapse.trial.analysis.many_trials import analyse_many
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
tables <- lapply(seq_len(trials), function(i) draw())
seconds <- function(f) system.time(for (d in tables) f(d))[["elapsed"]] / trials
log_rank <- seconds(function(d) survdiff(Surv(time, event) ~ arm, d))
cox <- seconds(function(d) coxph(Surv(time, event) ~ arm, d))
mean <- seconds(function(d) summary(survfit(Surv(time, event) ~ arm, d), rmean = 180)$table)
long <- function() {
  y <- outer(rnorm(n), rep(1, v)) + rnorm(n * v)
  d <- data.frame(y = as.vector(t(y)), id = factor(rep(1:n, each = v)), arm = rep(arm, each = v),
                  k = rep(1:v, n)); d$visit <- factor(d$k)
  d[rep(sample(2:(v + 4), n, TRUE), each = v) >= d$k, ]
}
mmrm <- system.time(for (i in seq_len(repeated)) gls(y ~ visit * arm, long(),
  correlation = corSymm(form = ~k | id), weights = varIdent(form = ~1 | visit)))[["elapsed"]]
cat(log_rank, cox, mean, mmrm / repeated)
"""


def survival_trials(trials: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole days to a lapse, medians 60 and 90, some lost, all censored at 200."""
    draw = np.random.default_rng(1)
    treated = np.arange(PEOPLE) >= PEOPLE // 2
    median = np.where(treated, 90.0, 60.0)
    lapse = np.ceil(draw.exponential(median / np.log(2), (trials, PEOPLE)))
    left = np.minimum(np.ceil(draw.exponential(400.0, (trials, PEOPLE))), 200.0)
    return np.minimum(lapse, left), lapse <= left, treated


def repeated_trial(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Five visits, about half of people lost on the way; values and design."""
    values = draw.normal(size=(PEOPLE, 1)) + draw.normal(size=(PEOPLE, VISITS))
    lost = draw.integers(2, VISITS + 5, PEOPLE)
    values[np.arange(1, VISITS + 1) > lost[:, None]] = np.nan
    arm = np.arange(PEOPLE) >= PEOPLE // 2
    design = np.zeros((PEOPLE, VISITS, 2 * VISITS))
    design[:, range(VISITS), range(VISITS)] = 1.0
    design[:, range(VISITS), range(VISITS, 2 * VISITS)] = arm[:, None]
    return values, design


def seconds_of_mixed_models(trials: int) -> float:
    """Unstructured, Kenward-Roger, a contrast at the last visit."""
    draw, spent = np.random.default_rng(2), 0.0
    last = np.eye(2 * VISITS)[-1]
    for _ in range(trials):
        data = repeated_trial(draw)
        start = time.perf_counter()
        fit_mixed_model(*data).small_sample.t_degrees(last)
        spent += time.perf_counter() - start
    return spent


def seconds_of_statsmodels(trials: int) -> float:
    """Log-rank test and Cox model by statsmodels, seconds a trial."""
    from statsmodels.duration.hazard_regression import PHReg
    from statsmodels.duration.survfunc import survdiff

    t, e, treated = survival_trials(trials)
    start = time.perf_counter()
    for row, happened in zip(t, e, strict=True):
        survdiff(row, happened, treated)
        PHReg(row, treated[:, None] * 1.0, status=happened, ties="efron").fit()
    return (time.perf_counter() - start) / trials


def measure(trials: int, repeated: int, r_trials: int) -> dict[str, float]:
    """Seconds here and in R, and their ratios."""
    data = survival_trials(trials)
    start = time.perf_counter()
    analyse_many(*data, HORIZON)
    ours = time.perf_counter() - start
    mixed = seconds_of_mixed_models(repeated)
    fits = max(r_trials // 20, 2)
    said = subprocess.run(
        ["Rscript", "--vanilla", "-e", R, str(r_trials), str(fits)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    log_rank, cox, mean, mmrm = map(float, said.stdout.split())
    return {
        "survival_trials": trials,
        "survival_seconds": ours,
        "r_survdiff_coxph_seconds_for_as_many": (log_rank + cox) * trials,
        "times_survdiff_and_coxph": (log_rank + cox) * trials / ours,
        "times_survdiff_coxph_and_rmean": (log_rank + cox + mean) * trials / ours,
        "times_statsmodels": seconds_of_statsmodels(20) * trials / ours,
        "mixed_trials": repeated,
        "mixed_seconds": mixed,
        "times_gls": mmrm * repeated / mixed,
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=10_000)
    options.add_argument("--repeated", type=int, default=1_000)
    options.add_argument("--r-trials", type=int, default=200)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    found = measure(given.trials, given.repeated, given.r_trials)
    if given.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:40} {value:,.1f}")
