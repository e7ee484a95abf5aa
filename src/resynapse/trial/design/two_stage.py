"""How many people of one arm show that a treatment responds often enough, if a first few do?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from resynapse.input_error import InputError
from resynapse.trial.design.validity import open_unit

MOST = 250
"""People of a design, at most; larger ones are searched for too long, and are no pilot"""
HAIR = 1e-9
"""Of a probability, or of people on average, that is rounding"""


@dataclass(frozen=True)
class TwoStage:
    """Stop after n1 people with r1 responders or fewer; promising with more than r of n."""

    n1: int
    r1: int
    n: int
    r: int

    def promising(self, p: float) -> float:
        """P(X1 > r1 and X1 + X2 > r) at a true rate p; X1, X2 are binomial."""
        x = np.arange(self.r1 + 1, self.n1 + 1)
        first = stats.binom.pmf(x, self.n1, p)
        return float(first @ stats.binom.sf(self.r - x, self.n - self.n1, p))

    def stops_early(self, p: float) -> float:
        """P(X1 <= r1)."""
        return float(stats.binom.cdf(self.r1, self.n1, p))

    def expected_n(self, p: float) -> float:
        """n1 + P(X1 > r1) (n - n1), people."""
        return self.n1 + (1.0 - self.stops_early(p)) * (self.n - self.n1)


@dataclass(frozen=True)
class Simon:
    """The designs that keep both errors; ``as_dict`` is what --json prints."""

    p0: float
    p1: float
    alpha: float
    power: float
    optimal: TwoStage
    """Fewest people on average where the true rate is p0"""
    minimax: TwoStage
    """Fewest people at most, and among those the fewest on average"""
    one_stage: tuple[int, int] | None
    """People and responders to exceed, without a stop; None beyond ``MOST``"""
    searched_out: bool = True
    """Whether no design of more than ``MOST`` people can have fewer on average"""

    def as_dict(self) -> dict[str, object]:
        """In plain types, under the names that the command line promises."""
        asked = {"p0": self.p0, "p1": self.p1, "alpha": self.alpha, "power": self.power}
        found: dict[str, object] = {
            "asked": asked,
            "optimal": self._told(self.optimal),
            "minimax": self._told(self.minimax),
        }
        if self.one_stage is not None:
            n, r = self.one_stage
            found["one_stage"] = {
                "n": n, "r": r, "type_1_error": float(stats.binom.sf(r, n, self.p0)),
                "power": float(stats.binom.sf(r, n, self.p1)),
            }  # fmt: skip
        notes = self.notes()
        return found | ({"note": "; ".join(notes)} if notes else {})

    def notes(self) -> list[str]:
        """What is to be known of these designs."""
        found = []
        if not self.searched_out:
            found.append(
                f"the optimal design is that of up to {MOST} people; more people at most may have "
                "fewer on average"
            )
        if self.one_stage is not None and self.one_stage[0] <= self.minimax.n:
            found.append(
                f"people without a stop ({self.one_stage[0]}) are no more than minimax has at most "
                f"({self.minimax.n})"
            )
        return found

    def _told(self, one: TwoStage) -> dict[str, float]:
        return {
            "n1": one.n1, "r1": one.r1, "n": one.n, "r": one.r,
            "expected_n": one.expected_n(self.p0), "stops_early": one.stops_early(self.p0),
            "type_1_error": one.promising(self.p0), "power": one.promising(self.p1),
            "stops_early_p1": one.stops_early(self.p1),
        }  # fmt: skip


def simon(p0: float, p1: float, alpha: float = 0.05, power: float = 0.8) -> Simon:
    """Simon's optimal and minimax designs of one arm, H0: rate <= p0, wanted at p1 > p0.

    P(promising; p0) <= alpha and P(promising; p1) >= power, both exact; every n1, r1, n and r > r1
    (else who goes on is promising whatever follows) is looked at, until no larger n can have fewer
    people on average (Simon 1989), or up to ``MOST`` people.
    """
    for name, value in (("p0", p0), ("p1", p1), ("alpha", alpha), ("power", power)):
        open_unit(name, value)
    if p1 <= p0:
        raise InputError(
            f"p1 was given as {p1:g} and p0 as {p0:g}; p1 is the rate worth finding, above p0. "
            "Where fewer is better, count those in whom it did not happen."
        )
    if power <= alpha:
        raise InputError(f"power was given as {power:g}; it must be above alpha, {alpha:g}.")
    table = _Table(p0, p1, alpha, power)
    optimal = minimax = None
    for n in range(2, MOST + 1):
        if optimal is not None and table.least(n) > table.average(optimal):
            break
        found = table.best(n, None if optimal is None else table.average(optimal))
        if found is None:
            continue
        minimax = minimax or found
        if optimal is None or table.average(found) < table.average(optimal) - HAIR:
            optimal = found
    searched_out = optimal is not None and table.least(n) > table.average(optimal)
    if optimal is None or minimax is None:
        raise InputError(
            f"Rates of {p0:g} and {p1:g} lie too near to be told apart so by {MOST} people of one "
            "arm; give rates that lie further apart, or take `resynapse design rates`."
        )
    return Simon(p0, p1, alpha, power, optimal, minimax, table.one_stage(), searched_out)


class _Table:
    """Binomial probabilities at both rates, of every number of people up to ``MOST``."""

    def __init__(self, p0: float, p1: float, alpha: float, power: float) -> None:
        self.p0, self.p1, self.alpha, self.power = p0, p1, alpha, power
        self.pmf = [[stats.binom.pmf(np.arange(n + 1), n, p) for n in range(MOST + 1)]
                    for p in (p0, p1)]  # fmt: skip
        self.tail = [
            [np.append(np.cumsum(one[::-1])[::-1], 0.0) for one in rows] for rows in self.pmf
        ]

    def average(self, one: TwoStage) -> float:
        return one.expected_n(self.p0)

    def one_stage(self) -> tuple[int, int] | None:
        """The fewest people whose exact test of one stage keeps both errors."""
        for n in range(1, MOST + 1):
            r = int(np.argmax(self.tail[0][n][1:] <= self.alpha + HAIR))
            if self.tail[1][n][r + 1] >= self.power - HAIR:
                return n, r
        return None

    def least(self, n: int) -> float:
        """A number of people below which no design of n people comes on average at p0.

        P(X1 <= r1; p1) <= 1 - power bounds r1, and so P(X1 <= r1; p0), of every n1.
        """
        bound = float(n)
        for n1 in range(1, n):
            kept = self.tail[1][n1][1:] >= self.power - HAIR
            goes_on = self.tail[0][n1][int(kept.sum())] if kept.any() else 1.0
            bound = min(bound, n1 + float(goes_on) * (n - n1))
        return bound

    def best(self, n: int, average: float | None) -> TwoStage | None:
        """Of n people in all, the design with the fewest on average; below ``average``."""
        most = n - 1 if average is None else min(n - 1, int(average))
        r_most = int(np.sum(self.tail[1][n] >= self.power - HAIR)) - 2
        if r_most < 0:
            return None
        r, found, least = np.arange(r_most + 1), None, np.inf if average is None else average
        for n1 in range(1, most + 1):
            need = np.clip(r[:, None] + 1 - np.arange(n1 + 1), 0, n - n1 + 1)
            wins = [
                np.cumsum((self.pmf[k][n1] * self.tail[k][n - n1][need])[:, ::-1], axis=1)[:, ::-1]
                for k in (0, 1)
            ]
            kept = (wins[0] <= self.alpha + HAIR) & (wins[1] >= self.power - HAIR)
            kept[:, 0] = False
            kept &= np.arange(n1 + 1) <= r[:, None]
            people = np.where(kept, n1 + self.tail[0][n1][: n1 + 1] * (n - n1), np.inf)
            row, beyond = np.unravel_index(int(np.argmin(people)), people.shape)
            if people[row, beyond] < least - HAIR:
                least = float(people[row, beyond])
                found = TwoStage(n1, int(beyond) - 1, n, int(row))
        return found
