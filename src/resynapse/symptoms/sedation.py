"""How sedated is a person, and does the person still respond?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogNormal, Scalar, parameter
from resynapse.smooth import hill


class Sedation(eqx.Module):
    """Ketamine and a benzodiazepine add up in units of their own half-effect levels.

    c     = level / B50                                                   1
    s     = u^n / (1 + u^n),      u = C / C50 + c                         1
    p_LOR = v^m / (1 + v^m),      v = C / LOR + b c                       1
    p_ROR = w^k / (1 + w^k),      w = C / ROR + b c                       1

    C is total ketamine in arterial plasma: the brain follows within half a minute. A person
    stops responding along p_LOR and wakes along p_ROR, at a lower level.
    """

    half_effect: Scalar = parameter(LogNormal(119.0, 0.3), "ng/mL", sources.spravato, "derived")
    """C50 of any sedation: 49 and 61 % after 56 and 84 mg by the nose"""
    steepness: Scalar = parameter(LogNormal(1.31, 0.3), "1", sources.spravato, "derived")
    """n"""
    loss_of_response: Scalar = parameter(LogNormal(1640.0, 0.03), "ng/mL", sources.sleigh2019)
    """LOR, 1.64 +- 0.17 ug/mL"""
    loss_steepness: Scalar = parameter(LogNormal(17.5, 0.2), "1", sources.sleigh2019, "derived")
    """m = (pi / sqrt 3) 1.64 / 0.17"""
    recovery_of_response: Scalar = parameter(LogNormal(1060.0, 0.05), "ng/mL", sources.sleigh2019)
    """ROR, 1.06 +- 0.21 ug/mL"""
    recovery_steepness: Scalar = parameter(LogNormal(9.16, 0.2), "1", sources.sleigh2019, "derived")
    """k = (pi / sqrt 3) 1.06 / 0.21"""
    benzodiazepine_half_effect: Scalar = parameter(
        LogNormal(80.0, 0.35), "ng/mL", sources.midazolam_sedation
    )
    """B50, of midazolam"""
    benzodiazepine_on_response: Scalar = parameter(
        LogNormal(0.2, 0.5), "1", sources.midazolam_unresponsive
    )
    """b"""

    def benzodiazepine(self, midazolam_ng_per_mL: Scalar) -> Scalar:
        """c, the level in multiples of B50; other drugs come as their midazolam equivalent."""
        return midazolam_ng_per_mL / self.benzodiazepine_half_effect

    def sedation(self, ketamine_ng_per_mL: Scalar, calming: Scalar) -> Scalar:
        """s, the share of people with any sedation, 0 to 1."""
        u = ketamine_ng_per_mL / self.half_effect + calming
        return hill(u, 1.0, self.steepness)

    def unresponsive(self, ketamine_ng_per_mL: Scalar, calming: Scalar) -> Scalar:
        """p_LOR, probability that a person has stopped responding."""
        v = ketamine_ng_per_mL / self.loss_of_response + self.benzodiazepine_on_response * calming
        return hill(v, 1.0, self.loss_steepness)

    def not_yet_responsive(self, ketamine_ng_per_mL: Scalar, calming: Scalar) -> Scalar:
        """p_ROR, probability that a person who had stopped responding has not come back."""
        w = (
            ketamine_ng_per_mL / self.recovery_of_response
            + self.benzodiazepine_on_response * calming
        )
        return hill(w, 1.0, self.recovery_steepness)
