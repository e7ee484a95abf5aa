"""Does a power that is played out agree with the formula where there is one?"""

from __future__ import annotations

import pytest

from power.generators import Means, Rates, Survival
from resynapse.trial.design.follow_up import Accrual
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.means import means
from resynapse.trial.design.piecewise import Piecewise
from resynapse.trial.design.rates import rates
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.survival import hazard_of_median, survival
from resynapse.trial.power import Asked, Design, Extent, power

ONE = Looks(alpha=0.05, sided=2)
TWO = Looks(alpha=0.05, sided=2, information_rates=(0.5, 1.0))
POCOCK = Looks(alpha=0.05, sided=2, information_rates=(0.5, 1.0), spending="pocock")
THREE = Looks(alpha=0.025, sided=1, power=0.9, information_rates=(1 / 3, 2 / 3, 1.0))
FUTILE = Looks(0.025, 1, 0.8, (0.5, 1.0), futility=Futility((0.5,), binding=True))
SCALE, ABSTINENT, RELAPSE = "craving_vas_day_28", "abstinence_6_months", "relapse_6_months"
ACCRUAL, FOLLOW_UP, MEDIAN = 365.0, 182.625, 90.0


def played(endpoint, looks, people, n, ratio=1.0, method=(), trials=1600, batches=16):
    asked = Asked(endpoint, method, (n,), looks, ratio, ACCRUAL, trials, seed=3)
    design = Design("one", people, 28.0, FOLLOW_UP, {})
    return power([design], asked, Extent(8 * round(n * (1 + ratio)), batches))


def controls(design):
    """Whole controls, and the power of the design with so many."""
    return round(design.n_per_arm["control"])


def of_means(looks, effect, sd, ratio=1.0):
    """The formula's size, and the trials of it; less craving is the benefit."""
    design = means(looks, effect, sd, ratio)
    return SCALE, looks, Means(-effect, sd), controls(design), ratio


def of_rates(looks, p1, p2, ratio=1.0):
    return ABSTINENT, looks, Rates(p1, p2), controls(rates(looks, p1, p2, ratio)), ratio


def of_times(looks, ratios, changes=(), leaving=1e-9, ratio=1.0):
    """Everybody is followed for as long: the formula takes that as an accrual of no length."""
    dropout = (Piecewise((leaving,)),) * 2
    design = survival(
        *(looks, Piecewise(ratios, changes), hazard_of_median(MEDIAN), Accrual(1e-3), FOLLOW_UP),
        dropout, ratio, "expected-score",
    )  # fmt: skip
    people = Survival(MEDIAN, ratios, changes, leaving, FOLLOW_UP)
    return RELAPSE, looks, people, controls(design), ratio


DESIGNS = {
    "means": of_means(ONE, 8.0, 20.0),
    "means, 2:1": of_means(ONE, 10.0, 20.0, 2.0),
    "means, two looks": of_means(TWO, 8.0, 20.0),
    "means, three looks": of_means(THREE, 8.0, 20.0),
    "means, binding futility": of_means(FUTILE, 8.0, 20.0),
    "rates": of_rates(ONE, 0.45, 0.3),
    "rates, 2:1": of_rates(ONE, 0.5, 0.35, 2.0),
    "rates, pocock": of_rates(POCOCK, 0.45, 0.3),
    "hazards in proportion": of_times(ONE, (0.65,)),
    "hazards, people who leave": of_times(ONE, (0.65,), leaving=1 / 400),
    "an effect that wanes": of_times(ONE, (0.5, 0.9), (45.0,)),
    "an effect that comes late": of_times(ONE, (1.0, 0.55), (20.0,)),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_power_that_is_played_out_is_the_formula_s_within_three_monte_carlo_errors(name):
    endpoint, looks, people, n, ratio = DESIGNS[name]

    found = played(endpoint, looks, people, n, ratio)

    row = found.rows[0]
    assert abs(row.rejected.value - looks.power) < 3 * row.rejected.error
    assert row.rejected.error < 0.035
