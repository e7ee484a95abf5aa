"""Does a call that was stopped go on, and is nothing read that depends on something else?"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from resynapse.inference.kept import kept
from resynapse.inference.sites_left_out import fitted
from resynapse.inference.stage_fit import NotConverged

STAGE = SimpleNamespace(name="a stage")


def quiet():
    """Says nothing."""


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path))
    return tmp_path


def test_what_was_made_is_read_and_not_made_again():
    def fails():
        raise AssertionError("made again")

    first = kept("kind", ["key", 1], lambda: np.arange(3.0))

    np.testing.assert_array_equal(kept("kind", ["key", 1], fails), first)
    assert kept("kind", ["key", 2], lambda: np.zeros(1)).shape == (1,)


def test_what_was_simulated_by_another_engine_is_made_again(monkeypatch):
    kept("kind", ["key"], lambda: np.zeros(2))
    monkeypatch.setattr("resynapse.inference.kept.engine_hash", lambda: "another")

    np.testing.assert_array_equal(kept("kind", ["key"], lambda: np.ones(2)), np.ones(2))


@pytest.mark.parametrize("left", [0, 40, 130])
def test_what_was_cut_short_on_disk_is_made_again_with_one_line(store, caplog, left):
    kept("kind", ["key"], lambda: np.arange(3.0))
    (file,) = store.rglob("*.npz")
    file.write_bytes(file.read_bytes()[:left])

    np.testing.assert_array_equal(kept("kind", ["key"], lambda: np.arange(3.0)), np.arange(3.0))
    assert caplog.messages == [f"The cache file {file} was damaged; what it held is made again."]


def test_whatever_byte_is_changed_on_disk_no_other_numbers_are_read(store, monkeypatch):
    monkeypatch.setattr("resynapse.engine.cache.tell", lambda words: None)
    made = []

    def make():
        made.append(1)
        return np.arange(3.0)

    kept("kind", ["key"], make)
    (file,) = store.rglob("*.npz")
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        np.testing.assert_array_equal(kept("kind", ["key"], make), np.arange(3.0))

    assert len(made) > 100


def test_a_call_that_is_stopped_while_it_makes_leaves_nothing_behind(store):
    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept("kind", ["key"], stopped)

    assert list(store.rglob("*.npz")) == []


def test_without_a_cache_nothing_is_kept(monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", "off")
    made = []

    for _ in range(2):
        kept("kind", ["key"], lambda: made.append(1) or np.zeros(1))

    assert len(made) == 2


@pytest.fixture
def sampled(monkeypatch):
    """Folds that were sampled; the third one is killed when it is first asked for."""
    asked = []

    def sample(stage, samples, warmup):
        asked.append(stage)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return SimpleNamespace(converged=True, draws=np.full((4, 1), float(len(asked))))

    monkeypatch.setattr(fitted, "sample", sample)
    return asked


def test_folds_that_were_fitted_before_a_kill_are_not_fitted_again(sampled):
    folds = ("fold 1", "fold 2", "fold 3")
    with pytest.raises(KeyboardInterrupt):
        for fold in folds:
            fitted.draws(STAGE, fold, 100, [32], quiet)

    again = [fitted.draws(STAGE, fold, 100, [32], quiet)[0, 0] for fold in folds]

    assert again == [1.0, 2.0, 4.0]
    assert len(sampled) == 4


@pytest.mark.parametrize(
    "other", [("fold 2", 100, [32]), ("fold 1", 200, [32]), ("fold 1", 100, [64])]
)
def test_another_fold_number_of_samples_or_simulation_is_another_fit(sampled, other):
    fitted.draws(STAGE, "fold 1", 100, [32], quiet)
    fitted.draws(STAGE, *other, quiet)

    assert len(sampled) == 2


def test_another_model_or_way_of_inferring_is_another_fit(sampled, monkeypatch):
    fitted.draws(STAGE, "fold 1", 100, [32], quiet)
    monkeypatch.setattr(fitted, "method_hash", lambda: "another way")
    fitted.draws(STAGE, "fold 1", 100, [32], quiet)

    assert len(sampled) == 2


def test_a_fit_that_did_not_converge_is_refused_and_not_kept(store, monkeypatch):
    bad = SimpleNamespace(converged=False, refusal=lambda: "It did not converge.")
    monkeypatch.setattr(fitted, "sample", lambda stage, samples, warmup: bad)

    with pytest.raises(NotConverged, match="did not converge"):
        fitted.draws(STAGE, "fold 1", 100, [32], quiet)

    assert list(store.rglob("*.npz")) == []


def test_only_what_takes_minutes_is_announced(sampled):
    said = []
    for _ in range(2):
        fitted.draws(STAGE, "fold 1", 100, [32], lambda: said.append("fold 1"))

    assert said == ["fold 1"]
