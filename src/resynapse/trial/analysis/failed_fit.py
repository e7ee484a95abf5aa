"""What happens where an estimator has no answer?"""

from __future__ import annotations


class FailedFit(ValueError):
    """No estimate from these data, and why; a caller counts and reports it, never drops it."""
