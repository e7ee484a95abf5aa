"""What do the priors allow, and what do published trials say about it?"""

from resynapse.inference.prior_check import Check, Row, prior_check

__all__ = ["Check", "Row", "prior_check"]
