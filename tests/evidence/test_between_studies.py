"""Does a baseline of one study teach of others no more than the spread between studies lets it?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.cli.calibrate_stage import _elsewhere, _over_studies
from resynapse.inference.between_studies import BETWEEN_BASELINES, general, over_studies
from resynapse.inference.free import Free
from resynapse.inference.identified import Identified
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage
from resynapse.inference.stage_fit import KEPT, StageFit, as_parameter_set, handed_on
from resynapse.inference.stages.medications import AGAIN
from resynapse.inference.treated_data import ARMS
from resynapse.inference.treated_numbers import (
    OF_SITE,
    OWN,
    SITE_PATHS,
    SITES,
    ZEROS,
    numbers_before,
    simulated_numbers,
)
from resynapse.parameter import LogNormal, Normal
from resynapse.protocol import load
from resynapse.trial.parameter_set import shipped_set
from resynapse.trial.site_numbers import site_numbers

PRIORS = (LogNormal(2.4, 0.5), LogNormal(1.13, 0.56))
STAYING = (LogNormal(1300.0, 0.3), LogNormal(500.0, 0.3))
SEEN, ERROR = np.log([0.77, 0.32]), 0.1
"""a study that measured the logs of its own numbers with this error"""


@pytest.fixture(scope="module")
def own():
    """Draws of the study's own numbers, sampled as if they were those of all studies."""
    m, s = np.log([one.median for one in PRIORS]), np.array([one.sd for one in PRIORS])
    P = 1.0 / s**2 + 1.0 / ERROR**2
    z = np.random.default_rng(1).standard_normal((20_000, 2))
    return np.exp((m / s**2 + SEEN / ERROR**2) / P + z / np.sqrt(P))


def test_general_values_and_the_studys_own_are_those_of_the_two_levels_together(own):
    """Both levels at once have a closed form, with no draws weighed anew."""
    found = over_studies(own, PRIORS, 4000)

    m, s = np.log([one.median for one in PRIORS]), np.array([one.sd for one in PRIORS])
    t2, e2 = BETWEEN_BASELINES**2, ERROR**2
    spread = s**2 + t2 + e2
    middle, sd = m + s**2 / spread * (SEEN - m), s * np.sqrt(1.0 - s**2 / spread)
    assert np.log(found.general).mean(axis=0) == pytest.approx(middle, abs=0.01)
    assert np.log(found.general).std(axis=0) == pytest.approx(sd, rel=0.02)
    middle, sd = m + (s**2 + t2) / spread * (SEEN - m), np.sqrt(e2 * (s**2 + t2) / spread)
    assert np.log(found.own).mean(axis=0) == pytest.approx(middle, abs=0.01)
    assert np.log(found.own).std(axis=0) == pytest.approx(sd, rel=0.05)


def test_where_studies_do_not_differ_the_general_value_is_the_studys_own(own):
    found = over_studies(own, PRIORS, 400, between=1e-6)

    assert found.general == pytest.approx(found.own, rel=1e-4)
    assert found.effective == pytest.approx(len(own), rel=1e-6)


def test_where_nothing_links_studies_the_general_value_keeps_its_prior(own):
    logs = np.log(over_studies(own, PRIORS, 4000, between=1e3).general)

    for k, prior in enumerate(PRIORS):
        assert np.exp(np.median(logs[:, k])) == pytest.approx(prior.median, rel=1e-3)
        assert logs[:, k].std() == pytest.approx(prior.sd, rel=0.01)


def test_draws_that_the_wider_prior_weighs_unequally_are_worth_fewer(own):
    found = over_studies(own, PRIORS, 400)

    assert 0.5 * len(own) < found.effective < 0.95 * len(own)
    assert (np.log(found.own).mean(axis=0) < np.log(own).mean(axis=0) - 0.01).all()


