"""How does the old pathway, the memory of the drug, grow with use and weaken?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Beta, Fixed, HalfSpike, LogNormal, Scalar, parameter
from resynapse.smooth import softplus
from resynapse.system import Relaxation, relaxes


class DrugMemory(eqx.Module):
    """Grows with rewarded use, loses a labile part under block, fades over years.

    reward = v a_d / (1 + a_d) (1 - y_d Y_2)                              1
    up     = eta_W Gamma reward r u                                       1/d
    down   = w_un (1 - v) r u + delta_rec L / tau_L tanh(B_m / B_ref)     1/d
    dW/dt  = up (1 - W) - down W - W / tau_W                              1/d
    dL/dt  = -L / tau_L ; at a retrieval L -> L + k_des l (1 - L)         1
    B_m    = (B_E + B_S) / 2                                              1
    """

    learning_per_use: Scalar = parameter(LogNormal(0.060, 0.7), "1", sources.redish2004, "assumed")
    """eta_W"""
    unlearning_per_use: Scalar = parameter(LogNormal(0.02, 0.5), "1", sources.design)
    """w_un, per use whose reward is blocked"""
    lasting_time: Scalar = parameter(LogNormal(900.0, 0.7), "d", sources.hand_set)
    """tau_W"""
    labile_time: Scalar = parameter(LogNormal(0.25, 0.45), "d", sources.hand_set)
    """tau_L, reconsolidation within about six hours"""
    retrieval_jump: Scalar = parameter(Fixed(0.8), "1", sources.hand_set)
    """l"""
    destabilised: Scalar = parameter(Beta(19.0, 1.0), "1", sources.design)
    """k_des"""
    reconsolidation_loss: Scalar = parameter(
        HalfSpike(Beta(2.0, 4.0), 0.3), "1", sources.das2019, "assumed"
    )
    """delta_rec"""
    block_reference: Scalar = parameter(Fixed(0.0751), "1", sources.reference_patient)
    """B_ref, mean block at the peak of the reference infusion"""
    reward_tolerance: Scalar = parameter(Fixed(0.4), "1", sources.keramati2017, "assumed")
    """y_d, reward lost with allostatic load"""
    reward_rounding: Scalar = parameter(Fixed(0.02), "1", sources.smoothing)
    """width at which the reward is kept from falling below 0"""

    def relaxation(
        self,
        Gamma: Scalar,
        v: Scalar,
        a_d: Scalar,
        Y_2: Scalar,
        uses: Scalar,
        L: Scalar,
        B_m: Scalar,
    ) -> Relaxation:
        """Towards the balance of use, block and forgetting, days; ``uses`` is r u, 1/d."""
        appetite = softplus(1.0 - self.reward_tolerance * Y_2, self.reward_rounding)
        reward = v * a_d / (1.0 + a_d) * appetite
        up = self.learning_per_use * Gamma * reward * uses
        erased = L / self.labile_time * jnp.tanh(B_m / self.block_reference)
        down = self.unlearning_per_use * (1.0 - v) * uses + self.reconsolidation_loss * erased
        rate = up + down + 1.0 / self.lasting_time
        return relaxes(to=up / rate, time_constant=1.0 / rate)

    def labile_relaxation(self) -> Relaxation:
        """L towards 0, days."""
        return relaxes(to=0.0, time_constant=self.labile_time)

    def after_retrieval(self, L: Scalar) -> Scalar:
        """The labile share once the memory was retrieved."""
        return L + self.destabilised * self.retrieval_jump * (1.0 - L)
