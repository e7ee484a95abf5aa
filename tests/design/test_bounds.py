"""Are the bounds those of rpact and of the tables of Jennison and Turnbull?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from oracle import in_r
from resynapse.input_error import InputError
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.joint_density import crossing
from resynapse.trial.design.sequential import Looks

UNEVEN = (0.3, 0.7, 1.0)
FIVE = (0.2, 0.4, 0.6, 0.8, 1.0)

# Ours, and the same design in rpact; every R design has alpha 0.025 a side and power 0.9.
DESIGNS = {
    "obrien-fleming": (Looks(0.05, 2, 0.9, FIVE, "obrien-fleming"), "sided=2, typeOfDesign='OF'"),
    "pocock": (Looks(0.025, 1, 0.9, FIVE, "pocock"), "typeOfDesign='P'"),
    "wang-tsiatis": (
        Looks(0.025, 1, 0.9, FIVE, "wang-tsiatis", 0.3),
        "typeOfDesign='WT', deltaWT=0.3",
    ),
    "haybittle-peto": (Looks(0.05, 2, 0.9, FIVE, "haybittle-peto"), "sided=2, typeOfDesign='HP'"),
    "haybittle-peto at 3.3": (
        Looks(0.025, 1, 0.9, FIVE, "haybittle-peto", 3.3),
        "typeOfDesign='HP', constantBoundsHP=3.3",
    ),
    "lan-demets-obrien-fleming": (
        Looks(0.05, 2, 0.9, UNEVEN, "lan-demets-obrien-fleming"),
        "sided=2, typeOfDesign='asOF'",
    ),
    "lan-demets-pocock": (Looks(0.025, 1, 0.9, UNEVEN, "lan-demets-pocock"), "typeOfDesign='asP'"),
    "kim-demets": (
        Looks(0.025, 1, 0.9, UNEVEN, "kim-demets", 2.5),
        "typeOfDesign='asKD', gammaA=2.5",
    ),
    "hwang-shih-decani": (
        Looks(0.025, 1, 0.9, UNEVEN, "hwang-shih-decani", -3.0),
        "typeOfDesign='asHSD', gammaA=-3",
    ),
    "user": (
        Looks(0.025, 1, 0.9, UNEVEN, "user", spent=(0.005, 0.01, 0.025)),
        "typeOfDesign='asUser', userAlphaSpending=c(.005, .01, .025)",
    ),
    "user, both sides": (
        Looks(0.05, 2, 0.9, UNEVEN, "user", spent=(0.01, 0.02, 0.05)),
        "sided=2, typeOfDesign='asUser', userAlphaSpending=c(.01, .02, .05)",
    ),
    "fixed futility": (
        Looks(0.025, 1, 0.9, UNEVEN, "lan-demets-pocock", futility=Futility((-0.5, 0.8))),
        "typeOfDesign='asP', futilityBounds=c(-.5, .8), bindingFutility=FALSE",
    ),
    "fixed futility that binds": (
        Looks(0.025, 1, 0.9, UNEVEN, "pocock", futility=Futility((-0.5, 0.8), binding=True)),
        "typeOfDesign='P', futilityBounds=c(-.5, .8), bindingFutility=TRUE",
    ),
    "futility that spends beta": (
        Looks(0.025, 1, 0.9, UNEVEN, futility=Futility(spending="lan-demets-obrien-fleming")),
        "typeOfDesign='asOF', typeBetaSpending='bsOF', bindingFutility=FALSE",
    ),
    "futility that spends beta and binds": (
        Looks(
            *(0.025, 1, 0.9, UNEVEN, "kim-demets", 2.0),
            futility=Futility(spending="hwang-shih-decani", parameter=-2.0, binding=True),
        ),
        "typeOfDesign='asKD', gammaA=2, typeBetaSpending='bsHSD', gammaB=-2, bindingFutility=TRUE",
    ),
    "futility that spends beta as the user says": (
        Looks(
            *(0.025, 1, 0.9, UNEVEN, "hwang-shih-decani", -4.0),
            futility=Futility(spending="user", spent=(0.02, 0.05, 0.1)),
        ),
        "typeOfDesign='asHSD', gammaA=-4, typeBetaSpending='bsUser', "
        "userBetaSpending=c(.02, .05, .1), bindingFutility=FALSE",
    ),
}


@pytest.fixture(scope="module")
def rpact():
    """Bounds, drift squared and expected information of every design."""
    one = """{name} = (function() {{
        design <- getDesignGroupSequential(alpha = {alpha}, beta = 0.1, tolerance = 1e-10,
          informationRates = c({rates}), {words})
        known <- getDesignCharacteristics(design)
        list(critical = design$criticalValues, futility = design$futilityBounds,
          spent = design$alphaSpent, shift = known$shift, inflation = known$inflationFactor,
          h0 = known$averageSampleNumber0, h01 = known$averageSampleNumber01,
          h1 = known$averageSampleNumber1)
    }})()"""
    asked = [
        one.format(
            name=f"`{name}`",
            alpha=looks.alpha,
            rates=", ".join(map(str, looks.information_rates)),
            words=words,
        )
        for name, (looks, words) in DESIGNS.items()
    ]
    return in_r(f"library(rpact); list({', '.join(asked)})")


@pytest.mark.parametrize("name", DESIGNS)
def test_bounds_are_those_of_rpact_to_a_millionth(rpact, name):
    looks, found = DESIGNS[name][0], rpact[name]

    assert looks.critical_values == pytest.approx(found["critical"], abs=1e-6)
    if looks.futility.any:
        assert looks.futility_bounds == pytest.approx(found["futility"], abs=1e-6)


@pytest.mark.parametrize("name", DESIGNS)
def test_largest_and_expected_information_are_those_of_rpact(rpact, name):
    looks, found = DESIGNS[name][0], rpact[name]

    assert looks.drift**2 == pytest.approx(found["shift"], rel=1e-6)
    assert looks.inflation == pytest.approx(found["inflation"], rel=1e-6)
    for key, share in (("h0", 0.0), ("h01", 0.5), ("h1", 1.0)):
        expected = looks.inflation * looks.expected_information(share * looks.drift)
        assert expected == pytest.approx(found[key], rel=1e-6)


@pytest.mark.parametrize("name", DESIGNS)
def test_the_alpha_spent_at_each_look_is_that_of_rpact(rpact, name):
    # rpact reports the last value 1e-8 below alpha
    assert DESIGNS[name][0].alpha_spent == pytest.approx(rpact[name]["spent"], abs=1.1e-8)


@pytest.mark.parametrize("looks", [looks for looks, _ in DESIGNS.values()], ids=DESIGNS)
def test_alpha_is_spent_whole_and_the_power_is_as_asked(looks):
    assert looks.alpha_spent[-1] == pytest.approx(looks.alpha, abs=1e-10)
    assert looks.cumulative_power[-1] == pytest.approx(looks.power, abs=1e-10)


# Jennison and Turnbull 2000, alpha 0.05 two-sided: constants of Pocock (table 2.1) and of O'Brien
# and Fleming (table 2.3), and the inflation of the latter at power 0.8 and 0.9 (table 2.4). Seen as
# reprinted in tests and tables of open-source packages, not in the book.
PUBLISHED = {
    2: (2.178, 1.977, 1.008, 1.007),
    3: (2.289, 2.004, 1.017, 1.016),
    4: (2.361, 2.024, 1.024, 1.022),
    5: (2.413, 2.040, 1.028, 1.026),
    10: (2.555, 2.087, 1.040, 1.037),
}
PRINTED = 5.1e-4
"""Half of the last digit printed"""


@pytest.mark.parametrize("count", PUBLISHED)
def test_constants_are_those_printed_by_jennison_and_turnbull(count):
    rates = [(k + 1) / count for k in range(count)]
    pocock, fleming, *inflation = PUBLISHED[count]
    bounds = Looks(0.05, 2, 0.9, rates, "pocock").critical_values
    looks = [Looks(0.05, 2, power, rates, "obrien-fleming") for power in (0.8, 0.9)]

    assert bounds == pytest.approx(np.full(count, pocock), abs=PRINTED)
    assert looks[0].critical_values[-1] == pytest.approx(fleming, abs=PRINTED)
    assert [one.inflation for one in looks] == pytest.approx(inflation, abs=PRINTED)


def test_lan_demets_bounds_are_those_printed_by_reboussin_and_others():
    """Reboussin, DeMets, Kim and Lan 2000, five looks, 0.025 one-sided; seen as reprinted.

    Their program integrates on a coarser grid, hence two in the last digit.
    """
    fleming = Looks(0.025, 1, 0.9, FIVE, "lan-demets-obrien-fleming").critical_values
    pocock = Looks(0.025, 1, 0.9, FIVE, "lan-demets-pocock").critical_values

    assert fleming == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)
    assert pocock == pytest.approx([2.4380, 2.4268, 2.4101, 2.3966, 2.3859], abs=2e-4)


def test_bounds_that_do_not_bind_leave_the_efficacy_bounds_alone():
    plain = Looks(0.025, 1, 0.9, UNEVEN)
    with_futility = Looks(0.025, 1, 0.9, UNEVEN, futility=Futility((0.0, 1.0)))
    binding = Looks(0.025, 1, 0.9, UNEVEN, futility=Futility((0.0, 1.0), binding=True))

    assert with_futility.critical_values == pytest.approx(plain.critical_values, abs=1e-12)
    assert binding.critical_values[-1] < plain.critical_values[-1]
    assert with_futility.drift > plain.drift


def test_the_recursion_agrees_with_counting_simulated_paths():
    rng = np.random.default_rng(11)
    information = np.array([0.25, 0.6, 1.0])
    upper, lower = np.array([2.6, 2.4, 2.1]), np.array([-0.4, 0.5, 2.1])
    mean = 2.5 * np.sqrt(information)
    steps = rng.normal(size=(200_000, 3)) * np.sqrt(np.diff(information, prepend=0.0))
    z = steps.cumsum(axis=1) / np.sqrt(information) + mean

    going, counted = np.ones(len(z), dtype=bool), []
    for k in range(3):
        counted.append((going & (z[:, k] >= upper[k])).mean())
        going &= (z[:, k] >= lower[k]) & (z[:, k] < upper[k])

    found = crossing(information, mean, lower, upper)
    error = np.sqrt(found.upper * (1 - found.upper) / len(z))
    assert np.all(np.abs(found.upper - counted) < 4 * error)


@pytest.mark.parametrize("close", [0.9, 0.99, 0.999])
def test_looks_that_are_close_together_are_told_apart(close):
    """Against the bivariate normal distribution; rpact 3.3.4 is off by more where 0.1 % is left."""
    information, bounds = np.array([close, 1.0]), np.array([2.1, 2.0])
    correlation = np.sqrt(close)
    joint = stats.multivariate_normal(np.zeros(2), [[1.0, correlation], [correlation, 1.0]])

    found = crossing(information, np.zeros(2), np.full(2, -np.inf), bounds)

    assert found.upper[1] == pytest.approx(special.ndtr(2.1) - joint.cdf(bounds), abs=1e-10)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"power": 0.02}, "Power 0.02 is not above alpha"),
        ({"alpha": 0.0}, "alpha was given as 0"),
        ({"sided": 3}, "3 sides"),
        ({"information_rates": (0.5, 0.5, 1.0)}, "do not increase"),
        ({"information_rates": (0.5, 0.9)}, "do not end at 1"),
        ({"information_rates": (0.5, 1.0), "spending": "obrien"}, "choose from"),
        ({"information_rates": (0.5, 1.0), "spending": "user", "spent": (0.03, 0.02)}, "falls"),
        (
            {"information_rates": (0.5, 1.0), "spending": "user", "spent": (0.01, 0.02)},
            "ends at 0.02",
        ),
        (
            {"information_rates": (0.5, 1.0), "spending": "kim-demets", "parameter": -1.0},
            "lies between",
        ),
        (
            {"information_rates": (0.5, 1.0), "spending": "wang-tsiatis", "parameter": 5.0},
            "lies between",
        ),
        ({"futility": Futility((0.0,))}, "look before the last"),
        (
            {
                "alpha": 0.05,
                "sided": 2,
                "information_rates": (0.5, 1.0),
                "futility": Futility((0.0,)),
            },
            "one side",
        ),
        ({"information_rates": (0.5, 1.0), "futility": Futility((3.5,))}, "reaches the efficacy"),
        (
            {"alpha": 1e-3, "information_rates": (0.5, 1.0), "spending": "haybittle-peto"},
            "already spend",
        ),
    ],
)
def test_what_no_trial_can_be_is_refused_in_a_sentence(wrong, said):
    with pytest.raises(InputError, match=said):
        _ = Looks(**wrong).critical_values
