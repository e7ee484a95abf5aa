"""Which contested mechanisms can be switched, and what does each switch set?"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Switch:
    """A hypothesis with a default and the reason for it."""

    name: str
    question: str
    default: bool
    reason: str
    when_on: dict[str, float] = field(default_factory=dict)
    """parameters it sets when turned on"""
    when_off: dict[str, float] = field(default_factory=dict)
    """parameters it sets when turned off"""


KETAMINE_PATHS = (
    "learning.window_gain",
    "learning.acute_impairment",
    "mood.habenula_weight",
    "mood.sustained_weight",
    "control.sustained_weight",
    "craving.sustained_weight",
    "memory.reconsolidation_loss",
    "relief.greatest",
    "experience.commitment_gain",
    "experience.recovery_gain",
)
"""every path by which ketamine acts on mood, learning, withdrawal or control in the model"""


def _off(*paths: str) -> dict[str, float]:
    return dict.fromkeys(paths, 0.0)


_ALL = (
    Switch(
        "window_gain",
        "Does an open plasticity window make therapy teach more?",
        True,
        "one trial of training after ketamine speaks for it; the one factorial trial does not",
        when_off=_off("learning.window_gain"),
    ),
    Switch(
        "refractoriness",
        "Does a high block leave the trigger refractory?",
        True,
        "seen in mice at 20 and 50 mg/kg; never measured in people",
        when_off=_off("window.refractory_gain"),
    ),
    Switch(
        "reconsolidation",
        "Does block after retrieval weaken the memory of the drug?",
        True,
        "retrieval with ketamine beat either alone in heavy drinkers; replications are mixed",
        when_off=_off("memory.reconsolidation_loss"),
    ),
    Switch(
        "direct_trigger_only",
        "Is the window opened by direct block alone, without disinhibition?",
        False,
        "both routes have animal evidence; the default mixes them",
        when_on=_off("window.disinhibition_share"),
    ),
    Switch(
        "naltrexone_interaction",
        "Does naltrexone take away part of the mood effect?",
        True,
        "it did in 12 people in a crossover; five open cases under naltrexone still responded",
        when_off=_off("mood.naltrexone_interaction"),
    ),
    Switch(
        "norketamine",
        "Does norketamine block NMDA receptors to a degree that counts?",
        False,
        "published results contradict one another",
        when_on={"potency.norketamine_counts": 1.0},
    ),
    Switch(
        "cyp2b6",
        "Does the CYP2B6*6 genotype slow the clearance of ketamine?",
        True,
        "one study found a threefold difference, another none; on at the mid-point between them",
        when_on={"covariates.cyp2b6_effect": 1.0},
        when_off=_off("covariates.cyp2b6_effect"),
    ),
    Switch(
        "self_maintenance",
        "Does practice keep a recovery pathway up once it is strong enough?",
        True,
        "needed for any benefit at a year; no measurement speaks for or against it",
        when_off=_off("recovery.practice_rate"),
    ),
    Switch(
        "experience",
        "Does an intense, prepared session move people to commit and teach them?",
        True,
        "motivation rose a day after infusion in cocaine; sub-dissociative trials speak against it",
        when_off=_off("experience.commitment_gain", "experience.recovery_gain"),
    ),
    Switch(
        "sustained_control",
        "Does the sustained state strengthen control without passing through craving?",
        True,
        "three sessions kept more people abstinent than one, with no difference in craving"
        " (Krupitsky 2007, not masked); no direct measurement",
        when_off=_off("control.sustained_weight"),
    ),
    Switch(
        "cue_craving",
        "Does the sustained state take force from cues of the drug?",
        True,
        "cue craving and choice of cocaine fell a day after infusion; in alcohol a trial measured"
        " craving (KARE), and what it found was not seen",
        when_off=_off("craving.sustained_weight"),
    ),
    Switch(
        "withdrawal_relief",
        "Does ketamine below dissociating doses relieve withdrawal?",
        True,
        "one cohort and case series; the one blinded trial was done under anaesthesia",
        when_off=_off("relief.greatest"),
    ),
    Switch(
        "expectancy",
        "Does believing that one got the drug change mood, reports and use?",
        True,
        "people guess their arm; effects are smaller against active controls and null when masked",
        when_off=_off("expectancy.present"),
    ),
    Switch(
        "expectancy_only",
        "Is expectancy the only thing that ketamine does?",
        False,
        "the rival, always run beside the default",
        when_on=_off(*KETAMINE_PATHS),
    ),
)

SWITCHES = {switch.name: switch for switch in _ALL}


def settings(switches: dict[str, bool]) -> dict[str, float]:
    """The parameters that these switches set, by path; the rival last, so that it wins."""
    chosen: dict[str, float] = {}
    for name, switch in SWITCHES.items():
        if name in switches:
            chosen |= switch.when_on if switches[name] else switch.when_off
    return chosen
