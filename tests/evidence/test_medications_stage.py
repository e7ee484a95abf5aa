"""Does the stage of medications compare like with like, and say where it misses?"""

from __future__ import annotations

import json
from copy import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from evidence.recovery import recovered, truth
from resynapse.cli.calibrate_stage import _check
from resynapse.evidence import ctn0094
from resynapse.evidence.ctn0094 import checksums, in_treatment
from resynapse.inference import treated_course, treated_data
from resynapse.inference.emulator import Emulator, standard
from resynapse.inference.free import Free
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage, most_probable, values_at
from resynapse.inference.stage_fit import Check
from resynapse.inference.stages import medications
from resynapse.inference.treated_course import DAYS, PAIRS, SIZE, WEEKS, WHILE_IN_TREATMENT
from resynapse.inference.treated_numbers import parameters
from resynapse.inference.weekly_urines import Screen, positive, shown
from resynapse.parameter import Normal
from resynapse.protocol.conduct import Urine
from resynapse.trial.parameter_set import parameter_set

ALWAYS_SEEN = Urine(sensitivity=1.0, specificity=1.0)
START = len(DAYS) + len(WEEKS)
BEGUN = WHILE_IN_TREATMENT


def _statistics(use_share=0.4, after_none=0.2, after_use=0.7):
    pairs = np.tile([use_share, after_none, after_use], len(PAIRS))
    return jnp.array([*np.linspace(0.95, 0.6, len(DAYS)), *[use_share] * len(WEEKS), *pairs])


def test_a_perfect_urine_that_everybody_gives_shows_what_people_do():
    found = np.asarray(shown(_statistics(), Screen.of(ALWAYS_SEEN, 0.0, 1e-9)))

    assert found[:START] == pytest.approx(np.asarray(_statistics())[:START], abs=1e-6)
    assert found[START : START + 6] == pytest.approx([0.2, 0.7] * 3, abs=1e-6)


def test_urines_missed_more_often_in_use_hide_it_and_are_followed_by_it():
    alike, unlike = (
        np.asarray(shown(_statistics(), Screen.of(ALWAYS_SEEN, 0.2, p))) for p in (0.2, 0.5)
    )
    missing, missing_after_negative, missing_after_positive, positive_after_missing = unlike[-4:]

    assert alike[-4] == pytest.approx(0.2)
    assert missing == pytest.approx(0.2 + 0.3 * (0.6 * 0.2 + 0.4 * 0.7))
    assert alike[-3:-1] == pytest.approx([0.2, 0.2])
    assert alike[-1] == pytest.approx(0.6 * 0.2 + 0.4 * 0.7)
    assert missing_after_negative == pytest.approx(0.8 * 0.2 + 0.2 * 0.5)
    assert missing_after_positive == pytest.approx(0.3 * 0.2 + 0.7 * 0.5)
    assert unlike[len(DAYS)] < alike[len(DAYS)]
    after, before = np.array([0.8, 0.2]), np.array([0.3, 0.7])
    using = 0.6 * 0.2 * after[1] * 0.5 + 0.4 * 0.5 * before[1] * 0.5
    not_using = 0.6 * 0.2 * after[0] * 0.8 + 0.4 * 0.5 * before[0] * 0.8
    assert positive_after_missing == pytest.approx(using / (using + not_using))


def test_a_urine_shows_use_as_often_as_its_sensitivity_and_specificity_say():
    screen = Screen.of(Urine(sensitivity=0.9, specificity=0.95), 0.1, 0.1)

    assert float(positive(1.0, screen)) == pytest.approx(0.9)
    assert float(positive(0.0, screen)) == pytest.approx(0.05)


def test_a_week_counts_in_those_who_are_in_treatment_at_its_end():
    use, left = np.zeros((4, 162)), np.array([200.0, 200.0, 13.0, 200.0])
    use[0, 14], use[1, 10], use[2, 13] = 1, 1, 1
    found = treated_course.statistics(use, left, Urine(detection_days=3.0))

    assert found[0] == pytest.approx(4.5 / 5.0)
    assert found[1] == pytest.approx(3.5 / 5.0)
    assert found[len(DAYS)] == pytest.approx((1 + 0.5) / (3 + 1.0))


