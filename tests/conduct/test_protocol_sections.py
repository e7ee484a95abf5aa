"""Do the sections of a protocol that say how a trial is run mean what the pages show?"""

from __future__ import annotations

import re

import pytest

from resynapse.protocol import ProtocolError, load, parse, text
from resynapse.protocol.conduct import TrialConduct

BASE = text("krupitsky-2002") + "\n"


def shown(root, page: str, word: str) -> str:
    """The YAML of a page that begins with this word."""
    blocks = re.findall(r"```yaml\n(.*?)```", (root / "docs" / page).read_text("utf-8"), re.S)
    return next(block for block in blocks if block.startswith(word))


def test_the_section_of_the_page_on_conduct_is_read(root):
    found = parse(BASE + shown(root, "conduct.md", "conduct:"), "mine.yaml").conduct

    assert found.site_names == ("north", "south")
    assert found.randomisation.ratio == (2, 1)
    plain, values = TrialConduct(), ("visits", "urine", "follow_back", "interruptions")
    assert all(getattr(found, name) == getattr(plain, name) for name in values)


def test_the_section_of_the_page_on_estimands_is_read(root):
    section = shown(root, "estimands.md", "estimands:").replace("ketamine-3-therapy", "high")

    (found,) = parse(BASE + section, "mine.yaml").estimands

    assert found.intercurrent_events.dropout == "treatment-policy"


def test_a_protocol_without_the_sections_has_none():
    assert load("krupitsky-2002").conduct is None
    assert load("krupitsky-2002").estimands is None


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("conduct: {randomisation: {method: minimisation}}", "name at least one"),
        ("conduct: {randomisation: {method: complete, strata: [site]}}", "knows no strata"),
        ("conduct: {sites: 0}", "0 sites do not fit"),
        ("conduct: {sites: [{name: a}, {name: a}]}", "two sites are called a"),
        ("conduct: {accrual: [{from_day: 3, per_month: 4}]}", "begins on day 0"),
        ("conduct: {accrual: [{per_month: 0}]}", "might never fill"),
        ("conduct: {randomisation: {ratio: two}}", "is not a ratio"),
        ("conduct: {randomisation: {strata: [sex]}}", "is not a stratum"),
    ],
)
def test_a_conduct_that_cannot_be_is_refused_with_its_line(section, said):
    with pytest.raises(ProtocolError, match=said) as caught:
        parse(BASE + section, "mine.yaml")

    assert "line" in caught.value.message
