"""libRoadRunner: CVODE with equations compiled by LLVM, one person after another, from SBML."""

from __future__ import annotations

import numpy as np

from resynapse.bench.engines import Through
from resynapse.bench.formulas import Formulas
from resynapse.bench.peers.vector import Vector
from resynapse.bench.workload import Workload
from resynapse.engine.dynamics.system import NEVER, Seen
from resynapse.engine.native.graph import Node

RELATIVE, ABSOLUTE = 1.0e-7, 1.0e-10
"""tolerances; with 1e-6 the error is ten times that of the other tools"""
PLAIN = {
    "add": "plus", "sub": "minus", "neg": "minus", "mul": "times", "div": "divide", "exp": "exp",
    "log": "ln", "sqrt": "root",
}  # fmt: skip
"""operation -> element of MathML"""
FLOOR = "<cn>1e-10</cn>"
"""max(x, 1e-12) is written as sqrt(x^2 + 1e-20), without a kink: CVODE does not get over one"""
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
    '<model id="bench">'
)


def prepared(workload: Workload, cores: int) -> Through:
    """One person after another."""
    import roadrunner

    vector = Vector(workload)
    solver = roadrunner.RoadRunner(sbml(vector))
    solver.integrator.relative_tolerance = RELATIVE
    solver.integrator.absolute_tolerance = ABSOLUTE
    states = [f"y_{k}" for k in range(len(vector.begun))]
    solver.selections = ["time", *states]
    seen, segments = vector.function("seen"), workload.segments()
    quantities = len(vector.formulas("seen").wanted)

    def one(person: np.ndarray) -> np.ndarray:
        records = np.empty((len(workload.instants), quantities))
        solver.resetAll()
        for k, value in enumerate(person):
            solver.setValue(f"p_{k}", value)
        for segment in segments:
            solver.setValue("c_0", segment.inflow)
            times = [segment.begin, *segment.instants]
            times += [segment.end] if times[-1] < segment.end else []
            found = np.asarray(solver.simulate(times=times))[1:, 1:]
            for row, y in zip(segment.rows, found[: len(segment.rows)], strict=True):
                out = [0.0] * quantities
                seen(person, y, out)
                records[row] = out
        return records

    def through(first: int, count: int) -> Seen:
        records = [one(person) for person in workload.persons(first, count)]
        return Seen((np.stack(records, axis=-1),), np.full(count, NEVER), np.zeros(count))

    return through


def sbml(vector: Vector) -> str:
    """The equations as a model of parameters, rules of assignment and rules of rates."""
    formulas = vector.formulas("slopes")
    values = {f"p_{k}": 1.0 for k in range(vector.parameters)} | {"c_0": 0.0, "c_1": 0.0}
    values |= {f"y_{k}": float(value) for k, value in enumerate(vector.begun)}
    kept = [
        f'<parameter id="{name}" value="{value!r}" constant="false"/>'
        for name, value in values.items()
    ]
    kept += [f'<parameter id="x{n}" constant="false"/>' for n, _ in formulas.operations()]
    rules = [
        f'<assignmentRule variable="x{n}">{_math(_applied(formulas, node))}</assignmentRule>'
        for n, node in formulas.operations()
    ]
    rules += [
        f'<rateRule variable="y_{k}">{_math(_word(formulas, n))}</rateRule>'
        for k, n in enumerate(formulas.wanted)
    ]
    lists = f"<listOfParameters>{''.join(kept)}</listOfParameters>"
    return f"{HEAD}{lists}<listOfRules>{''.join(rules)}</listOfRules></model></sbml>"


def _math(inner: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{inner}</math>'


def _word(formulas: Formulas, number: int) -> str:
    word = formulas.word(number)
    node = formulas.graph[number]
    if node.operation == "constant":
        return f"<cn>{float(word)!r}</cn>"
    return f"<ci>{word.replace('[', '_').replace(']', '')}</ci>"


def _applied(formulas: Formulas, node: Node) -> str:
    a = [_word(formulas, number) for number in node.arguments]
    if node.operation in PLAIN:
        return _apply(PLAIN[node.operation], *a)
    if node.operation == "logistic":
        grown = _apply("plus", "<cn>1</cn>", _apply("exp", _apply("minus", a[0])))
        return _apply("divide", "<cn>1</cn>", grown)
    if node.operation == "max":
        return _apply("root", _apply("plus", *(_apply("times", x, x) for x in (a[0], FLOOR))))
    raise KeyError(f"no SBML for the operation {node.operation!r}")


def _apply(name: str, *arguments: str) -> str:
    return f"<apply><{name}/>{''.join(arguments)}</apply>"
