"""Stage a: what do concentrations marked calibration leave of the kinetics of ketamine?

Twelve numbers are fitted to the curves of Kamp 2020, clearances of Hasan 2021, norketamine of
Perez-Ruixo 2021 and the level of Zarate 2006. Rates and shares of routes keep their
priors, most of which are published population kinetics already. With y the log of a published level
and m the model's in a typical person:

    y_ij = m_j(x) + c_i + e_ij,   c_i ~ Normal(0, 0.15),   e_ij ~ Normal(0, 0.12)

c_i is what the people of curve i, or of one summary, have in common, and keeps fifteen points of
one curve from counting fifteen times. m is smooth, so it is a polynomial through Sobol points,
whose error adds to e. Values that were held out are compared and never fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from resynapse.inference.emulator import fit, standard
from resynapse.inference.free import Free, slab_points
from resynapse.inference.kept import kept
from resynapse.inference.kinetics.comparison import Row, compared
from resynapse.inference.sampling import Posterior
from resynapse.inference.smooth_stage import SmoothStage
from resynapse.inference.stage_fit import Check, Listener, StageFit, check, fitted
from resynapse.parameter import LogNormal, entries, replace
from resynapse.patient import Patient
from resynapse.trial.model_hash import model_hash

STUDIES = ("kamp2020", "hasan2021", "zarate2006")
PATHS = {
    "s_enantiomer.intrinsic_clearance": "S_clearance",
    "r_enantiomer.intrinsic_clearance": "R_clearance",
    "s_enantiomer.norketamine_scale": "S_norketamine",
    "r_enantiomer.norketamine_scale": "R_norketamine",
    "body.central_volume": "central_volume",
    "body.shallow_volume": "shallow_volume",
    "body.deep_volume": "deep_volume",
    "body.shallow_exchange": "shallow_exchange",
    "body.deep_exchange": "deep_exchange",
    "body.norketamine_clearance": "norketamine_clearance",
    "body.hydroxynorketamine_clearance": "hydroxynorketamine_clearance",
    "body.dehydronorketamine_clearance": "dehydronorketamine_clearance",
}
IN_COMMON, APART = 0.15, 0.12
"""log sd of a curve, and of a point on it: digitising, 5 to 10 %, and the model's shape; assumed"""
POINTS, QUICK_POINTS = 192, 128
SEED = 4
WIDTH = 1.959964
DRAWN = 24
"""draws that held-out values are compared over"""
TWOFOLD = 2.0


@dataclass(frozen=True)
class Curve:
    """Values that share what their people have in common, by place among all rows."""

    label: str
    rows: tuple[int, ...]


def free_numbers() -> tuple[Free, ...]:
    """Priors as declared."""
    declared = {entry.path: entry.declared for entry in entries(Patient())}
    found = []
    for path, name in PATHS.items():
        prior = declared[path].prior
        assert isinstance(prior, LogNormal)
        found.append(Free(name, path, declared[path].unit, prior, {path: 1.0}, "as declared"))
    return tuple(found)


def rows_of(patients: list[Patient]) -> tuple[Row, ...]:
    """What is fitted, of the first patient: calibration, judged, not set aside by rule."""
    return tuple(
        row for row in compared(patients, STUDIES)
        if row.role == "calibration" and row.set_aside is None and not row.reported_only
    )  # fmt: skip


def curves(rows: tuple[Row, ...]) -> tuple[Curve, ...]:
    """Points of one substance in one arm; peaks and areas of one substance in one study."""
    places: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        what = row.dose if row.quantity == "concentration" else "summary"
        places.setdefault(f"{row.study}, {row.analyte}, {what}", []).append(k)
    return tuple(Curve(label, tuple(found)) for label, found in places.items())


