"""Do draws of a trial's protocol carry how uncertain its site's own numbers are?"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit, logit

from resynapse.engine.checkpoint_error import CheckpointError
from resynapse.inference import weeks_judged
from resynapse.inference.forecasts import forecast
from resynapse.inference.forecasts.question import Question, Questions
from resynapse.inference.treated_course import SIZE
from resynapse.inference.weeks_judged import judged
from resynapse.protocol import Protocol, load
from resynapse.protocol.setting import Setting
from resynapse.trial import draw_courses
from resynapse.trial.fitted import fitted_at, fitted_for
from resynapse.trial.knowledge import drawn_arms
from resynapse.trial.live import Live
from resynapse.trial.parameter_set import middle, shipped_set
from resynapse.trial.power import designs
from resynapse.trial.power import people as power_people
from resynapse.trial.power.batch import CONTROL, TREATED
from resynapse.trial.power.outcome import outcome
from resynapse.trial.power.people import Population, for_endpoint, two_arms
from resynapse.trial.power.power import batches_of, extent
from resynapse.trial.power.question import Asked
from resynapse.trial.power.rehearsal import NAMES, rehearsed
from resynapse.trial.replay import replay
from resynapse.trial.search import asked as search_asked
from resynapse.trial.search import people as search_people
from resynapse.trial.search.search import _about
from resynapse.trial.simulate import simulate
from resynapse.trial.site_draws import DIFFERS, at_draw, intervals, with_site
from resynapse.trial.site_numbers import FIELDS, site_numbers
from resynapse.web import draws_worker

PEOPLE, DAYS = 48, 31.0
ENDPOINT = "retention_30_days"


@pytest.fixture(scope="module")
def trial():
    return load("ctn-0027").model_copy(
        update={"follow_up_days": DAYS, "visits": (), "endpoints": (ENDPOINT,)}
    )


@pytest.fixture(scope="module")
def fitted(trial):
    return fitted_at("calibrated", trial)


def _with(protocol: Protocol, **numbers: float) -> Protocol:
    site = protocol.setting.site.model_copy(update=numbers)
    setting = protocol.setting.model_copy(update={"site": site})
    return protocol.model_copy(update={"setting": setting})


def _caught(monkeypatch, module, *names: str) -> list[tuple[str, Protocol]]:
    """Under which name of a module each protocol is handed on; what is called works as before."""
    told: list[tuple[str, Protocol]] = []

    def caught(name, real):
        def called(protocol, *others, **named):
            told.append((name, protocol))
            return real(protocol, *others, **named)

        monkeypatch.setattr(module, name, called)

    for name in names:
        caught(name, getattr(module, name))
    return told


def _kept(path: str) -> np.ndarray:
    """Draws of one of CTN-0027's own numbers, as its set keeps them."""
    told = shipped_set("medications").made["over_studies"]
    return np.array(told["own_draws"])[:, told["paths"].index(path)]


def test_a_draw_has_the_row_of_the_trials_own_numbers_that_its_other_numbers_are_of(trial, fitted):
    rows = len(fitted.draws)

    for number in (0, 7, rows - 1, rows + 7):
        site = at_draw(trial, fitted, number).setting.site
        assert {path: getattr(site, name) for name, path in FIELDS.items()} == {
            path: _kept(path)[number % rows] for path in FIELDS.values()
        }
        Setting.model_validate(at_draw(trial, fitted, number).setting.model_dump())


@pytest.mark.parametrize("drug", ["methadone", "buprenorphine"])
def test_scale_and_shape_of_staying_go_together_as_in_the_fit(trial, fitted, drug):
    shape = [fitted.row(k)[f"medication_stop.{drug}_shape"] for k in range(len(fitted.draws))]
    scale = [
        getattr(at_draw(trial, fitted, k).setting.site, f"{drug}_stay_scale_days")
        for k in range(len(fitted.draws))
    ]

    assert np.corrcoef(np.log(scale), np.log(shape))[0, 1] < -0.6


