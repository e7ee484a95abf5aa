"""Which arm is each person given, and from what was it decided?

Everyone stands in the order of entry. Each method returns an ``Allocation``: the arm of each
person, the probability of each arm at that moment, and, where there are blocks, their numbers; that
is the allocation log. Ratios are whole numbers, one for each arm: (2, 1) gives the first arm two of
three people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.input_error import InputError

MOST_PEOPLE = 1 << 20
"""More than any trial has; keeps counts of wins and losses apart in one number"""
GRID = 400
"""Points of the quadrature over success probabilities; more move no probability by 1e-4"""


@dataclass(frozen=True)
class Allocation:
    """The allocation log, a row a person in the order of entry."""

    arm: np.ndarray
    """Number of the arm"""
    probability: np.ndarray
    """[people, arms]: probability of each arm when this person was allocated, given all before"""
    block: np.ndarray
    """Number of the block within the stratum, from 1; 0 without blocks"""


def complete(people: int, ratio: Sequence[int], draw: np.random.Generator) -> Allocation:
    """Each person by an independent draw, so that sizes differ by chance."""
    shares = _shares(ratio)
    arm = draw.choice(len(shares), size=people, p=shares)
    return Allocation(arm, np.tile(shares, (people, 1)), np.zeros(people, dtype=int))


def permuted_blocks(
    stratum: np.ndarray, ratio: Sequence[int], sizes: Sequence[int], draw: np.random.Generator
) -> Allocation:
    """Within each stratum, blocks in random order that hold the ratio exactly.

    ``sizes`` are whole multiples of the sum of the ratio; with more than one, each block's size is
    drawn from them. One stratum for all gives unstratified blocks.
    """
    people = len(stratum)
    arm, block = np.zeros(people, dtype=int), np.zeros(people, dtype=int)
    probability = np.zeros((people, len(ratio)))
    for here, deck, number in dealt(stratum, ratio, sizes, draw):
        arm[here], block[here] = deck[: len(here)], number
        probability[here] = _left_in_deck(deck, len(ratio))[: len(here)]
    return Allocation(arm, probability, block)


def dealt(
    stratum: np.ndarray, ratio: Sequence[int], sizes: Sequence[int], draw: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Block by block: rows of its people, its arms in order, its number within the stratum."""
    ensure_block_sizes(ratio, sizes)
    held = {size: np.repeat(np.arange(len(ratio)), np.multiply(ratio, size // sum(ratio)))
            for size in sizes}  # fmt: skip
    for one in np.unique(stratum):
        rows, done, number = np.flatnonzero(stratum == one), 0, 0
        while done < len(rows):
            number += 1
            size = int(draw.choice(np.asarray(sizes)))
            deck = draw.permutation(held[size])
            yield rows[done : done + size], deck, number
            done += size


def _left_in_deck(deck: np.ndarray, arms: int) -> np.ndarray:
    """Share of each arm among the cards not yet dealt, before each deal."""
    ones = np.eye(arms)[deck]
    left = ones.sum(axis=0) - np.cumsum(ones, axis=0) + ones
    return left / left.sum(axis=1, keepdims=True)


def ensure_block_sizes(ratio: Sequence[int], sizes: Sequence[int]) -> None:
    """Refuse blocks that cannot hold the ratio."""
    unit = int(sum(ratio))
    wrong = [size for size in sizes if size < unit or size % unit]
    if wrong or not sizes:
        given = f"A block of {wrong[0]}" if wrong else "No block size"
        raise InputError(
            f"{given} cannot hold the ratio {':'.join(map(str, ratio))}; give multiples of {unit}."
        )


def minimisation(
    factors: np.ndarray, ratio: Sequence[int], probability: float, draw: np.random.Generator
) -> Allocation:
    """Pocock and Simon 1975 (Biometrics 31:103): mostly the arm that leaves factors most even.

    ``factors`` [people, factors] are levels. For each arm, imbalance is the sum over factors of
    the range, over arms, of people of the same level divided by the ratio, were the person given
    that arm. The arms of least imbalance share ``probability`` by the ratio, the others the rest.
    """
    u = draw.random(len(factors))
    arm, log = minimised(factors[None], ratio, probability, u[None])
    return Allocation(arm[0], log[0], np.zeros(len(factors), dtype=int))


def minimised(
    factors: np.ndarray, ratio: Sequence[int], probability: float, u: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Arms, and the probability of each, of many trials at once.

    ``factors`` is [trials, people, factors], ``u`` [trials, people] uniform numbers.
    """
    (trials, people, kinds), arms, shares = factors.shape, len(ratio), _shares(ratio)
    seen = np.zeros((trials, kinds, int(factors.max(initial=0)) + 1, arms))
    arm, log = np.zeros((trials, people), dtype=int), np.zeros((trials, people, arms))
    row, kind = np.arange(trials), np.arange(kinds)[None]
    for k in range(people):
        now = seen[row[:, None], kind, factors[:, k]]
        after = now[:, :, None, :] + np.eye(arms)[None, None]
        imbalance = np.ptp(after / np.asarray(ratio), axis=3).sum(axis=1)
        best = imbalance <= imbalance.min(axis=1, keepdims=True) + 1e-9
        log[:, k] = _biased(best, shares, probability)
        reached = np.cumsum(log[:, k], axis=1) <= u[:, k, None]
        arm[:, k] = np.minimum(reached.sum(axis=1), arms - 1)
        seen[row[:, None], kind, factors[:, k], arm[:, k, None]] += 1
    return arm, log


def _biased(best: np.ndarray, shares: np.ndarray, probability: float) -> np.ndarray:
    """The arms that are best share ``probability``, the others the rest; a row a trial."""
    favoured, rest = shares * best, shares * ~best
    with np.errstate(invalid="ignore"):
        one, other = (part / part.sum(axis=1, keepdims=True) for part in (favoured, rest))
    return np.where(
        best.all(axis=1, keepdims=True), shares,
        np.where(best, probability * one, (1 - probability) * other),
    )  # fmt: skip


def response_adaptive(
    success: np.ndarray, entry: np.ndarray, known: np.ndarray, ratio: Sequence[int],
    burn_in: int, least: float, draw: np.random.Generator,
) -> Allocation:  # fmt: skip
    """Towards the arm that is more probably the best (Thall and Wathen 2007).

    probability of arm j = Pr(arm j has the highest success probability | seen so far)^(k / 2 n)

    of person k of n, before scaling to 1 and keeping each arm at ``least``; success probabilities
    have uniform priors. The first ``burn_in`` people follow the ratio. ``success`` and ``known``
    [people, arms] say what each person would show in each arm, and the calendar day from which it
    is known; ``entry`` are calendar days, rising.
    """
    people = len(success)
    arm, log = adapted(
        success[None], entry[None], known[None], ratio, burn_in, least, draw.random(people)[None]
    )
    return Allocation(arm[0], log[0], np.zeros(people, dtype=int))


def adapted(
    success: np.ndarray, entry: np.ndarray, known: np.ndarray, ratio: Sequence[int],
    burn_in: int, least: float, u: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Arms, and the probability of each, of many trials at once.

    ``success`` and ``known`` are [trials, people, arms], ``entry`` and ``u`` [trials, people].
    """
    trials, people, arms = success.shape
    if least * arms > 1:
        raise InputError(f"A least share of {least:g} for {arms} arms is more than all people.")
    row = np.arange(trials)
    below: dict[int, np.ndarray] = {}
    arm, log = np.zeros((trials, people), dtype=int), np.zeros(success.shape)
    won, told = np.zeros((trials, people), dtype=bool), np.full((trials, people), np.inf)
    for k in range(people):
        log[:, k] = _shares(ratio)
        if k >= burn_in:
            seen = told[:, :k] <= entry[:, k, None]
            given = seen[:, :, None] & (arm[:, :k, None] == np.arange(arms))
            wins = (given & won[:, :k, None]).sum(axis=1)
            best = _best(wins, given.sum(axis=1) - wins, below)
            log[:, k] = _kept_above(best ** (k / (2 * people)), least)
        reached = np.cumsum(log[:, k], axis=1) <= u[:, k, None]
        arm[:, k] = np.minimum(reached.sum(axis=1), arms - 1)
        won[:, k], told[:, k] = success[row, k, arm[:, k]], known[row, k, arm[:, k]]
    return arm, log


def probability_best(wins: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Probability that each arm has the highest success probability, from uniform priors."""
    return _best(wins[None], losses[None], {})[0]


def _best(wins: np.ndarray, losses: np.ndarray, below: dict[int, np.ndarray]) -> np.ndarray:
    """[trials, arms]; ``below`` remembers distribution functions on the grid, by counts."""
    from scipy.stats import beta

    code = wins.astype(np.int64) * MOST_PEOPLE + losses
    new = [one for one in np.unique(code).tolist() if one not in below]
    if new:
        a, b = (np.array(part)[:, None] + 1 for part in np.divmod(new, MOST_PEOPLE))
        below.update(zip(new, beta.cdf(np.linspace(0.0, 1.0, GRID + 1), a, b), strict=True))
    found = np.array([[below[one] for one in row] for row in code.tolist()])
    middle = 0.5 * (found[..., 1:] + found[..., :-1])
    others = np.stack(
        [np.prod(np.delete(middle, j, axis=1), axis=1) for j in range(wins.shape[1])], axis=1
    )
    best = np.sum(np.diff(found, axis=2) * others, axis=2)
    return best / best.sum(axis=1, keepdims=True)


def _kept_above(weights: np.ndarray, least: float) -> np.ndarray:
    """[trials, arms] Weights scaled to 1, none below ``least``."""
    share = weights / weights.sum(axis=1, keepdims=True)
    low = np.zeros(share.shape, dtype=bool)
    while np.any((share < least - 1e-12) & ~low):
        low |= share < least
        rest = np.where(low, 0.0, weights)
        spare = 1 - least * low.sum(axis=1, keepdims=True)
        total = np.maximum(rest.sum(axis=1, keepdims=True), 1e-300)
        share = np.where(low, least, spare * rest / total)
    return share


def _shares(ratio: Sequence[int]) -> np.ndarray:
    if len(ratio) < 2 or min(ratio) < 1:
        raise InputError(
            f"The ratio {':'.join(map(str, ratio))} does not fit; give a whole number of 1 or more "
            "for each of two arms or more."
        )
    return np.asarray(ratio, dtype=float) / sum(ratio)
