"""How long must a trial be simulated for the endpoints that are asked about?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from resynapse.protocol import Protocol
from resynapse.trial.endpoint_name import MONTH_DAYS

MONTHS = re.compile(r"(?:abstinence|retention|lapse|relapse|dropout)_(\d+)_months")


def no_longer_than_needed(protocol: Protocol, endpoints: Iterable[str]) -> Protocol:
    """Follow-up cut where the last of them is read, if each names its months; visits with it."""
    found = [MONTHS.fullmatch(name) for name in endpoints]
    if not found or not all(found):
        return protocol
    latest = max(protocol.origin_day(arm) for arm in protocol.arms)
    months = max(int(one[1]) for one in found if one)
    end = min(protocol.follow_up_days, latest + months * MONTH_DAYS)
    visits = tuple(day for day in protocol.visits if day <= end)
    return protocol.model_copy(update={"follow_up_days": end, "visits": visits})
