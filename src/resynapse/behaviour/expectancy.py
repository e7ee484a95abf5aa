"""What does believing that one got the drug do?"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, HalfNormal, HalfSpike, LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class Guess(eqx.Module):
    """What a person can tell about the own arm, one day after a dose."""

    felt: Scalar
    """ln(1 + peak CADSS) of the first four hours"""
    improvement: Scalar
    """fall of negative mood, standard deviations"""
    noise: Scalar
    """standard normal"""


class ArmsFelt(eqx.Module):
    """How the two kinds of arm feel: ln(1 + peak CADSS) in pilot patients, and the odds."""

    active_mean: Scalar
    active_sd: Scalar
    control_mean: Scalar
    control_sd: Scalar
    active_share: Scalar
    """pi, the share allocated to an active arm"""
    masked: Scalar
    """1 when the allocation is hidden, 0 when everyone knows"""
    is_active: Scalar
    """1 in an arm with ketamine above the control dose"""


class Expectancy(eqx.Module):
    """Belief from what was felt, and an effect that fades.

    evidence = ln f_active(a) - ln f_control(a), within +-limit           1
    logit b  = logit pi + w_b evidence + w_m improvement + sd_nu nu       1
    shift    = b - pi                                                     1
    e        = 2 shift (1 if shift > 0, s_below otherwise)                1
    de/dt    = -e / tau_e                                                 1/d
    """

    feeling_weight: Scalar = parameter(HalfNormal(0.7), "1", sources.wilkinson2019, "assumed")
    """w_b"""
    improvement_weight: Scalar = parameter(HalfNormal(0.5), "1", sources.lii2023, "assumed")
    """w_m"""
    noise_sd: Scalar = parameter(Fixed(0.7), "1", sources.design)
    """sd_nu"""
    evidence_limit: Scalar = parameter(Fixed(4.0), "1", sources.design)
    """limit, a smooth one"""
    disappointment: Scalar = parameter(LogNormal(1.8, 0.3), "1", sources.wilkinson2019, "assumed")
    """s_below, slope below even odds"""
    switching: Scalar = parameter(Fixed(0.02), "1", sources.smoothing)
    """width at which the slope changes"""
    lasting: Scalar = parameter(LogNormal(21.0, 0.9), "d", sources.wilkinson2019, "assumed")
    """tau_e"""
    present: Scalar = parameter(Fixed(1.0), "1", sources.design)
    """1 in a run with expectancy, 0 without"""
    learning_weight: Scalar = parameter(HalfSpike(HalfNormal(0.5), 0.0), "1", sources.contested)
    """theta_learn, log gain of a session per unit of e; off at reference"""
    report_weight: Scalar = parameter(
        HalfSpike(HalfNormal(1.0), 0.3), "1", sources.lii2023, "assumed"
    )
    """theta_r, bias of self-report, standard deviations per unit of e"""

    def belief(self, guess: Guess, arms: ArmsFelt) -> Scalar:
        """b, probability that one got an active arm."""

        def log_density(mean: Scalar, sd: Scalar) -> Scalar:
            z = (guess.felt - mean) / sd
            return -0.5 * z * z - jnp.log(sd)

        evidence = log_density(arms.active_mean, arms.active_sd)
        evidence = evidence - log_density(arms.control_mean, arms.control_sd)
        evidence = self.evidence_limit * jnp.tanh(evidence / self.evidence_limit)
        odds = jnp.log(arms.active_share) - jnp.log1p(-arms.active_share)
        odds = odds + self.feeling_weight * evidence
        odds = odds + self.improvement_weight * guess.improvement + self.noise_sd * guess.noise
        guessed = jax.nn.sigmoid(odds)
        return arms.masked * guessed + (1.0 - arms.masked) * arms.is_active

    def effect(self, b: Scalar, active_share: Scalar) -> Scalar:
        """e at the dose, in units of a full shift from even odds."""
        shift = b - active_share
        above = jax.nn.sigmoid(shift / self.switching)
        slope = above + (1.0 - above) * self.disappointment
        return 2.0 * self.present * slope * shift

    def relaxation(self) -> Relaxation:
        """e towards 0, days."""
        return relaxes(to=0.0, time_constant=self.lasting)

    def remaining(self, days: Scalar) -> Scalar:
        """Share of e left this long after the dose."""
        return jnp.exp(-days / self.lasting)

    def teaching(self, e: Scalar) -> Scalar:
        """Factor on what a session teaches."""
        return jnp.exp(self.learning_weight * e)
