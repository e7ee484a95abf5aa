"""How do W1 and W2 run with one thread a patient? An experiment, no back end.

The kernels of engine/dynamics/program.py, printed in C; a thread draws its person, makes their
kinetics ready and goes through the whole timetable, events and all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from one_thread import Module, lines, per_patient, printed

from resynapse.bench.workload import SEED, Workload
from resynapse.engine.dynamics.program import Program, per_step
from resynapse.engine.dynamics.system import Seen
from resynapse.engine.linear import ORDER, SQUARINGS
from resynapse.engine.native.emit import Kernel, Places
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kinetics import product_kernels
from resynapse.engine.native.program import columns

ARGUMENTS = {
    "first": "long long", "run": "const double*", "drawn": "const double*",
    "steps": "const double*", "path": "const double*", "which": "const int*",
    "record": "const int*", "days": "const double*", "records": "real*", "ends": "double*",
}  # fmt: skip
BEGIN = """  real a[{rows}];
  double s[{rows}];
  for (int r = 0; r < {rows}; ++r) s[r] = 0;
  s[{key}] = double(first + p);
  setup(s, drawn, drawn);
  for (int r = 0; r < {rows}; ++r) a[r] = real(s[r]);
"""
PROPAGATORS = """  real exact[{days}][{used}];
  for (int d = 0; d < {days}; ++d) {{
    double t[{tile}], factor[1];
    for (int e = 0; e < {entries}; ++e) {{
      t[e] = s[{matrix} + e] * (days[d] / {halved});
      t[{entries} + e] = 0.0;
    }}
{ones}    for (int term = {order}; term > 1; term -= 2) {{
      factor[0] = 1.0 / term;
      taylor_0(t, factor, factor);
      factor[0] = 1.0 / (term - 1);
      taylor_back_0(t, factor, factor);
    }}
    last_0(t, factor, factor);
    for (int n = 0; n < {squarings}; ++n) {{
      square_back_0(t, factor, factor);
      square_0(t, factor, factor);
    }}
{kept}  }}
  int now = -1;
"""
STEP = """  for (int k = 0; k < {steps}; ++k) {{
    const double* step = steps + k * {entries};
"""
FLOW = """    if (which[k] != now) {{
      now = which[k];
{exact}    }}
    if (path[3 * k + 2] != 0.0) infused(a, run, step); else free_(a, run, step);
"""
EVENTS = """    if (a[{met}] != 0) {{
      real begin = 0;
      for (;;) {{
        a[{begin}] = begin;
        a[{share}] = 1 - begin;
        part(a, run, step);
        if (a[{met}] == 0) break;
        locate(a, run, step);
        a[{share}] = a[{along}];
        part(a, run, step);
        begin += a[{along}];
        a[{time}] = real(path[3 * k] + begin * path[3 * k + 1]);
        fire(a, run, step);
      }}
{home}    }}
"""
SEEN = """    if (record[k] >= 0) {{
      seen(a, run, step);
{seen}    }}
  }}
  ends[p] = a[{count}];
  ends[many + p] = a[{first}];
