"""How uncertain are the numbers that a protocol's site has for itself, and what are they in a draw?

A protocol holds them at one value each. Where they are those of a trial that the set of parameters
was fitted to, the set keeps draws of them, each a row of the same posterior as its draw of all that
it hands on: a draw of the parameters takes both from one row, so that what goes together stays
together. A number that somebody changed in a copy of the protocol, and all of them under a set that
was not fitted to that trial, ``prior`` among them, stay as the protocol has them. Whose number it
is, is told by its value, one at a time: a number equal to the trial's is the trial's.

How readily the people of a site use, and how many of them do not mean to stop, differ in the model
around what the protocol has, by two parameters of people. Elsewhere a draw takes these from the
spread between sites; of the trial's own site from the same row (``with_site``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy.special import expit, logit

from resynapse.protocol import Protocol, library, load
from resynapse.trial.parameter_set import ParameterSet, more
from resynapse.trial.provenance import Interval
from resynapse.trial.site_numbers import FIELDS, site_numbers

Scale = Callable[[float], float]
DIFFERS: dict[str, tuple[str, Scale, Scale]] = {
    "people.site_hazard": ("log_hazard", float, float),
    "people.site_commitment": ("uncommitted", logit, expit),
}
"""parameter by which sites differ -> field of ``setting.site`` that it moves, its scale and back"""
PLACES = 2
"""to which a protocol holds the middle of its own site, on these scales"""


def at_draw(protocol: Protocol, fitted: ParameterSet | None, number: int) -> Protocol:
    """The protocol with its site's own numbers as this draw has them; itself where none is drawn.

    Draws begin again after the last, as those of the set do.
    """
    known = _known(protocol, fitted)
    if fitted is None or not known:
        return protocol
    row = number % len(fitted.draws)
    drawn = {name: float(known[path][row]) for name, path in FIELDS.items() if path in known}
    site = protocol.setting.site.model_copy(update=drawn)
    setting = protocol.setting.model_copy(update={"site": site})
    return protocol.model_copy(update={"setting": setting})


def with_site(fitted: ParameterSet, protocol: Protocol) -> ParameterSet:
    """The set with how the protocol's site differs, where that is the site of a trial it fitted.

    Columns lie about where that fit has the site, less what the protocol has: 0 where it holds the
    middle of that very fit, to its digits.
    """
    here = protocol.setting.site
    for stage, made in _stages(fitted).items():
        told = made.get("of_site")
        if not told:
            continue
        known = [one.setting.site for one in _trials(fitted.studies)]
        columns = {}
        off = zip(*told["draws"], strict=True)
        for path, median, draws in zip(told["paths"], told["medians"], off, strict=True):
            field, scale, _ = DIFFERS[path]
            value = getattr(here, field)
            if any(getattr(site, field) == value for site in known):
                aside = round(median - scale(value), PLACES)
                columns[path] = [aside + draw for draw in draws[: len(fitted.draws)]]
        fitted = more(fitted, columns, stage) if columns else fitted
    return fitted


def fields_drawn(
    protocol: Protocol, fitted: ParameterSet | None
) -> dict[str, tuple[Interval, str]]:  # fmt: skip
    """Field of ``setting.site`` that draws move as fitted -> its central 90 %, and the stage."""
    by, found = drawn_by(protocol, fitted), {}
    for name, path in FIELDS.items():
        if ends := intervals(protocol, fitted).get(path):
            found[name] = ends, by[path] or ""
    stages, ends_of = (fitted.stage_of, fitted.intervals()) if fitted else ({}, {})
    for path, (field, scale, back) in DIFFERS.items():
        if path in stages:
            middle = scale(getattr(protocol.setting.site, field))
            low, high = (float(back(middle + end)) for end in ends_of[path])
            found[field] = (low, high), stages[path]
    return found


def intervals(protocol: Protocol, fitted: ParameterSet | None) -> dict[str, Interval | None]:
    """Path -> the central 90 % of draws of a number of the site's own; None where it is fixed."""
    found: dict[str, Interval | None] = dict.fromkeys(site_numbers(protocol))
    for path, draws in _known(protocol, fitted).items():
        low, high = np.percentile(draws, (5.0, 95.0))
        found[path] = float(low), float(high)
    return found


def drawn_by(protocol: Protocol, fitted: ParameterSet | None) -> dict[str, str | None]:
    """Path -> the stage that keeps draws of a number of the site's own; None where it is fixed."""
    found: dict[str, str | None] = dict.fromkeys(site_numbers(protocol))
    known = _known(protocol, fitted)
    for stage, made in _stages(fitted).items() if fitted else ():
        found |= {path: stage for path in _columns(made) if path in known}
    return found


def told(protocol: Protocol, fitted: ParameterSet | None) -> dict[str, Any]:
    """What a manifest says of the site's own numbers: value, and the stage that draws are of."""
    by, own = drawn_by(protocol, fitted), site_numbers(protocol)
    every = {path: {"value": value, "draws": by[path]} for path, value in own.items()}
    return {"site_numbers": every} if every else {}


def mark(protocol: Protocol, fitted: ParameterSet | None) -> dict[str, Any]:
    """Which stages spread the site's numbers, for what is kept of draws; empty where none does."""
    by = {path: stage for path, stage in drawn_by(protocol, fitted).items() if stage}
    return {"spread of the site's own numbers": by} if by else {}


def _known(protocol: Protocol, fitted: ParameterSet | None) -> dict[str, np.ndarray]:
    """Path -> draws of the site's own number, a value for each draw of the set."""
    own = site_numbers(protocol)
    if fitted is None or not own:
        return {}
    kept = {k: draws for one in _stages(fitted).values() for k, draws in _columns(one).items()}
    return {
        path: kept[path][: len(fitted.draws)]
        for path, value in own.items()
        if path in kept and any(one.get(path) == value for one in _of_trials(fitted.studies))
    }


@cache
def _of_trials(studies: tuple[str, ...]) -> tuple[dict[str, float], ...]:
    """The sites' own numbers in the protocols of trials that were fitted."""
    return tuple(site_numbers(one) for one in _trials(studies))


@cache
def _trials(studies: tuple[str, ...]) -> tuple[Protocol, ...]:
    """The protocols of trials that were fitted and gave a site numbers of its own."""
    every = (load(name) for name in studies if name in library())
    return tuple(one for one in every if site_numbers(one))


def _stages(fitted: ParameterSet) -> dict[str, dict[str, Any]]:
    """Stage -> what it says of how it was made."""
    return fitted.made if fitted.origins else {", ".join(fitted.stages): fitted.made}


def _columns(made: dict[str, Any]) -> dict[str, np.ndarray]:
    """Path -> draws of the number that is the fitted study's own; empty where a stage has none."""
    told = made.get("over_studies")
    return dict(zip(told["paths"], np.array(told["own_draws"]).T, strict=True)) if told else {}
