"""Can the compiled loops be traced with whole steps in 32 bits, as a GPU is given them?"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine import xla
from resynapse.patient import Patient
from resynapse.patient.model import Model
from resynapse.protocol import parse
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine, unknown_arms
from resynapse.trial.conduct import Conduct
from software.small_trial import TEXT

ASKED = 8
"""times that a trace asks the model for its flow; each stage of a step for itself would be 25"""


def test_what_is_kept_has_as_many_bits_as_with_whole_steps_in_64(monkeypatch):
    asked, flow = [], Model.flow
    monkeypatch.setattr(Model, "flow", lambda *given: asked.append(given) or flow(*given))
    protocol, patient = parse(TEXT, "test"), Patient()
    arm, conduct = protocol.arm("all"), Conduct(protocol, patient, 3)
    plan, felt = conduct.plan(arm), unknown_arms(protocol, arm)
    model = Model(as_arrays(patient), as_arrays(benzodiazepine(patient, arm)))
    setting = arm_setting(protocol, arm, patient, felt)

    def kept(single):
        with jax.enable_x64(True):
            people, steps, segments, lengths = jax.tree.map(
                jnp.asarray, (conduct.persons(0, 4), plan.plan, plan.segments, plan.lengths)
            )
            exact = eqx.filter_eval_shape(xla.prepare, model, setting, people, lengths)
            return eqx.filter_eval_shape(
                xla.run, model, setting, people, exact, steps, segments, jnp.int32(plan.count),
                jnp.uint32(3), plan.days + 1, len(plan.record_days) + 1, single,
            )  # fmt: skip

    exact, rounded = kept(False), kept(True)
    assert 0 < len(asked) <= 2 * ASKED
    assert rounded.lane.marks.first_use.dtype == np.float64
    assert jax.tree.map(lambda x: x.dtype, rounded) == jax.tree.map(lambda x: x.dtype, exact)
