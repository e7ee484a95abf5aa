"""In which units does each function of a link take and return its quantities?

A row for every public method of every class in the seven folders; ``test_units.py`` holds the
formulas to them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar

from resynapse.behaviour.bout import StopHazard
from resynapse.behaviour.expectancy import ArmsFelt, Expectancy, Guess
from resynapse.behaviour.experience import Experience
from resynapse.behaviour.history import HistoryState, UseHistory
from resynapse.behaviour.lapse import LapseHazard, Temptation
from resynapse.behaviour.overdose import Overdose
from resynapse.behaviour.retention import Attendance, DropOut, MedicationStop, Staying
from resynapse.circuit.surge import ExcitatoryInhibitoryCircuit
from resynapse.parameter import entries, replace
from resynapse.pathways.drug_memory import DrugMemory
from resynapse.pathways.extinction import Extinction
from resynapse.pathways.recovery import RecoveryPathway
from resynapse.pathways.session import SessionTrace
from resynapse.pharmacology.antidepressant import Antidepressant
from resynapse.pharmacology.benzodiazepine import BenzodiazepineAmount, lorazepam, midazolam
from resynapse.pharmacology.covariates import CovariateEffects
from resynapse.pharmacology.ketamine import KetamineAmount, s_ketamine
from resynapse.pharmacology.opioid_medication import (
    MedicationAmount,
    MedicationDeviation,
    OpioidMedication,
)
from resynapse.pharmacology.route import BenzodiazepineAbsorption, Deposit, KetamineAbsorption
from resynapse.pharmacology.substance import SubstanceEffect
from resynapse.plasticity.window import LearningGain, PlasticityWindow, WindowState
from resynapse.receptor.habenula import HabenulaBlock
from resynapse.receptor.mu_opioid import MuOpioidCompetition, Occupancy
from resynapse.receptor.nmda import Block, NmdaBlock, Potency, WithdrawalRelief
from resynapse.symptoms.blood_pressure import BloodPressure
from resynapse.symptoms.control import Control, SelfEfficacy
from resynapse.symptoms.craving import Craving
from resynapse.symptoms.dependence import DependenceState, OpponentProcess
from resynapse.symptoms.dissociation import Dissociation
from resynapse.symptoms.mood import Burden, Lift, NegativeMood
from resynapse.symptoms.nausea import Nausea
from resynapse.symptoms.scales import RatingScales
from resynapse.symptoms.sedation import Sedation
from resynapse.symptoms.withdrawal import Withdrawal
from resynapse.system import Relaxation

Tree = TypeVar("Tree")


@dataclass(frozen=True)
class Row:
    """A method with the units of its arguments and of what it returns.

    ``fixed`` are arguments before those that are no quantities, such as a route; ``names`` are
    those of arguments that are given by name.
    """

    link: Any
    method: str
    arguments: tuple[Any, ...]
    result: Any
    fixed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{type(self.link).__name__}.{self.method}"


def every(kind: type[Tree], leaf: Any, **others: Any) -> Tree:
    """A record whose fields all have this unit, but for those named."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: others.get(name, leaf) for name in names})


def units_of(model: Tree) -> Tree:
    """The model with the declared unit of every parameter in its place."""
    return replace(model, {entry.path: entry.declared.unit for entry in entries(model)})


def ones(count: int) -> tuple[str, ...]:
    return ("1",) * count


RELAXES = Relaxation("1", "d")
_OPIOID = OpioidMedication("h", "1", "L/h", "L", "ng/mL", *ones(5))
_DOSE = every(MedicationAmount, "mg")
_CALMING = every(BenzodiazepineAmount, "mg")

_AMOUNT = every(
    KetamineAmount,
    "umol",
    **dict.fromkeys(
        (
            *("venous_fast", "venous_slow", "venous_norketamine"),
            *("effect_site", "effect_site_norketamine"),
        ),
        "umol/L",
    ),
)
_CONCENTRATIONS = (
    *("arterial", "venous", "effect_site", "effect_site_norketamine", "norketamine"),
    *("venous_norketamine", "hydroxynorketamine", "dehydronorketamine"),
)
_AMOUNT_RATE = every(
    KetamineAmount,
    "umol/h",
    **dict.fromkeys(
        (
            *("venous_fast", "venous_slow", "venous_norketamine"),
            *("effect_site", "effect_site_norketamine"),
        ),
        "umol/L/h",
    ),
)

