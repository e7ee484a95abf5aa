"""What tables would a trial of n people leave, were it run with people of a simulated population?

Everything random of a trial hangs on the seed, the number of the trial and what it is for, so that
two designs with the same seed enrol the same people on the same days, and a change of the
randomisation moves nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.accrual import Rates, Recruitment, Site, recruit
from resynapse.trial.allocation import allocated, strata
from resynapse.trial.endpoint_name import MONTH_DAYS
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.randomisation import Allocation
from resynapse.trial.seen import Run, people_table
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.visit_course import visits_table


@dataclass(frozen=True)
class Trial:
    """One trial as it was run, as tables that ``resynapse analyse`` reads."""

    people: pd.DataFrame
    """A row a person, in the order of entry: ``person``, ``arm``, ``site``, ``stratum``,
    ``entry_day`` (calendar), baseline columns, ``time`` and ``event`` (days from the origin to the
    event, 1 where it was seen), ``dropped_out`` and ``dropout_day``, ``guess``"""
    visits: pd.DataFrame
    """A row a person and visit that was due: ``person``, ``arm``, ``visit`` (number), ``due_day``,
    ``day``, ``attended``, ``urine``, ``reported_use_days``, scales; days from entry"""
    log: pd.DataFrame
    """The allocation log: ``person``, ``entry_day``, ``site``, ``stratum``, ``block``, ``arm``, and
    ``probability_ARM`` of each arm at that moment"""
    sites: pd.DataFrame
    """A row a site: ``site``, ``screened``, ``not_eligible``, ``randomised``"""


def trial(
    outcomes: PotentialOutcomes, people: int, seed: int, replicate: int = 0,
    conduct: TrialConduct | None = None, event: str = "lapse",
) -> Trial:  # fmt: skip
    """One trial of so many people over all arms, drawn without replacement from the population.

    ``event`` is one of ``time_to_event.EVENTS``. Raises InputError where the population holds
    fewer people than the trial, or the conduct does not fit the arms.
    """
    how = conduct or TrialConduct()
    streams = Streams(seed, replicate)
    entered = enrolled(outcomes, people, streams, how, event)
    frame, given = entered.frame, entered.given
    run = Run(outcomes, how, entered.chosen, given.arm, streams)
    chances = {
        f"probability_{name}": given.probability[:, k] for k, name in enumerate(outcomes.arms)
    }
    frame.insert(1, "arm", np.array(outcomes.arms, dtype=object)[given.arm])
    log = frame[["person", "entry_day", "site", "stratum", "arm"]]
    return Trial(
        people=people_table(run, frame, event),
        visits=visits_table(run),
        log=log.assign(block=given.block, **chances),
        sites=_sites(how, entered.recruitment),
    )


@dataclass(frozen=True)
class Enrolled:
    """Who is in a trial and what each was given, in the order of entry."""

    chosen: np.ndarray
    """Rows of the population"""
    recruitment: Recruitment
    frame: pd.DataFrame
    """What is known of people when they are randomised"""
    given: Allocation


def enrolled(
    outcomes: PotentialOutcomes, people: int, streams: Streams, how: TrialConduct, event: str
) -> Enrolled:
    """People drawn without replacement, their days and sites, and their arms."""
    ensure_enough(outcomes.people, people)
    chosen = streams.of(Draw.PEOPLE).permutation(outcomes.people)[:people]
    entered = recruited(how, people, streams)
    frame = _entered(outcomes, how, chosen, entered)
    draw = streams.of(Draw.ALLOCATION)
    given = allocated(how.randomisation, outcomes, chosen, frame, event, draw)
    return Enrolled(chosen, entered, frame, given)


def trials(
    outcomes: PotentialOutcomes, people: int, replicates: int, seed: int,
    conduct: TrialConduct | None = None, event: str = "lapse",
) -> Iterator[Trial]:  # fmt: skip
    """So many trials, one by one; trial k is the same whatever else is asked for."""
    ensure_enough(outcomes.people, people)
    for replicate in range(replicates):
        yield trial(outcomes, people, seed, replicate, conduct, event)


def ensure_enough(population: int, people: int) -> None:
    """Refuse a trial of more people than there are."""
    if not 2 <= people <= population:
        raise InputError(
            f"A trial of {people} people cannot be drawn from a population of {population}; "
            "give at least 2 and at most as many as were simulated for each arm."
        )


def recruited(how: TrialConduct, people: int, streams: Streams) -> Recruitment:
    """Who enters when and where."""
    rates = Rates(
        tuple(period.from_day for period in how.accrual),
        tuple(period.per_month / MONTH_DAYS for period in how.accrual),
    )
    sites = [Site(site.name, site.share, site.opens_day) for site in how.sites]
    return recruit(people, rates, sites, how.screening_failure, streams.of(Draw.ACCRUAL))


def _entered(
    outcomes: PotentialOutcomes, how: TrialConduct, chosen: np.ndarray, entered: Recruitment
) -> pd.DataFrame:
    """What is known of people when they are randomised, in the order of entry."""
    frame = outcomes.baseline.iloc[chosen].reset_index(drop=True)
    frame = frame.drop(columns="committed").rename(columns={"patient": "person"})
    frame["site"] = np.array(how.site_names, dtype=object)[entered.site]
    frame["entry_day"] = entered.entry_day
    frame["stratum"] = strata(frame, how.randomisation.strata)
    return frame


def _sites(how: TrialConduct, entered: Recruitment) -> pd.DataFrame:
    screened, randomised = entered.screened, entered.randomised
    return pd.DataFrame(
        {"site": how.site_names, "screened": screened, "not_eligible": screened - randomised,
         "randomised": randomised}
    )  # fmt: skip