def test_who_leaves_in_the_course_of_a_week_still_counts_among_those_who_began_it():
    use, left = np.zeros((4, 162)), np.array([200.0, 8.0, 7.0, 3.0])
    use[1, 13], use[2, 13] = 1, 1
    found = treated_course.statistics(use, left, Urine(detection_days=3.0))

    assert found[BEGUN] == pytest.approx(2.5 / 5.0)
    assert found[BEGUN + len(WEEKS)] == pytest.approx(1.5 / 3.0)
    assert found[BEGUN + 1] == pytest.approx(1.5 / 5.0)


def test_pairs_of_weeks_are_told_apart_by_use_in_the_first():
    use, left = np.zeros((2, 162)), np.array([200.0, 200.0])
    use[0] = 1
    found = treated_course.statistics(use, left, Urine())
    first, after_none, after_use = found[START : START + 3]

    assert first == pytest.approx(0.5)
    assert after_none == pytest.approx(0.5 / 7.0)
    assert after_use == pytest.approx(6.5 / 7.0)


def test_who_stops_the_medication_has_left_treatment():
    class Marks:
        dropout, medication_stop = np.array([100.0, 5.0]), np.array([30.0, 1e9])

    class Chunk:
        marks = Marks

    assert treated_course.left([Chunk]) == pytest.approx([30.0, 5.0])


def test_the_people_of_a_fold_and_those_without_it_are_all_people():
    everybody = treated_data.everybody()
    parts = [(treated_data.without(f), treated_data.alone(f)) for f in "123"]

    for rest, fold in parts:
        precision = sum(1.0 / np.diagonal(one.covariance, axis1=1, axis2=2) for one in (rest, fold))
        whole = 1.0 / np.diagonal(everybody.covariance, axis1=1, axis2=2)
        assert precision == pytest.approx(whole, rel=1e-3)
        low, high = np.minimum(rest.shares, fold.shares), np.maximum(rest.shares, fold.shares)
        assert ((everybody.shares >= low - 1e-9) & (everybody.shares <= high + 1e-9)).all()


def test_weeks_of_one_person_count_as_less_than_weeks_of_many():
    seen = treated_data.everybody()
    rows = [r for r in ctn0094.shipped("weeks_in_treatment") if r["left_out"] == "none"]
    names = list(in_treatment.QUANTITIES)
    k = names.index("positive after positive, 8 weeks later")
    for arm, covariance in zip(treated_data.ARMS, seen.covariance, strict=True):
        (row,) = [r for r in rows if r["arm"] == arm and r["quantity"] == names[k]]
        p, n = float(row["share"]), int(row["n"])
        assert covariance[k, k] > 2.0 / (n * p * (1 - p))


@pytest.fixture(scope="module")
def linear():
    """The stage with an emulator in which every statistic moves with some number."""
    one = object.__new__(medications.Medications)
    one.simulated, one.before = medications.simulated_numbers(), medications.numbers_before()
    inputs, size = one.inputs, 2 * SIZE
    chance = np.random.default_rng(1)
    kept = np.log(-np.log(np.linspace(0.95, 0.6, len(DAYS))))
    middle = np.concatenate(
        [kept, np.zeros(len(WEEKS)), np.tile([0.0, -1.5, 1.0], len(PAIRS)), np.ones(2 * len(WEEKS))]
    )
    B = np.concatenate([np.tile(middle, 2)[None], 0.3 * chance.normal(size=(len(inputs), size))])
    A = np.zeros_like(B)
    A[0] = np.log(0.02)
    one.emulator = Emulator(inputs, 1, B, A, np.eye(size), np.ones(size))
    one.seen = treated_data.everybody()
    one.slope, one.root, one.people = one._slope(), None, 0
    return one


