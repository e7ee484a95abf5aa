"""How likely are the first uses that were observed, under these parameters?

A first use is a point in time, so with hazard lambda(t) at the person's own states

    log L = d log lambda(T) - integral of lambda(t) dt from the end of use to T

where T is the day of the first use (d = 1) or the last day on which the person was known not to
have used (d = 0). States follow from the parameters and from no lapse before T, and depend on them
smoothly: nobody lapses by chance here. It is the likelihood of one person with the own random
draws (stress, cues, frailty, commitment); averaged over draws as a likelihood, not as a log
likelihood, it is that of somebody of whom these are not known. On the grid lambda is held over a
step, as in a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from resynapse.engine.stepper import Lane, Moment
from resynapse.inference.gradient import gradient
from resynapse.input_error import InputError
from resynapse.parameter import Scalar
from resynapse.patient.chain import Flow
from resynapse.patient.model import Model
from resynapse.protocol import Arm
from resynapse.trial.conduct import Conduct

LEAST = 1.0e-12
"""1/d, below which a hazard counts as that"""


@dataclass(frozen=True)
class FirstUses:
    """Data: day of the first use or of the last look, [people], and whether it was a use."""

    day: np.ndarray
    used: np.ndarray

    def __post_init__(self) -> None:
        if len(self.day) != len(self.used) or not np.isin(self.used, (0, 1)).all():
            raise InputError(
                f"{len(self.day)} days and {len(self.used)} marks of use were given. Give one of"
                " each a person; a mark is 1 for a first use on that day and 0 for none until then."
            )


def log_likelihood(
    conduct: Conduct, arm: Arm, names: Sequence[str], data: FirstUses
) -> tuple[np.ndarray, np.ndarray]:
    """log L of each person and its derivatives: [people], [people, parameters]."""
    day, used = (np.asarray(x, float) for x in (data.day, data.used))

    def watched(model: Model, person: Any) -> tuple[Any, Any]:
        return Watched(model), Observed(person, day, used)

    def total(lane: Lane) -> Any:
        return lane.totals.log_hazard - lane.totals.cumulative

    return gradient(
        conduct, arm, names, total, count=len(day), until=float(day.max()), wrap=watched
    )


class Terms(eqx.Module):
    """What adds up to log L."""

    log_hazard: Scalar
    """d log lambda(T)"""
    cumulative: Scalar
    """integral of lambda while not using, until T"""


class Observed(eqx.Module):
    """A person, and what was seen of them."""

    person: Any
    day: Scalar
    used: Scalar

    @property
    def key(self) -> Scalar:
        """Number of the patient in every random key."""
        return self.person.key


class Watched(eqx.Module):
    """The chain in somebody whose first use is known: lapses add to log L and do not happen."""

    model: Model

    @property
    def processes(self) -> tuple[int, ...]:
        return self.model.processes

    @property
    def noise_purposes(self) -> tuple[int, int]:
        return self.model.noise_purposes

    @property
    def stirring(self) -> tuple[int, ...]:
        return self.model.stirring

    def quick(self, state: Any) -> Any:
        return self.model.quick(state)

    def noise_law(self) -> Any:
        return self.model.noise_law()

    def no_amounts(self) -> Any:
        return self.model.no_amounts()

    def begin(self, arm: Any, person: Observed, seed: Scalar) -> Lane:
        lane = self.model.begin(arm, person.person, seed)
        zero = 0.0 * lane.totals.lapse_hazard
        return eqx.tree_at(lambda x: x.totals, lane, Terms(zero, zero))

    def flow(
        self, person: Observed, arm: Any, state: Any, marks: Any, amounts: Any, moment: Moment,
        *rest: Any,
    ) -> Flow:  # fmt: skip
        """The chain's flow; what it says of lapses goes into log L instead."""
        found = self.model.flow(person.person, arm, state, marks, amounts, moment, *rest)
        risk = (1.0 - marks.using) * found.hazards[0]
        length = jnp.where(moment.step > 0.0, moment.step, 1.0)
        share = (person.day - moment.time) / length
        here = person.used * jnp.where((share > 0.0) & (share <= 1.0), 1.0, 0.0)
        terms = Terms(
            log_hazard=here * jnp.log(jnp.maximum(risk, LEAST)) / length,
            cumulative=risk * jnp.clip(share, 0.0, 1.0),
        )
        hazards = (0.0 * found.hazards[0], *found.hazards[1:])
        return found._replace(hazards=hazards, accumulation=terms)

    def jump(self, *given: Any) -> Any:
        return self.model.jump(*given)

    def day(self, lane: Lane) -> Any:
        return self.model.day(lane)

    def happen(self, person: Observed, *rest: Any) -> Any:
        return self.model.happen(person.person, *rest)

    def peaks(self, person: Observed, *rest: Any) -> Any:
        return self.model.peaks(person.person, *rest)

    def observe(self, person: Observed, *rest: Any) -> Any:
        return self.model.observe(person.person, *rest)

    def amount_rate(self, block: int, arm: Any, person: Observed, *rest: Any) -> Any:
        return self.model.amount_rate(block, arm, person.person, *rest)

    def inflow(self, block: int, person: Observed, *rest: Any) -> Any:
        return self.model.inflow(block, person.person, *rest)
