"""Which trials of two arms does a protocol hold, ready to be played out?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resynapse.engine.back_end import DEFAULT
from resynapse.protocol import Protocol, dump
from resynapse.trial.fitted import fitted_at
from resynapse.trial.hypothesis import ensure_consistent, hypothesis
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import CALIBRATED, middle
from resynapse.trial.power.people import Population, for_endpoint, horizon, two_arms
from resynapse.trial.power.power import Design
from resynapse.trial.provenance import parameter_hash, version
from resynapse.trial.site_draws import mark


def designs(
    protocol: Protocol, endpoint: str, arms: Sequence[str] = (), *, seed: int = 1,
    switches: Mapping[str, bool] | None = None, settings: Mapping[str, float] | None = None,
    parameters: str = CALIBRATED, backend: str = DEFAULT,
) -> list[Design]:  # fmt: skip
    """A design for each of these arms (by default for all) against the reference."""
    others = [arm.id for arm in protocol.arms if arm.id != protocol.reference]
    ensure_consistent(protocol, switches, settings)
    fitted = fitted_at(parameters, protocol)
    found = []
    for arm in arms or others:
        trial = for_endpoint(two_arms(protocol, arm), endpoint)
        people = Population(trial, endpoint, seed, switches or {}, settings or {}, fitted, backend)
        patient = hypothesis(protocol, switches, settings).of(middle(protocol.disorder, fitted))
        about = {
            "version": version(),
            "model": model_hash(),
            "protocol": dump(trial),
            "endpoint": endpoint,
            "parameters": parameter_hash(patient),
            "backend": backend,
        }
        length = horizon(trial, endpoint)
        start = max(trial.origin_day(one) for one in trial.arms)
        how, window = trial.conduct, 0.0
        if how is not None:
            window = how.visits.window_days
        found.append(
            Design(
                arm, people, start + length + window, length, about, how, start if how else 0.0,
                {"set of parameters": fitted and fitted.content, **mark(trial, fitted)},
            )
        )  # fmt: skip
    return found