def _medians(one):
    """Of the inputs, then of the logits of no urine."""
    return np.array([free.slab.quantile(0.5) for free in (*one.inputs, *medications.OF_VISITS)])


def test_negative_positive_and_missing_are_all_who_were_randomised(linear):
    with jax.enable_x64(True):
        values = _medians(linear)
        cells = np.asarray(linear.cells(linear.statistics(values), linear.screen(values)))

    assert cells.shape == (2, len(WEEKS), 3)
    assert cells.sum(axis=-1) == pytest.approx(np.ones((2, len(WEEKS))))
    begun = 1.0 / (1.0 + np.exp(-np.asarray(linear.statistics(_medians(linear)))[0, BEGUN]))
    assert 1.0 - cells[0, 0, 2] == pytest.approx(begun * (1.0 - 1.0 / (1.0 + np.exp(1.7))))


def test_the_likelihood_is_normal_around_what_the_urines_would_show(linear):
    values = _medians(linear)
    with jax.enable_x64(True):
        found = float(linear.log_likelihood(values))
        eta, screen = linear.statistics(values), linear.screen(values)
        middle = np.asarray(linear.predicted(eta, screen)).ravel()
        slope = np.asarray(
            jax.jacfwd(lambda z: linear.predicted(z.reshape(2, SIZE), screen).ravel())(eta.ravel())
        )
    total = slope @ slope.T * 0.02**2
    size = len(middle) // 2
    for k, part in enumerate(linear.seen.covariance):
        total[k * size : (k + 1) * size, k * size : (k + 1) * size] += part
    kept = [k for k in range(2 * size)
            if not in_treatment.QUANTITIES[k % size].startswith("missing after")]  # fmt: skip
    off, total = (linear.seen.scaled.ravel() - middle)[kept], total[np.ix_(kept, kept)]
    expected = -0.5 * off @ np.linalg.solve(total, off) - 0.5 * np.linalg.slogdet(total)[1]

    assert found == pytest.approx(expected, rel=1e-6)


def test_with_its_error_held_the_likelihood_falls_as_it_did_before(linear):
    held = copy(linear)
    held._hold_error(_medians(linear)[None, : len(linear.inputs)])
    values = [_medians(linear) * factor for factor in (1.0, 1.1)]
    with jax.enable_x64(True):
        before, after = (
            float(one.log_likelihood(values[1])) - float(one.log_likelihood(values[0]))
            for one in (linear, held)
        )

    assert after == pytest.approx(before, rel=1e-6)


def test_numbers_that_made_the_shares_are_found_again(linear):
    """Recovery: the most likely numbers lie within 2 posterior sd of those that made the shares."""
    with jax.enable_x64(True):
        values = truth(linear.stage.free)
        made = np.asarray(linear.predicted(linear.statistics(values), linear.screen(values)))
    off, sd = recovered(linear.fitted_to(treated_data.Treated(made, linear.seen.covariance)).stage)

    assert np.abs(off).max() < 2.0
    assert sd.max() < 1.0


def test_the_most_probable_numbers_and_their_spread_are_those_of_a_normal_law():
    free = linear_free(2)
    stage = SmoothStage(
        "two", free, lambda values, latents: -0.5 * 3.0 * (values[0] - values[1] - 1.0) ** 2
    )
    best, covariance = most_probable(stage)

    precision = np.eye(2) + 3.0 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert best == pytest.approx(np.linalg.solve(precision, [3.0, -3.0]), abs=1e-4)
    assert covariance == pytest.approx(np.linalg.inv(precision), abs=1e-4)


def linear_free(count):
    return tuple(Free(f"n{k}", "", "1", Normal(0.0, 1.0), {}, "") for k in range(count))


