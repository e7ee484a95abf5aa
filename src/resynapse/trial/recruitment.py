"""Who is recruited: which covariates has the person of this number?"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from scipy import special

from resynapse.engine.native.columnwise import uniforms
from resynapse.patient import Patient
from resynapse.population.people import Given
from resynapse.protocol import Distribution, Protocol
from resynapse.purpose import Purpose


def keys(first: int, count: int) -> np.ndarray:
    """The numbers of patients in random keys."""
    return np.arange(first, first + count, dtype=np.uint32)


def _uniform(seed: int, purpose: Purpose, numbers: np.ndarray) -> np.ndarray:
    return uniforms(seed, int(purpose), numbers, 0)


def _between(law: Distribution, u: np.ndarray) -> np.ndarray:
    """Normal, cut at its limits, through its quantiles."""
    if law.sd == 0.0:
        return np.full(u.shape, law.mean)
    low = 0.0 if law.low is None else special.ndtr((law.low - law.mean) / law.sd)
    high = 1.0 if law.high is None else special.ndtr((law.high - law.mean) / law.sd)
    return law.mean + law.sd * special.ndtri(low + u * (high - low))


def given(protocol: Protocol, patient: Patient, numbers: np.ndarray, seed: int) -> Given:
    """Covariates of these people, from the protocol's laws or its file."""
    people, law = protocol.population, patient.people
    if people.csv is not None:
        weight, age, female = _from_file(Path(people.csv), numbers)
    else:
        weight = _between(people.weight_kg, _uniform(seed, Purpose.WEIGHT, numbers))
        age = _between(people.age_years, _uniform(seed, Purpose.AGE, numbers))
        female = (_uniform(seed, Purpose.SEX, numbers) < people.female).astype(float)
    effects = patient.covariates
    liver = effects.liver(
        mild=float(people.liver == "mild"), moderate=float(people.liver == "moderate")
    )
    clearance, gut_wall = effects.inhibitor(people.inhibitor)
    genes = people.cyp2b6
    u = _uniform(seed, Purpose.GENOTYPE, numbers)
    genotype = np.where(u < genes.normal, 0, np.where(u < genes.normal + genes.intermediate, 1, 2))
    by_genotype = np.array(
        [float(effects.genotype(intermediate=float(k == 1), poor=float(k == 2))) for k in range(3)]
    )
    same = np.ones(len(numbers))
    return Given(
        key=numbers.astype(float),
        weight_kg=weight,
        age_years=age,
        female=female,
        craving_severity=same * law.severity(protocol.severity.craving),
        withdrawal_severity=same * law.severity(protocol.severity.withdrawal),
        clearance=by_genotype[genotype] * float(liver) * clearance,
        gut_wall=same * gut_wall,
    )


def _from_file(path: Path, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    row = numbers % len(rows)
    columns = ("weight_kg", "age_years", "female")
    found = {name: np.array([float(line[name]) for line in rows]) for name in columns}
    return found["weight_kg"][row], found["age_years"][row], found["female"][row]
