"""diffrax: adaptive Tsitouras 5 for a batch of people, compiled by XLA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.bench.engines import Through
from resynapse.bench.peers.scipy_lsoda import USUAL
from resynapse.bench.workload import SEED, Workload
from resynapse.engine.dynamics.system import NEVER, Seen

TOGETHER = 128
"""people of a batch, who all take as many steps as the slowest of them"""


def prepared(workload: Workload, cores: int) -> Through:
    """Whole batches; people beyond those asked for are thrown away."""
    with jax.enable_x64(True):
        run = jax.jit(jax.vmap(_one(workload)))

    def through(first: int, count: int) -> Seen:
        with jax.enable_x64(True):
            parts = [
                np.asarray(run(jnp.arange(k, k + TOGETHER, dtype=jnp.uint32)))
                for k in range(first, first + count, TOGETHER)
            ]
        records = np.moveaxis(np.concatenate(parts)[:count], 0, -1)
        return Seen((records,), np.full(count, NEVER), np.zeros(count))

    return through


def _one(workload: Workload) -> Callable[[Any], Any]:
    import diffrax

    system, doses = workload.system, workload.infusions
    edges = [t for dose in doses for t in (dose.start, dose.start + dose.length)]
    last = float(workload.instants.max())

    def inflow(t: Any) -> Any:
        flows = [jnp.where((t >= d.start) & (t < d.start + d.length), d.rate, 0.0) for d in doses]
        return sum(flows, 0.0 * t)

    def rate(t: Any, y: Any, person: Any) -> Any:
        amounts, state = y
        drive = system.drive(person, amounts, system.signal(t, t))
        return system.amount_rate(person, amounts, inflow(t)), system.rate(person, state, drive)

    def one(key: Any) -> Any:
        person = system.person(jnp.uint32(SEED), key)
        begun = jax.tree.map(jnp.float64, (system.no_amounts(), system.begin(person)))
        control = diffrax.ClipStepSizeController(
            diffrax.PIDController(rtol=USUAL[0], atol=USUAL[1]), jump_ts=jnp.array(sorted(edges))
        )
        made = diffrax.diffeqsolve(
            diffrax.ODETerm(rate), diffrax.Tsit5(), 0.0, last, 0.01, begun, args=person,
            saveat=diffrax.SaveAt(ts=jnp.asarray(workload.instants)),
            stepsize_controller=control, max_steps=100_000,
        )  # fmt: skip
        return jnp.stack(jax.vmap(lambda y: system.observe(person, *y))(made.ys), axis=-1)

    return one