def test_later_points_lie_between_the_last_ones_and_the_most_probable_numbers(linear):
    count = len(linear.inputs)
    last = values_at(linear.inputs, np.full((4, count), -1.5))
    found = standard(linear.inputs, linear._toward(400, last, np.random.default_rng(1)))
    best, covariance = most_probable(linear.stage)
    way = best[:count] + 1.5
    off = found.mean(axis=0) - (0.5 * way - 1.5)
    spread = np.sqrt(4.0 * np.diagonal(covariance)[:count] + way**2 / 12.0)

    assert np.abs(off / spread).max() < 4.0 / np.sqrt(400)
    assert found.std(axis=0) == pytest.approx(spread, rel=0.2)


def test_a_fold_left_out_changes_what_is_fitted_and_not_the_emulator(linear):
    other = linear.without("1")

    assert other.emulator is linear.emulator
    assert np.abs(other.seen.scaled - linear.seen.scaled).max() > 0.02
    assert linear.seen.scaled == pytest.approx(treated_data.everybody().scaled)


def test_people_are_simulated_with_stage_b_at_its_medians_but_for_what_is_fitted_again(linear):
    row = truth(linear.inputs)
    given = parameters(row)
    before = parameter_set("natural-history").medians()

    assert {path: given[path] for path in before if path not in medications.AGAIN} == {
        path: value for path, value in before.items() if path not in medications.AGAIN
    }
    for one, value in zip(linear.inputs, row, strict=True):
        for path in one.moves:
            assert given[path] == pytest.approx(value)
    assert "lapse.blockade_weight" not in given


@pytest.fixture
def sent(monkeypatch):
    """The people of every point that is simulated, first and last; statistics are made up."""
    found = []

    def made_up(protocol, values, people, first):
        found.append(range(first, first + people))
        return np.full((2, SIZE), 0.5)

    monkeypatch.setattr(medications, "treated_course", made_up)
    return found


def test_nobody_is_in_two_points_nor_among_those_whom_the_fit_is_judged_by(linear, sent):
    other = copy(linear)
    rows = np.tile(_medians(other), (3, 1))
    other._simulate(rows[:2, : len(other.inputs)], 5)
    other._simulate(rows[2:, : len(other.inputs)], 7)
    other.checks(Posterior((), rows, rows, np.ones(len(rows)), (), 0))
    sent.sort(key=lambda part: part.start)

    assert sent[:3] == [range(5), range(5, 10), range(10, 17)]
    assert [len(part) for part in sent[3:]] == [medications.CHECKED[1]] * medications.CHECKED[0]
    ends = [number for part in sent for number in (part.start, part.stop)]
    assert ends == sorted(ends)


def test_a_fit_is_judged_by_what_its_people_do_and_not_by_the_emulator(linear, sent):
    other = copy(linear)
    rows = _medians(other)[None]
    found = other.checks(Posterior((), rows, rows, np.ones(1), (), 0))

    retained = [one.median for one in found if ", retained" in one.quantity]
    assert retained == pytest.approx([0.5] * 2 * len(DAYS))


def test_of_stage_b_only_what_it_left_as_it_was_is_handed_on_again(linear):
    handed = {path for one in linear.stage.free for path in one.moves}

    assert handed == {
        *(f"medication_stop.{arm}_{what}" for arm in treated_data.ARMS
          for what in ("scale", "shape")), "stop.baseline", "lapse.uncommitted",
    }  # fmt: skip
    assert handed & set(parameter_set("natural-history").paths) == set(linear.stage.again)


def test_the_medications_that_ship_converged_and_were_fitted_to_the_tables_that_ship():
    made = parameter_set("medications").made

    assert made["divergences"] == 0
    for one in made["diagnoses"]:
        assert one["r_hat"] < 1.01
        assert one["effective_sample"] > 400
    assert "weeks_in_treatment.csv" in made["tables"]
    for name, checksum in made["tables"].items():
        assert checksums()[name] == checksum


def test_what_a_check_says_can_be_written_as_json():
    one = Check("q", 0.4, (np.float64(0.3), np.float64(0.5)), 0.45, 0.2, 0.6)

    assert json.loads(json.dumps(_check(one)))["within"] is True
