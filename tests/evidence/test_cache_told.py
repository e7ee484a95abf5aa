"""Is what the cache says heard, whichever process it says it in?"""

from __future__ import annotations

from functools import partial

from resynapse.engine.cache import made_again
from resynapse.inference.all_stages import Step
from resynapse.inference.side_by_side import fitted_side_by_side
from resynapse.trial import parameter_set as sets
from resynapse.trial.model_hash import model_hash

PATHS = {"natural-history": "lapse.baseline", "mood": "mood.habenula_weight"}


def damaged(place, name, before, progress):
    """A stage in another process that finds a file of the cache damaged."""
    made_again(place / "kept.npz")
    found = sets.ParameterSet(
        (PATHS[name],), ((1.0,),), (), (name,), model_hash(), sets.data_hash(()), {}
    )
    return found, {"stage": name}


def test_what_the_cache_says_in_another_process_is_shown_once(tmp_path, caplog, monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path / "cache"))
    steps = [Step(name, partial(damaged, tmp_path, name), (), ()) for name in PATHS]
    fitted_side_by_side(steps, lambda share, words: None, 2)

    said = [one.message for one in caplog.records if str(tmp_path / "kept.npz") in one.message]
    assert len(said) == 1
    assert "was damaged" in said[0]
