"""What did a search find, and can its designs be told apart?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.trial.design.sequential import Looks
from resynapse.trial.endpoint_name import SCALES, parse
from resynapse.trial.search.asked import AS_ASKED, Asked
from resynapse.trial.search.candidate import Candidate
from resynapse.trial.search.front import Frontier, Standing, frontier, standing
from resynapse.trial.search.race import Race

INTERVAL = (5.0, 95.0)
SURE = 2.0
"""Errors within which a limit or nothing counts as not told apart"""
NOTICE = (
    "Designs worth testing in a trial, not treatments to give: averaged over people and over draws "
    "of the parameters, never for one patient. Ketamine is not approved for any addiction."
)


@dataclass(frozen=True)
class Answer:
    """What one hypothesis says."""

    race: Race
    finalists: np.ndarray
    """Numbers of the designs that were simulated to the end and keep every limit"""
    standing: Standing | None
    """Of the finalists; None where there is none"""

    @classmethod
    def of(cls, race: Race, seed: int) -> Answer:
        """From a race that is over."""
        keeps = race.keeps()
        finalists = np.array([k for k in race.staying if keeps[k]], dtype=int)
        if not len(finalists):
            return cls(race, finalists, None)
        at = race.gain[finalists], race.halves[finalists], race.burden[finalists]
        return cls(race, finalists, standing(*at, seed))

    def frontier(self, seed: int) -> Frontier | None:
        """The highest benefit that each burden buys; None where no design is left."""
        if self.standing is None:
            return None
        at = self.finalists
        return frontier(self.race.gain[at], self.race.burden[at], seed)

    @property
    def best(self) -> int | None:
        """Number of the design with the highest expected benefit."""
        return None if self.standing is None else int(self.finalists[self.standing.best])

    @property
    def shown(self) -> list[int]:
        """Designs of the front and the best, by burden."""
        if self.standing is None or self.best is None:
            return []
        front = self.finalists[self.standing.on_front].tolist()
        return sorted({*front, self.best}, key=lambda k: (self.race.burden[k], k))

    @property
    def equals(self) -> list[int]:
        """Designs that cannot be told from the best, by burden, then by benefit."""
        if self.standing is None:
            return []
        some = np.flatnonzero(self.standing.equal)
        order = np.lexsort((-self.standing.benefit[some], self.race.burden[self.finalists[some]]))
        return [int(self.finalists[some[k]]) for k in order]

    def row(self, design: int) -> dict[str, Any]:
        """What is said of one design."""
        gain = self.race.gain[design]
        gain = gain[~np.isnan(gain)]
        low, high = np.percentile(gain, INTERVAL)
        return {
            "draws": len(gain),
            "left": self.race.why[design] or None,
            "benefit": {
                "value": float(gain.mean()),
                "error": float(gain.std(ddof=1) / np.sqrt(len(gain))),
                "low": float(low),
                "high": float(high),
                "chance": float(np.sqrt(np.nanmean(self.race.chance[design]))),
            },
            "probability_of_benefit": float((gain > 0.0).mean()),
            "limits": list(self._limits(design)),
            **self._stands(design),
        }

    def _limits(self, design: int) -> Iterator[dict[str, Any]]:
        for place, one in enumerate(self.race.limits):
            share = self.race.above[design, :, place]
            share = share[~np.isnan(share)]
            value, error = share.mean(), share.std(ddof=1) / np.sqrt(len(share))
            assert one.probability is not None
            yield {
                "name": one.name,
                "above": one.value,
                "probability": float(value),
                "error": float(error),
                "allowed": one.probability,
                "kept": bool(value <= one.probability),
                "within_error": bool(abs(value - one.probability) <= SURE * error),
                "draws_past": float((share > one.probability).mean()),
            }

    def _stands(self, design: int) -> dict[str, Any]:
        place = np.flatnonzero(self.finalists == design)
        if self.standing is None or not len(place):
            return {"finalist": False}
        at, of = int(place[0]), self.standing
        return {
            "finalist": True,
            "on_front": bool(of.on_front[at]),
            "front_share": float(of.front_share[at]),
            "best_share": float(of.best_share[at]),
            "best_in_draw": float(of.best_in_draw[at]),
            "expected_loss": {"least": float(of.loss_least[at]), "most": float(of.loss[at])},
            "told_from_best": not bool(of.equal[at]),
        }


@dataclass(frozen=True)
class Found:
    """Everything that a search found."""

    asked: Asked
    designs: list[Candidate]
    possible: int
    """Designs that the space holds"""
    outside: int
    """Designs that a planned limit took away before anything was simulated"""
    answers: Mapping[str, Answer]
    own: Mapping[int, np.ndarray]
    """Design -> [draws] benefit of the same arm with saline for ketamine"""
    spread: float
    """Standard deviation of the endpoint between people of the reference arm"""

    @property
    def unit(self) -> str:
        """Of the benefit."""
        asked = parse(self.asked.benefit)
        return SCALES[asked.subject] if asked.kind == "scale" else "percentage points"

    @property
    def simulated(self) -> int:
        """People who went through an arm, all designs, draws and hypotheses together."""
        gone = sum(int((~np.isnan(one.race.gain)).sum()) for one in self.answers.values())
        return self.asked.people * (gone + self.asked.draws * (len(self.answers) + len(self.own)))

    def part(self, design: int) -> dict[str, float] | None:
        """What ketamine adds to the same days and the same therapy; None where not simulated."""
        if design not in self.own:
            return None
        gain = self.answers[AS_ASKED].race.gain[design] - self.own[design]
        return {"value": float(gain.mean()), "error": float(gain.std(ddof=1) / len(gain) ** 0.5)}

    @property
    def against_written(self) -> dict[str, float] | None:
        """The best less the arm as it is written, on the draws that both met; None without two.

        ``error_apart`` is what the error would be had they met other draws and people.
        """
        answer = self.answers[AS_ASKED]
        written = [k for k, one in enumerate(self.designs) if one.written]
        if answer.best is None or not written or answer.best == written[0]:
            return None
        both = answer.race.gain[[answer.best, written[0]]]
        both = both[:, ~np.isnan(both).any(axis=0)]
        gap, draws = both[0] - both[1], both.shape[1]
        return {
            "value": float(gap.mean()),
            "error": float(gap.std(ddof=1) / draws**0.5),
            "error_apart": float(np.hypot(*both.std(axis=1, ddof=1)) / draws**0.5),
        }

    def people_per_arm(self, gap: float) -> float | None:
        """How many people a trial of two arms needs to show so large a difference.

        n = 2 ((z_(1-alpha/2) + z_power) sd / gap)^2, two-sided alpha 0.05, power 0.8
        """
        if gap <= 0.0:
            return None
        return float(2.0 * (Looks(alpha=0.05, sided=2).fixed_drift * self.spread / gap) ** 2)

    @property
    def trial(self) -> dict[str, float | None]:
        """The size of trials of the best against the reference, and against the arm as written."""
        best, written = self.answers[AS_ASKED].best, self.against_written
        gap = None if best is None else self.answers[AS_ASKED].row(best)["benefit"]["value"]
        return {
            "sd": self.spread,
            "against_reference": None if gap is None else self.people_per_arm(gap),
            "against_written": None if written is None else self.people_per_arm(written["value"]),
        }

    def as_dict(self) -> dict[str, Any]:
        """In plain types, as --json prints it."""
        from resynapse.trial.search.words import sentences

        asked = self.asked
        return {
            "protocol": asked.protocol.name,
            "arm": asked.start.id,
            "reference": asked.protocol.reference,
            "benefit": asked.benefit,
            "unit": self.unit,
            "burden": asked.burden,
            "vary": {name: list(values) for name, values in asked.space.items()},
            "limits": [str(one) for one in asked.limits],
            "costs": dict(asked.costs),
            "possible_designs": self.possible,
            "designs_past_planned_limits": self.outside,
            "simulated_designs": len(self.designs),
            "draws": asked.draws,
            "people_per_draw": asked.people,
            "people_simulated": self.simulated,
            "seed": asked.seed,
            "parameters": asked.parameters,
            "switches": dict(asked.switches),
            "settings": dict(asked.settings),
            "against_written": self.against_written,
            "trial_people_per_arm": self.trial,
            "answers": {world: self._answer(one) for world, one in self.answers.items()},
            "designs": [self._design(k) for k in range(len(self.designs))],
            "sentences": sentences(self),
            "notice": NOTICE,
        }

    def _answer(self, answer: Answer) -> dict[str, Any]:
        def name(design: int | None) -> str | None:
            return None if design is None else self.designs[design].name

        line = answer.frontier(self.asked.seed)
        return {
            "best": name(answer.best),
            "front": [name(k) for k in answer.shown],
            "not_told_from_best": [name(k) for k in answer.equals],
            "least_burden": name(answer.equals[0] if answer.equals else None),
            "benefit_chosen_on_other_draws": answer.standing and answer.standing.elsewhere,
            "finalists": len(answer.finalists),
            "frontier": line and {k: v.tolist() for k, v in vars(line).items()},
        }

    def _design(self, k: int) -> dict[str, Any]:
        one = self.designs[k]
        return {
            "name": one.name,
            "as_written": one.written,
            "days": list(one.arm.doses[0].days),
            "dose": str(one.arm.doses[0].amount),
            "minutes": one.arm.doses[0].minutes,
            "session_days": [day for therapy in one.arm.therapies for day in therapy.days],
            "cumulative_dose": one.cumulative_dose,
            "infusions": one.infusions,
            "sessions": one.sessions,
            "cost": one.cost,
            "of_ketamine": self.part(k),
            **{world: answer.row(k) for world, answer in self.answers.items()},
        }