def test_what_the_stage_of_medications_hands_on_is_general_and_its_site_keeps_its_own():
    """The rows of a whole draw stay together; the set says what was the study's own."""
    free = (*simulated_numbers(), *numbers_before())
    chance = np.random.default_rng(1)
    draws = np.array([[one.slab.quantile(u) for one in free] for u in chance.uniform(size=800)])
    draws[:, [4, 7]] = np.exp(SEEN + ERROR * chance.standard_normal((800, 2)))
    stay = np.log([900.0, 700.0])
    draws[:, [0, 2]] = np.exp(stay + ERROR * chance.standard_normal((800, 2)))
    of_site = {one.name: site for one, site in zip(OF_SITE, SITES, strict=True)}
    stage = SmoothStage(
        "medications", free, lambda v, z: 0.0, again=AGAIN, own=OWN, of_site=of_site
    )
    none = tuple(Identified(one.name, 1.0, 1.0, 0.0, ((0.0, 0.0),)) for one in free)
    posterior = Posterior((), draws, draws, np.ones(len(free)), (), 0)
    done = StageFit(stage, posterior, none, (), ("ctn-0027",), {})
    made = as_parameter_set(done, "a command")

    told = made.made["over_studies"]
    assert told["paths"] == [
        "stop.baseline", "lapse.uncommitted", *(f"medication_stop.{arm}_scale" for arm in ARMS),
    ]  # fmt: skip
    own = np.median(told["own_draws"], axis=0)
    assert own[:2] == pytest.approx([0.77, 0.32], rel=0.1)
    assert own[2:] == pytest.approx([900.0, 700.0], rel=0.15)
    assert made.medians()["stop.baseline"] == pytest.approx(1.63, rel=0.05)
    assert made.medians()["lapse.uncommitted"] == pytest.approx(0.69, rel=0.05)
    for path, y, prior in zip(told["paths"][2:], np.log(own[2:]), STAYING, strict=True):
        share = 1.0 / (1.0 + (BETWEEN_BASELINES / prior.sd) ** 2)
        middle = np.exp(np.log(prior.median) + share * (y - np.log(prior.median)))
        assert made.medians()[path] == pytest.approx(middle, rel=0.02)
        low, high = made.intervals()[path]
        assert 0.25 < np.log(high / low) / 3.29 < prior.sd
    printed = [_elsewhere(row) for row in _over_studies(done)]
    assert [line.split(":")[0] for line in printed] == told["paths"]
    assert f"{made.medians()['lapse.uncommitted']:.3g} (" in printed[1].partition("and so")[2]
    rows, over = handed_on(stage, draws)
    for shape in (1, 3):
        assert rows[:, shape] == pytest.approx(draws[over.rows, shape])
    assert len(made.draws) == KEPT
    site, place = made.made["of_site"], [one.name for one in free].index("ctn0027_hazard")
    assert site["paths"] == list(SITE_PATHS)
    drawn = np.array(site["draws"]) + site["medians"] - np.array(ZEROS)
    assert drawn[:, 0] == pytest.approx(draws[over.rows, place], abs=2e-6)
    assert (np.median(site["draws"], axis=0) == 0.0).all()


def test_a_stage_without_baselines_of_its_own_hands_on_what_it_drew():
    free = (Free("effect", "", "1", Normal(0.0, 1.0), {"stop.baseline": 1.0}, ""),)
    draws = np.linspace(0.0, 1.0, KEPT)[:, None]

    rows, over = handed_on(SmoothStage("one", free, lambda v, z: 0.0), draws)

    assert over is None
    assert rows == pytest.approx(draws)


def test_the_set_that_ships_holds_the_general_values_that_its_study_leaves():
    """Made again from the study's own draws, which the set keeps beside them."""
    shipped = shipped_set("medications")
    told, columns = (
        shipped.made["over_studies"],
        dict(zip(shipped.paths, zip(*shipped.draws, strict=True), strict=True)),
    )
    slabs = {
        path: one.slab for one in (*simulated_numbers(), *numbers_before()) for path in one.moves
    }
    own = np.array(told["own_draws"])

    again = general(own, [slabs[path] for path in OWN])

    assert tuple(told["paths"]) == OWN
    for k, path in enumerate(OWN):
        assert again[:, k] == pytest.approx(columns[path], rel=1e-4)
    assert told["effective_sample"] == pytest.approx(1159.4, abs=1.0)
    site = site_numbers(load("ctn-0027"))
    for path, middle in zip(OWN, np.median(own, axis=0), strict=True):
        assert site[path] == pytest.approx(middle, rel=0.005 if path.endswith("scale") else 0.05)