def test_people_of_a_draw_live_as_if_the_protocol_had_these_numbers(trial, fitted):
    patient = middle("heroin", fitted)

    def stayed(protocol: Protocol) -> list[np.ndarray]:
        arms = drawn_arms(protocol, patient, 1, 7, {}, fitted, PEOPLE)
        return [run.result.patients["medication_stop_day"].to_numpy() for run in arms.values()]

    drawn = stayed(trial)
    row = {name: float(_kept(path)[7]) for name, path in FIELDS.items()}
    for one, same in zip(drawn, stayed(_with(trial, **row)), strict=True):
        assert np.array_equal(one, same, equal_nan=True)
    aside = _with(trial, **{name: 1.001 * getattr(trial.setting.site, name) for name in FIELDS})
    assert any(
        not np.array_equal(one, other, equal_nan=True)
        for one, other in zip(drawn, stayed(aside), strict=True)
    )


def test_a_number_that_was_changed_in_a_copy_stays_as_it_was_given(trial, fitted):
    site = at_draw(_with(trial, methadone_stay_scale_days=2000.0), fitted, 3).setting.site

    assert site.methadone_stay_scale_days == 2000.0
    assert site.bout_end_per_day == _kept("stop.baseline")[3]


@pytest.mark.parametrize("parameters", ["prior", "natural-history"])
def test_a_set_that_was_not_fitted_to_the_trial_leaves_its_numbers_where_they_are(
    trial, parameters
):
    here = fitted_at(parameters, trial)

    assert at_draw(trial, here, 3) is trial
    assert intervals(trial, here) == dict.fromkeys(site_numbers(trial))


def test_one_stage_alone_draws_them_too(trial):
    site = at_draw(trial, fitted_at("medications", trial), 3).setting.site

    assert site.methadone_stay_scale_days == _kept("medication_stop.methadone_scale")[3]


def test_a_protocol_without_numbers_of_its_own_is_drawn_as_it_is():
    smyth = load("smyth-2010")

    assert at_draw(smyth, fitted_at("calibrated", smyth), 3) is smyth
    assert intervals(smyth, fitted_at("calibrated", smyth)) == {}


def test_the_value_of_a_run_without_draws_lies_in_the_middle_of_them(trial, fitted):
    found = intervals(trial, fitted)

    assert found.keys() == site_numbers(trial).keys()
    for path, value in site_numbers(trial).items():
        assert np.percentile(_kept(path), 45) < value < np.percentile(_kept(path), 55)
        assert found[path] == pytest.approx(np.percentile(_kept(path), (5, 95)))


def _off(path: str) -> np.ndarray:
    """Draws of how CTN-0027's site differs, as its set keeps them."""
    told = shipped_set("medications").made["of_site"]
    return np.array(told["draws"])[:, told["paths"].index(path)]


def test_how_the_site_differs_is_of_the_row_that_its_other_numbers_are_of(trial, fitted):
    rows = len(fitted.draws)

    for number in (0, 7, rows + 7):
        drawn = fitted.row(number)
        assert {path: drawn[path] for path in DIFFERS} == {
            path: _off(path)[number % rows] for path in DIFFERS
        }
    hazard, own = _off("people.site_hazard"), np.log(_kept("lapse.uncommitted"))
    assert np.corrcoef(hazard, own)[0, 1] > 0.5
    assert {fitted.stage_of[path] for path in DIFFERS} == {"medications"}


def test_without_draws_the_site_is_as_the_protocol_has_it_in_the_middle_of_the_draws(trial, fitted):
    told = shipped_set("medications").made["of_site"]
    middle = dict(zip(told["paths"], told["medians"], strict=True))
    site = trial.setting.site

    assert {path: fitted.medians()[path] for path in DIFFERS} == dict.fromkeys(DIFFERS, 0.0)
    assert site.log_hazard == pytest.approx(middle["people.site_hazard"], abs=0.005)
    found = expit(middle["people.site_commitment"])
    assert site.uncommitted == pytest.approx(found, abs=0.0005)


