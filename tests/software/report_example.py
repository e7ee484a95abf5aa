"""A toy result to draw: curves from closed forms that mean nothing, in the shape of a real one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from resynapse.evidence import published
from resynapse.protocol import Protocol, load
from resynapse.trial.comparison import comparisons
from resynapse.trial.endpoint import estimates
from resynapse.trial.endpoint_name import endpoints_for
from resynapse.trial.estimate import mean, proportion
from resynapse.trial.result import ArmResult, PublishedValue, Result

PERCENTILES = [10, 50, 90]
SPREAD = np.array([0.7, 1.0, 1.4])
MINUTES = np.array([*range(0, 60, 5), *range(60, 240, 10), *range(240, 1441, 60)], float)


def toy_result(protocol: str | Protocol = "krupitsky-2002", people: int = 200) -> Result:
    """Every part of a result; later arms do a little better."""
    plan = load(protocol) if isinstance(protocol, str) else protocol
    ids = [arm.id for arm in plan.arms]
    strength = {id: 0.2 + 0.8 * place / len(ids) for place, id in enumerate(reversed(ids))}
    arms = _arms(plan, strength, people)
    weak = {id: 0.2 + 0.3 * (value - 0.2) for id, value in strength.items()}
    rival = _arms(plan, weak, people)
    window_off = _arms(plan, {id: 0.5 * value + 0.1 for id, value in strength.items()}, people)
    names = list(arms[ids[0]].endpoints)
    return Result(
        protocol=plan,
        seed=7,
        patients_per_arm=people,
        parameters="prior",
        backend="native",
        arms=arms,
        comparisons=comparisons(arms, plan.reference, names),
        rival=rival,
        window_off=window_off,
        published=_published(plan),
        acute=_acute(strength),
        chronic=_chronic(strength, plan.follow_up_days),
        knowledge=_knowledge(ids, names),
        wall_seconds=12.3,
        reference_kinetics=_kinetics(),
        parameter_counts={"measured": (64, 0.18), "derived": (41, 0.21), "assumed": (58, 0.61)},
        parameters_table=_parameters(),
        manifest={
            "version": "0.1.0",
            "commit": "0" * 40,
            "protocol_hash": "3f9a2c" * 8,
            "parameter_hash": "81d0ab" * 8,
            "date": "24 November 2026",
        },
        events=pd.DataFrame({"arm": [], "patient": [], "day": [], "event": [], "detail": []}),
    )


def six_arms() -> Result:
    """As many arms as a report can show."""
    return toy_result(with_arms(6), people=120)


def with_arms(count: int) -> Protocol:
    """The example with copies of its first arm."""
    plan = load("krupitsky-2002")
    ids = ("low", "0.5 im", "1.0 im", "2.0 im", "2.0 im x3", "no therapy")
    names = [*ids, *(f"more{extra}" for extra in range(count))][:count]
    arms = tuple(
        plan.arms[0].model_copy(update={"id": name.replace(" ", "-"), "label": name})
        for name in names
    )
    return plan.model_copy(update={"arms": arms, "reference": "low"})


def without(result: Result, *parts: str) -> Result:
    """The same result with empty parts."""
    return replace(result, **{part: type(getattr(result, part))() for part in parts})


def _arms(plan: Protocol, strength: dict[str, float], people: int) -> dict[str, ArmResult]:
    return {arm.id: _arm(plan, arm.id, arm.label, strength[arm.id], people) for arm in plan.arms}


def _arm(plan: Protocol, id: str, label: str, strength: float, people: int) -> ArmResult:
    random = np.random.default_rng(11)
    days = int(np.ceil(plan.follow_up_days))
    origin = plan.origin_day(plan.arm(id))
    first = origin + random.exponential(20 + 300 * strength, people) * random.choice(
        [0.2, 2], people
    )
    leaves = random.exponential(2000 + 800 * strength, people)
    use = np.zeros((people, days), np.uint8)
    for row, day in enumerate(first):
        spell = np.arange(days) >= day
        use[row] = spell & (random.random(days) < 0.8 - 0.4 * strength)
    patients = pd.DataFrame(
        {
            "patient": np.arange(people),
            "weight_kg": random.normal(70, 10, people),
            "committed": random.random(people) < 0.8,
            "first_use_day": np.where(first < days, first, np.nan),
            "relapse_day": np.where(first + 20 < days, first + 20, np.nan),
            "dropout_day": np.where(leaves < days, leaves, np.nan),
            "overdose_deaths_expected": random.exponential(0.02, people),
            "days_in_community": np.full(people, days - plan.setting.community_day),
            "origin_day": np.full(people, origin),
            "end_day": np.full(people, float(days)),
            "community_day": np.full(people, plan.setting.community_day),
        }
    )
    for scale, level in (("craving_vas", 60), ("mood_madrs", 24), ("withdrawal_cows", 11)):
        for day in plan.visits:
            patients[f"{scale}_day_{day:g}"] = random.normal(
                level * (1 - 0.4 * strength), 6, people
            )
    names = [n for n in endpoints_for((), plan.follow_up_days, origin) if "_day_" not in n]
    return ArmResult(
        id=id,
        label=label,
        sentence=f"{label}, once, with the therapy of the trial.",
        patients=patients,
        use_days=use,
        endpoints=estimates(names, patients, use),
        states={},
        safety={
            "dissociation_peak": mean(random.normal(10 + 30 * strength, 8, people), "CADSS 0-84"),
            "pressure_peak_rise": mean(random.normal(8 + 18 * strength, 5, people), "mmHg"),
            "nausea": proportion(random.random(people) < 0.1 + 0.2 * strength),
        },
    )


def _published(plan: Protocol) -> list[PublishedValue]:
    values = published(plan.study) if plan.study else ()
    return [PublishedValue(**vars(value)) for value in values if value.arm != "all"]


def _bands(middle: np.ndarray, highest: float = np.inf) -> np.ndarray:
    return np.minimum(np.multiply.outer(middle, SPREAD), highest)


def _infused(minute: np.ndarray, level: float, fast: float, slow: float) -> np.ndarray:
    rise = 1 - np.exp(-np.minimum(minute, 40.0) / fast)
    fall = np.exp(-np.maximum(minute - 40.0, 0.0) / slow)
    return level * rise * (0.6 * fall**4 + 0.4 * fall)


def _acute_curves(share: float, minute: np.ndarray) -> dict[str, np.ndarray]:
    blood = _infused(minute, 330 * share + 1e-3, 18, 120)
    return {
        "arterial_ketamine": _bands(blood),
        "venous_ketamine": _bands(0.68 * blood),
        "venous_norketamine": _bands(0.3 * blood),
        "block_interneuron": _bands(blood / (blood + 250), 1.0),
        "surge": _bands(0.01 * blood * np.exp(-blood / 400)),
        "dissociation": _bands(0.12 * blood, 84.0),
        "pressure_rise": _bands(0.07 * blood),
        "sedation": _bands(0.001 * blood, 1.0),
    }


def _dataset(arms: dict[str, dict[str, np.ndarray]], time: str, at: np.ndarray) -> xr.Dataset:
    names = next(iter(arms.values()))
    data = {
        name: (("arm", time, "percentile"), np.stack([curves[name] for curves in arms.values()]))
        for name in names
    }
    return xr.Dataset(data, {"arm": list(arms), time: at, "percentile": PERCENTILES})


def _acute(strength: dict[str, float]) -> xr.Dataset:
    return _dataset(
        {id: _acute_curves(s, MINUTES) for id, s in strength.items()}, "minute", MINUTES
    )


def _kinetics() -> xr.Dataset:
    curves = _acute_curves(1.0, MINUTES)
    data = {name: (("minute", "percentile"), values) for name, values in curves.items()}
    return xr.Dataset(data, {"minute": MINUTES, "percentile": PERCENTILES})


def _chronic(strength: dict[str, float], end: float) -> xr.Dataset:
    day = np.array([*range(15), *np.arange(21.0, end, 7.0)])
    return _dataset({id: _chronic_curves(s, day) for id, s in strength.items()}, "day", day)


def _chronic_curves(s: float, day: np.ndarray) -> dict[str, np.ndarray]:
    after = np.maximum(day - 3.0, 0.0)
    return {
        "window": _bands(1.6 * s * (np.exp(-after / 4.2) - np.exp(-after / 0.9)), 1.0),
        "sustained": _bands(s * 0.5 * (1 - np.exp(-after / 4)) * np.exp(-after / 30), 1.0),
        "drug_memory": _bands(0.7 * np.exp(-day / 500), 1.0),
        "extinction": _bands(0.1 + 0.2 * s * (1 - np.exp(-day / 20)), 1.0),
        "recovery": _bands(0.12 + 0.4 * s * (1 - np.exp(-day / 60)), 1.0),
        "control": _bands(0.4 + 0.2 * s * (1 - np.exp(-day / 30)), 1.0),
        "craving": _bands(20 + 40 * np.exp(-day / (60 - 30 * s)), 100.0),
        "withdrawal": _bands(12 * np.exp(-day / 5) + 0.3, 48.0),
        "mood": _bands(14 + 8 * np.exp(-day / 20) - 6 * s * np.exp(-after / 8), 60.0),
    }


def _knowledge(ids: list[str], names: list[str]) -> dict[str, dict]:
    found = {"low": 0.03, "median": 0.12, "high": 0.35, "draws": 200, "unit": "proportion"}
    ratio = {"low": 0.55, "median": 0.9, "high": 1.2, "draws": 200, "unit": "1"}
    shown = [name for name in names if name.startswith("abstinence_12")][:1]
    table = {f"{id}: {name}": found for id in ids for name in shown}
    pair = f"{ids[0]} against {ids[-1]}"
    return table | {f"{pair}: lapse_or_dropout hazard_ratio": ratio}


def _parameters() -> list[dict]:
    row = {
        "path": "ketamine.clearance",
        "value": 88.8,
        "unit": "L/h",
        "prior": "log-normal, log sd 0.22",
        "low": 61.9,
        "high": 127.4,
        "status": "measured",
        "source": "Simons 2022, a model of S-ketamine and its metabolites",
    }
    return [row | {"path": f"ketamine.number_{k}"} for k in range(30)]
