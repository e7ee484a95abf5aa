"""Which endpoints may a trial test, and what does each give a person?"""

from __future__ import annotations

from typing import Literal

from resynapse.input_error import InputError
from resynapse.protocol import Protocol
from resynapse.trial.endpoint_name import DEFAULTS, endpoints_for, parse
from resynapse.trial.time_to_event import EVENTS

Kind = Literal["time", "yes or no", "number"]
KINDS: dict[str, Kind] = {
    "incidence": "time",
    "median": "time",
    "abstinence": "yes or no",
    "retention": "yes or no",
    "last_weeks": "yes or no",
    "days_abstinent": "number",
    "scale": "number",
}
"""What a kind of endpoint gives a person"""
UNTESTED = {
    "overdose": "expected deaths are no endpoint that a trial observes",
    "state": "a state of the model is nothing that a trial measures",
}
ALSO = "no test of trials that are played out is made for it"


def kind(endpoint: str) -> Kind:
    """Whether an endpoint is a time, yes or no, or a number; refused where a trial cannot test it.

    People who intend to abstain cannot be told at randomisation, so no trial has them as a group.
    """
    asked = parse(endpoint)
    if asked.kind not in KINDS:
        raise InputError(
            f"--endpoint {endpoint}: {UNTESTED.get(asked.kind, ALSO)}; choose abstinence,"
            " retention, lapse, relapse, days abstinent or a scale."
        )
    if asked.committed:
        raise InputError(
            f"--endpoint {endpoint}: nobody knows at randomisation who intends to abstain; leave "
            "_committed out."
        )
    if asked.observed and asked.kind != "days_abstinent":
        raise InputError(
            f"--endpoint {endpoint}: people who are observed are chosen after randomisation; leave "
            "_observed out, and missing counts as use."
        )
    return KINDS[asked.kind]


def may_be_tested(protocol: Protocol) -> list[str]:
    """Endpoints that trials of this protocol may test: its own, then others that it reaches."""
    latest = max(protocol.origin_day(arm) for arm in protocol.arms)
    times = [f"time_to_{event}_median" for event in EVENTS]

    def may(name: str) -> bool:
        try:
            kind(name)
            endpoints_for((name,), protocol.follow_up_days, latest)
        except InputError:
            return False
        return True

    return [name for name in dict.fromkeys((*protocol.endpoints, *times, *DEFAULTS)) if may(name)]