"""
DRAWING = ("fire",)
"""what draws numbers, always in 64 bits, as ``setup`` does"""


class OneThread:
    """A workload, ready for people; ``real`` is double or float."""

    def __init__(self, workload: Workload, real: str, device: bool) -> None:
        self.table = workload.table()
        self.program = Program(workload.system, workload.rule, self.table, 1, 1)
        self.shared = columns(workload.system, "system") | {"seed": np.uint32(SEED)}
        texts = [self._printed(name) for name in self.program.kernels]
        before, drawn = self._before()
        whole = per_patient("taken", ARGUMENTS, self._whole())
        self.module = Module([*before, *texts, whole], real, device)
        self.inputs = [self.module.array(one) for one in self._inputs(drawn)]

    def _printed(self, name: str) -> str:
        kernel, program = self.program.kernels[name], self.program
        called = Kernel({"free": "free_"}.get(name, name), kernel.outputs, 1, 1)
        return printed(program.graph, called, program.places, name not in DRAWING)

    def _before(self) -> tuple[list[str], tuple[Graph, Places]]:
        """What is done once a person, in 64 bits, and what ``setup`` reads."""
        drawn, kernel, places = self.program.setup()
        texts = [printed(drawn, kernel, places)]
        if self.program.pattern is not None:
            for graph, one, where in product_kernels(self.program.pattern, "0"):
                texts.append(printed(graph, one, where))
        return [text.replace("real* a", "double* a", 1) for text in texts], (drawn, places)

    def _whole(self) -> str:
        """One patient from beginning to end."""
        program, at = self.program, self.program.at
        one = {name: rows.start for name, rows in at.items()}
        text = BEGIN.format(rows=program.rows.count, key=one["key"])
        step = STEP.format(steps=len(self.table.step), entries=max(1, len(program.places.step)))
        if program.pattern is None:
            text += step + "    free_(a, run, step);\n"
        else:
            text += self._propagators() + step + FLOW.format(exact=self._exact())
        if program.events:
            home = zip(at["joint"], at["tried"], strict=True)
            text += EVENTS.format(home=lines((f"a[{j}]", f"a[{t}]") for j, t in home), **one)
        many, risk = len(at["seen"]), at["risk"].start
        place = "records[(record[k] * {0}ll + {1}) * many + p]"
        seen = lines((place.format(many, q), f"a[{r}]") for q, r in enumerate(at["seen"]))
        return text + SEEN.format(seen=seen, count=risk + 1, first=risk + 2)

    def _used(self) -> list[int]:
        return np.flatnonzero(self.program.pattern.row < self.program.size).tolist()

    def _days(self) -> np.ndarray:
        return np.outer(np.unique(self.table.step), self.program.gaps).ravel()

    def _propagators(self) -> str:
        """exp(J h) for every length of step and gap, as engine/linear.py says."""
        pattern, used = self.program.pattern, self._used()
        assert ORDER % 2 == 1 and SQUARINGS % 2 == 0
        many, diagonal = len(pattern.row), pattern.diagonal.tolist()
        kept = (
            (f"exact[d][{n}]", f"real(t[{2 * many + e}]{' + 1.0' if e in diagonal else ''})")
            for n, e in enumerate(used)
        )
        return PROPAGATORS.format(
            matrix=self.program.at["matrix"].start,
            days=len(self._days()), used=len(used), tile=3 * many, entries=many, order=ORDER,
            halved=2.0**SQUARINGS, ones=lines((f"t[{many + e}]", "1.0") for e in diagonal),
            squarings=SQUARINGS // 2, kept=lines(kept),
        )  # fmt: skip

    def _exact(self) -> str:
        """Propagators of this length of step, to where kernels read them."""
        gaps, used = len(self.program.gaps), len(self._used())
        return lines(
            (f"a[{row}]", f"exact[now * {gaps} + {gap}][{e}]")
            for gap in range(gaps)
            for e, row in zip(range(used), self.program.at[f"exact{gap}"], strict=True)
        )

    def _inputs(self, drawn: tuple[Graph, Places]) -> list[np.ndarray]:
        table, program = self.table, self.program
        named = {
            k: v
            for name, values in per_step(table).items()
            for k, v in columns(values, name, 1).items()
        }
        values = evaluate(program.graph, program.places.step, self.shared | named)
        steps = np.zeros((len(table.step), max(1, len(program.places.step))))
        for number, entry in program.places.step.items():
            steps[:, entry] = values[number]
        path = np.stack([table.time, table.step, table.inflow], 1)
        _, which = np.unique(table.step, return_inverse=True)
        days = self._days() if program.pattern is not None else np.zeros(1)
        run = self._values(program.graph, program.places)
        indices = which.astype(np.int32), table.record.astype(np.int32)
        return [run, self._values(*drawn), steps, path, *indices, days]

    def _values(self, graph: Graph, places: Places) -> np.ndarray:
        values = evaluate(graph, places.run, self.shared)
        return np.array([float(values[n]) for n in places.run] or [0.0])

    def left_there(self, first: int, count: int) -> tuple[Any, Any]:
        """People of the numbers from ``first`` on: records and ends, where they were made."""
        xp = self.module.xp
        shape = (self.table.records, len(self.program.at["seen"]), count)
        records, ends = xp.empty(shape, self.module.real), xp.empty((2, count))
        self.module.call("taken", count, np.int64(first), *self.inputs, records, ends)
        return records, ends

    def through(self, first: int, count: int) -> Seen:
        """The same, brought back."""
        records, ends = self.left_there(first, count)
        if self.module.device:
            records, ends = records.get(), ends.get()
        return Seen((records,), ends[1], ends[0])
