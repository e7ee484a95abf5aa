"""Are derivatives with respect to every parameter those of central differences? Minutes to compile.

    python benchmarks/gradients.py [--ways 4]

Three people, a day and three quarters with use before, an infusion of ketamine, therapy and
buprenorphine. One compiled loop gives everything that people are left with (states, totals,
hazards) and its slope along any way of all parameters at once. Along random ways it is set beside
central differences of two widths, their leading error taken out; then each parameter is moved
alone, and those with no slope at all are named.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from resynapse.engine.stepper import Lane
from resynapse.inference.gradient import outcome
from resynapse.inference.held_fast import held_fast
from resynapse.parameter import entries, lookup
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.trial.conduct import Conduct

TEXT = """
name: every-parameter
title: Much in two days
disorder: heroin
blinding: masked
setting: {detoxification_days: 1, use_days_before: 1}
arms:
  - id: all
    label: Ketamine, therapy and buprenorphine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [0.5], prepared: true}]
    therapies: [{type: CBT, days: [1], hours: 1 h, retrieval: true, exposure: 0.5}]
    medications: [{drug: buprenorphine, amount: 16 mg, start_day: 0, every: 1 d}]
follow_up: 30 d
visits: [2]
endpoints: [abstinence_1_months]
reference: all
"""
PEOPLE, UNTIL, SEED = 3, 1.75, 3
YES_OR_NO = ("people.site_commitment",)
"""decides who means to abstain before people run"""
STEP = 1.0e-4
"""share by which parameters are moved to either side, and half of that"""
FLOOR = 1.0e-9
"""slopes below this share of the quantity's own size are rounding"""

Both = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def left(lane: Lane) -> jax.Array:
    """States, totals and hazards: [quantities and people]."""
    clocks = tuple(clock.hazard for clock in lane.clocks)
    return ravel_pytree((lane.state, lane.totals, clocks))[0]


def asked() -> tuple[list[str], list[str], np.ndarray, Both]:
    """Parameters that may be asked for, those held fast, their values, and value with slope."""
    protocol = parse(TEXT, "every-parameter")
    conduct, arm = Conduct(protocol, Patient(), SEED, backend="xla"), protocol.arm("all")
    every = [entry.path for entry in entries(conduct.patient) if entry.path not in YES_OR_NO]
    held = list(held_fast(conduct, arm, every, PEOPLE))
    names = [name for name in every if name not in held]
    run = outcome(conduct, arm, names, PEOPLE, UNTIL)
    compiled = jax.jit(lambda at, way: jax.jvp(lambda v: left(run(v)), (at,), (way,)))

    def both(at: np.ndarray, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, slope = compiled(jnp.asarray(at, float), jnp.asarray(way, float))
        return np.asarray(value), np.asarray(slope)

    values = np.array([float(lookup(conduct.patient, name)) for name in names])
    return names, held, values, both


def apart(both: Both, values: np.ndarray, way: np.ndarray) -> float:
    """Greatest difference from central differences, as a share of the slope or of its floor."""
    still = np.zeros_like(way)
    value, slope = both(values, way)

    def central(step: float) -> np.ndarray:
        above, below = (both(values + sign * step * way, still)[0] for sign in (1, -1))
        return (above - below) / (2.0 * step)

    wide, narrow = central(STEP), central(STEP / 2.0)
    found = narrow + (narrow - wide) / 3.0
    scale = np.maximum(np.abs(slope), np.maximum(np.abs(value), 1.0) * FLOOR / STEP)
    return float(np.max(np.abs(found - slope) / scale))


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--ways", type=int, default=4)
    ways = reader.parse_args().ways
    with jax.enable_x64(True):
        names, held, values, both = asked()
        size = np.where(values == 0.0, 1.0, np.abs(values))
        begun = time.process_time()
        both(values, size)
        print(f"{len(names)} parameters, {time.process_time() - begun:.0f} s of processor time to"
              f" compile; held fast: {', '.join(held)}", flush=True)  # fmt: skip
        for seed in range(ways):
            way = np.random.default_rng(seed).normal(size=len(names)) * size
            print(f"way {seed}: off by {apart(both, values, way):.1e} at most", flush=True)
        flat = []
        for k, name in enumerate(names):
            way = np.zeros_like(size)
            way[k] = size[k]
            if not np.any(both(values, way)[1]):
                flat.append(name)
        print(f"{len(flat)} with no slope here: {', '.join(flat)}")


if __name__ == "__main__":
    main()
