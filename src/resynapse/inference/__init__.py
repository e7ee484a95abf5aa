"""What do the priors allow, and what do published trials say about it?"""

from resynapse.inference.prior_check import Check, PriorCheck, Row, prior_check

__all__ = ["Check", "PriorCheck", "Row", "prior_check"]
