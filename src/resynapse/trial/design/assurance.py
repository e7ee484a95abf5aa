"""How probable is it that the trial succeeds, when the effect itself is uncertain?

Power at one effect says nothing of whether that effect is likely; assurance averages power over a
distribution of the effect (Spiegelhalter and Freedman 1986; O'Hagan, Stevens and Campbell 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import interpolate, special

from resynapse.input_error import InputError
from resynapse.trial.design.means import t_power
from resynapse.trial.design.rates import null_variance
from resynapse.trial.design.sizes import Design
from resynapse.trial.design.validity import positive

SCALES = {
    "means": "difference of means",
    "rates": "rate of the treated",
    "survival": "ln hazard ratio",
    "counts": "ln rate ratio",
}
"""What a distribution of the effect is of"""
DRIFTS = np.linspace(-8.0, 14.0, 177)
"""Power is computed at these drifts and interpolated between them, to 1e-6"""
MANY = np.polynomial.hermite_e.hermegauss(128)


@dataclass(frozen=True)
class Assurance:
    """Averages over the distribution of the effect."""

    prior: str
    scale: str
    assurance: float
    """Probability of claiming efficacy"""
    monte_carlo_error: float | None
    """From the number of draws; none for a distribution, which is integrated"""
    probability_of_benefit: float
    """That the effect lies on the side of the one assumed"""
    power_at_assumed: float


def power_at(design: Design, effect: np.ndarray | float) -> np.ndarray:
    """Probability of claiming efficacy in this design where another effect is true.

    ``effect`` is on the scale of ``SCALES``; sizes, bounds and everything else stay.
    """
    drift = np.clip(drift_at(design, np.asarray(effect, dtype=float)), DRIFTS[0], DRIFTS[-1])
    mean = np.sqrt(design.looks.information)
    power = [float(design.looks.crossing(one * mean).upper.sum()) for one in DRIFTS]
    return np.clip(interpolate.CubicSpline(DRIFTS, power)(drift), 0.0, 1.0)


def drift_at(design: Design, effect: np.ndarray) -> np.ndarray:
    """E[Z] at the last look; positive on the side of the effect that was assumed."""
    return {"means": _means, "rates": _rates, "survival": _survival, "counts": _counts}[
        design.endpoint
    ](design, effect)


def _means(design: Design, effect: np.ndarray) -> np.ndarray:
    """The drift whose normal power is that of the t test with n_max people."""
    given, r, n = design.assumptions, design.ratio, design.n_max
    ncp = _side(design) * (effect + given["margin"]) / given["sd"] * np.sqrt(n * r) / (1 + r)
    if given["known_sd"]:
        return ncp
    power = np.vectorize(t_power)(n - 2, design.looks.side, ncp)
    z = special.ndtri(np.clip(power, 1e-300, 1 - 1e-16))
    return np.where(power < 1 - 1e-12, z - special.ndtri(design.looks.side), ncp)


def _rates(design: Design, p1: np.ndarray) -> np.ndarray:
    """(p1 - p2 + margin) sqrt(n_control / V_1) + z_(1-alpha) (1 - sqrt(V_0 / V_1)), as there."""
    if np.any((p1 <= 0) | (p1 >= 1)):
        raise InputError("A draw of the rate of the treated is not between 0 and 1.")
    p2, r, margin = design.assumptions["p2"], design.ratio, design.assumptions.get("margin", 0.0)
    V_0, V_1 = null_variance(p1, p2, r, margin), p1 * (1 - p1) / r + p2 * (1 - p2)
    z = -special.ndtri(design.looks.side)
    difference = _side(design) * (p1 - p2 + margin) * np.sqrt(design.n_max / (1 + r) / V_1)
    return difference + z * (1 - np.sqrt(V_0 / V_1))


def _survival(design: Design, log_hazard_ratio: np.ndarray) -> np.ndarray:
    """In a trial that ends at its number of events: as ln(HR / margin) (Schoenfeld 1981)."""
    values = design.assumptions["hazard_ratio"]["values"]
    if len(set(values)) > 1:
        raise InputError(
            "Assurance of a survival design needs one hazard ratio; several have no single effect."
        )
    r, D = design.ratio, design.events or 0.0
    return _side(design) * (log_hazard_ratio - _none(design)) * np.sqrt(r * D) / (1 + r)


def _counts(design: Design, log_ratio: np.ndarray) -> np.ndarray:
    """ln ratio sqrt(n_control / V_1), with rate2 kept."""
    given, r = design.assumptions, design.ratio
    t, k, rate2 = given["follow_up"], given["dispersion"], given["rate2"]
    V_1 = 1 / (t * rate2) + 1 / (r * t * rate2 * np.exp(log_ratio)) + (1 + r) * k / r
    return _side(design) * log_ratio * np.sqrt(design.n_max / (1 + r) / V_1)


def normal(design: Design, mean: float, sd: float) -> Assurance:
    """Over a normal distribution of the effect."""
    positive("the standard deviation of the prior", sd)
    x, weight = MANY
    weight = weight / weight.sum()
    effect = mean + sd * x
    if design.endpoint == "rates":
        effect = np.clip(effect, 1e-6, 1 - 1e-6)
    benefit = special.ndtr(_side(design) * (mean - _none(design)) / sd)
    won = float(weight @ power_at(design, effect))
    return _told(design, f"normal({mean:g}, {sd:g})", won, None, float(benefit))


def draws(design: Design, effect: Sequence[float], name: str = "draws") -> Assurance:
    """Over draws of the effect, such as a posterior's."""
    values = np.asarray(effect, dtype=float)
    if len(values) < 2 or not np.all(np.isfinite(values)):
        raise InputError(f"{name} holds {len(values)} draws; give at least 2, all of them numbers.")
    powers = power_at(design, values)
    error = float(powers.std(ddof=1) / np.sqrt(len(values)))
    benefit = float(np.mean(_side(design) * (values - _none(design)) > 0))
    return _told(design, f"{len(values)} draws of {name}", float(powers.mean()), error, benefit)


def _told(design: Design, prior: str, won: float, error: float | None, benefit: float) -> Assurance:
    return Assurance(prior, SCALES[design.endpoint], won, error, benefit, design.looks.power)


def _none(design: Design) -> float:
    """No effect, or the margin, on the scale of ``SCALES``."""
    given = design.assumptions
    if design.endpoint == "means":
        return float(-given["margin"])
    if design.endpoint == "rates":
        return float(given["p2"] - given.get("margin", 0.0))
    return float(np.log(given.get("margin", 1.0)))


def _assumed(design: Design) -> float:
    """The effect that was assumed, on that scale."""
    given = design.assumptions
    if design.endpoint == "means":
        return float(given["effect"])
    if design.endpoint == "rates":
        return float(given["p1"])
    if design.endpoint == "counts":
        return float(np.log(given["rate1"] / given["rate2"]))
    return float(np.log(given["hazard_ratio"]["values"][0]))


def _side(design: Design) -> float:
    """On which side of no effect, or of the margin, the effect that was assumed lies: 1 or -1."""
    return float(np.sign(_assumed(design) - _none(design)))
