"""Last stage: how strong is the early effect of ketamine on use, how long, with which window?

Three numbers are fitted (chain.md 4: only products are identified, and the circuit is not).

* ``early_effect`` s: the sustained state S acts on control (k_S = 2.0 s) and takes force from
  cues (c_S = 6.4 s). The factors are the scales of the two slabs, so that each weight keeps
  its own prior; that they rise together is a choice, as the data cannot tell them apart.
* ``decay`` tau_S: how fast S fades. Its rise is held, since only rise times weight is identified.
* ``window_gain`` kappa.

Every simulated draw has a draw of the stages before, which nothing here moves (a cut): natural
history and medications where people use opioids, mood after ketamine everywhere. What acts on
ketamine beside these, and is not fitted, is drawn from its prior.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from resynapse.inference.free import Free, World
from resynapse.inference.synthetic_likelihood import Wanted
from resynapse.parameter import HalfNormal, HalfSpike, LogNormal, Normal
from resynapse.patient.hypotheses import KETAMINE_PATHS
from resynapse.trial.parameter_set import ParameterSet, shipped_set

BEFORE = ("natural-history", "medications", "mood")
"""stages whose draws lie under those of this one"""

DRAWN = (
    *("body.", "s_enantiomer.", "r_enantiomer.", "absorption.", "covariates.", "variability."),
    *("midazolam.", "potency.", "nmda.", "relief.", "habenula.", "circuit.", "learning."),
    *("window.steepness", "window.disinhibition", "window.refractory", "window.trigger_time"),
    *("window.window_time", "session.", "therapy.", "recovery.practice_rate"),
    *("memory.reconsolidation_loss", "mood.habenula_weight", "mood.sustained_weight"),
    *("mood.expectancy_weight", "lapse.expectancy_weight", "dropout.expectancy_weight"),
    *("attendance.expectancy_weight", "expectancy.", "experience.", "dissociation."),
)
"""not fitted here, uncertain, and near enough to ketamine, therapy or belief to matter"""

EARLY_EFFECT = Free(
    "early_effect",
    "early effect on use",
    "1",
    HalfSpike(HalfNormal(1.0), 0.15),
    {"control.sustained_weight": 2.0, "craving.sustained_weight": 6.4},
    "the log hazard ratio in the first days after a dose",
)
DECAY = Free(
    "decay",
    "decay of the effect",
    "d",
    LogNormal(5.5, 0.35),
    {"window.sustained_time": 1.0},
    "the time constant with which the early effect fades",
)
WINDOW_GAIN = Free(
    "window_gain",
    "window gain on learning",
    "1",
    HalfSpike(Normal(0.0, 1.0), 1.0),
    {"learning.window_gain": 1.0},
    "the log gain of learning in a fully open window; negative is antagonism",
)
BELIEF = (
    Free(
        "belief_on_use", "belief on use", "1", HalfSpike(HalfNormal(1.0), 0.3),
        {"lapse.expectancy_weight": 1.0}, "log hazard of use per unit of belief",
    ),
    Free(
        "belief_lasts", "how long belief lasts", "d", LogNormal(21.0, 0.9),
        {"expectancy.lasting": 1.0}, "the time constant with which belief fades",
    ),
    Free(
        "belief_teaches", "belief on learning", "1", HalfSpike(HalfNormal(0.5), 0.0),
        {"expectancy.learning_weight": 1.0}, "log gain of a session per unit of belief",
    ),
)  # fmt: skip
ADDITIVE = {
    "learning.window_gain": 0.0, "expectancy.learning_weight": 0.0, "recovery.practice_rate": 0.0,
}  # fmt: skip

KETAMINE = World(
    "ketamine", (EARLY_EFFECT, DECAY, WINDOW_GAIN), DRAWN, {}, "the model with all its paths"
)
EXPECTANCY = World(
    "expectancy alone", BELIEF, DRAWN, dict.fromkeys(KETAMINE_PATHS, 0.0),
    "ketamine does nothing but tell people which arm they are in",
)  # fmt: skip
ADDING = World(
    "additive therapy", (EARLY_EFFECT, DECAY), DRAWN, ADDITIVE,
    "therapy and ketamine add: no window gain, no gain by belief, no self-maintained recovery",
)  # fmt: skip
ONE_FRAILTY = World(
    "one frailty", (EARLY_EFFECT, DECAY, WINDOW_GAIN), DRAWN, {"lapse.frailty_sd": 1.9},
    "nobody is uncommitted; people differ by one log-normal frailty of log sd 1.9",
    one_frailty=True,
)  # fmt: skip
WORLDS = {world.name: world for world in (KETAMINE, EXPECTANCY, ADDING, ONE_FRAILTY)}


def over_stages(world: World, sets: Sequence[ParameterSet] = ()) -> World:
    """The hypothesis over draws of the stages before: of those given, or of those that ship.

    What the hypothesis itself sets or fits stays its own.
    """
    return dataclasses.replace(world, over=tuple(sets or (shipped_set(one) for one in BEFORE)))


FITTED = (
    Wanted("krupitsky-2002", "abstinence_12_months", "high", "proportion"),
    Wanted("krupitsky-2002", "abstinence_12_months", "low", "proportion", treated=False),
    Wanted("dakwar-2019", "lapse_or_dropout", "ketamine", "hazard_ratio"),
    Wanted("dakwar-2019", "last_two_weeks_abstinent", "ketamine", "odds_ratio"),
    Wanted("dakwar-2019", "craving over the trial", "ketamine", "percent_difference"),
)
"""counts within a substance, ratios across substances"""
