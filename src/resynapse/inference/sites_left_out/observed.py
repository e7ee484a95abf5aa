"""What was counted at each site of a trial, and which sites are left out together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resynapse.evidence.ctn0094 import shipped


@dataclass(frozen=True)
class SiteCount:
    """People of one site in whom something was seen by a day."""

    site: str
    fold: str
    count: int
    n: int

    @property
    def share(self) -> float:
        """0 to 1"""
        return self.count / self.n


def counted(trial: str, arm: str, quantity: str) -> tuple[SiteCount, ...]:
    """The counts of every site that can be left out, small cells apart (docs/ctn0094.md)."""
    return tuple(
        SiteCount(row["site"], row["fold"], int(row["count"]), int(row["n"]))
        for row in shipped("sites")
        if (row["trial"], row["arm"], row["quantity"]) == (trial, arm, quantity)
        and row["fold"]
        and row["count"]
    )


def sites_of(trial: str) -> dict[str, str]:
    """Fold of every site that can be left out, by masked number."""
    return {row["site"]: row["fold"] for row in shipped("sites")
            if row["trial"] == trial and row["fold"]}  # fmt: skip


def other_folds(counts: Sequence[SiteCount], fold: str) -> tuple[SiteCount, ...]:
    """The sites that a forecast of this fold may know."""
    return tuple(one for one in counts if one.fold != fold)
