"""Do thousands of trials at once get the answers that each gets alone?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.trial.analysis.cox import fit_cox
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.log_rank import log_rank
from resynapse.trial.analysis.many_trials import (
    analyse_many,
    in_order,
    log_hazard_ratio,
    log_rank_z,
)
from resynapse.trial.analysis.restricted_mean import restricted_mean
from resynapse.trial.hazard_ratio import hazard_ratio

HORIZON = 8.0


def test_each_trial_has_the_answers_that_it_has_alone_ties_and_failures_included():
    draw = np.random.default_rng(1)
    time = np.ceil(draw.exponential(6.0, (60, 24)))
    event = draw.random((60, 24)) < draw.random((60, 1))
    treated = np.stack([draw.permutation(24) < 9 for _ in range(60)])

    found = analyse_many(time, event, treated, HORIZON)

    for row in range(60):
        t, e, a = time[row], event[row], treated[row]
        z, ratio = log_rank(t, e, a).z, hazard_ratio(t, e, a)
        assert found.log_rank_z[row] == pytest.approx(
            np.nan if z is None else z, abs=1e-9, nan_ok=True
        )
        b = np.nan if ratio.value is None else np.log(ratio.value)
        assert found.log_hazard_ratio[row] == pytest.approx(b, abs=1e-8, nan_ok=True)
        try:
            one, other = (restricted_mean(t[a == k], e[a == k], HORIZON) for k in (True, False))
            gap, error = one.value - other.value, np.hypot(one.standard_error, other.standard_error)
        except FailedFit:
            gap = error = np.nan
        assert found.restricted_mean_difference[row] == pytest.approx(gap, abs=1e-9, nan_ok=True)
        assert found.restricted_mean_error[row] == pytest.approx(error, abs=1e-9, nan_ok=True)
    assert 0 < found.failed["log_hazard_ratio"] < 60
    assert found.failed["log_hazard_ratio"] == np.isnan(found.log_hazard_ratio).sum()


def test_each_trial_has_within_its_strata_the_answers_that_it_has_alone():
    draw = np.random.default_rng(4)
    stratum = draw.integers(0, 3, (20, 60))
    time = np.ceil(draw.exponential(6.0 * (1 + stratum)))
    event, treated = draw.random((20, 60)) < 0.7, draw.random((20, 60)) < 0.5

    s = in_order(time, event, treated, stratum)
    with np.errstate(divide="ignore"):
        z, (ratio, error) = log_rank_z(s), log_hazard_ratio(s)

    for row in range(20):
        one, X = (time[row], event[row]), treated[row][:, None].astype(float)
        assert z[row] == pytest.approx(log_rank(*one, treated[row], stratum[row]).z, abs=1e-9)
        fit = fit_cox(*one, X, stratum=stratum[row])
        assert ratio[row] == pytest.approx(fit.coefficients[0], abs=1e-7)
        assert error[row] == pytest.approx(np.sqrt(fit.covariance[0, 0]), abs=1e-7)
    assert np.abs(z - log_rank_z(in_order(time, event, treated))).min() > 1e-4
