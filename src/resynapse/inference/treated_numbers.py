"""Which numbers does stage c fit, and with which parameters are its people simulated?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import logit

from resynapse.inference.free import Free
from resynapse.inference.treated_data import ARMS
from resynapse.parameter import LogNormal, Normal, entries
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, load
from resynapse.protocol.setting import Site
from resynapse.trial.parameter_set import ParameterSet, shipped_set

PROTOCOL = "ctn-0027"
STAGE_B = "natural-history"
REFERENCE = Site(uncommitted=0.05, log_hazard=2.4)
"""fitted by hand before (docs/baseline.md); what is fitted here stands beside it"""
OF_SITE = (
    Free("ctn0027_hazard", "log hazard of the site, ctn0027", "1", Normal(0.0, 1.0), {},
         "beside 2.4"),
    Free("ctn0027_commitment", "logit of the uncommitted share, ctn0027", "1", Normal(0.0, 1.5),
         {}, "beside 5 %; spread as between the sites of stage b"),
)  # fmt: skip
PATHS = (
    *(f"medication_stop.{arm}_{what}" for arm in ARMS for what in ("scale", "shape")),
    "stop.baseline",
)  # fmt: skip
AGAIN = ("lapse.uncommitted",)
"""what stage b leaves as its prior was; CTN-0027 says more of it. The weight of blocked reward
would stand in for it here, and other trials set that"""
OWN = ("stop.baseline", *AGAIN, *(f"medication_stop.{arm}_scale" for arm in ARMS))
"""baselines of the trial's people, whose law others share but for the spread of baselines: how they
use, and how long they stay on a medication. Its shape stays shared: it says how the hazard of
stopping falls with time, whatever its level, and the spread is of levels"""
SITE_PATHS = ("people.site_hazard", "people.site_commitment")
ZEROS = (REFERENCE.log_hazard, float(logit(REFERENCE.uncommitted)))
"""where the site stands if these are zero"""
SITES = tuple(zip(SITE_PATHS, ZEROS, strict=True))
OF_VISITS = (
    Free("missed", "logit of no urine, without use", "1", Normal(-1.7, 1.0), {}, "of this trial"),
    Free("missed_using", "logit of no urine, with use", "1", Normal(-1.7, 1.0), {},
         "of this trial"),
)  # fmt: skip
"""numbers that act on what is seen alone, so that nothing is simulated for them"""


def trial() -> Protocol:
    """The protocol, at the site that its own numbers count from."""
    protocol = load(PROTOCOL)
    setting = protocol.setting.model_copy(update={"site": REFERENCE})
    return protocol.model_copy(update={"setting": setting})


def simulated_numbers() -> tuple[Free, ...]:
    """Numbers of this stage that the simulation depends on, priors as declared."""
    declared = {entry.path: entry for entry in entries(apply(Patient(), "heroin"))}
    fixed = [
        Free(path.rpartition(".")[2], path, declared[path].declared.unit,
             _log_normal(declared[path].declared.prior), {path: 1.0}, "as declared")
        for path in PATHS
    ]  # fmt: skip
    return (*fixed, *OF_SITE)


def numbers_before(before: ParameterSet | None = None) -> tuple[Free, ...]:
    """The numbers of stage b that are fitted again, its posterior as prior."""
    before = before or shipped_set(STAGE_B)
    columns = dict(zip(before.paths, np.array(before.draws).T, strict=True))
    return tuple(
        Free(f"before_{path.rpartition('.')[2]}", f"{path} (stage b)", "1/d",
             _law(columns[path]), {path: 1.0}, "posterior of stage b")
        for path in AGAIN
    )  # fmt: skip


def _law(draws: np.ndarray) -> LogNormal:
    """Correlations, at most 0.3, are left out."""
    logs = np.log(draws)
    return LogNormal(float(np.exp(np.median(logs))), float(logs.std()))


def _log_normal(prior: Any) -> LogNormal:
    assert isinstance(prior, LogNormal)
    return prior


def parameters(row: np.ndarray, before: ParameterSet | None = None) -> dict[str, float]:
    """By path, at values of the inputs; the rest of stage b at its medians."""
    paths = (*PATHS, *SITE_PATHS, *AGAIN)
    medians = (before or shipped_set(STAGE_B)).medians()
    return medians | dict(zip(paths, map(float, row), strict=True))
