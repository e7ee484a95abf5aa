"""Which numbers does a result rest on that are no parameter of the patient?

Numbers of the disorders' packs, of the sites in protocols of the library, and how far studies are
taken to lie apart. Each says where it stands; none is declared here a second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

from resynapse.evidence.source import Source, Status, assumption
from resynapse.parameter import Entry, LogNormal, Normal, entries
from resynapse.patient import Patient
from resynapse.pharmacology.substance import EffectTimes
from resynapse.population.disorder import apply, table
from resynapse.protocol.loading import library, text
from resynapse.protocol.setting import Site

SITE = {"uncommitted": "people.site_commitment", "log_hazard": "people.site_hazard"}
"""number of a site -> parameter whose prior is its spread"""
UNITS = {
    "uncommitted": "proportion", "log_hazard": "1", "methadone_stay_scale_days": "d",
    "buprenorphine_stay_scale_days": "d",
}  # fmt: skip
"""of what a site has; all else is a hazard, 1/d"""
SPREAD_OF = {"uncommitted": " on the logit", "log_hazard": ""}
_LINE = r"^ +{name}: *(?P<value>[-\d.]+) *(?:# *(?P<words>.+))?$"


@dataclass(frozen=True)
class Beside:
    """A number that stands beside the parameters, as a reader of them wants it."""

    path: str
    """what it is, after whose it is: ``alcohol: lapse.baseline``"""
    value: float
    unit: str
    prior: str
    status: Status
    source: Source


def beside() -> tuple[Beside, ...]:
    """Packs, then sites, then what lies between studies."""
    return (*_packs(), *_effect_times(), *_sites(), *_between_studies())


def _packs() -> Iterator[Beside]:
    """What is set for a disorder keeps the family and width of the declared prior, where it can."""
    known = {
        name: {one.path: one for one in entries(apply(Patient(), name))}
        for name in {row.disorder for row in table()}
    }
    for row in table():
        source = replace(assumption(row.source), key="packs.yaml", seen="as its status says")
        yield Beside(
            f"{row.disorder}: {row.path}", row.value, row.unit,
            _around(known[row.disorder][row.path]), _status(row.status), source,
        )  # fmt: skip


def _effect_times() -> Iterator[Beside]:
    """How long one use acts, of every substance; all are drawn as widely as heroin's."""
    for one in entries(EffectTimes()):
        declared, path = one.declared, "opioid.time_constant"
        drawn = {each.path: each for each in entries(apply(Patient(), one.path))}[path]
        yield Beside(
            f"{one.path}: {path}", one.value, declared.unit, _around(drawn),
            declared.status, declared.source,
        )  # fmt: skip


def _around(entry: Entry) -> str:
    """The prior around a number that was set; the number itself where the family has no middle."""
    low, high = entry.interval()
    if low == high:
        return "fixed"
    prior = entry.declared.prior
    assert isinstance(prior, Normal | LogNormal)
    return str(replace(prior, median=entry.value))


def _status(word: str) -> Status:
    found: dict[str, Status] = {one: one for one in get_args(Status)}
    return found[word]


def _sites() -> Iterator[Beside]:
    """Of every protocol that has a site of its own, and the site of all others."""
    priors = {one.path: str(one.declared.prior) for one in entries(Patient())}
    told = assumption("the comparator trials, chain prototype 2, section 3, by hand")
    for name in Site.model_fields:
        unit, spread, default = UNITS.get(name, "1/d"), "fixed", getattr(Site(), name)
        if name in SITE:
            spread = f"{priors[SITE[name]]} beside it{SPREAD_OF[name]} ({SITE[name]})"
        if default is not None:
            yield Beside(f"default site: {name}", float(default), unit, spread, "assumed", told)
        for protocol in library():
            line = re.search(_LINE.format(name=name), text(protocol), re.MULTILINE)
            if line:
                yield _of_site(f"{protocol}: site.{name}", line, unit, spread)


def _of_site(path: str, line: re.Match[str], unit: str, spread: str) -> Beside:
    """A number of a protocol, with what its line says of it."""
    words = line["words"] or "the protocol does not say"
    status: Status = "derived" if words.startswith("fitted") else "assumed"
    source = Source("site", words, seen="its line in the protocol", status=status)
    return Beside(path, float(line["value"]), unit, spread, status, source)


def _between_studies() -> Iterator[Beside]:
    """Standard deviations that fits and forecasts of another study take, all assumed."""
    from resynapse.inference import between_studies as law
    from resynapse.inference.stages.natural_history import BETWEEN_COMMITMENTS

    effect, hazard = "standard deviation of log effects", "standard deviation of log baselines"
    share = "standard deviation of the logit of the uncommitted share, as people.site_commitment"
    figure = "error of a share read off a figure: 3 points at best"
    rows = (
        ("between studies: effects", law.BETWEEN_EFFECTS, "log", effect),
        ("between studies: baselines", law.BETWEEN_BASELINES, "log", hazard),
        ("between studies: commitments", BETWEEN_COMMITMENTS, "logit", share),
        ("between studies: reading", law.READING, "proportion", figure),
    )
    for path, value, unit, why in rows:
        yield Beside(path, value, unit, "fixed", "assumed", assumption(why))