def test_a_fit_with_another_middle_draws_about_its_own_and_not_the_protocols(trial, fitted):
    made = shipped_set("medications").made["of_site"]
    another = {**made, "medians": [0.4, float(logit(0.3))]}
    sets = dict(fitted.made)
    sets["medications"] = {**sets["medications"], "of_site": another}
    plain = replace(fitted_for("calibrated", "heroin"), made=sets)

    moved = with_site(plain, trial).medians()
    site = trial.setting.site

    assert site.log_hazard + moved["people.site_hazard"] == pytest.approx(0.4, abs=0.006)
    share = expit(logit(site.uncommitted) + moved["people.site_commitment"])
    assert share == pytest.approx(0.3, abs=0.002)


def test_a_run_its_replay_and_the_page_have_the_site_of_a_calibration_of_ones_own(trial, tmp_path):
    shipped, file = shipped_set("medications"), str(tmp_path / "mine.json")
    of_site = {**shipped.made["of_site"], "medians": [0.4, -0.85]}
    replace(shipped, made={**shipped.made, "of_site": of_site}).write(tmp_path / "mine.json")

    rows = simulate(trial, patients=8, draws=0, parameters=file).arms["methadone"].patients
    again = [replay(trial, key, parameters=file)[0].row for key in range(8)]
    ours = simulate(trial, patients=8, draws=0, parameters="medications").arms["methadone"].patients
    people = Live(parameters=file)._patient(trial, {}).people

    assert [one["bouts"] for one in again] == rows["bouts"].tolist() != ours["bouts"].tolist()
    assert people.site_hazard == pytest.approx(1.13, abs=0.006)
    assert people.site_commitment == pytest.approx(-1.08, abs=0.006)


def test_another_site_differs_as_sites_do(trial, fitted):
    moved = fitted_at("calibrated", _with(trial, log_hazard=0.0))

    assert set(fitted.paths) - set(moved.paths) == {"people.site_hazard"}
    assert not set(DIFFERS) & set(fitted_at("calibrated", load("smyth-2010")).paths)
    assert not set(DIFFERS) & set(fitted_at("natural-history", trial).paths)


@pytest.mark.parametrize("people", ["power", "search", "page"])
def test_all_that_draws_takes_how_the_site_differs_from_its_row(trial, monkeypatch, people):
    if people == "power":
        found = designs(trial, ENDPOINT)[0].people.fitted
    elif people == "search":
        asked = SimpleNamespace(parameters="calibrated", protocol=trial)
        found = search_asked.Asked.fitted.func(asked)
    else:
        told: list = []
        monkeypatch.setattr(draw_courses, "one_draw_over_time", lambda *a: told.append(a[-1]))
        asked = {
            "protocol": load("ctn-0027").model_dump(mode="json"),
            "parameters": "calibrated",
            "seed": 1,
            "draws": 1,
        }
        list(draws_worker.draws(asked))
        (found,) = told

    assert found.row(3)["people.site_hazard"] == _off("people.site_hazard")[3]


@pytest.mark.parametrize("draw", [None, 3])
def test_trials_played_out_at_a_draw_have_its_numbers(trial, fitted, monkeypatch, draw):
    told = _caught(monkeypatch, power_people, "Conduct", "arms_felt")
    two = two_arms(trial, "buprenorphine")
    Population(two, ENDPOINT, 1, fitted=fitted).worlds(0, 8, draw)

    wanted = two if draw is None else at_draw(two, fitted, draw)
    assert {name for name, _ in told} == {"Conduct", "arms_felt"}
    assert all(protocol == wanted for _, protocol in told)
    assert (wanted == two) == (draw is None)


