"""How fast does a daily antidepressant come to act, and stop acting?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class Antidepressant(eqx.Module):
    """Share of the full effect, which follows whether it is taken.

    da/dt = (taken - a) / tau_a                                           1/d
    """

    time_constant: Scalar = parameter(LogNormal(20.0, 0.4), "d", sources.antidepressant_onset)
    """tau_a"""

    def relaxation(self, taken: Scalar) -> Relaxation:
        """Where a is heading, with its time constant in days; ``taken`` is 0 or 1."""
        return relaxes(to=taken, time_constant=self.time_constant)
