"""How much of each drug has been given to people, and who says so?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from resynapse.protocol.treatment import Dose, Medication

REFUSED_ABOVE: Final = 4.0
"""Beyond this many times the highest dose in the evidence a dose is taken for a slip (assumed)."""

KARE: Final = "KARE, Grabski 2022"
KRUPITSKY: Final = "Krupitsky 1992 and 1997"


@dataclass(frozen=True)
class Limit:
    """The highest single dose in the evidence, its unit, and in whom it was given."""

    value: float
    unit: str
    given_in: str
    authority: str

    def __str__(self) -> str:
        return f"in {self.given_in}, {self.value:g} {self.unit} ({self.authority})"


_TRIALS: Final = "human addiction trials"
_HALF: Final = "human addiction trials, as half of racemic ketamine"

DOSES: Final = {
    ("ketamine", "iv"): Limit(0.8, "mg/kg", _TRIALS, KARE),
    ("ketamine", "im"): Limit(2.5, "mg/kg", _TRIALS, KRUPITSKY),
    ("ketamine", "sc"): Limit(0.9, "mg/kg", "a trial in depression", "Loo 2023"),
    ("ketamine", "intranasal"): Limit(60.0, "mg", _TRIALS, "NCT04177706"),
    ("ketamine", "sublingual"): Limit(16.0, "mg", "people starting buprenorphine", "Grande 2024"),
    ("ketamine", "oral"): Limit(1.0, "mg/kg", "one person", "Lalanne 2016, recalled"),
    ("esketamine", "iv"): Limit(0.4, "mg/kg", _HALF, KARE),
    ("esketamine", "im"): Limit(1.25, "mg/kg", _HALF, KRUPITSKY),
    ("esketamine", "intranasal"): Limit(30.0, "mg", _HALF, "NCT04177706"),
    ("esketamine", "intranasal-spray"): Limit(84.0, "mg", "depression", "US label"),
    ("esketamine", "sublingual"): Limit(115.1, "mg", _TRIALS, "Gent 2024"),
    ("esketamine", "oral"): Limit(0.5, "mg/kg", "one person, as half", "Lalanne 2016, recalled"),
    ("arketamine", "iv"): Limit(0.4, "mg/kg", _HALF, KARE),
    ("arketamine", "im"): Limit(1.25, "mg/kg", _HALF, KRUPITSKY),
    ("midazolam", "iv"): Limit(0.045, "mg/kg", "control arms", "Murrough 2013"),
    ("midazolam", "sc"): Limit(0.045, "mg/kg", "control arms", "Loo 2023"),
    ("lorazepam", "iv"): Limit(2.0, "mg", "control arms", "Dakwar 2014"),
}
"""Highest single dose by drug and route; where none stands here, nobody gave it that we know."""

_START: Final = "CTN-0027, 99 % of 72 000 daily doses"
_BUPRENORPHINE: Final = "CTN-0027 and CTN-0030, 99 % of 135 000 daily doses"

MEDICATIONS: Final = {
    "methadone": Limit(200.0, "mg", "people in treatment", _START),
    "buprenorphine": Limit(32.0, "mg", "people in treatment", _BUPRENORPHINE),
    "buprenorphine-monthly": Limit(300.0, "mg", "one person", "Hailozian 2022"),
    "naltrexone": Limit(50.0, "mg", "trials", "Krupitsky 2012"),
    "naltrexone-monthly": Limit(384.0, "mg", "trials", "Comer 2006"),
    "naltrexone-implant": Limit(1000.0, "mg", "trials", "Krupitsky 2012"),
}
"""Highest single dose of a lasting medication; an antidepressant is not named, so has none."""

_ROUTES: Final = {"iv": "intravenous", "im": "intramuscular", "sc": "subcutaneous"}

FASTEST_INFUSION: Final = 0.055
"""mg/kg/min of racemic ketamine iv: 0.11 mg/kg over 2 min (Dakwar 2014, 2017)."""
MOST_KETAMINE_DOSES: Final = 8
"""Doses of ketamine to one person: NCT04177706, and NCT06496750 (pending)."""


def spoken(dose: Dose) -> str:
    """Route and drug in words: "intravenous ketamine"."""
    return f"{_ROUTES.get(dose.route, dose.route)} {dose.drug}"


def limit_of(dose: Dose) -> Limit | None:
    """The highest dose of this drug by this route in the evidence; None where there is none."""
    return DOSES.get((dose.drug, dose.route))


def times_limit(dose: Dose, weight_kg: float) -> float:
    """The dose as a multiple of its limit, for a person of this weight."""
    limit = DOSES[dose.drug, dose.route]
    milligrams = dose.amount.milligrams(weight_kg, dose.minutes)
    return milligrams / (limit.value * (weight_kg if limit.unit == "mg/kg" else 1.0))


def medication_times_limit(medication: Medication) -> float | None:
    """The dose as a multiple of its limit; None where there is no limit."""
    limit = MEDICATIONS.get(medication.drug)
    return None if limit is None else medication.amount.value / limit.value
