"""Can a run give all endpoints that a protocol asks for?

Said before anything is simulated, and by ``resynapse check``.
"""

from __future__ import annotations

from collections.abc import Iterator

from resynapse.protocol import Protocol
from resynapse.trial.endpoint_name import (
    ALLOWED,
    EndpointError,
    endpoints_for,
    is_endpoint,
)
from resynapse.trial.near_endpoints import not_known


def ensure_runnable(protocol: Protocol) -> Protocol:
    """The protocol; an EndpointError names all endpoints that no run of it gives."""
    unknown = [not_known(name) for name in protocol.endpoints if not is_endpoint(name)]
    found = [*unknown, *_too_late(protocol)]
    if not found:
        return protocol
    allowed = f" {ALLOWED}" if unknown else ""
    if len(found) == 1:
        raise EndpointError(found[0] + allowed)
    lines = "\n".join(f"  {one}" for one in found)
    after = f"\n{ALLOWED}" if unknown else ""
    raise EndpointError(
        f"{protocol.name} asks for {len(found)} endpoints that a run cannot give:\n{lines}{after}"
    )


def _too_late(protocol: Protocol) -> Iterator[str]:
    """What is said of each known endpoint that the follow-up of an arm does not reach."""
    origins = {protocol.origin_day(arm) for arm in protocol.arms}
    for name in filter(is_endpoint, protocol.endpoints):
        try:
            endpoints_for((name,), protocol.follow_up_days, max(origins))
        except EndpointError as error:
            yield error.message
