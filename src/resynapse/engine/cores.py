"""How many cores may this process use?"""

from __future__ import annotations

import os


def cores() -> int:
    """Cores that the system lets this process run on; all of the machine where it does not say."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
