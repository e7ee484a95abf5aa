"""Which link of the chain carries the uncertainty of a result?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.inference.extra import ensure_installed
from resynapse.inference.sensitivity.quantity import Quantity
from resynapse.parameter import Entry, lookup, replace

BASE = 128
"""BASE (links + 2) sets of parameters are simulated; below 64 the indices are mostly noise"""

Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Share:
    """Shares of the variance over the priors that one link accounts for; may be just below 0."""

    link: str
    parameters: int
    alone: float
    """first order: by itself"""
    alone_error: float
    """half width of a 95 % interval, bootstrapped"""
    total: float
    """with all its interactions, and with chance, which moves with every parameter"""
    total_error: float


@dataclass(frozen=True)
class Shares:
    """Links in the order of the chain, with what was simulated."""

    quantity: Quantity
    unit: str
    mean: float
    sd: float
    simulated: int
    shares: tuple[Share, ...]


def shares(quantity: Quantity, base: int = BASE, progress: Listener | None = None) -> Shares:
    """Sobol indices of the links, all parameters drawn from their priors (Saltelli's design)."""
    ensure_installed("SALib")
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    quantity.ensure_known()
    patient = quantity.patient()
    free = quantity.free(patient)
    links = [_link(patient, entry) for entry in free]
    problem = {
        "num_vars": len(free), "names": [entry.path for entry in free], "groups": links,
        "bounds": [[0.0, 1.0]] * len(free),
    }  # fmt: skip
    uniforms = sampling.sample(problem, base, calc_second_order=False, seed=quantity.seed)
    values = np.empty(len(uniforms))
    for number, row in enumerate(uniforms):
        values[number] = quantity.value(replace(patient, _drawn(free, row)))
        if progress:
            progress((number + 1) / len(uniforms), f"set {number + 1} of {len(uniforms)}")
    found = analysis.analyze(problem, _complete(values), calc_second_order=False, seed=1)
    return Shares(
        quantity, quantity.unit(), float(np.nanmean(values)), float(np.nanstd(values)),
        len(values), _in_order(found, links),
    )  # fmt: skip


EDGE = 1e-9
"""keeps uniforms off 0 and 1, where quantiles are not finite"""


def _drawn(free: list[Entry], row: np.ndarray) -> dict[str, float]:
    held = np.clip(row, EDGE, 1.0 - EDGE)
    return {entry.path: entry.quantile(float(u)) for entry, u in zip(free, held, strict=True)}


def _complete(values: np.ndarray) -> np.ndarray:
    """A trial that cannot tell counts as the mean of those that can."""
    return np.where(np.isfinite(values), values, np.nanmean(values))


def _link(patient: Any, entry: Entry) -> str:
    """The folder of the link that a parameter belongs to."""
    owner = lookup(patient, entry.path.partition(".")[0])
    return type(owner).__module__.split(".")[1]


def _in_order(found: Any, links: list[str]) -> tuple[Share, ...]:
    """As SALib gives them: groups in order of first appearance."""
    names = list(dict.fromkeys(links))
    return tuple(
        Share(
            name, links.count(name), float(found["S1"][k]), float(found["S1_conf"][k]),
            float(found["ST"][k]), float(found["ST_conf"][k]),
        )
        for k, name in enumerate(names)
    )  # fmt: skip
