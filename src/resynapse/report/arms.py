"""Which colour, dash and short name does each arm have, wherever it appears?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import shorten
from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.input_error import InputError
from resynapse.protocol import library, load
from resynapse.protocol.as_published import changed
from resynapse.protocol.vocabulary import AGONISTS
from resynapse.report.names import spoken
from resynapse.report.wording import listed

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.trial.result import Result

MOST = 6
"""As many arms as have a colour and a dash of their own"""
WITHHELD = re.compile(r": withholding methadone or buprenorphine raises mortality \([^)]*\)")
"""Stands once, in the notice"""
SHORT = 16
"""Where one label is longer, every arm of the library's own goes by its identifier, characters"""
LONGEST = 24
"""Labels that somebody else gave are shown as far as this, characters"""
MORE = "\u2026"
LOOSE = " ,;:.-\u2013(/+&"
"""Stands at no end of a label that was cut"""
COPY = re.compile(r" \(\d{1,3}\)$")
"""The number that a copy of an arm has behind its label"""


class ReportError(InputError):
    """A result that no report can show."""


@dataclass(frozen=True)
class ArmStyle:
    """An arm and how it is drawn: ``place`` 1 is the reference, dashed grey."""

    id: str
    place: int
    name: str
    label: str
    sentence: str
    historical: bool = False
    """Withholds what care today would give; must say so wherever it is shown"""

    @property
    def css(self) -> str:
        """The class that carries colour and dash."""
        return f"a{self.place}"


def styles(result: Result) -> tuple[ArmStyle, ...]:
    """Every arm, the reference first, the others as the protocol lists them."""
    if len(result.arms) > MOST:
        raise ReportError(
            f"The result has {len(result.arms)} arms; a report tells at most {MOST} apart by "
            "colour and dash. Write one report for each group of arms."
        )
    return every_style(result)


def every_style(result: Result) -> tuple[ArmStyle, ...]:
    """As ``styles``, also of more arms than have a colour and a dash of their own."""
    reference = reference_id(result)
    names = _names(result)
    order = sorted(result.arms, key=lambda arm: arm != reference)
    withheld = {
        arm.id
        for arm in result.protocol.arms
        if arm.historical_comparator or arm.control == "historical"
    }
    return tuple(
        ArmStyle(
            id=arm,
            place=place,
            name=names[arm],
            label=result.arms[arm].label,
            sentence=_sentence(result.arms[arm].sentence, arm, result.arms[arm].label),
            historical=arm in withheld,
        )
        for place, arm in enumerate(order, start=1)
    )


def _names(result: Result) -> dict[str, str]:
    """What each arm is called beside a curve.

    An identifier stands for a long label only where both are still those of the library: who
    copies an arm and changes it gives it another label, and its identifier says what it was. Else
    it stands for the labels that, as far as they are shown, are the same.
    """
    labels = {id: arm.label for id, arm in result.arms.items()}
    ids = {id: spoken(id) for id in labels}
    if any(len(label) > SHORT for label in labels.values()) and _as_in_the_library(result):
        return ids
    cut = {id: _cut(label) for id, label in labels.items()}
    times = Counter(cut.values())
    names = {id: said if said and times[said] == 1 else ids[id] for id, said in cut.items()}
    return names if len(set(names.values())) == len(names) else ids


def _cut(label: str) -> str:
    """As much of a label as stands beside a curve, its last words whole where they can be.

    The number of a copy is kept: "Saline with counselling (2)" is "Saline with... (2)".
    """
    if len(label) <= LONGEST:
        return label
    copy = COPY.search(label)
    number = copy[0] if copy else ""
    rest, room = label.removesuffix(number), LONGEST - len(number)
    words = shorten(rest, room, placeholder=MORE).removesuffix(MORE).rstrip(LOOSE)
    return f"{words or rest[: room - 1]}{MORE}{number}"


def _as_in_the_library(result: Result) -> bool:
    """Whether every arm has the identifier and the label of the library's protocol of the study.

    Or, where no protocol transcribes the study, of the one that has this name.
    """
    name = changed(result.protocol).trial or result.protocol.name
    known = {arm.id: arm.label for arm in original(name).arms} if name in library() else {}
    return all(known.get(id) == arm.label for id, arm in result.arms.items())


@cache
def original(name: str) -> Protocol:
    """The protocol of the library that has this name."""
    return load(name)


def historical(arms: Sequence[ArmStyle]) -> str:
    """The sentence that stands beside every outcome of a historical comparator; or nothing."""
    names = [arm.name for arm in arms if arm.historical]
    if not names:
        return ""
    return f"Historical comparator: {some(names, [arm.name for arm in arms])}."


def followed_in_treatment(result: Result, arms: Sequence[ArmStyle]) -> str:
    """Why fewer are followed in arms on an agonist; or nothing."""
    taking = {
        arm.id
        for arm in result.protocol.arms
        if any(one.drug in AGONISTS for one in arm.medications)
    }
    found = [arm.name for arm in arms if arm.id in taking]
    if not found:
        return ""
    return (
        f"Whoever stops methadone or buprenorphine ({listed(found)}) has left follow-up, as in"
        " trials that follow people in treatment."
    )


def some(names: Sequence[str], everyone: Sequence[str]) -> str:
    """These names, told shortly where they are all of them, or all but one."""
    others = [name for name in everyone if name not in names]
    if not others and len(names) > 1:
        return "every arm"
    if len(others) == 1 and len(names) > 2:
        return f"every arm but {others[0]}"
    return listed(names)


def reference_id(result: Result) -> str:
    """The arm that others are compared with."""
    reference = result.protocol.reference
    return reference if reference in result.arms else next(iter(result.arms))


def swatch(style: ArmStyle, rival: bool = False) -> Markup:
    """A short piece of the arm's line."""
    kind = "rival" if rival else "line"
    return Markup(
        '<svg class="swatch" width="32" height="8" viewBox="0 0 32 8" aria-hidden="true">'
        '<path class="{} {}" d="M1 4H31"/></svg>'
    ).format(kind, style.css)


def named(style: ArmStyle) -> Markup:
    """The arm's line and its name, for a heading."""
    return Markup('<span class="named">{}{}</span>').format(swatch(style), style.name)


def _sentence(sentence: str, *names: str) -> str:
    """Without what stands beside it already: the name, and what the notice says for all arms."""
    for name in names:
        sentence = sentence.removeprefix(f"{name}: ")
    sentence = WITHHELD.sub("", sentence)
    return sentence[:1].upper() + sentence[1:]