PHARMACOLOGY = (
    Row(s_ketamine(), "clearance", (), "L/h"),
    Row(s_ketamine(), "extraction", (), "1"),
    Row(s_ketamine(), "oral_bioavailability", (), "1"),
    *(Row(s_ketamine(), name, (_AMOUNT,), "umol/L") for name in _CONCENTRATIONS),
    Row(s_ketamine(), "rate", (_AMOUNT, "umol/h"), _AMOUNT_RATE),
    *(
        Row(KetamineAbsorption(), "deposit", ("mg",), every(Deposit, "1"), (route,))
        for route in ("im", "sc", "oral", "sublingual", "intranasal", "intranasal-spray", "inhaled")
    ),
    Row(KetamineAbsorption(), "atomised", ("mg",), "1"),
    Row(KetamineAbsorption(), "sprayed", ("mg",), "1"),
    Row(KetamineAbsorption(), "nasal", ("1",), every(Deposit, "1")),
    *(
        Row(BenzodiazepineAbsorption(), "deposit", (), every(Deposit, "1"), (route, drug))
        for route in ("iv", "im", "oral")
        for drug in ("midazolam", "lorazepam")
    ),
    *(
        Row(drug, "rate", (_CALMING, "mg/h"), every(BenzodiazepineAmount, "mg/h"))
        for drug in (midazolam(), lorazepam())
    ),
    Row(lorazepam(), "individual", ("1",), units_of(lorazepam())),
    Row(lorazepam(), "plasma", (_CALMING,), "ng/mL"),
    Row(lorazepam(), "equivalent", (_CALMING,), "ng/mL"),
    Row(CovariateEffects(), "weight_on_flows", ("kg",), "1"),
    Row(CovariateEffects(), "weight_on_volumes", ("kg",), "1"),
    Row(CovariateEffects(), "age_on_liver_flow", ("y",), "1"),
    Row(CovariateEffects(), "sex_on_clearance", ("1",), "1"),
    Row(CovariateEffects(), "liver", ones(2), "1", names=("mild", "moderate")),
    Row(CovariateEffects(), "genotype", ones(2), "1", names=("intermediate", "poor")),
    Row(CovariateEffects(), "inhibitor", (), ones(2), ("rifampicin",)),
    Row(_OPIOID, "individual", (MedicationDeviation("1", "1"),), _OPIOID),
    Row(_OPIOID, "dosed", (_DOSE, "mg"), _DOSE),
    Row(_OPIOID, "relaxation", (_DOSE,), (_DOSE, every(MedicationAmount, "h"))),
    Row(_OPIOID, "plasma", (_DOSE,), "ng/mL"),
    Row(_OPIOID, "occupancy", (_DOSE,), "1"),
    Row(_OPIOID, "steady_occupancy", ("mg", "d"), "1"),
    Row(Antidepressant(), "relaxation", ("1",), RELAXES),
    Row(SubstanceEffect("d", "1"), "relaxation", ("1/d",), RELAXES),
)

RECEPTOR = (
    Row(Potency(), "equivalent", ("umol/L",) * 4, "umol/L"),
    Row(NmdaBlock(), "ic50", ("mV",), "umol/L"),
    Row(NmdaBlock(), "block", ("umol/L",), every(Block, "1")),
    Row(WithdrawalRelief(), "relief", ("umol/L",), "1"),
    Row(HabenulaBlock(), "activity", ("1",), "1"),
    Row(HabenulaBlock(), "relaxation", ("1", "umol/L"), RELAXES),
    Row(MuOpioidCompetition(), "occupancy", ones(5), every(Occupancy, "1", uses_per_day="1/d")),
)

CIRCUIT = (
    Row(ExcitatoryInhibitoryCircuit(), "rate", ones(2), "1"),
    Row(ExcitatoryInhibitoryCircuit(), "loop", ones(2), "1"),
    Row(ExcitatoryInhibitoryCircuit(), "surge", ones(2), "1"),
)

PLASTICITY = (
    Row(
        PlasticityWindow(),
        "relaxation",
        (every(WindowState, "1"), *ones(3)),
        every(WindowState, RELAXES),
    ),
    Row(LearningGain(), "gain", ones(2), "1"),
)

