"""Do pages that are built say what is stored, and link to what is there?"""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import replace

import pytest
from ruamel.yaml import YAML

from resynapse.inference.by_kind import wider
from resynapse.inference.scored import PRIMARY
from resynapse.report import earlier_model
from resynapse.report.earlier_model import WARNING
from resynapse.trial.model_hash import model_hash
from resynapse.trial.simulated_under import SAME_DRAWS, named

BUILDERS = ("credibility", "endpoints", "information", "sensitivity", "uses", "validation")


@pytest.fixture(scope="module", params=BUILDERS)
def builder(request, root):
    return loaded(root, request.param)


def loaded(root, name):
    spec = importlib.util.spec_from_file_location(name, root / f"docs/build_{name}_page.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_is_stored(builder):
    assert builder.PAGE.read_text(encoding="utf-8") == builder.page(), (
        f"python docs/{builder.__name__} brings it up to date"
    )


def test_every_link_of_the_page_leads_somewhere(builder):
    text = builder.PAGE.read_text(encoding="utf-8")
    targets = {link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text)}

    missing = [one for one in targets if not (builder.PAGE.parent / one).exists()]
    assert targets
    assert not missing


STORED = ("information", "sensitivity", "validation")
"""pages of simulated results"""


@pytest.mark.parametrize("name", STORED)
def test_a_page_of_an_earlier_model_says_so_above_all_else(root, monkeypatch, name):
    module = loaded(root, name)
    monkeypatch.setattr(earlier_model, "model_hash", lambda: "another")
    top = module.page().partition("\n\n")[2]

    assert top.startswith(f"**These numbers {WARNING}**")
    assert "were not simulated again" in top.partition("\n\n")[0]


@pytest.mark.parametrize("name", ["information", "sensitivity"])
def test_a_page_of_the_present_model_has_no_warning(root, monkeypatch, name):
    module = loaded(root, name)
    kept = module.stored() if name == "information" else module._read("made.json")
    monkeypatch.setattr(earlier_model, "model_hash", lambda: kept["model_hash"])
    if name == "sensitivity":
        read, of = module._read, {"model_hash": kept["model_hash"]}
        monkeypatch.setattr(module, "_read", lambda file: read(file) | of)

    assert WARNING not in module.page()


def test_slopes_of_another_model_than_the_rest_of_the_page_say_so_themselves(root, monkeypatch):
    module = loaded(root, "sensitivity")
    monkeypatch.setattr(earlier_model, "model_hash", lambda: "another")
    assert module.OWN in module.page().partition("\n\n")[2].partition("\n\n")[0]
    assert f"**These slopes {WARNING}**" in module.page()
    told = module._read("slopes-lapse.json")

    monkeypatch.setattr(earlier_model, "model_hash", lambda: told["model_hash"])
    assert f"**These slopes {WARNING}**" not in module.page()


def test_the_page_of_planned_trials_says_which_of_its_tables_are_wrong(root):
    module = loaded(root, "information")
    hash = module.stored()["model_hash"]

    assert (module.WRONG in module.page()) is hash.startswith(module.FOUND_IN)
    assert module.WRONG not in module.earlier("0" * 12)


def test_the_check_of_the_priors_says_of_which_model_it_is(root):
    top = (root / "docs/prior_predictive.md").read_text("utf-8").partition("\n\n")[2]
    hash = re.search(r"\(([0-9a-f]{12})\)", top.partition("\n\n")[0])

    assert hash
    assert top.startswith(f"**These numbers {WARNING}**") or model_hash().startswith(hash[1])


def test_a_page_says_under_which_model_its_numbers_were_simulated():
    (later, before), *_ = SAME_DRAWS.items()

    said = f"{later} (simulated under {before}, the same in these trials)"
    assert named(later + "0" * 52) == said
    assert named(before + "0" * 52) == before


def test_the_width_bar_says_of_how_many_values_it_is(root):
    module = loaded(root, "validation")
    said = module.bars(module.stored())

    assert f"On the {len(PRIMARY)} ratios that the meta-analysis forecasts" in said
    for words, ratio in wider(module.stored().kinds):
        assert f"{words}, {'met' if ratio <= module.WIDTH else '**not met**'}." in said


