"""What does an infusion come to in people of the programme, for all that shows it?"""

from __future__ import annotations

from functools import lru_cache

from resynapse.protocol import Protocol
from resynapse.trial.infusion import InfusionPlan, Prediction, predict
from resynapse.web.infusion_request import InfusionAsked

LAST = 2
"""of the infusions asked about last are kept, for their figures, table and arm, and for a page that
opens anew; one of the largest takes some 60 MB"""


def predicted(asked: InfusionAsked) -> Prediction:
    """Minute by minute, in as many people as asked for; not to be changed, since others get it."""
    return _predicted(asked.plan, asked.protocol, asked.people, asked.seed)


@lru_cache(LAST)
def _predicted(plan: InfusionPlan, protocol: Protocol, people: int, seed: int) -> Prediction:
    return predict(plan, protocol, people=people, seed=seed)
