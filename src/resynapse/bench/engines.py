"""Which engines can run which workload, and what keeps the others from it?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from resynapse.bench.workload import Workload
from resynapse.engine.dynamics.system import Seen

Through = Callable[[int, int], Seen]
"""first number, how many people -> what became of them"""


@dataclass(frozen=True)
class Engine:
    """One way to run a workload."""

    name: str
    """``resynapse`` or the key of a peer"""
    backend: str | None
    module: str
    function: str
    needs: tuple[str, ...]
    """packages"""
    workloads: tuple[str, ...]
    alone: bool = False
    """whether one process uses one core, so that as many are started as there are cores"""
    slow_start: bool = False
    """whether its first start compiles for a minute or more, so that others start before it"""
    in_r: str | None = None
    """the package of R that it is"""

    @property
    def key(self) -> str:
        """The name by which it is asked for."""
        return self.backend or self.name

    def missing(self) -> list[str]:
        """Packages that are not installed."""
        gone = [name for name in self.needs if find_spec(name) is None]
        return gone + ([self.in_r] if self.in_r and not _in_r(self.in_r) else [])

    def wanting(self) -> str:
        """What must be done before it can be measured."""
        if self.in_r is None:
            return f"not installed: pip install {self.name.partition('_')[0]}"
        if shutil.which("Rscript") is None:
            return "not installed: there is no R"
        return f"not installed in R: install.packages('{self.in_r}')"

    def prepared(self, workload: Workload, cores: int) -> Through:
        """Ready for people."""
        return getattr(import_module(self.module), self.function)(workload, cores)


PEERS = "resynapse.bench.peers."
OURS = "resynapse.bench.ours"
IN_R = f"{PEERS}in_r"
BOTH = ("W1", "W2")
WHOLE = "W3"
"""the workload that is the whole chain"""
CHAIN = ("native", "xla")
"""back ends that run the whole chain, which no other tool does"""
ENGINES = (
    Engine("resynapse", "native", OURS, "native", (), BOTH),
    Engine("resynapse", "xla", OURS, "xla", (), BOTH, slow_start=True),
    Engine("resynapse", "reference", OURS, "reference", (), BOTH),
    Engine("scipy", None, f"{PEERS}scipy_lsoda", "prepared", ("scipy",), BOTH, alone=True),
    Engine(
        "scipy_compiled", None, f"{PEERS}scipy_lsoda", "compiled", ("scipy",), BOTH, alone=True
    ),
    Engine(
        "numbalsoda_lsoda", None, f"{PEERS}numbalsoda_lsoda", "prepared", ("numbalsoda",), ("W1",)
    ),
    Engine(
        "libroadrunner", None, f"{PEERS}roadrunner_cvode", "prepared", ("roadrunner",), ("W1",),
        alone=True,
    ),
    Engine(
        "diffrax", None, f"{PEERS}diffrax_tsit5", "prepared", ("diffrax",), ("W1",),
        slow_start=True,
    ),
    Engine("desolve", None, IN_R, "desolve", (), ("W1",), alone=True, in_r="deSolve"),
    Engine("mrgsolve", None, IN_R, "mrgsolve", (), ("W1",), alone=True, in_r="mrgsolve"),
    Engine("rxode2", None, IN_R, "rxode2", (), ("W1",), in_r="rxode2"),
)  # fmt: skip


def engine(name: str) -> Engine:
    """The engine of this key."""
    return next(one for one in ENGINES if one.key == name)


def absent(workload: str) -> dict[str, str]:
    """Peers that are not run, and why."""
    found = {
        one.name: one.wanting() for one in ENGINES if workload in one.workloads and one.missing()
    }
    return found | {
        one.name: "no recurrent events that change the state, or not written for it"
        for one in ENGINES
        if workload not in one.workloads
    }


def hindrance(key: str, workload: str) -> str | None:
    """What keeps an engine from a workload; None where it can be measured."""
    one = engine(key)
    if workload == WHOLE:
        return None if key in CHAIN else f"the whole chain is run by {' and '.join(CHAIN)} alone"
    if workload not in one.workloads:
        return f"it does not run {workload}"
    return one.wanting() if one.missing() else None


@cache
def _in_r(package: str) -> bool:
    """Whether R is there and has it."""
    if shutil.which("Rscript") is None:
        return False
    asked = f"quit(status = !requireNamespace('{package}', quietly = TRUE))"
    return not subprocess.run(["Rscript", "-e", asked], capture_output=True, check=False).returncode
