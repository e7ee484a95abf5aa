"""What may a protocol of people who use no drug say, and who of the commands may take it?

Depression is carried through the mood link alone: ketamine, window, sustained state, habenula,
expectancy, an antidepressant. Whatever a drug of abuse, a therapy against it or its medication
would do is not in these people, so a protocol may not say it and a run does not show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from resynapse.input_error import InputError
from resynapse.protocol.errors import Path
from resynapse.protocol.vocabulary import WITHOUT_USE

if TYPE_CHECKING:
    from resynapse.protocol.trial_protocol import Protocol

ENDPOINTS: Final = ("mood_madrs_day_", "mood_hamd17_day_", "dissociation_cadss_day_")
"""How the endpoints of these people begin"""
NO_USE: Final = {"use_days_before": 0.0, "detoxification_days": 10.0}
"""The setting that these people have: no use to detoxify from; ten days in which states settle"""
_DEFAULT: Final = ("severity", "setting")
_SAID: Final = {
    "severity": "craving and withdrawal are not in these people. Leave `severity` out.",
    "setting": "these people use no drug, so there is no detoxification, discharge or site of use."
    " Leave `setting` out.",
}


def uses(protocol: Protocol) -> bool:
    """Whether the people of a protocol use a drug, or did."""
    return protocol.disorder not in WITHOUT_USE


def ensure_use(protocol: Protocol, command: str) -> Protocol:
    """The protocol, or a refusal by a command that asks about use."""
    if uses(protocol):
        return protocol
    raise InputError(
        f"{command} asks about use of a drug, and the people of {protocol.name} use none"
        f" (disorder: {protocol.disorder}). resynapse run {protocol.name} shows their mood."
    )


def with_setting(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a protocol; people without use get the setting of people without use."""
    if data.get("disorder") not in WITHOUT_USE or "setting" in data:
        return data
    return {**data, "setting": dict(NO_USE)}


def problems(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    """What people who use no drug cannot have, by field."""
    if uses(protocol):
        return
    for field in _DEFAULT:
        if getattr(protocol, field) != _expected(protocol, field):
            yield (field,), _SAID[field]
    for index, arm in enumerate(protocol.arms):
        yield from _treatments(arm, ("arms", index))
    for index, name in enumerate(protocol.endpoints):
        if not name.startswith(ENDPOINTS) or name.endswith("_committed"):
            yield ("endpoints", index), _refused(name, protocol.disorder)
    yield from _asked_of_use(protocol)


def _expected(protocol: Protocol, field: str) -> Any:
    kind = type(getattr(protocol, field))
    return kind(**NO_USE) if field == "setting" else kind()


def _treatments(arm: Any, place: Path) -> Iterator[tuple[Path, str]]:
    if arm.therapies:
        yield (
            (*place, "therapies"),
            "therapies of this model teach people not to use; what one does to depression it does"
            " not carry. Leave them out, and say so in a comment.",
        )
    for index, medication in enumerate(arm.medications):
        if medication.drug != "antidepressant":
            yield (
                (*place, "medications", index, "drug"),
                f"{medication.drug} treats use of opioids, and these people use none."
                " Only an antidepressant may stand here.",
            )
    for index, dose in enumerate(arm.doses):
        if dose.prepared:
            yield (
                (*place, "doses", index, "prepared"),
                "a prepared session moves people to stop using, and these people use nothing."
                " Leave `prepared` out.",
            )


def _refused(name: str, disorder: str) -> str:
    return (
        f"{name} is no endpoint of people with {disorder} alone: they use no drug, so craving,"
        " withdrawal, use and abstinence are not in them, and drop-out was not learned from them."
        " Allowed are mood_madrs_day_N, mood_hamd17_day_N and dissociation_cadss_day_N."
    )


def _asked_of_use(protocol: Protocol) -> Iterator[tuple[Path, str]]:
    if protocol.rules:
        yield ("rules",), "rules decide by use, craving or withdrawal. Leave `rules` out."
    for field in ("conduct", "estimands"):
        if getattr(protocol, field) is not None:
            yield (
                (field,),
                f"`{field}` is of trials in people who use a drug. Leave it out.",
            )
