"""What did sites that were left out say, in words and as it is kept?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib import resources
from typing import Any

import numpy as np
from scipy.stats import t as students_t

from resynapse.inference.sites_left_out.judged import OWN, SitesLeftOut
from resynapse.inference.sites_left_out.score import SiteScore, gap
from resynapse.inference.validation import Endpoint

STORED = "stored.json"


def as_dict(found: SitesLeftOut) -> dict[str, Any]:
    """As programs read it."""
    return {
        "model_hash": found.model,
        "made": dict(found.made),
        "tables": dict(found.tables),
        "endpoints": [asdict(one) for one in found.endpoints],
        "scores": {label: _scores(made) for label, made in found.scores.items()},
        "words": list(words(found)),
    }


def stored() -> SitesLeftOut:
    """What ships; `resynapse validate --sites --output` wrote it."""
    place = resources.files("resynapse.inference.sites_left_out").joinpath(STORED)
    return restored(json.loads(place.read_text("utf-8")))


def restored(told: Mapping[str, Any]) -> SitesLeftOut:
    """The inverse of ``as_dict``."""
    scores = {
        label: {
            name: SiteScore(
                one["coverage90"], one["coverage50"], one["width90"], tuple(one["crps"]),
                tuple(one["log_scores"]),
            )
            for name, one in made.items()
        }
        for label, made in told["scores"].items()
    }  # fmt: skip
    endpoints = tuple(Endpoint(**one) for one in told["endpoints"])
    return SitesLeftOut(endpoints, scores, told["model_hash"], told["tables"], told["made"])


def words(found: SitesLeftOut) -> Iterator[str]:
    """What the sites can and cannot tell, one sentence each."""
    for label, made in found.scores.items():
        own = made[OWN]
        hits = round(own.coverage90 * len(own.crps))
        yield (
            f"{label}: {hits} of {len(own.crps)} sites lie within the 90 % interval of a forecast"
            f" that was not fitted to them. {' '.join(_against(own, made))}"
        )


def _against(own: SiteScore, made: Mapping[str, SiteScore]) -> Iterator[str]:
    for name, other in made.items():
        if name == OWN:
            continue
        mean, error = gap(own.crps, other.crps)
        reach = float(students_t.ppf(0.975, len(own.crps) - 1)) * error
        better = "better" if mean < 0.0 else "worse"
        told = f"{better} than" if abs(mean) > reach else "not told from"
        yield f"By CRPS {told} {name} ({mean:+.4f}, standard error {error:.4f})."


def _scores(made: Mapping[str, SiteScore]) -> dict[str, Any]:
    own, found = made[OWN], {}
    for name, one in made.items():
        found[name] = asdict(one) | {
            "mean_crps": float(np.mean(one.crps)), "mean_log": float(np.mean(one.log_scores)),
        }  # fmt: skip
        if name != OWN:
            crps, crps_error = gap(one.crps, own.crps)
            log, log_error = gap(one.log_scores, own.log_scores)
            found[name] |= {
                "crps_less_model": crps, "crps_error": crps_error,
                "log_less_model": log, "log_error": log_error,
            }  # fmt: skip
    return found


def rows(found: SitesLeftOut) -> Iterator[str]:
    """The table of scores."""
    yield "| quantity | forecast | sites | in 50 % | in 90 % | width of 90 % | CRPS | less model (SE) | log score | less model (SE) |"  # noqa: E501
    yield "| --- |" * 1 + " --- |" * 9
    for label, made in found.scores.items():
        for name, one in _scores(made).items():
            cells = [
                label, name, str(len(one["crps"])), f"{one['coverage50']:.2f}",
                f"{one['coverage90']:.2f}", f"{one['width90']:.2f}", f"{one['mean_crps']:.4f}",
                _gap(one, "crps", 4), f"{one['mean_log']:.2f}", _gap(one, "log", 2),
            ]  # fmt: skip
            yield f"| {' | '.join(cells)} |"


def _gap(one: Mapping[str, Any], key: str, digits: int) -> str:
    if f"{key}_less_model" not in one:
        return "-"
    return f"{one[f'{key}_less_model']:+.{digits}f} ({one[f'{key}_error']:.{digits}f})"
