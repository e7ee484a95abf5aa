"""Is a trial that is drawn from a population the trial that was asked for?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conduct.population import DAYS, population
from resynapse.input_error import InputError
from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.analysis import analyse
from resynapse.trial.analysis.plan import Plan
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.trials import trial, trials
from resynapse.trial.visit_course import urine_words

POPULATION = population()
DETAILED = {
    "sites": 3, "screening_failure": 0.2, "accrual": [{"per_month": 12}],
    "randomisation": {"ratio": "2:1", "strata": ["site", "female"]},
}  # fmt: skip


def conduct(**changed) -> TrialConduct:
    return TrialConduct.model_validate({**DETAILED, **changed})


def test_each_person_shows_what_the_simulation_found_in_the_arm_that_they_were_given():
    found = trial(POPULATION, 120, seed=1, conduct=conduct()).people

    for arm in POPULATION.arms:
        here = found[found["arm"] == arm]
        first = POPULATION.patients[arm].set_index("patient").loc[here["person"], "first_use_day"]
        seen = here["event"].to_numpy() == 1
        assert seen.any()
        assert here["time"].to_numpy()[seen] == pytest.approx(first.to_numpy()[seen])


def test_a_trial_is_the_same_whichever_others_are_drawn_beside_it():
    alone = trial(POPULATION, 80, seed=7, replicate=2, conduct=conduct())
    among = list(trials(POPULATION, 80, 3, seed=7, conduct=conduct()))[2]

    for one, other in zip(_tables(alone), _tables(among), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_another_randomisation_enrols_the_same_people_on_the_same_days():
    blocks = trial(POPULATION, 80, seed=7, conduct=conduct()).people
    minimised = {"method": "minimisation", "strata": ["site", "female"]}
    other = trial(POPULATION, 80, seed=7, conduct=conduct(randomisation=minimised)).people

    same = ["person", "entry_day", "site"]
    pd.testing.assert_frame_equal(blocks[same], other[same])
    assert (blocks["arm"] != other["arm"]).any()


def test_the_log_and_the_sites_agree_with_the_people():
    found = trial(POPULATION, 90, seed=3, conduct=conduct())

    assert found.log["arm"].tolist() == found.people["arm"].tolist()
    assert found.sites["randomised"].sum() == 90
    assert (
        found.sites["screened"] == found.sites["randomised"] + found.sites["not_eligible"]
    ).all()
    given = [row[f"probability_{row['arm']}"] for row in found.log.to_dict("records")]
    assert min(given) > 0


def test_people_who_use_miss_more_visits_where_the_protocol_says_so():
    often = {"visits": {"missed": 0.05, "missed_using": 0.6, "window_days": 0}}
    visits = trial(POPULATION, 400, seed=5, conduct=conduct(**often)).visits

    here = visits[(visits["reason"].isin(["", "missed"])) & (visits["due_day"] % 7 == 0)]
    used = _used_in_the_week_before(here)
    missed = (here["reason"] == "missed").to_numpy()
    assert missed[used].mean() == pytest.approx(0.6, abs=4 * np.sqrt(0.24 / used.sum()))
    assert missed[~used].mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.0475 / (~used).sum()))


def _used_in_the_week_before(visits: pd.DataFrame) -> np.ndarray:
    found = []
    for row in visits.itertuples():
        used = POPULATION.use_days[row.arm][row.person]
        found.append(bool(used[int(row.due_day) - 7 : int(row.due_day)].any()))
    return np.array(found)


def test_nothing_is_seen_after_a_person_has_left():
    found = trial(POPULATION, 300, seed=5)
    left = found.people.set_index("person")["dropout_day"]

    seen = found.visits[found.visits["attended"] == 1]
    assert left.notna().sum() > 30
    assert (seen["day"] <= seen["person"].map(left).fillna(np.inf)).all()
    missing = found.visits[found.visits["attended"] == 0]
    assert (missing["urine"].isin(["o", "_"])).all()
    assert missing["craving_vas"].isna().all()


def test_deaths_come_at_the_probability_of_the_model_and_only_on_days_of_use():
    found = trial(POPULATION, 400, seed=2, conduct=conduct(interruptions={"deaths": True})).people
    without = trial(POPULATION, 400, seed=2, conduct=conduct()).people

    died = found[found["died"] == 1]
    assert without["died"].sum() == 0
    assert 3 <= len(died) <= 40  # 400 people at 0.049, less those who left or never used
    for row in died.itertuples():
        assert POPULATION.use_days[row.arm][row.person][int(row.death_day)] == 1


def test_incarceration_hides_visits_for_as_long_as_it_lasts():
    jail = {"incarcerations_per_year": 5.0, "incarcerated_days": 28}
    visits = trial(POPULATION, 200, seed=2, conduct=conduct(interruptions=jail)).visits

    hidden = visits[visits["reason"] == "incarcerated"]
    most = hidden.groupby("person").size().max()
    assert len(hidden) > 100 and 4 <= most <= 6
    assert (hidden["attended"] == 0).all()


def test_urines_of_a_trial_become_words_that_a_plan_reads():
    found = trial(POPULATION, 300, seed=1, conduct=conduct())
    words = urine_words(found.visits)
    table = found.people.merge(words, left_on="person", right_index=True)
    relapse = {"name": "relapse", "definition": "relapse_ctn0051", "word": "urines"}
    wish = {"method": "log_rank", "time": "relapse_time", "event": "relapse_event"}

    (answer,) = analyse(table, Plan.model_validate({"endpoints": [relapse], "analyses": [wish]}))

    assert set(words.str.len()) == {DAYS // 7}
    assert answer.failed is None and answer.events > 10


def test_without_error_a_urine_is_positive_exactly_where_use_lies_in_its_window():
    exact = {"urine": {"detection_days": 3, "sensitivity": 1.0, "specificity": 1.0}}
    visits = trial(POPULATION, 200, seed=1, conduct=conduct(**exact)).visits

    for row in visits[(visits["attended"] == 1) & (visits["urine"] != "_")].itertuples():
        used = POPULATION.use_days[row.arm][row.person]
        window = used[max(int(row.day) - 3, 0) : int(row.day) + 1]
        assert (row.urine == "+") == bool(window.any())


def test_analyse_reads_the_table_of_people_as_it_is():
    people = trial(POPULATION, 300, seed=1, conduct=conduct()).people
    plan = Plan.model_validate(
        {
            "reference": "saline",
            "analyses": [{"method": "cox"}, {"method": "log_rank", "strata": ["site"]}],
        }
    )

    cox, log_rank = analyse(people, plan)

    assert cox.failed is None and log_rank.failed is None
    assert 0.3 < cox.estimates[0].estimate < 0.8  # people of ketamine use at half the hazard


@pytest.mark.parametrize(
    ("people", "given", "said"),
    [
        (1, {}, "cannot be drawn from a population of 400"),
        (401, {}, "cannot be drawn from a population of 400"),
        (20, {"randomisation": {"ratio": "1:1:1"}}, "has 3 parts, but there are 2 arms"),
        (20, {"randomisation": {"ratio": "2:1", "block_sizes": [4]}}, "A block of 4 cannot hold"),
    ],
)
def test_a_trial_that_does_not_fit_its_arms_is_refused(people, given, said):
    with pytest.raises(InputError, match=said):
        trial(POPULATION, people, seed=1, conduct=conduct(**given))


def test_arms_of_different_people_are_refused():
    other = population(seed=2)
    shifted = other.patients["ketamine"].assign(patient=lambda one: one["patient"] + 1)

    with pytest.raises(InputError, match="same people"):
        PotentialOutcomes({"saline": other.patients["saline"], "ketamine": shifted}, {}, "saline")


def test_follow_up_ends_where_the_simulation_ends():
    visits = trial(POPULATION, 40, seed=1).visits

    assert visits["due_day"].max() == DAYS
    assert (visits["day"].dropna() <= DAYS).all()


def _tables(one) -> list[pd.DataFrame]:
    return [one.people, one.visits, one.log, one.sites]
