"""What does a back end get to know of an arm, and what does it leave behind?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.engine.memory import Again
from resynapse.engine.stepper import Lane


class Plan(NamedTuple):
    """A grid and what is constant over each of its steps, the same for every patient."""

    time: jax.Array
    step: jax.Array
    length: jax.Array
    """which propagator the step uses"""
    knot: jax.Array
    """number of the knot that begins here, or -1"""
    last_knot: jax.Array
    """time of the last knot, d"""
    drug: jax.Array
    """whether a drug may be present: [steps, blocks]"""
    driven: jax.Array
    """whether states that drugs drive change faster than the other states"""
    infusion: jax.Array
    """constant inputs to the linear blocks: [steps, blocks, 3]"""
    infusion_rule: jax.Array
    around: Any


class Segments(NamedTuple):
    """Stretches of steps between instants at which something is planned, closed or kept."""

    first: jax.Array
    """first step; the last entry is the end of the last segment"""
    day: jax.Array
    """row of the day that ends where the segment begins; a spare row where none does"""
    closes: jax.Array
    """whether a day ends there"""
    record: jax.Array
    """row of the observation made where the segment begins, after what is planned there"""
    has_node: jax.Array
    nodes: Any


class Kept(NamedTuple):
    """What a run leaves behind, patients last."""

    use_days: jax.Array
    records: jax.Array
    lane: Lane


class Course(NamedTuple):
    """One arm from beginning to end, or to some segment before it."""

    plan: Plan
    segments: Segments
    count: int
    """segments to go through"""
    lengths: Any
    """days of each length of step that the plan names"""
    days: int
    """rows of days kept; the last is the spare one"""
    records: int
    """rows of observations kept; the last is the spare one"""
    again: Again | None = None
    """how a run may go on from an earlier one; a back end may pass it over"""
    between: Callable[[], object] | None = None
    """called now and then, where a back end has parts; what it raises ends the run"""


def filled(people: Any, size: int) -> Any:
    """People up to a multiple of ``size``: the last one stands in for those missing."""
    missing = -len(jax.tree.leaves(people)[0]) % size

    def one(column: Any) -> np.ndarray:
        column = np.asarray(column)
        return np.concatenate([column, np.repeat(column[-1:], missing, axis=0)])

    return jax.tree.map(one, people)
