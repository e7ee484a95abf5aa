"""Do pages that are built say what is stored, and link to what is there?"""

from __future__ import annotations

import importlib.util
import re
import sys

import pytest
from ruamel.yaml import YAML

BUILDERS = ("credibility", "endpoints", "information", "sensitivity", "validation")


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


def test_ten_rules_are_scored_from_0_to_4_each_with_a_reason(root):
    told = YAML(typ="safe", pure=True).load(
        (root / "docs/credibility_scores.yaml").read_text(encoding="utf-8")
    )

    assert len(told["rules"]) == 10
    assert all(one["score"] in range(5) and len(one["why"]) > 40 for one in told["rules"])
    assert any(one["score"] == 0 for one in told["rules"])


def test_a_bar_that_is_not_met_is_said_not_to_be_met(root, monkeypatch):
    module = loaded(root, "credibility")
    found = module.validated()
    assert "**no**" in module._validation()

    for one in found["endpoints"]:
        one["hit90"] = True
    found["crps"] = 0.0
    monkeypatch.setattr(module, "validated", lambda: found)
    assert "**no**" not in module._validation()


def test_a_choice_that_changes_between_draws_is_not_called_stable(root, monkeypatch):
    module = loaded(root, "sensitivity")
    plain = {"ketamine-1-therapy": "0.9", "ketamine-3": "0.95", "ketamine-1-late-therapy": "0.97"}
    steady = [{**plain, "ketamine-3-therapy": "0.5"}] * 20
    turning = [{**plain, "ketamine-3-therapy": "0.99"}] * 8

    monkeypatch.setattr(module, "_rows", lambda name: steady)
    assert "is stable: ketamine-3-therapy" in module.stable()
    monkeypatch.setattr(module, "_rows", lambda name: steady + turning)
    assert "is not stable: ketamine-3-therapy" in module.stable()
