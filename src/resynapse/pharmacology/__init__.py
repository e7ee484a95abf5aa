"""Where do drugs go, and how much of a receptor do medications hold?"""

from resynapse.pharmacology.antidepressant import Antidepressant
from resynapse.pharmacology.benzodiazepine import (
    BenzodiazepineAmount,
    BenzodiazepineDisposition,
    lorazepam,
    midazolam,
)
from resynapse.pharmacology.covariates import CovariateEffects, Deviation, individual, typical
from resynapse.pharmacology.ketamine import (
    Ketamine,
    KetamineAmount,
    KetamineDisposition,
    r_ketamine,
    s_ketamine,
)
from resynapse.pharmacology.opioid_medication import (
    MedicationAmount,
    OpioidMedication,
    buprenorphine_monthly,
    buprenorphine_sublingual,
    methadone,
    naltrexone_implant,
    naltrexone_monthly,
    naltrexone_oral,
    no_medication,
)
from resynapse.pharmacology.route import Deposit, RouteError, bioavailable, split
from resynapse.pharmacology.variability import BetweenPatientVariability, ResidualError

__all__ = [
    "Antidepressant",
    "BenzodiazepineAmount",
    "BenzodiazepineDisposition",
    "BetweenPatientVariability",
    "CovariateEffects",
    "Deposit",
    "Deviation",
    "Ketamine",
    "KetamineAmount",
    "KetamineDisposition",
    "MedicationAmount",
    "OpioidMedication",
    "ResidualError",
    "RouteError",
    "bioavailable",
    "buprenorphine_monthly",
    "buprenorphine_sublingual",
    "individual",
    "lorazepam",
    "methadone",
    "midazolam",
    "naltrexone_implant",
    "naltrexone_monthly",
    "naltrexone_oral",
    "no_medication",
    "r_ketamine",
    "s_ketamine",
    "split",
    "typical",
]
