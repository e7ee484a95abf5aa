"""Tools of R: deSolve, mrgsolve and rxode2, each a process of R that is told how many people.

Equations are written in the language of each from the same functions as for all other tools:
a function of C for deSolve, a model of mrgsolve's and of rxode2's own form for these. deSolve
starts again at every edge of an infusion; the other two get infusions as doses into y_0.
Only deSolve was ever run by us: the other two follow their manuals, and tests run their scripts
with stand-ins.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from resynapse.bench.engines import Through
from resynapse.bench.peers.numbalsoda_lsoda import all_seen
from resynapse.bench.peers.scipy_lsoda import USUAL
from resynapse.bench.peers.vector import Vector
from resynapse.bench.process import BenchError
from resynapse.bench.workload import Workload
from resynapse.engine.dynamics.system import NEVER, Seen

SCRIPTS = Path(__file__).with_name("r")
FORMS = {
    "add": "{} + {}", "sub": "{} - {}", "neg": "-{}", "mul": "{} * {}", "div": "{} / {}",
    "exp": "exp({})", "log": "log({})", "sqrt": "sqrt({})", "max": "fmax({}, {})",
    "logistic": "1.0 / (1.0 + exp(-{}))",
}  # fmt: skip
"""operation -> C and C++"""
RXODE2 = FORMS | {"max": "max({}, {})"}


def desolve(workload: Workload, cores: int) -> Through:
    """LSODA of Fortran, a call for every piece between edges."""
    return InR("desolve", workload, cores, c_function)


def mrgsolve(workload: Workload, cores: int) -> Through:
    """All people in a call."""
    return InR("mrgsolve", workload, cores, mrgsolve_model)


def rxode2(workload: Workload, cores: int) -> Through:
    """All people in a call, on all cores."""
    return InR("rxode2", workload, cores, rxode2_model)


class InR:
    """A process of R; it reads a number of people, and their parameters in a file."""

    def __init__(
        self, name: str, workload: Workload, cores: int, text: Callable[[Vector], str]
    ) -> None:
        self.workload, self.vector = workload, Vector(workload)
        self.seen = all_seen(self.vector)
        self.quantities = len(self.vector.formulas("seen").wanted)
        self.used = 0.0
        """processor time of R until now, s"""
        self.memory_mb = 0.0
        self._kept = TemporaryDirectory(prefix="resynapse-bench-")
        self.folder = Path(self._kept.name)
        (self.folder / "equations").write_text(text(self.vector), encoding="utf-8")
        self._plan()
        given = [str(SCRIPTS / f"{name}.R"), str(self.folder), str(cores), *map(str, USUAL)]
        self.process = subprocess.Popen(
            ["Rscript", "--vanilla", *given], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=(self.folder / "stderr").open("w"),
        )  # fmt: skip

    def __call__(self, first: int, count: int) -> Seen:
        """People of these numbers."""
        people = self.workload.persons(first, count)
        people.astype(float).tofile(self.folder / "people")
        raw = self._answer(count).reshape(count, len(self.workload.instants), -1)
        records = np.empty((*raw.shape[:2], self.quantities))
        self.seen(people, raw, records)
        return Seen((np.moveaxis(records, 0, -1),), np.full(count, NEVER), np.zeros(count))

    def _answer(self, count: int) -> np.ndarray:
        """States: [people x instants x states]."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(f"{count}\n")
            self.process.stdin.flush()
            said = self.process.stdout.readline().split()
        except BrokenPipeError:
            said = []
        if not said:
            raise BenchError(self._last_words())
        self.used, self.memory_mb = float(said[0]), float(said[1])
        return np.fromfile(self.folder / "raw")

    def _last_words(self) -> str:
        """Why R ended, as it said."""
        self.process.wait()
        lines = (self.folder / "stderr").read_text().splitlines()
        told = [line for line in lines if line.strip() and line != "Execution halted"]
        return told[-1] if told else "R ended without a word"

    def _plan(self) -> None:
        """Beginning, infusions, pieces and instants as tables."""
        pieces, instants = [], []
        for number, one in enumerate(self.workload.segments(), 1):
            pieces.append((one.begin, one.end, one.inflow))
            instants += [
                (number, row + 1, at) for row, at in zip(one.rows, one.instants, strict=True)
            ]
        doses = [(i.start, i.length * i.rate, i.rate) for i in self.workload.infusions]
        self._table("begun", "y", [(value,) for value in self.vector.begun])
        self._table("pieces", "begin,end,inflow", pieces)
        self._table("instants", "piece,row,time", instants)
        self._table("doses", "time,amt,rate", doses)

    def _table(self, name: str, head: str, rows: list[tuple]) -> None:
        lines = [",".join(repr(float(value)) for value in row) for row in rows]
        (self.folder / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")


def c_function(vector: Vector) -> str:
    """dy/dt as deSolve calls it; the inflow stands behind the parameters."""
    size = vector.parameters + 1
    lines, slopes = _written(vector, FORMS, "double {} = {};", {"c[0]": f"p[{size - 1}]"})
    return "\n".join([
        "#include <math.h>", f"static double p[{size}];",
        f"void begin(void (*read)(int *, double *)) {{ int n = {size}; read(&n, p); }}",
        "void slopes(int *n, double *t, double *y, double *ydot, double *yout, int *ip) {",
        *lines, *(f"ydot[{k}] = {word};" for k, word in enumerate(slopes)), "}", "",
    ])  # fmt: skip


def mrgsolve_model(vector: Vector) -> str:
    """A specification with blocks; parameters come with each person."""
    lines, slopes = _written(vector, FORMS, "double {} = {};", _plain(vector))
    names = [f"y_{k}" for k in range(len(vector.begun))]
    return "\n".join([
        "$PARAM", ", ".join(f"p_{k} = 1" for k in range(vector.parameters)),
        "$CMT", " ".join(names),
        "$MAIN", *(f"y_{k}_0 = {float(v)!r};" for k, v in enumerate(vector.begun)),
        "$ODE", *lines, *(f"dxdt_{y} = {word};" for y, word in zip(names, slopes, strict=True)), "",
    ])  # fmt: skip


def rxode2_model(vector: Vector) -> str:
    """Lines of its language; what is set by ``~`` is not put out."""
    lines, slopes = _written(vector, RXODE2, "{} ~ {};", _plain(vector))
    return "\n".join([
        *lines, *(f"d/dt(y_{k}) = {word};" for k, word in enumerate(slopes)),
        *(f"y_{k}(0) = {float(v)!r};" for k, v in enumerate(vector.begun)), "",
    ])  # fmt: skip


def _plain(vector: Vector) -> dict[str, str]:
    """Names without brackets; inflow comes as doses."""
    names = {f"p[{k}]": f"p_{k}" for k in range(vector.parameters)}
    return names | {f"y[{k}]": f"y_{k}" for k in range(len(vector.begun))} | {"c[0]": "0.0"}


def _written(
    vector: Vector, forms: dict[str, str], line: str, names: dict[str, str]
) -> tuple[list[str], list[str]]:
    """A line an operation, and the words of dy/dt."""
    formulas = vector.formulas("slopes")

    def word(number: int) -> str:
        found = formulas.word(number)
        if formulas.graph[number].operation != "constant":
            return names.get(found, found)
        return f"({float(found)!r})"

    lines = [
        line.format(word(n), forms[node.operation].format(*map(word, node.arguments)))
        for n, node in formulas.operations()
    ]
    return lines, [word(n) for n in formulas.wanted]
