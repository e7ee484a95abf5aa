"""How does a chunk of patients run with steps that are calculated in 32 bits?

States, amounts, integrated hazards and random numbers are kept and drawn in 64 bits, as ever; what
a step makes of them is calculated in 32. docs/engine.md says how far that puts people apart.
"""

from __future__ import annotations

from functools import partial

from resynapse.engine.native import run

room = run.room
prepared = partial(run.prepared, single=True)
