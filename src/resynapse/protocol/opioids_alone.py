"""What may only a protocol of people who use opioids ask for?

The model's withdrawal is read in COWS and its law of deaths is that of overdose, and both hold for
opioids alone. Of other people withdrawal is a quantity of the model, 0 to 1, and deaths are not
modelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from resynapse.input_error import InputError
from resynapse.protocol.errors import Path
from resynapse.protocol.vocabulary import OPIOID_DISORDERS
from resynapse.protocol.without_use import uses

if TYPE_CHECKING:
    from resynapse.protocol.trial_protocol import Protocol

OVERDOSE: Final = "overdose_per_100_person_years"
WITHDRAWAL: Final = "withdrawal_cows_day_"
COWS_HIGHEST: Final = 48.0
"""points of the scale, by which the model's quantity is multiplied"""
_COWS: Final = "COWS is a scale of withdrawal from opioids"
_DEATHS: Final = "the model has no deaths of people who use {}"


def opioids(protocol: Protocol) -> bool:
    """Whether the people of a protocol use opioids, or did."""
    return protocol.disorder in OPIOID_DISORDERS


def refused(name: str, disorder: str) -> str:
    """Why this endpoint is none of people with this disorder; empty where it may be asked for."""
    if disorder in OPIOID_DISORDERS:
        return ""
    if name.startswith(WITHDRAWAL):
        return f"{name} is no endpoint of people who use {disorder}: {_COWS}. Leave it out."
    if name.removesuffix("_committed") == OVERDOSE:
        return f"{name} is no endpoint here: {_DEATHS.format(disorder)}. Leave it out."
    return ""


def ensure(protocol: Protocol, endpoint: str) -> None:
    """Refuse an endpoint that is asked for beside the protocol."""
    if said := refused(endpoint, protocol.disorder):
        raise InputError(said)


def problems(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    """What people who use another drug cannot have, by field; without use it is said elsewhere."""
    if opioids(protocol) or not uses(protocol):
        return
    for index, name in enumerate(protocol.endpoints):
        if said := refused(name, protocol.disorder):
            yield ("endpoints", index), said
    for index, rule in enumerate(protocol.rules):
        if rule.quantity == "withdrawal":
            yield ("rules", index, "when"), f"{_COWS}, and these people use {protocol.disorder}."
    how = protocol.conduct and protocol.conduct.interruptions
    if how and how.deaths:
        said = f"{_DEATHS.format(protocol.disorder)}. Leave `deaths` out."
        yield ("conduct", "interruptions", "deaths"), said
