"""What do engines get to know of an arm of the chain, and how do they differ in the end?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from resynapse.engine.plan import Course, Kept
from resynapse.patient import Patient
from resynapse.patient.model import Model
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine, unknown_arms
from resynapse.trial.conduct import Conduct

SEED = 1


class Arm:
    """One arm of a protocol."""

    def __init__(self, protocol: Protocol, name: str) -> None:
        patient = apply(Patient(), protocol.disorder)
        self.conduct, self.arm = Conduct(protocol, patient, SEED), protocol.arm(name)
        self.felt = unknown_arms(protocol, self.arm)
        self.days, plan = protocol.follow_up_days, self.conduct.plan(self.arm)
        self.plan, self.steps = plan, int(plan.segments.first[plan.count])
        self.course = Course(
            plan.plan, plan.segments, plan.count, plan.lengths, plan.days + 1,
            len(plan.record_days) + 1,
        )  # fmt: skip
        self.model = Model(as_arrays(patient), as_arrays(benzodiazepine(patient, self.arm)))
        self.setting = arm_setting(protocol, self.arm, patient, self.felt)

    def persons(self, count: int) -> Any:
        """People as every run draws them."""
        return self.conduct.persons(0, count)

    def one_thread(self, someone: Any, real: str, device: bool) -> Any:
        """The experiment of one_thread_chain.py."""
        from one_thread_chain import OneThread

        return OneThread(self.model, self.setting, self.course, SEED, someone, real, device)

    def xla(self, single: bool) -> Callable[[Any], Kept]:
        """The back end, on as many people as it is given."""
        from resynapse.engine.xla import prepared

        return prepared(self.model, self.setting, self.course, SEED, single)

    def apart(self, persons: Any, made: tuple, many: int) -> dict[str, float]:
        """Days of use, records and first uses of some people against the native back end."""
        few = jax.tree.map(lambda x: np.asarray(x)[:many], persons)
        truth = self._native(few, many)
        use_days, records, first, bouts = self._of(made, truth, many)
        same = bouts == truth.lane.marks.bouts[:many]
        top = np.abs(truth.records).max(axis=(0, 2), keepdims=True) + 1e-30
        kept = len(self.plan.record_days)
        apart = np.abs(records - truth.records[..., :many])[:kept] / top
        uses = np.abs(first - truth.lane.marks.first_use[:many])[same]
        days = (use_days != truth.use_days[:, :many])[: self.plan.days]
        return {
            "max_error": float(apart[..., same].max()),
            "first_event_max_error": float(uses.max()),
            "first_event_median_error": float(np.median(uses)),
            "same_counts": float(same.mean()),
            "use_days_apart": float(days.sum(axis=0).mean()),
            "bouts_each": float(bouts.mean()),
        }

    def _native(self, few: Any, many: int) -> Kept:
        through = self.conduct.prepared(self.arm, self.felt, self.plan)
        parts = [
            through(jax.tree.map(lambda x, k=k: x[k : k + 512], few)) for k in range(0, many, 512)
        ]
        count = self.course.days, self.course.records
        return Kept(
            np.concatenate([p.use_days[: count[0]] for p in parts], 1),
            np.concatenate([p.records[: count[1]] for p in parts], 2),
            jax.tree.map(lambda *x: np.concatenate(x), *(p.lane for p in parts)),
        )

    @staticmethod
    def _of(made: tuple, truth: Kept, many: int) -> tuple:
        use_days, records, *rest = made
        lane = list(rest[0]) if len(rest) == 1 else rest
        marks = jax.tree.unflatten(jax.tree.structure(truth.lane), lane).marks
        return (
            use_days[:, :many], records[..., :many], np.asarray(marks.first_use[:many], float),
            marks.bouts[:many],
        )  # fmt: skip
