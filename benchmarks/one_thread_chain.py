"""How does the whole chain run with one thread a patient? An experiment, no back end.

The kernels of engine/native/program.py, printed in C, in the order of engine/native/driver.py. One
kernel makes people ready, one the propagators of each linear block. Then everybody takes a step
together; who meets an event is put on a list, and those on it are taken through it side by side,
so that nobody waits for them. People come from the host, drawn as for every run.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from one_thread import NEAR, TILE, Module, lines, per_patient, printed
from one_thread_text import (
    DETOUR,
    EVENTS,
    FLOW,
    HURRY,
    KINETICS,
    LEAVE,
    MARCH,
    READY,
    SEGMENT,
    STEP,
)

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
SEATS, SEAT_BLOCK = 65_536, 32
"""those on a list who are taken side by side, and how many of them are in a block"""
_COURSE = {
    "run": "const double*", "steps": "const double*", "nodes": "const double*",
    "path": "const double*", "kinds": "const int*", "segments": "const int*",
}  # fmt: skip
_SEGMENT = _COURSE | {
    "n": "long long", "arena": "real*", "use_days": "unsigned char*", "records": "float*",
}  # fmt: skip
_STEP = _COURSE | {
    "k": "long long", "arena": "real*", "exact": "const real*", "late": "int*", "counts": "int*",
}  # fmt: skip
_DETOUR = _COURSE | {
    "k": "long long", "arena": "real*", "seats": "real*", "late": "const int*",
    "counts": "const int*",
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
        inputs = self._inputs()
        self.of_step, self.first_steps = inputs[4][:, 0], inputs[5][:, [0, 5]]
        self.inputs = [self.module.array(one) for one in inputs]
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
        setup = printed(
            self.lifted, Kernel("setup", outputs, 1, 1), self.lifted_places, rows="double*"
        )
        self.entries = place - rows
        ready = READY.format(size=given + place, given=given, rows=rows, whole=given + rows)
        texts = [setup]
        for b, flow in enumerate(self.flows):
            products = product_kernels(flow.pattern, str(b))
            texts += [printed(*one, rows="Near", groups=_by_row(flow, one[1])) for one in products]
        arguments = {
            "people": "const double*", "drawn": "const double*", "arena": "real*",
            "matrix": "double*",
        }  # fmt: skip
        return [
            *texts,
            per_patient("ready", arguments, ready),
            *(self._kinetics(b, flow) for b, flow in enumerate(self.flows)),
        ]

    def _kinetics(self, b: int, flow: Flow) -> str:
        """Propagators of a block for every length of step, as engine/linear.py says."""
        pattern, many = flow.pattern, len(flow.pattern.row)
        assert ORDER % 2 == 1 and SQUARINGS % 2 == 0
        diagonal = set(pattern.diagonal.tolist())
        kept = (
            (f"to[{n} * people]", f"real(t[{2 * many + e}]{' + 1.0' if e in diagonal else ''})")
            for n, e in enumerate(_used(flow))
        )
        body = KINETICS.format(
            b=b, tile=3 * many, near=NEAR, entries=many, first=self.first[b], halved=2.0**SQUARINGS,
            ones=lines((f"t[{many + e}]", "1.0") for e in sorted(diagonal)), order=ORDER,
            squarings=SQUARINGS // 2, used=len(_used(flow)), kept=lines(kept),
        )  # fmt: skip
        arguments = {
            "people": "long long", "lengths": "long long", "begun": "long long",
            "days": "const double*", "matrix": "const double*", "exact": "real*",
        }  # fmt: skip
        return per_patient(f"kinetics_{b}", arguments, body, NEAR)

    def _device(self) -> list[str]:
        """Functions of one patient at one step."""
        program = self.program
        texts = [
            printed(program.graph, kernel, program.places(name), _free(name), "Rows")
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
        return texts

    def _events(self, kind: int, names: tuple[str, ...]) -> list[str]:
        """The way through events in this kind of step, and driven states on it."""
        layout = self.program.layout
        alone = names[2:3]
        march = f"    march_{kind}(a, run, step, begin, until);\n" if alone else ""
        named = {
            n: getattr(layout, n)
            for n in ("which", "begin", "forced", "goal", "length", "share", "now")
        }
        events = EVENTS.format(kind=kind, march=march, part=names[1], **named)
        return [*(self._march(kind, name) for name in alone), events]

    def _march(self, kind: int, alone: str) -> str:
        """Driven states alone."""
        layout = self.program.layout
        many = len(layout.driven)
        stand = ((f"a[{layout.driven.start + d}]", f"a[{r}]") for d, r in
                 enumerate(layout.driven_lane))  # fmt: skip
        return MARCH.format(
            kind=kind, stand=lines(stand), alone=alone, many=many,
            at_once=AT_ONCE, first_half=FIRST_HALF, arrived=ARRIVED, until=layout.until,
            left=layout.left, taken=layout.taken, length=layout.length,
            driven=layout.driven.start, way=layout.way.start, tried=layout.tried.start,
        )  # fmt: skip

    def _kernels(self) -> list[str]:
        """From beginning to end."""
        program, layout = self.program, self.program.layout
        seen = lines((f"  to[{q} * many]", f"a[{r}]") for q, r in enumerate(layout.seen))
        rows = program.rows.count
        segment = SEGMENT.format(
            rows=rows, planned=max(1, len(program.segment_places.step)), used=layout.used,
            quantities=len(layout.seen), seen=seen,
        )  # fmt: skip
        leave = LEAVE.format(rows=rows, lane=len(layout.lane))
        left = _COURSE | {"arena": "real*", "ends": "real*"}
        texts = [per_patient("segment", _SEGMENT, segment), per_patient("leave", left, leave)]
        for kind, names in enumerate(self.kinds):
            texts += [*self._events(kind, names), *self._step(kind, names)]
        return texts

    def _step(self, kind: int, names: tuple[str, ...]) -> list[str]:
        """Everybody's step, and that of those on the list."""
        program, layout = self.program, self.program.layout
        flows, keep, home = self._amounts()
        shape = {
            "rows": program.rows.count, "stepped": max(1, len(program.step_places.step)),
            "abouts": 3 + 2 * len(self.flows), "share": layout.share, "kind": kind,
        }  # fmt: skip
        hurry = HURRY.format(length=layout.length, beside=names[3], **shape) if names[3:] else ""
        gathered, changed = self._carried(names)
        detour = DETOUR.format(
            gather=lines((f"  a[{r}]", f"home[{r}]") for r in gathered), hurry=hurry,
            scatter=lines((f"  home[{r}]", f"a[{r}]") for r in changed), keep=home, **shape,
        )  # fmt: skip
        step = STEP.format(flows=flows, whole=names[0], keep=keep, **shape)
        return [
            per_patient(f"step_{kind}", _STEP, step),
            per_patient(f"detour_{kind}", _DETOUR, detour, SEAT_BLOCK),
        ]

    def _carried(self, names: tuple[str, ...]) -> tuple[list[int], list[int]]:
        """Rows that people take to their seats, and those that they bring back."""
        layout = self.program.layout
        inner = {
            layout.goal, layout.forced, layout.which, layout.begin, layout.length, layout.now,
            layout.until, layout.left, layout.taken, *layout.driven, *layout.way, *layout.tried,
        }  # fmt: skip
        changed = {*map(int, layout.changed), *self.program.kernels["fire"].outputs}
        read = {*map(int, self.program.read_rows("fire", "goal", *names[1:])), layout.share}
        return sorted((read | changed) - inner), sorted(changed - inner)

    def _amounts(self) -> tuple[str, str, str]:
        """Amounts at the end of a step; the same kept as the beginning of the next, twice."""
        flows, keep, home = "", "", ""
        for b, flow in enumerate(self.flows):
            rows = sorted({int(flow.pattern.row[e]) for e in _used(flow)})
            before, after = (
                r.start + flow.place for r in (self.program.before, self.program.after)
            )
            zero = " ".join(f"a[{after + r}] = 0;" for r in rows)
            back = " ".join(f"a[{before + r}] = a[{after + r}];" for r in rows)
            place, gone = f"about[{3 + 2 * b}]", f"about[{4 + 2 * b}]"
            flows += (
                f"  if ({place} >= 0) flow_{b}(a, exact + {place} * many + p, many, about[2]);\n"
                f"  else if ({gone}) {{ {zero} }}\n"
            )
            keep += f"    if ({place} >= 0 || {gone}) {{ {back} }}\n"
            home += f"    if ({place} >= 0 || {gone}) {{ {back.replace('a[', 'home[')} }}\n"
        return flows, keep, home

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
        going = _Going(self, people, count)
        for n in range(self.course.count):
            going.through(n)
        return going.left()

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


