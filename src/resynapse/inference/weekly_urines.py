"""What would the weekly urines of people in treatment show, given who uses?

With a = 1 for use in the days that a urine shows, sensitivity s_1, specificity s_0, and m_a the
chance that no urine is given:

    e_a(+) = (1 - m_a) (a s_1 + (1 - a) (1 - s_0))                        1
    e_a(-) = (1 - m_a) (a (1 - s_1) + (1 - a) s_0)                        1
    positive of those tested        = E e(+) / E (e(+) + e(-))            over a
    positive after x, of tested     = E e_a(x) e_b(+) / E e_a(x) (e_b(+) + e_b(-))     over a, b
    missing                         = E m_b                               over b
    missing after x                 = E e_a(x) m_b / E e_a(x)             over a, b
    positive after missing          = E m_a e_b(+) / E m_a (e_b(+) + e_b(-))           over a, b

a and b are weeks of one person, whose joint law is the chance of a and of b after it. Whether a
urine is given depends on nothing but use in that week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from resynapse.inference.treated_course import DAYS, PAIRS, WEEKS, WHILE_IN_TREATMENT
from resynapse.protocol.conduct import Urine


@dataclass(frozen=True)
class Screen:
    """How a use shows: e(+), e(-) and m, each a pair: without use, with use."""

    positive: Any
    negative: Any
    missing: Any

    @classmethod
    def of(cls, urine: Urine, missed: Any, missed_using: Any) -> Screen:
        """The screen of a trial whose people give no urine with these chances."""
        missing = jnp.stack([missed, missed_using])
        shows = jnp.array([1.0 - urine.specificity, urine.sensitivity])
        return cls((1.0 - missing) * shows, (1.0 - missing) * (1.0 - shows), missing)


def shown(statistics: Any, screen: Screen) -> Any:
    """The shares of ``weeks_in_treatment`` in the order of its quantities, of one arm."""
    start, kinds = len(DAYS) + len(WEEKS), len(PAIRS)
    retained, used = statistics[: len(DAYS)], statistics[len(DAYS) : start]
    pairs = statistics[start:WHILE_IN_TREATMENT].reshape(kinds, 3)
    *tested, whole = (_joint(*pairs[k]) for k in range(kinds))
    following = [
        _positive_after(first, joint, screen)
        for joint in tested
        for first in (screen.negative, screen.positive)
    ]
    ever = jnp.sum(whole * screen.missing)
    missing = [
        jnp.sum(whole * first[:, None] * screen.missing) / jnp.sum(whole * first[:, None])
        for first in (screen.negative, screen.positive)
    ]
    last = _positive_after(screen.missing, whole, screen)
    return jnp.concatenate(
        [retained, positive(used, screen), jnp.stack([*following, ever, *missing, last])]
    )


def positive(used: Any, screen: Screen) -> Any:
    """Share positive of those tested, where this share uses."""
    yes = used * screen.positive[1] + (1.0 - used) * screen.positive[0]
    no = used * screen.negative[1] + (1.0 - used) * screen.negative[0]
    return yes / (yes + no)


def given(used: Any, screen: Screen) -> Any:
    """Share that gives a urine, where this share uses."""
    return 1.0 - used * screen.missing[1] - (1.0 - used) * screen.missing[0]


def states(begun: Any, used: Any, screen: Screen) -> Any:
    """Of all randomised: negative, positive and missing, of weeks [..., weeks]: [..., weeks, 3].

    ``begun`` begin the week in treatment and ``used`` of them use in it; who begins a week gives
    its urine, or none, as people in treatment do.
    """
    here = begun * given(used, screen)
    share = positive(used, screen)
    return jnp.stack([here * (1.0 - share), here * share, 1.0 - here], axis=-1)


def _joint(first: Any, after_none: Any, after_use: Any) -> Any:
    """Chance of each pair of weeks, [a, b]."""
    later = jnp.stack([after_none, after_use])
    return jnp.stack([1.0 - first, first])[:, None] * jnp.stack([1.0 - later, later], axis=1)


def _positive_after(first: Any, joint: Any, screen: Screen) -> Any:
    yes = jnp.sum(joint * first[:, None] * screen.positive)
    return yes / (yes + jnp.sum(joint * first[:, None] * screen.negative))