PATHWAYS = (
    Row(DrugMemory(), "relaxation", (*ones(4), "1/d", *ones(2)), RELAXES),
    Row(DrugMemory(), "labile_relaxation", (), RELAXES),
    Row(DrugMemory(), "after_retrieval", ("1",), "1"),
    Row(Extinction(), "relaxation", (*ones(2), "1/d"), RELAXES),
    Row(Extinction(), "after_discharge", ("1",), "1"),
    Row(RecoveryPathway(), "relaxation", ones(4), RELAXES),
    Row(SessionTrace(), "relaxation", (), RELAXES),
    Row(SessionTrace(), "weight", ("h", "1"), "1"),
)

SYMPTOMS = (
    Row(SelfEfficacy(), "relaxation", ("1",), RELAXES),
    Row(SelfEfficacy(), "after_lapse", ("1",), "1"),
    Row(Control(), "control", ones(3), "1"),
    Row(Craving(), "relaxation", ones(9), RELAXES),
    Row(Craving(), "incubation_relaxation", ("1",), RELAXES),
    Row(
        OpponentProcess(),
        "relaxation",
        (every(DependenceState, "1"), "1"),
        every(DependenceState, RELAXES),
    ),
    Row(NegativeMood(), "relaxation", (every(Burden, "1"), every(Lift, "1")), RELAXES),
    Row(Withdrawal(), "missing", ones(3), "1"),
    Row(Withdrawal(), "relaxation", ones(5), RELAXES),
    Row(Withdrawal(), "expressed", ones(2), "1"),
    Row(RatingScales(), "cows", ("1",), "COWS"),
    Row(RatingScales(), "vas", ("1",), "VAS"),
    Row(RatingScales(), "madrs", ("1",), "MADRS"),
    Row(RatingScales(), "hamd", ("1",), "HAM-D17"),
    Row(BloodPressure(), "rise", ("umol/L", "umol/L", "1"), "mmHg"),
    Row(BloodPressure(), "read_above", ("mmHg", "mmHg"), "1"),
    Row(Dissociation(), "cadss", ("umol/L", "1"), "CADSS"),
    Row(Dissociation(), "control", ones(2), "CADSS"),
    Row(Dissociation(), "on_scale", ("CADSS",), "CADSS"),
    Row(Nausea(), "probability", ("ng/mL",), "1"),
    Row(Sedation(), "benzodiazepine", ("ng/mL",), "1"),
    Row(Sedation(), "sedation", ("ng/mL", "1"), "1"),
    Row(Sedation(), "unresponsive", ("ng/mL", "1"), "1"),
    Row(Sedation(), "not_yet_responsive", ("ng/mL", "1"), "1"),
)

BEHAVIOUR = (
    Row(StopHazard(), "hazard", ones(6), "1/d"),
    Row(Expectancy(), "belief", (every(Guess, "1"), every(ArmsFelt, "1")), "1"),
    Row(Expectancy(), "effect", ones(2), "1"),
    Row(Expectancy(), "relaxation", (), RELAXES),
    Row(Expectancy(), "remaining", ("d",), "1"),
    Row(Expectancy(), "teaching", ("1",), "1"),
    Row(Experience(), "intensity", ("1", "umol/L"), "1"),
    Row(Experience(), "taught", ("1", "1"), "1"),
    Row(UseHistory(), "relaxation", ("1",), every(HistoryState, RELAXES)),
    Row(LapseHazard(), "committed_hazard", (every(Temptation, "1"), *ones(2)), "1/d"),
    Row(LapseHazard(), "uncommitted_hazard", (every(Temptation, "1"),), "1/d"),
    Row(Overdose(), "death_rate", ("1/d", *ones(3)), "1/d"),
    Row(MedicationStop(), "staying", (), Staying("1", "d"), ("methadone",)),
    Row(MedicationStop(), "hazard", ("d", Staying("1", "d"), *ones(4)), "1/d"),
    Row(DropOut(), "hazard", ones(3), "1/d"),
    Row(Attendance(), "probability", ones(6), "1"),
)

ROWS = (
    *(*PHARMACOLOGY, *RECEPTOR, *CIRCUIT, *PLASTICITY),
    *(*PATHWAYS, *SYMPTOMS, *BEHAVIOUR),
)
