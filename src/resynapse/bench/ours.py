"""Our own back ends on a workload; all draw their people themselves, by number."""

from __future__ import annotations

from resynapse.bench.engines import Through
from resynapse.bench.workload import SEED, Workload
from resynapse.engine.dynamics.system import Seen


def native(workload: Workload, cores: int) -> Through:
    """SIMD kernels, a thread a core."""
    from resynapse.engine.dynamics.native import Native

    ready = Native(
        workload.system, workload.table(), SEED, workload.rule, workload.lanes, workload.vector
    )

    def through(first: int, count: int) -> Seen:
        return ready.through(first, count, cores)

    return through


def xla(workload: Workload, cores: int) -> Through:
    """Compiled loops of JAX, a thread a core."""
    from resynapse.engine.dynamics.xla import prepared

    return prepared(workload.system, workload.table(), SEED, workload.rule, cores)


def reference(workload: Workload, cores: int) -> Through:
    """Adaptive steps without a grid."""
    from resynapse.engine.dynamics.reference import prepared

    return prepared(workload.system, workload.table(), SEED, cores)
