"""How does the whole chain run with one thread a patient? An experiment, no back end.

The kernels of engine/native/program.py, printed in C, in the order of engine/native/driver.py. One
kernel makes people ready, one the propagators of each linear block, one takes everybody from
beginning to end. People come from the host, drawn as for every run.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from one_thread import Module, lines, per_patient, printed
from one_thread_text import EVENTS, FLOW, HURRY, KINETICS, MARCH, READY, WHOLE

from resynapse.engine.driven_path import ARRIVED, AT_ONCE, FIRST_HALF
from resynapse.engine.dynamics.program import lifted
from resynapse.engine.linear import ORDER, SQUARINGS
from resynapse.engine.native.blueprint import Flow, _flows
from resynapse.engine.native.emit import Kernel, Places
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kinetics import product_kernels
from resynapse.engine.native.program import STEP_FIELDS, Program, columns
from resynapse.engine.plan import Course, Kept

EXACT = ("fire", "knot", "node", "driven")
"""what draws numbers or counts down to nothing, always in 64 bits"""
_TAKEN = {
    "count": "long long", "run": "const double*", "steps": "const double*",
    "nodes": "const double*", "path": "const double*", "kinds": "const int*",
    "segments": "const int*", "begin": "const real*", "exact": "const real*",
    "use_days": "unsigned char*", "records": "float*", "ends": "real*",
}  # fmt: skip


class OneThread:
    """An arm, ready for people who look like ``someone``; ``real`` is double or float."""

    def __init__(
        self, system: Any, arm: Any, course: Course, seed: int, someone: Any, real: str,
        device: bool,
    ) -> None:  # fmt: skip
        self.course = course
        self.steps = int(course.segments.first[course.count])
        drug, driven = np.asarray(course.plan.drug), np.asarray(course.plan.driven)
        about = drug | np.vstack([np.zeros_like(drug[:1]), drug[:-1]])
        kinds, kind = np.unique(np.column_stack([about, driven]), axis=0, return_inverse=True)
        self.drug, self.kind = drug[: self.steps], kind.ravel()[: self.steps]
        self.program = program = Program(system, arm, someone, course)
        self.kinds = [program.step_kernels(tuple(map(bool, flags))) for flags in kinds]
        self.flows = list(_flows(program, kinds.any(axis=0)[:-1]))
        self.shared = columns(system, "system") | columns(arm, "arm") | {"seed": np.uint32(seed)}
        self.structure = program.structure
        texts = self._before() + self._device() + self._kernels()
        self.module = Module(texts, real, device)
        self.inputs = [self.module.array(one) for one in self._inputs()]
        self.drawn = self.module.array(self._values(self.lifted, self.lifted_places.run))

    def _before(self) -> list[str]:
        """What is done once a person, in 64 bits."""
        program, wanted = self.program, {}
        rows = program.rows.count
        wanted |= {r: int(n) for r, n in zip(program.layout.lane,
                   jax.tree.leaves(program.first), strict=True)}  # fmt: skip
        wanted |= {r: n for n, r in program.patient_rows().items()}
        self.first, place = [], rows
        for flow in self.flows:
            self.first.append(place - rows)
            for i, j in zip(flow.pattern.row, flow.pattern.column, strict=True):
                if i < flow.block.size:
                    wanted[place] = int(flow.block.nodes[i, j])
                place += 1
        self.lifted, new = lifted(program.graph, wanted.values())
        people = [
            n for n, node in enumerate(self.lifted.nodes)
            if node.operation == "input" and node.arguments[0][0] == "person"
        ]  # fmt: skip
        self.people = [self.lifted[n].arguments[0] for n in people]
        self.lifted_places = Places({n: k for k, n in enumerate(people)})
        given = len(people)
        outputs = {given + r: new[n] for r, n in wanted.items()}
        setup = printed(self.lifted, Kernel("setup", outputs, 1, 1), self.lifted_places)
        self.entries = place - rows
        ready = READY.format(size=given + place, given=given, rows=rows, whole=given + rows)
        texts = [setup]
        for b, flow in enumerate(self.flows):
            texts += [printed(*one) for one in product_kernels(flow.pattern, str(b))]
        arguments = {
            "people": "const double*", "drawn": "const double*", "begin": "real*",
            "matrix": "double*",
        }  # fmt: skip
        return [
            *(text.replace("real* a", "double* a", 1) for text in texts),
            per_patient("ready", arguments, ready),
            *(self._kinetics(b, flow) for b, flow in enumerate(self.flows)),
        ]

    def _kinetics(self, b: int, flow: Flow) -> str:
        """Propagators of a block for every length of step, as engine/linear.py says."""
        pattern, many = flow.pattern, len(flow.pattern.row)
        assert ORDER % 2 == 1 and SQUARINGS % 2 == 0
        diagonal = set(pattern.diagonal.tolist())
        kept = (
            (f"to[{n} * many]", f"real(t[{2 * many + e}]{' + 1.0' if e in diagonal else ''})")
            for n, e in enumerate(_used(flow))
        )
        body = KINETICS.format(
            b=b, tile=3 * many, entries=many, first=self.first[b], halved=2.0**SQUARINGS,
            ones=lines((f"t[{many + e}]", "1.0") for e in sorted(diagonal)), order=ORDER,
            squarings=SQUARINGS // 2, used=len(_used(flow)), kept=lines(kept),
        )  # fmt: skip
        arguments = {
            "lengths": "long long", "begun": "long long", "days": "const double*",
            "matrix": "const double*", "exact": "real*",
        }  # fmt: skip
        return per_patient(f"kinetics_{b}", arguments, body)

    def _device(self) -> list[str]:
        """Functions of one patient at one step."""
        program = self.program
        texts = [
            printed(program.graph, kernel, program.places(name), _free(name))
            for name, kernel in program.kernels.items()
        ]
        for b, flow in enumerate(self.flows):
            before, after = (r.start + flow.place for r in (program.before, program.after))
            terms: dict[int, list[str]] = {}
            for n, e in enumerate(_used(flow)):
                column = int(flow.pattern.column[e])
                source = "u" if column == flow.block.size else f"a[{before + column}]"
                found = terms.setdefault(int(flow.pattern.row[e]), [])
                found.append(f"exact[{n} * many] * {source}")
            rows = lines((f"a[{after + row}]", " + ".join(sum_)) for row, sum_ in terms.items())
            inflow = program.layout.inflow[flow.number]
            texts.append(FLOW.format(b=b, inflow=inflow, rows=rows))
        layout = program.layout
        named = {
            n: getattr(layout, n)
            for n in ("which", "begin", "forced", "goal", "length", "share", "now")
        }
        parts = _switch([kind[1] for kind in self.kinds], 6)
        return [*texts, self._march(), EVENTS.format(parts=parts, **named)]

    def _march(self) -> str:
        """Driven states alone."""
        layout = self.program.layout
        many = len(layout.driven)
        stand = ((f"a[{layout.driven.start + d}]", f"a[{r}]") for d, r in
                 enumerate(layout.driven_lane))  # fmt: skip
        return MARCH.format(
            stand=lines(stand), alone=_switch([kind[2:3] for kind in self.kinds], 6), many=many,
            at_once=AT_ONCE, first_half=FIRST_HALF, arrived=ARRIVED, until=layout.until,
            left=layout.left, taken=layout.taken, length=layout.length,
            driven=layout.driven.start, way=layout.way.start, tried=layout.tried.start,
        )  # fmt: skip

    def _kernels(self) -> list[str]:
        """From beginning to end."""
        program, layout = self.program, self.program.layout
        flows, keep = "", ""
        for b, flow in enumerate(self.flows):
            rows = sorted({int(flow.pattern.row[e]) for e in _used(flow)})
            before, after = (r.start + flow.place for r in (program.before, program.after))
            zero = " ".join(f"a[{after + r}] = 0;" for r in rows)
            back = " ".join(f"a[{before + r}] = a[{after + r}];" for r in rows)
            place = f"about[{3 + 2 * b}]"
            flows += (
                f"      if ({place} >= 0) flow_{b}(a, exact + {place} * many + p, many, about[2]);"
                f"\n      else if (about[{4 + 2 * b}]) {{ {zero} }}\n"
            )
            keep += f"      if ({place} >= 0 || about[{4 + 2 * b}]) {{ {back} }}\n"
        seen = lines((f"to[{q} * many]", f"a[{r}]") for q, r in enumerate(layout.seen))
        body = WHOLE.format(
            rows=program.rows.count, planned=max(1, len(program.segment_places.step)),
            used=layout.used, quantities=len(layout.seen), seen=seen,
            stepped=max(1, len(program.step_places.step)), abouts=3 + 2 * len(self.flows),
            flows=flows, wholes=_switch([kind[0] for kind in self.kinds], 8),
            hurry=HURRY.format(
                share=layout.share, length=layout.length,
                beside=_switch([kind[3:4] for kind in self.kinds], 10),
            ), share=layout.share, keep=keep, lane=len(layout.lane),
        )  # fmt: skip
        return [per_patient("taken", _TAKEN, body)]

    def _values(self, graph: Graph, wanted: dict[int, int]) -> np.ndarray:
        values = evaluate(graph, wanted, self.shared)
        return np.array([float(values[n]) for n in wanted] or [0.0])

    def _inputs(self) -> list[np.ndarray]:
        course, program = self.course, self.program
        graph, plan, segments, count = program.graph, course.plan, course.segments, course.count
        cut = {name: _first(getattr(plan, name), self.steps) for name in STEP_FIELDS}
        run = self._values(graph, program.step_places.run)
        steps = _table(
            graph, program.step_places.step, self.shared | columns(cut, "step", 1), self.steps
        )
        nodes = _first(segments.nodes, count)
        planned = _table(
            graph, program.segment_places.step, self.shared | columns(nodes, "node", 1), count
        )
        first = np.asarray(segments.first)
        names = ("day", "closes", "record", "has_node")
        others = [np.asarray(getattr(segments, name))[:count] for name in names]
        where = np.stack([first[:count], *others, first[1 : count + 1]], 1)
        path = np.stack([cut["time"], cut["step"]], 1).astype(float)
        infused = (np.asarray(cut["infusion"]) != 0.0).any(axis=(1, 2))
        about = [self.kind, np.asarray(cut["knot"]) >= 0, infused]
        self.days, begun = [], 0
        for flow in self.flows:
            drug = self.drug[:, flow.number]
            used = np.asarray(plan.length)[: self.steps]
            lengths, which = np.unique(used[drug], return_inverse=True)
            place = np.full(self.steps, -1)
            place[drug] = begun + which * len(_used(flow))
            about += [place, np.append(False, drug[:-1])]
            self.days.append((begun, np.asarray(course.lengths[lengths], float)))
            begun += len(lengths) * len(_used(flow))
        self.exact = begun
        kinds = np.stack(about, 1).astype(np.int32)
        return [run, steps, planned, path, kinds, where.astype(np.int32)]

    def left_there(self, people: Any, count: int) -> tuple[Any, Any, Any]:
        """Days of use, records and lanes of people who are there as ``given`` puts them."""
        module, xp, course = self.module, self.module.xp, self.course
        rows, real = self.program.rows.count, module.real
        begin, matrix = xp.zeros((rows, count), real), xp.zeros((max(1, self.entries), count))
        module.call("ready", count, people, self.drawn, begin, matrix)
        exact = xp.empty((max(1, self.exact), count), real)
        for b, (begun, days) in enumerate(self.days):
            given = np.int64(len(days)), np.int64(begun), module.array(days)
            module.call(f"kinetics_{b}", count, *given, matrix, exact)
        use_days = xp.zeros((course.days, count), np.uint8)
        records = xp.zeros((course.records, len(self.program.layout.seen), count), np.float32)
        ends = xp.empty((len(self.program.layout.lane), count), real)
        module.call(
            "taken", count, np.int64(course.count), *self.inputs, begin, exact, use_days, records,
            ends,
        )  # fmt: skip
        return use_days, records, ends

    def given(self, person: Any) -> Any:
        """People as kernels read them: [numbers, people]."""
        found = columns(person, "person", 1)
        return self.module.array(np.stack([np.asarray(found[n], float) for n in self.people]))

    def through(self, person: Any) -> Kept:
        """People from beginning to end, as a back end does it."""
        count = len(jax.tree.leaves(person)[0])
        made = self.left_there(self.given(person), count)
        use_days, records, ends = (m.get() if self.module.device else m for m in made)
        return Kept(use_days, records, jax.tree.unflatten(self.structure, list(ends.astype(float))))


def _used(flow: Flow) -> list[int]:
    return np.flatnonzero(flow.pattern.row < flow.block.size).tolist()


def _free(name: str) -> bool:
    """Whether a kernel may calculate in 32 bits."""
    return name.partition("_")[0] not in EXACT


def _switch(names: list[Any], indent: int) -> str:
    """One kernel of each kind of step; none where there is none."""
    called = ((k, "".join(name)) for k, name in enumerate(names) if name)
    return "".join(f"{' ' * indent}case {k}: {n}(a, run, step); break;\n" for k, n in called)


def _first(tree: Any, many: int) -> Any:
    return jax.tree.map(lambda x: np.asarray(x)[:many], tree)


def _table(graph: Graph, places: dict[int, int], inputs: dict, rows: int) -> np.ndarray:
    values = evaluate(graph, places, inputs)
    made = np.zeros((rows, max(1, len(places))))
    for number, entry in places.items():
        made[:, entry] = values[number]
    return made