def test_rows_that_rehearse_a_trial_are_of_the_people_whose_outcomes_it_had(trial, fitted):
    people = Population(for_endpoint(two_arms(trial, "buprenorphine"), ENDPOINT), ENDPOINT, 1,
                        fitted=fitted)  # fmt: skip
    everyone = np.arange(256)
    example = SimpleNamespace(
        treated=everyone, control=everyone, batch=0, sites=dict.fromkeys((TREATED, CONTROL))
    )
    had = people.worlds(0, len(everyone), 3)["as asked"]

    for name, rows in zip(NAMES, rehearsed(people, people, example, 256, 3), strict=True):
        again = outcome(ENDPOINT, rows.patients, rows.use_days)
        assert np.array_equal(had[name].whole, again.whole)


def test_batches_that_were_kept_before_a_draw_moved_the_site_are_not_mixed_in(
    trial, fitted, monkeypatch, tmp_path
):
    asked = Asked(ENDPOINT, n=(8,), trials=2)
    monkeypatch.setattr(Population, "worlds", lambda *_: {})

    def keep(draws: int, folder: str, **other: object) -> None:
        (design,) = designs(trial, ENDPOINT)
        much = extent(asked, draws=draws)
        design = replace(design, **other)
        next(batches_of(design, much, tmp_path / folder, 1))

    (now,) = designs(trial, ENDPOINT)
    by = {"spread of the site's own numbers": dict.fromkeys(FIELDS.values(), "medications")}
    content = fitted_at("calibrated", trial).content
    assert now.of_draws == {"set of parameters": content, **by}
    keep(2, "now")
    keep(2, "now")
    keep(2, "before", of_draws={"set of parameters": content})
    with pytest.raises(CheckpointError, match="another spread of the site's own numbers, so"):
        keep(2, "before")
    keep(2, "other", of_draws={**now.of_draws, "set of parameters": "another"})
    with pytest.raises(CheckpointError, match="another set of parameters, so"):
        keep(2, "other")
    keep(0, "middle", of_draws={})
    keep(0, "middle")


def test_searches_that_were_kept_before_a_draw_moved_the_site_are_not_mixed_in(trial):
    site = _with(trial, **dict.fromkeys(FIELDS))

    def told(protocol: Protocol) -> set[str]:
        asked = SimpleNamespace(
            protocol=protocol, fitted=fitted_for("calibrated", "heroin"), benefit="", burden="",
            costs={}, limits=(), people=8, seed=1, switches={}, settings={},
        )  # fmt: skip
        return set(_about(asked, []))

    assert told(trial) - told(site) == {"spread of the site's own numbers"}


def test_a_search_sends_people_through_the_site_of_their_draw(trial, fitted, monkeypatch):
    told = _caught(monkeypatch, search_people, "Conduct", "patients_table")
    reference, other = trial.arms
    alone = trial.model_copy(update={"arms": (reference,)})
    searched = search_people.People(alone, ENDPOINT, 1, 8, fitted=fitted)
    assert len(list(searched.through("default", 3, [other]))) == 2

    assert {name for name, _ in told} == {"Conduct", "patients_table"}
    assert all(one.setting == at_draw(trial, fitted, 3).setting for _, one in told)


def test_weeks_are_judged_and_forecasts_made_at_these_draws(trial, fitted, monkeypatch):
    used: list[float] = []

    def course(protocol, values, people, first):
        used.append(protocol.setting.site.bout_end_per_day)
        return np.full((2, SIZE), 0.5)

    def simulated(protocol, *_):
        used.append(protocol.setting.site.bout_end_per_day)
        return {}

    own = _kept("stop.baseline")
    monkeypatch.setattr(judged, "treated_course", course)
    monkeypatch.setattr(forecast, "simulated", simulated)
    monkeypatch.setattr(forecast, "_value", lambda *_: 0.0)
    monkeypatch.setattr(forecast, "_trials", lambda *_: ())

    weeks_judged.judge(lambda share, text: None, draws=3, people=8)
    assert sorted(used) == sorted(own[np.linspace(0, len(own) - 1, 3).astype(int)])
    used.clear()
    one = Question("retention_30_days", "methadone", "proportion")
    asked = Questions("ctn-0027", "", (), {}, (one,))
    forecast._values(trial, asked, {}, fitted, 3, 8, 1, "native", lambda share: None)
    assert used == [*own[:3]]
