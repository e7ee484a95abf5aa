"""How does what becomes of people depend on each parameter?

Forward derivatives of the compiled loops, through doses, kinetics and the instants of lapses, of
each person with the own random numbers: a path moves with its parameters while its events stay the
same ones. What a yes or no decides (is somebody committed, does one more lapse fit in) has no
derivative, so the mean of people's derivatives is not the derivative of the mean where lapses
matter; the likelihood of observed lapses (``lapse_likelihood``) has no such jumps.

Held fast: the plan of the arm, the covariates that recruitment draws and how arms feel. Parameters
that act through the plan or these covariates are refused (``held_fast``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine import xla
from resynapse.engine.plan import Course
from resynapse.engine.stepper import Lane
from resynapse.inference.held_fast import held_fast
from resynapse.input_error import InputError
from resynapse.parameter import entries, lookup, replace
from resynapse.patient.model import Model
from resynapse.population import people
from resynapse.protocol import Arm
from resynapse.trial import recruitment
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine, unknown_arms
from resynapse.trial.conduct import Conduct

Values = jax.Array
"""[parameters]"""
Wrap = Callable[[Model, Any], tuple[Any, Any]]
"""model and people -> what the engine is given in their place"""

COMPILED = {"xla_cpu_use_fusion_emitters": False}
"""older code for a processor: less to compile (all tests of derivatives took 101 s of processor
time for 120), more to run (four people 0.8 s for 0.7)"""
UNKNOWN_YET = (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError)
"""what JAX says where Python or NumPy asks for the value of something that is differentiated"""


class GradientError(InputError):
    """A parameter that does not exist, or that nothing smooth leads from."""


def as_they_are(model: Model, person: Any) -> tuple[Any, Any]:
    return model, person


def outcome(
    conduct: Conduct, arm: Arm, names: Sequence[str], count: int, until: float,
    wrap: Wrap = as_they_are,
) -> Callable[[Values], Lane]:  # fmt: skip
    """A function of the values of these parameters: where ``count`` people stand on day ``until``.

    Leaves of the lane are [people], 64-bit. To be called where JAX uses 64 bits.
    """
    _known(conduct, names)
    plan, felt = conduct.plan(arm), unknown_arms(conduct.protocol, arm)
    held = ", ".join(held_fast(conduct, arm, names, count))
    if held:
        raise GradientError(
            f"{held}: the plan of the arm, at some time of the follow-up, or the covariates that"
            " people are drawn with depend on it, and both are held fast, so a derivative may be"
            " wrong. Leave it out, or compare"
            " two runs."
        )
    course = Course(plan.plan, plan.segments, plan.segments_until(until), plan.lengths, 1, 1)
    numbers = recruitment.keys(conduct.first_key, count)
    known = recruitment.given(conduct.protocol, conduct.patient, numbers, conduct.seed)
    seed = np.uint32(conduct.seed)
    segments = course.segments._replace(
        day=np.zeros_like(course.segments.day), record=np.zeros_like(course.segments.record)
    )

    def run(values: Values) -> Lane:
        changed = replace(conduct.patient, dict(zip(names, values, strict=True)))
        person = jax.vmap(lambda one: people.person(changed, one, seed))(known)
        model = Model(as_arrays(changed), as_arrays(benzodiazepine(changed, arm)))
        system, persons = wrap(model, person)
        setting = arm_setting(conduct.protocol, arm, changed, felt)
        steps, stretches, lengths = jax.tree.map(
            jnp.asarray, (course.plan, segments, course.lengths)
        )
        return _through(
            system, setting, persons, lengths, steps, stretches, jnp.int32(course.count), seed
        )

    return run


def gradient(
    conduct: Conduct, arm: Arm, names: Sequence[str], quantity: Callable[[Lane], Any], *,
    count: int, until: float, wrap: Wrap = as_they_are,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Each person's quantity on day ``until`` and its derivatives: [people], [people, parameters].

    ``quantity`` takes a lane, leaves [people], to an array [people]: ``lambda lane:
    lane.state.craving``, or ``lane.totals.lapse_hazard``. Derivatives are per unit of a parameter.
    """
    run = outcome(conduct, arm, names, count, until, wrap)
    with jax.enable_x64(True):
        values = jnp.array([float(lookup(conduct.patient, name)) for name in names])

        def one(values: Values) -> Any:
            return quantity(run(values))

        try:
            found = [jax.jvp(one, (values,), (way,)) for way in jnp.eye(len(names))]
        except UNKNOWN_YET as error:
            raise GradientError(
                f"One of {', '.join(names)} decides about a yes or no or a table before people run,"
                " so it has no derivative. Leave it out, or compare two runs."
            ) from error
    slopes = [np.asarray(slope) for _, slope in found]
    return np.asarray(found[0][0]), np.stack(slopes, axis=-1)


@eqx.filter_jit(compiler_options=COMPILED)  # type: ignore[call-overload]
def _through(
    system: Any, setting: Any, persons: Any, lengths: Any, steps: Any, stretches: Any, count: Any,
    seed: Any,
) -> Lane:  # fmt: skip
    """Where people stand after the first ``count`` segments."""
    exact = xla.prepare(system, setting, persons, lengths)
    return xla.run(system, setting, persons, exact, steps, stretches, count, seed, 1, 1).lane


def _known(conduct: Conduct, names: Sequence[str]) -> None:
    declared = {entry.path for entry in entries(conduct.patient)}
    for name in names:
        if name not in declared:
            raise GradientError(f"There is no parameter {name!r}. resynapse parameters lists them.")
