"""How does a protocol's randomisation allocate the people of a trial?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.protocol import Protocol
from resynapse.protocol.conduct import Randomisation, TrialConduct
from resynapse.trial import randomisation
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.randomisation import Allocation
from resynapse.trial.time_to_event import time_to_event

NO_STRATA = "all"


def strata(baseline: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """The stratum of each person in words, such as ``site-1, female 1``."""
    if not names:
        return np.full(len(baseline), NO_STRATA, dtype=object)
    known = {name: baseline[name].to_numpy() for name in baseline}
    parts = [[f"{name} {level}" for level in _level(known, name)] for name in names]
    return np.array([", ".join(words) for words in zip(*parts, strict=True)], dtype=object)


def levels(baseline: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """[people, factors] The level of each factor by number, all alike without factors."""
    people = len(next(iter(baseline.values())))
    found = [np.unique(_level(baseline, name), return_inverse=True)[1] for name in names]
    return np.column_stack(found) if found else np.zeros((people, 1), dtype=int)


def _level(baseline: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """The level of one factor: its value, or 1 above the number."""
    column, _, above = name.partition(" above ")
    values = np.asarray(baseline[column])
    return (values > float(above)).astype(int) if above else values


def ratio_of(how: Randomisation, outcomes: PotentialOutcomes) -> tuple[int, ...]:
    """Parts of each arm, by default those of the arms' own allocation; one for each, or refused."""
    arms = outcomes.arms
    ratio = how.ratio or whole_parts(outcomes.allocation or (1.0,) * len(arms))
    ensure_one_part_each(ratio, arms)
    return ratio


def of_two(how: TrialConduct, protocol: Protocol, treated: str) -> TrialConduct:
    """The conduct of the trial of one arm against the reference: its part of ratio and blocks."""
    rule, names = how.randomisation, [arm.id for arm in protocol.arms]
    whole = rule.ratio or whole_parts([arm.allocation for arm in protocol.arms])
    ensure_one_part_each(whole, names)
    two = tuple(whole[names.index(name)] for name in (protocol.reference, treated))
    parts = tuple(part // gcd(*two) for part in two)
    randomisation.ensure_block_sizes(whole, rule.block_sizes or (sum(whole),))
    sizes = tuple(size // sum(whole) * sum(two) for size in rule.block_sizes)
    own = {"ratio": parts, "block_sizes": sizes or (2 * sum(parts),)}
    return how.model_copy(update={"randomisation": rule.model_copy(update=own)})


def ratio_of_two(how: TrialConduct) -> float:
    """Treated for each control, of a conduct of two arms."""
    control, treated = how.randomisation.ratio
    return treated / control


def ensure_one_part_each(ratio: Sequence[int], arms: Sequence[str]) -> None:
    """Refuse a ratio that has not one part for each arm."""
    if len(ratio) != len(arms):
        raise InputError(
            f"The ratio {':'.join(map(str, ratio))} has {len(ratio)} parts, but there are "
            f"{len(arms)} arms ({', '.join(arms)}); give one part for each."
        )


def whole_parts(allocation: Sequence[float]) -> tuple[int, ...]:
    """The ratio in the smallest whole numbers; shares are read to a twentieth of the least."""
    least = min(allocation)
    parts = [Fraction(one / least).limit_denominator(20) for one in allocation]
    unit = lcm(*(part.denominator for part in parts))
    return tuple(int(part * unit) for part in parts)


def allocated(
    how: Randomisation, outcomes: PotentialOutcomes, chosen: np.ndarray, entered: pd.DataFrame,
    event: str, draw: np.random.Generator,
) -> Allocation:  # fmt: skip
    """The allocation of the chosen people, in the order of entry.

    ``entered`` holds their baseline with ``site``, ``stratum`` and ``entry_day``; ``event`` is what
    counts as failure where the allocation follows the responses.
    """
    ratio, entry = ratio_of(how, outcomes), entered["entry_day"].to_numpy()
    if how.method == "complete":
        return randomisation.complete(len(chosen), ratio, draw)
    if how.method == "permuted-block":
        numbers = np.unique(entered["stratum"].to_numpy().astype(str), return_inverse=True)[1]
        sizes = how.block_sizes or (2 * sum(ratio),)
        return randomisation.permuted_blocks(numbers, ratio, sizes, draw)
    if how.method == "minimisation":
        known = {name: entered[name].to_numpy() for name in entered}
        factors = levels(known, how.strata)
        return randomisation.minimisation(factors, ratio, how.probability, draw)
    success, after = _responses(how, outcomes, chosen, event)
    return randomisation.response_adaptive(
        success, entry, entry[:, None] + after, ratio, how.burn_in, how.least, draw
    )


def _responses(
    how: Randomisation, outcomes: PotentialOutcomes, chosen: np.ndarray, event: str
) -> tuple[np.ndarray, np.ndarray]:
    """[people, arms]: no event seen by the day of success while still there; days until known."""
    success, after = [], []
    for arm in outcomes.arms:
        table = outcomes.patients[arm].iloc[chosen]
        seen = time_to_event(event, table, outcomes.use_days[arm][chosen])
        success.append(seen.time >= how.success_day)
        origin = table["origin_day"].to_numpy(dtype=float)
        after.append(origin + np.minimum(seen.time, how.success_day))
    return np.column_stack(success), np.column_stack(after)
