"""What can nobody learn from this run, however exact its figures look?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.protocol.without_use import uses
from resynapse.report.sections.opening import Sentence

if TYPE_CHECKING:
    from resynapse.protocol import Dose
    from resynapse.trial.result import Result

HARMS = (
    "Ketamine use disorder, urinary harm, suicidality, respiratory depression with opioids or "
    "benzodiazepines, methadone and QT. No event in the model is not the same as safe."
)


def cannot_tell(result: Result) -> tuple[Sentence, ...]:
    """Four sentences that stand before any outcome."""
    return (
        Sentence(
            "Whether the window exists in people.",
            "No human study has shown it; imaging of synapse density at 24\u00a0h was negative.",
        ),
        Sentence("Whether therapy adds to ketamine.", _therapy(result)),
        Sentence("How much is expectancy.", _expectancy(result)),
        Sentence("Harms it does not carry.", HARMS),
    )


def _therapy(result: Result) -> str:
    arms = result.protocol.arms
    programmes = {
        tuple((t.type, tuple(t.days), t.hours, t.retrieval) for t in arm.therapies) for arm in arms
    }
    unsettled = "the one factorial trial of both found no synergy, other evidence is indirect."
    if not any(arm.has_ketamine for arm in arms):
        return f"No arm has ketamine, so this run cannot say; {unsettled}"
    if not any(arm.therapies for arm in arms):
        return f"No arm has therapy, so this run cannot say; {unsettled}"
    if len(programmes) == 1 and len(arms) > 1:
        return "Every arm has the same therapy, so this trial cannot say, and neither can this run."
    return f"People have not settled it: {unsettled} What the run shows is its assumption."


def _expectancy(result: Result) -> str:
    felt = (
        "People and therapists know what is given."
        if result.protocol.blinding == "open"
        else _masked(result)
    )
    if result.protocol.switches.expectancy is False:
        felt = "Belief is off in this protocol: nobody is taken to feel the own arm."
    if not result.rival:
        return f"{felt} This run has no world beside it in which only expectancy acts.".strip()
    where = "Dotted lines" if uses(result.protocol) else "Last column of the outcomes"
    return f"{felt} {where}: a world in which only expectancy acts.".strip()


def _masked(result: Result) -> str:
    """Whether doses can be told apart by what is felt; nothing without doses or other arms."""
    arms = [{(_felt(dose), dose.days, dose.if_rule) for dose in a.doses}
            for a in result.protocol.arms]  # fmt: skip
    if len(arms) == 1 or not any(arms):
        return ""
    if all(arm == arms[0] for arm in arms):
        return "Every arm has the same doses, so what they feel like tells no arm from another."
    alike = [{what for what, *_ in arm} for arm in arms]
    if all(arm == alike[0] for arm in alike) and len(alike[0]) > 1:
        return "Every arm has doses of the same kinds, but when each is given may be noticed."
    if all(arm == alike[0] for arm in alike):
        return "A dose feels the same in every arm, but how many there are may be noticed."
    return "The doses feel different, so masking is unlikely to hold."


def _felt(dose: Dose) -> tuple[object, ...]:
    """What a dose feels like rests on."""
    return dose.drug, str(dose.amount), dose.ideal_body_weight, dose.route, dose.minutes
