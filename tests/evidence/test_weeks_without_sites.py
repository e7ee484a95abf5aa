"""Is stage c judged at sites that it was not fitted to, and told in points?"""

import numpy as np
import pytest

from resynapse.cli.calibrate_sites import as_dict, text
from resynapse.inference.sites_left_out.weeks import OTHER_SITES, OWN, Fold, errors
from resynapse.inference.treated_data import RETAINED, alone, everybody, without


def _fold(fold: str, off_retention: float, off_weeks: float) -> Fold:
    of = alone(fold).shares
    own = of + np.where(RETAINED, off_retention, off_weeks)
    return Fold(fold, of, {OWN: own, OTHER_SITES: of})


@pytest.fixture(scope="module")
def found():
    return tuple(_fold(fold, 0.03, -0.08) for fold in "123")


def test_errors_are_means_over_folds_by_kind_of_share(found):
    retention, weeks = (errors(found, OWN)[kind] for kind in ("retention", "weeks"))

    assert retention[0] == pytest.approx(0.03) and weeks[0] == pytest.approx(0.08)
    assert retention[1:] == (retention[2], 3 * 2 * int(RETAINED.sum()))
    assert weeks[1:] == (0, 3 * 2 * int((~RETAINED).sum()))


@pytest.mark.parametrize("fold", "123")
def test_everybody_is_in_a_fold_or_in_what_is_fitted_without_it(fold):
    among = everybody().shares
    ends = np.stack([alone(fold).shares, without(fold).shares])

    assert np.all(ends.min(0) <= among + 1e-12) and np.all(among <= ends.max(0) + 1e-12)
    assert np.abs(ends[0] - ends[1]).max() > 0.01


def test_the_table_tells_points_and_counts(found):
    lines = text(as_dict(found)).splitlines()

    assert "| model, fitted without the fold | retention | 3.0 | 48 of 48 |" in lines
    assert "| model, fitted without the fold | weeks | 8.0 | 0 of 96 |" in lines
