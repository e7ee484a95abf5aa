"""Does the page of what a run uses say what the sets that ship hold, and what is worse for them?"""

from __future__ import annotations

import sys

import pytest

from resynapse.inference import weeks_judged
from resynapse.report import earlier_model
from resynapse.trial.fitted import fitted_for
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import CALIBRATED, FILES, shipped_set
from software.test_built_pages import loaded


@pytest.fixture
def module(root):
    return loaded(root, "uses")


def row(published, prior, calibrated, kind="share", role="not fitted"):
    values = {"published": published, "prior": prior, "calibrated": calibrated}
    return {"quantity": "use", "kind": kind, "low": None, "high": None, "role": role, **values}


def test_every_number_of_a_run_stands_on_the_page_as_the_sets_that_ship_have_it(module):
    taken, lines = fitted_for(CALIBRATED, "heroin"), list(module.numbers())[2:]

    assert len(lines) == len(taken.paths)
    for line, (path, value) in zip(lines, taken.medians().items(), strict=True):
        assert path in line and f"| {taken.stage_of[path]} (" in line
        assert f"| {module._short(value)} (" in line


def test_results_of_another_model_or_of_other_sets_are_said_to_be(module, monkeypatch):
    told = module.stored()
    other = {**told, "sets": {**told["sets"], "mood": "another"}}
    monkeypatch.setattr(earlier_model, "model_hash", lambda: told["model_hash"])
    assert "is of other sets of mood than ship" in module.earlier(other)

    monkeypatch.setattr(earlier_model, "model_hash", lambda: "another")
    top = module.page().partition("\n\n")[2]
    assert top.startswith(f"**The results below {earlier_model.WARNING}**")


def test_the_page_opens_on_a_warning_exactly_where_its_results_are_of_another_model_or_sets(
    module, root
):
    told, top = module.stored(), (root / "docs/uses.md").read_text("utf-8").partition("\n\n")[2]
    moved = [name for name in FILES if told["sets"][name] != shipped_set(name).content]

    assert set(told["sets"]) == set(FILES)
    if told["model_hash"] == model_hash() and not moved:
        assert top.startswith("Built by")
    else:
        assert top.startswith(module.earlier(told)) and top.startswith("**")


def test_published_values_on_the_page_are_those_that_the_studies_have_now(
    module, root, monkeypatch
):
    monkeypatch.setattr(sys, "path", [str(root / "docs"), str(root / "tests"), *sys.path])
    import uses_moved

    nothing = {"prior": 0.0, "calibrated": 0.0}
    monkeypatch.setattr(uses_moved, "both", lambda plan: nothing)
    monkeypatch.setattr(uses_moved, "_each", lambda *_: nothing)
    for name in ("level", "statistic"):
        monkeypatch.setattr(uses_moved, name, lambda *_: 0.0)
    parts = (uses_moved._ketamine, uses_moved._first_use, uses_moved._held_out)
    now = {one["quantity"]: one for part in parts for one in part()}
    shown = {one["quantity"]: one for one in module.stored()["rows"]}

    assert len(now) == 24
    for quantity, one in now.items():
        for end in ("published", "low", "high"):
            assert shown[quantity][end] == pytest.approx(one[end], abs=1e-12), quantity


def test_counts_without_draws_are_told_from_the_bars_that_are_judged_over_draws(module):
    found = weeks_judged.stored()
    met = sum(bool(one.within) for one in found.urines)

    assert f"{met} of {len(found.urines)} cells of weekly urines" in module.page()
    assert "**Counts of ctn-0027 are of runs without draws.**" in module.page()


@pytest.mark.parametrize(
    ("published", "prior", "used", "sign"),
    [(0.5, 0.4, 0.3, 1), (0.5, 0.3, 0.4, -1), (0.5, 0.4, 0.6, 0), (0.5, 0.40001, 0.4, 0)],
)
def test_what_is_further_off_than_with_the_prior_is_told_as_it_is_printed(
    module, published, prior, used, sign
):
    assert module.further(row(published, prior, used)) == sign
    assert module.further(row(None, prior, used)) == 0


def test_whatever_got_worse_is_listed_and_stands_in_bold(module):
    rows = [row(0.5, 0.4, 0.3), row(0.26, 0.25, 0.35, "rate"), row(0.5, 0.3, 0.4, role="fitted")]
    said = "\n".join(module.read(rows))

    assert "Of 1 values that were fitted, 1 are nearer" in said
    assert "Of 2 values that were not fitted, 0 are nearer" in said and "2 further off" in said
    assert said.index("* use: 0.26, 0.25, 0.35") < said.index("* use: 50.0 %, 40.0 %, 30.0 %")
    assert ["**" in line for line in module.results(rows)][2:] == [True, True, False]


def test_what_is_simulated_for_the_page_takes_what_a_run_takes(root, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(root / "docs"), str(root / "tests"), *sys.path])
    from uses_moved import patient

    from resynapse.protocol import load
    from resynapse.trial.fitted import fitted_at

    plan = load("ctn-0027")
    used, prior = patient(plan, "calibrated"), patient(plan, "prior")
    shape = fitted_at(CALIBRATED, plan).medians()["medication_stop.methadone_shape"]
    own = plan.setting.site.bout_end_per_day
    assert float(used.medication_stop.methadone_shape) == pytest.approx(shape)
    assert float(prior.medication_stop.methadone_shape) != pytest.approx(shape)
    assert float(used.stop.baseline) == float(prior.stop.baseline) == own