def test_that_misses_are_no_chance_is_said_of_those_alone_that_were_looked_at(root):
    module = loaded(root, "validation")
    found = module.weeks_judged.stored()
    other = replace(found.retention[0], median=1.0, band=(0.0, 0.5))
    moved = replace(found, retention=(other, *found.retention[1:]))

    here = {
        (kind, one.quantity)
        for kind in module.weeks_judged.KINDS
        for one in getattr(found, kind)
        if not one.within
    }
    swapped = replace(found, urines=found.own_visits, own_visits=found.urines)
    assert ("not chance" in module.weeks_chance(found)) == (here == module.LOOKED_AT)
    assert "chance" not in module.weeks_chance(moved)
    assert "chance" not in module.weeks_chance(swapped)
    text = (root / "docs/ctn0094.md").read_text("utf-8")
    assert "2.8 standard errors" in text and "2.7 standard errors" in text


def test_hits_of_rivals_and_baselines_stand_with_how_many_there_were(root):
    module = loaded(root, "validation")
    rows = list(module._hypotheses(module.stored()))[2:]
    hits = [re.match(r"\| ([^|]+) \| (\d+) of (\d+) \|", row).groups() for row in rows]

    baselines = {name: int(n) for name, _, n in hits if name in module.BASELINES}
    assert baselines == dict.fromkeys(module.BASELINES, len(PRIMARY))
    assert {int(n) for name, _, n in hits if name not in module.BASELINES} == {21}


def test_ten_rules_are_scored_from_0_to_4_each_with_a_reason(root):
    told = YAML(typ="safe", pure=True).load(
        (root / "docs/credibility_scores.yaml").read_text(encoding="utf-8")
    )

    assert len(told["rules"]) == 10
    assert all(one["score"] in range(5) and len(one["why"]) > 40 for one in told["rules"])
    assert any(one["score"] == 0 for one in told["rules"])


SUPPORTS = {
    "Define the context clearly": "test_each_printed_page_carries_the_notice",
    "Use appropriate data": "test_every_number_names_its_source_or_its_reason",
    "Use version control": "test_the_manifest_names_seed_version_and_checksums",
    "Document appropriately": "test_the_page_shows_equations_and_numbers_as_the_package_has",
    "Test competing implementations": "test_package_and_page_agree_along_a_whole_path",
    "Conform to standards": "test_trajectories_come_back_with_units_and_labels",
}
"""rule -> a test of what it is scored for"""


def test_a_rule_with_a_score_links_to_the_test_of_what_it_is_scored_for(root):
    told = YAML(typ="safe", pure=True).load(
        (root / "docs/credibility_scores.yaml").read_text(encoding="utf-8")
    )
    for one in told["rules"]:
        links = re.findall(r"\]\(([^)#]+)", one["why"])
        assert links or one["score"] == 0, one["rule"]
        if one["rule"] in SUPPORTS:
            tests = [root / "docs" / link for link in links if link.endswith(".py")]
            assert any(SUPPORTS[one["rule"]] in file.read_text("utf-8") for file in tests)


def test_a_bar_that_is_not_met_is_said_not_to_be_met(root, monkeypatch):
    module = loaded(root, "credibility")
    found = module.validated()
    assert "**no**" in module._validation()

    for one in found["endpoints"]:
        one["hit90"] = True
    found["crps"] = 0.0
    for of in found["kinds"].values():
        for one in of.values():
            one["width90"] = 1.0
    monkeypatch.setattr(module, "validated", lambda: found)
    monkeypatch.setattr(module, "_weeks", lambda: [])
    assert "**no**" not in module._validation()


def test_forecasts_of_an_earlier_model_say_so_where_trust_is_weighed(root, monkeypatch):
    module = loaded(root, "credibility")
    held = module.sites_left_out.stored()

    def said(model):
        old = replace(held, model=model)
        monkeypatch.setattr(module.sites_left_out, "stored", lambda: old)
        return module._sites()[0]

    assert WARNING in said("0" * 64)
    assert WARNING not in said(model_hash())
    now = module.validated()
    monkeypatch.setattr(module, "validated", lambda: now | {"model_hash": "0" * 64})
    assert f"**The trials of this table {WARNING}**" in module._validation()


def test_a_choice_that_changes_between_draws_is_not_called_stable(root, monkeypatch):
    module = loaded(root, "sensitivity")
    plain = {"ketamine-1-therapy": "0.9", "ketamine-3": "0.95", "ketamine-1-late-therapy": "0.97"}
    steady = [{**plain, "ketamine-3-therapy": "0.5"}] * 20
    turning = [{**plain, "ketamine-3-therapy": "0.99"}] * 8

    monkeypatch.setattr(module, "_rows", lambda name: steady)
    assert "is stable: ketamine-3-therapy" in module.stable()
    monkeypatch.setattr(module, "_rows", lambda name: steady + turning)
    assert "is not stable: ketamine-3-therapy" in module.stable()
