"""Is this still the trial that was published, or has somebody changed it?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from math import isclose
from typing import Any, Final

from resynapse.protocol.loading import library, load, text
from resynapse.protocol.trial_protocol import Protocol

SHARED: Final = {
    "disorder": "the substance",
    "severity": "severity at entry",
    "population": "age, weight, sex, liver or genotype",
    "setting": "the days before and at entry",
    "blinding": "masking",
    "rules": "its rules",
    "origin": "the day from which events count",
    "arms": "which arms there are",
    "allocation": "how many people each arm gets",
}
"""What all arms share, and how a reader calls it. Not: how long it is followed, visits, endpoints,
switches and the site, which say what is simulated and asked, and not what was done to whom. The
last two count in a masked trial alone: from them people guess what they were given."""
OF_BELIEF: Final = ("arms", "allocation")
GIVEN: Final = ("doses", "medications", "therapies", "active", "control")
"""``active`` and ``control`` say whom people count as treated: their belief rests on it"""
SAME_SHARE: Final = 1e-9
OURS: Final = {"setting": ("site",), "population": ("patients_per_arm",)}
"""Numbers that the trial did not have, but its simulation"""


@dataclass(frozen=True)
class Changed:
    """What differs from the protocol of the library that transcribes the same study."""

    shared: tuple[str, ...] = ()
    """fields of ``SHARED``"""
    arms: tuple[str, ...] = ()
    """ids of the trial's arms that are given something else, or count as something else; arms that
    it did not have are none"""
    trial: str = field(default="", compare=False)
    """name of the protocol of the library from which it differs; empty where there is none"""

    def __len__(self) -> int:
        """How many things differ."""
        return len(self.shared) + len(self.arms)

    def leaves(self, *arms: str) -> bool:
        """Whether what these arms are and are given is what was published."""
        return not self.shared and not set(arms) & set(self.arms)


def changed(protocol: Protocol) -> Changed:
    """From the nearest protocol of its study, or the pending trial; nothing where there is none."""
    known = transcribed(protocol.study) or registered(protocol)
    found = [_apart(protocol, one) for one in known]
    return min(found, key=len, default=Changed())


@cache
def transcribed(study: str | None) -> tuple[Protocol, ...]:
    """The protocols of the library that transcribe this study."""
    if study is None:
        return ()
    line = re.compile(rf"^study:\s*{re.escape(study)}\s*(#.*)?$", re.MULTILINE)
    return tuple(load(name) for name in library() if line.search(text(name)))


def registered(protocol: Protocol) -> tuple[Protocol, ...]:
    """The pending trial of the library that has this name."""
    pending = protocol.state == "pending" and protocol.name in library()
    return (load(protocol.name),) if pending else ()


def _apart(protocol: Protocol, original: Protocol) -> Changed:
    fields = (name for name in SHARED if name not in OF_BELIEF)
    shared = tuple(name for name in fields if _told(protocol, name) != _told(original, name))
    if protocol.blinding == "masked":
        shared += _of_belief(protocol, original)
    known = {arm.id: arm for arm in original.arms}
    arms = tuple(
        arm.id
        for arm in protocol.arms
        if arm.id in known
        and any(getattr(arm, name) != getattr(known[arm.id], name) for name in GIVEN)
    )
    return Changed(shared, arms, original.name)


def _of_belief(protocol: Protocol, original: Protocol) -> tuple[str, ...]:
    """What differs in the arms that there are, or where they are the same in people's shares."""
    shares, known = _shares(protocol), _shares(original)
    if shares.keys() != known.keys():
        return ("arms",)
    same = all(isclose(shares[id], known[id], rel_tol=SAME_SHARE) for id in known)
    return () if same else ("allocation",)


def _shares(protocol: Protocol) -> dict[str, float]:
    """Arm -> share of the people that it gets, 0 to 1."""
    total = sum(arm.allocation for arm in protocol.arms)
    return {arm.id: arm.allocation / total for arm in protocol.arms}


def _told(protocol: Protocol, name: str) -> Any:
    value = getattr(protocol, name)
    return value.model_dump(exclude=set(OURS[name])) if name in OURS else value
