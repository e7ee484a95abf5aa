"""What can nobody learn from this run, however exact its figures look?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resynapse.protocol.without_use import uses
from resynapse.report.sections.mechanism import KETAMINES
from resynapse.report.sections.opening import Sentence

if TYPE_CHECKING:
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
    if not any(dose.drug in KETAMINES for arm in arms for dose in arm.doses):
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
        return f"{felt} This run has no world beside it in which only expectancy acts."
    where = "Dotted lines" if uses(result.protocol) else "Last column of the outcomes"
    return f"{felt} {where}: a world in which only expectancy acts."


def _masked(result: Result) -> str:
    """Whether doses of the arms can be told from one another by what is felt."""
    arms = [
        {(dose.drug, str(dose.amount), dose.route, dose.minutes, tuple(dose.days))
         for dose in arm.doses}
        for arm in result.protocol.arms
    ]  # fmt: skip
    if all(arm == arms[0] for arm in arms):
        return "Every arm has the same doses, so what they feel like tells no arm from another."
    alike = [{one[:-1] for one in arm} for arm in arms]
    if all(arm == alike[0] for arm in alike):
        return "A dose feels the same in every arm, but how many there are may be noticed."
    return "The doses feel different, so masking is unlikely to hold."
