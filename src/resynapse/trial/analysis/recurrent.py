"""How does the rate of events depend on arm, where the same person may have many?

Rows are intervals (start, stop] of a person's time, each ending with an event or not. The models
are Cox's, with variances robust to the rows of one person.
"""

from __future__ import annotations

import numpy as np

from resynapse.trial.analysis.cox import Cox, fit_cox


def andersen_gill(
    start: np.ndarray, stop: np.ndarray, event: np.ndarray, X: np.ndarray, person: np.ndarray
) -> Cox:
    """Every event alike: one baseline hazard for first and later events (Andersen, Gill 1982)."""
    return fit_cox(stop, event, X, start=start, person=person)


def prentice_williams_peterson(
    start: np.ndarray,
    stop: np.ndarray,
    event: np.ndarray,
    X: np.ndarray,
    person: np.ndarray,
    *,
    gap: bool = False,
) -> Cox:
    """A baseline hazard for each number of earlier events (Prentice and others 1981).

    Time runs from the origin, or with ``gap`` from the event before.
    """
    earlier = events_before(start, event, person)
    if gap:
        return fit_cox(stop - start, event, X, stratum=earlier, person=person)
    return fit_cox(stop, event, X, start=start, stratum=earlier, person=person)


def events_before(start: np.ndarray, event: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Number of events of the same person in earlier rows."""
    order = np.lexsort((start, person))
    new = np.append(True, np.asarray(person)[order][1:] != np.asarray(person)[order][:-1])
    total = np.cumsum(np.asarray(event, dtype=int)[order]) - np.asarray(event, dtype=int)[order]
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    found = np.empty(len(order), dtype=int)
    found[order] = total - total[first]
    return found