class _Going:
    """People on their way through an arm, one kernel after another."""

    def __init__(self, ready: OneThread, people: Any, count: int) -> None:
        module, xp, course = ready.module, ready.module.xp, ready.course
        self.ready, self.count = ready, count
        rows, real = ready.program.rows.count, module.real
        self.arena = xp.zeros((-(-count // TILE), rows, TILE), real)
        self.seats = xp.zeros((SEATS // TILE, rows, TILE), real)
        matrix = xp.zeros((max(1, ready.entries), count))
        self.exact = xp.empty((max(1, ready.exact), count), real)
        self.use_days = xp.zeros((course.days, count), np.uint8)
        shape = course.records, len(ready.program.layout.seen), count
        self.records = xp.zeros(shape, np.float32)
        self.late, self.counts = xp.zeros(count, np.int32), xp.zeros(ready.steps, np.int32)
        module.begin("ready", count, (people, ready.drawn, self.arena, matrix))
        for b, (begun, days) in enumerate(ready.days):
            given = *map(np.int64, (count, len(days), begun)), module.array(days)
            hands, near = module.processors * NEAR, 3 * 8 * NEAR * len(ready.flows[b].pattern.row)
            name, given = f"kinetics_{b}", (*given, matrix, self.exact)
            module.begin(name, min(count, hands), given, NEAR, near)

    def through(self, n: int) -> None:
        """A segment."""
        ready, begin, count = self.ready, self.ready.module.begin, self.count
        planned = *ready.inputs, np.int64(n), self.arena, self.use_days, self.records
        begin("segment", count, planned)
        for k in range(*ready.first_steps[n]):
            kind, here = ready.of_step[k], (*ready.inputs, np.int64(k), self.arena)
            begin(f"step_{kind}", count, (*here, self.exact, self.late, self.counts))
            seated = *here, self.seats, self.late, self.counts
            begin(f"detour_{kind}", min(SEATS, count), seated, SEAT_BLOCK)

    def left(self) -> tuple[Any, Any, Any]:
        """Days of use, records and lanes at the end."""
        module = self.ready.module
        ends = module.xp.empty((len(self.ready.program.layout.lane), self.count), module.real)
        module.call("leave", self.count, *self.ready.inputs, self.arena, ends)
        return self.use_days, self.records, ends


def _used(flow: Flow) -> list[int]:
    return np.flatnonzero(flow.pattern.row < flow.block.size).tolist()


def _by_row(flow: Flow, kernel: Kernel) -> list[list[int]]:
    """What a product of matrices puts down, a row of the matrix after the other."""
    outputs, row = [*kernel.outputs], flow.pattern.row
    return [[outputs[e] for e in np.flatnonzero(row == i)] for i in np.unique(row)]


def _free(name: str) -> bool:
    """Whether a kernel may calculate in 32 bits."""
    return name.partition("_")[0] not in EXACT


def _first(tree: Any, many: int) -> Any:
    return jax.tree.map(lambda x: np.asarray(x)[:many], tree)


def _table(graph: Graph, places: dict[int, int], inputs: dict, rows: int) -> np.ndarray:
    values = evaluate(graph, places, inputs)
    made = np.zeros((rows, max(1, len(places))))
    for number, entry in places.items():
        made[:, entry] = values[number]
    return made
