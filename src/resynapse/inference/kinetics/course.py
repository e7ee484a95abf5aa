"""Which concentrations follow a regimen in one person? Exactly, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat
from typing import Any, NamedTuple, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from scipy.linalg import expm

from resynapse.evidence import Regimen
from resynapse.patient import Patient
from resynapse.pharmacology import ketamine
from resynapse.pharmacology.covariates import individual
from resynapse.pharmacology.ketamine import KetamineAmount, KetamineDisposition
from resynapse.pharmacology.route import Route, bioavailable, split

HOURS = 24
MINUTES_PER_HOUR = 60


class Linear(NamedTuple):
    """dA/dt = M A + b u as matrices, per hour."""

    matrix: np.ndarray
    inflow: np.ndarray

    def propagators(self, hours: float, steps: int) -> np.ndarray:
        """What takes (A, u), u constant, to itself 0, 1, ... steps of so many hours later."""
        n = len(self.inflow)
        joint = np.zeros((n + 1, n + 1))
        joint[:n, :n], joint[:n, n] = self.matrix, self.inflow
        once = expm(joint * hours)
        return np.stack(list(accumulate(repeat(once, steps), np.matmul, initial=np.eye(n + 1))))

    def integral(self, amounts: np.ndarray) -> np.ndarray:
        """The integral of A from these amounts to infinity without inflow, amount times h."""
        return np.linalg.solve(-self.matrix, amounts)


def linear(disposition: KetamineDisposition) -> Linear:
    """The matrices of the rate of one enantiomer in one person."""
    with jax.enable_x64(True):
        numbers = jax.tree.map(jnp.float64, disposition)
        return Linear(*map(np.asarray, _matrices(numbers)))


@eqx.filter_jit
def _matrices(disposition: KetamineDisposition) -> tuple[jax.Array, jax.Array]:
    flat, unravel = ravel_pytree(jax.tree.map(jnp.float64, ketamine.zero()))

    def change(vector: Any, inflow: Any) -> Any:
        return ravel_pytree(disposition.rate(unravel(vector), inflow))[0]

    return jax.jacfwd(change, argnums=(0, 1))(flat, jnp.float64(0.0))


@dataclass(frozen=True)
class Enantiomer:
    """Amounts of one enantiomer at every minute of a day, and all that is still to come."""

    disposition: KetamineDisposition
    amounts: KetamineAmount
    """leaves [minutes], umol or umol/L"""
    remaining: KetamineAmount
    """integral after the last minute, times h"""


@dataclass(frozen=True)
class Course:
    """Both enantiomers after a regimen in a typical person with the regimen's covariates."""

    patient: Patient
    s: Enantiomer
    r: Enantiomer
    dose_mg: tuple[float, float]
    """S and R"""

    def levels(self, analyte: str, site: str) -> np.ndarray:
        """ng/mL at every minute of ``HOURS``; S and R together unless the name says which."""
        return self._sum(analyte, site, "amounts")

    def area_after(self, analyte: str, site: str) -> float:
        """ng h/mL after the last minute."""
        return float(self._sum(analyte, site, "remaining"))

    def dose(self, analyte: str) -> float:
        """mg of what the analyte was given as."""
        wanted, _ = _which(analyte)
        return sum(mg for name, mg in zip("SR", self.dose_mg, strict=True) if name in wanted)

    def _sum(self, analyte: str, site: str, of: str) -> Any:
        wanted, substance = _which(analyte)
        mass = getattr(self.patient.molar_mass, substance)
        parts = [
            _level(one.disposition, getattr(one, of), substance, site)
            for name, one in (("S", self.s), ("R", self.r))
            if name in wanted
        ]
        return mass * sum(parts)


def course(patient: Patient, regimen: Regimen) -> Course:
    """What follows the regimen; parameters are the patient's, unknown covariates typical."""
    doses = [(start, _mg(regimen, amount), minutes) for start, amount, minutes in regimen.doses]
    given = split(regimen.drug, sum(mg for _, mg, _ in doses), patient.molar_mass)
    mass = float(patient.molar_mass.ketamine) / 1000.0
    return Course(
        patient,
        s=_enantiomer(patient, regimen, doses, "s"),
        r=_enantiomer(patient, regimen, doses, "r"),
        dose_mg=(float(given.s) * mass, float(given.r) * mass),
    )