class Kinetics:
    """The stage: emulator of log levels, likelihood and checks."""

    def __init__(self, points: int = POINTS, progress: Listener | None = None) -> None:
        self.free = free_numbers()
        self.rows = rows_of([Patient()])
        self.curves = curves(self.rows)
        values = slab_points(self.free, points, SEED)
        self.emulator = fit(self.free, values, np.log(self._levels(values, progress)))
        self.published = np.log([row.published for row in self.rows])
        self.error = np.exp(self.emulator.log_sd[0])
        self.inverse = [self._inverse(curve) for curve in self.curves]

    @property
    def stage(self) -> SmoothStage:
        """What the sampler needs."""
        return SmoothStage("kinetics", self.free, self.log_likelihood)

    def log_likelihood(self, values: Any, latents: Any = None) -> Any:
        """ln P of all published levels, but for a constant."""
        gap = jnp.asarray(self.published) - self.emulator.mean(
            standard(self.free, values, jnp), jnp
        )
        parts = zip(self.curves, self.inverse, strict=True)
        return -0.5 * sum(
            gap[jnp.array(one.rows)] @ P @ gap[jnp.array(one.rows)] for one, P in parts
        )

    def _inverse(self, curve: Curve) -> np.ndarray:
        """Of the covariance of a curve's points."""
        own = APART**2 + self.error[list(curve.rows)] ** 2
        return np.linalg.inv(np.diag(own) + IN_COMMON**2)

    def _levels(self, values: np.ndarray, progress: Listener | None) -> np.ndarray:
        """Modelled values at every point, [points, rows]; kept on disk."""

        def modelled() -> np.ndarray:
            found = []
            for number, row in enumerate(values):
                patient = replace(Patient(), dict(zip(PATHS, map(float, row), strict=True)))
                found.append([one.modelled for one in rows_of([patient])])
                if progress:
                    progress(0.5 * (number + 1) / len(values), "concentrations")
            return np.array(found)

        key = [model_hash(), list(PATHS), values.tolist(), self._data()]
        return kept("kinetics", key, modelled)

    def _data(self) -> list[list[Any]]:
        return [[row.study, row.dose, row.analyte, row.quantity, row.minute] for row in self.rows]

    def checks(self, posterior: Posterior) -> tuple[Check, ...]:
        """Every fitted curve, and every value that was held out."""
        picked = np.linspace(0, len(posterior.draws) - 1, 500).astype(int)
        modelled = self.emulator.mean(standard(self.free, posterior.draws[picked]))
        return (*self._fitted(modelled), *held_out(posterior))

    def _fitted(self, modelled: np.ndarray) -> Iterator[Check]:
        for one in self.curves:
            places = list(one.rows)
            ratio = np.exp(np.median(modelled[:, places] - self.published[places], axis=1))
            reach = WIDTH * float(np.hypot(IN_COMMON, APART / np.sqrt(len(places))))
            name = f"{one.label}, modelled over published, {len(places)} values"
            yield check(name, 1.0, (float(np.exp(-reach)), float(np.exp(reach))), ratio)


def held_out(posterior: Posterior) -> Iterator[Check]:
    """Values that informed nothing, beside the posterior; the band is twofold."""
    typical = np.median(posterior.draws, axis=0)
    some = posterior.draws[np.linspace(0, len(posterior.draws) - 1, DRAWN).astype(int)]
    patients = [
        replace(Patient(), dict(zip(PATHS, map(float, row), strict=True)))
        for row in (typical, *some)
    ]
    for row in compared(patients):
        if row.tests and row.route != "oral":
            band = (row.published / TWOFOLD, row.published * TWOFOLD)
            name = f"{row.study}, {row.dose}, {row.analyte}, {row.quantity}, {row.unit}"
            assert row.low is not None
            assert row.high is not None
            yield Check(name, row.published, band, row.modelled, row.low, row.high, False)


def calibrate(
    *, quick: bool = False, samples: int | None = None, progress: Listener | None = None
) -> StageFit:
    """Fit the stage; refused where the sampler did not converge."""
    one = Kinetics(QUICK_POINTS if quick else POINTS, progress)
    return fitted(
        one.stage, one.checks, STUDIES, {}, samples=samples, quick=quick, progress=progress
    )