def _enantiomer(
    patient: Patient, regimen: Regimen, doses: list[tuple[float, float, float]], which: str
) -> Enantiomer:
    disposition = _disposition(patient, regimen, getattr(patient, f"{which}_enantiomer"))
    system = linear(disposition)
    boluses, rates = _inputs(patient, regimen, doses, which, len(system.inflow))
    rows = _followed(system, boluses, rates)
    remaining = KetamineAmount(*system.integral(rows[-1]))
    return Enantiomer(disposition, KetamineAmount(*rows.T), remaining)


def _disposition(patient: Patient, regimen: Regimen, enantiomer: Any) -> KetamineDisposition:
    """The enantiomer in the person of the regimen, leaves plain numbers."""
    clint, gut = patient.covariates.inhibitor(regimen.inhibitor)
    with jax.enable_x64(True):
        made = individual(
            KetamineDisposition(patient.body, enantiomer), weight_kg=regimen.weight_kg,
            age_years=regimen.age_years, clint_factor=clint, gut_factor=gut,
            effects=patient.covariates,
        )  # fmt: skip
    return jax.tree.map(float, made)


def _followed(system: Linear, boluses: dict[int, np.ndarray], rates: np.ndarray) -> np.ndarray:
    """Amounts at every minute, [minutes, amounts]; between changes of input, an hour at a time."""
    last = len(rates) - 1
    changes = {0, last, *boluses, *(np.flatnonzero(np.diff(rates)) + 1)}
    steps = sorted(changes | set(range(0, last, MINUTES_PER_HOUR)))
    powers = system.propagators(1.0 / MINUTES_PER_HOUR, MINUTES_PER_HOUR)
    now, rows = np.zeros(len(system.inflow)), []
    for first, until in pairwise(steps):
        start = np.append(now + boluses.get(first, 0.0), rates[first])
        path = (powers[: until - first + 1] @ start)[:, :-1]
        rows.append(path[:-1])
        now = path[-1]
    return np.vstack([*rows, now])


def _inputs(
    patient: Patient, regimen: Regimen, doses: list[tuple[float, float, float]], which: str,
    size: int,
) -> tuple[dict[int, np.ndarray], np.ndarray]:  # fmt: skip
    """Amounts put somewhere at a minute, umol, and the rate of infusion in each minute, umol/h."""
    boluses: dict[int, np.ndarray] = {}
    rates = np.zeros(HOURS * MINUTES_PER_HOUR + 1)
    for start, mg, minutes in doses:
        umol = float(getattr(split(regimen.drug, mg, patient.molar_mass), which))
        first, last = round(start), round(start + minutes)
        if minutes > 0:
            rates[first:last] += umol * MINUTES_PER_HOUR / minutes
        else:
            deposit = bioavailable(cast(Route, regimen.route), regimen.drug, mg, patient.absorption)
            put = {name: umol * float(share) for name, share in vars(deposit).items()}
            names = list(vars(ketamine.zero()))
            boluses[first] = boluses.get(first, np.zeros(size)) + [put.get(n, 0.0) for n in names]
    return boluses, rates


def _mg(regimen: Regimen, amount: float) -> float:
    return amount * regimen.weight_kg if regimen.per_kg else amount


def _which(analyte: str) -> tuple[str, str]:
    """Enantiomers wanted and substance: "S-ketamine" is ("S", "ketamine")."""
    first, dash, rest = analyte.partition("-")
    return (first, rest) if dash else ("SR", analyte)


def _level(
    disposition: KetamineDisposition, amount: KetamineAmount, substance: str, site: str
) -> Any:
    """umol/L of one enantiomer."""
    by_place = {
        ("ketamine", "arterial"): disposition.arterial,
        ("ketamine", "venous"): disposition.venous,
        ("norketamine", "arterial"): disposition.norketamine,
        ("norketamine", "venous"): disposition.venous_norketamine,
        ("hydroxynorketamine", "arterial"): disposition.hydroxynorketamine,
        ("hydroxynorketamine", "venous"): disposition.hydroxynorketamine,
        ("dehydronorketamine", "arterial"): disposition.dehydronorketamine,
        ("dehydronorketamine", "venous"): disposition.dehydronorketamine,
    }
    return by_place[substance, site](amount)
