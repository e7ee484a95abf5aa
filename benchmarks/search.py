"""What does a race over common draws find, beside a fixed set and Optuna's TPE, for as much work?

resynapse search ... --output DIR, then python benchmarks/search.py DIR [--repeats 100] [--json]

The draws that DIR keeps stand for all draws there are: each repeat samples them with replacement,
so that the truth, the mean over all of them, is known. Work is counted in designs gone through a
draw. Regret is the truly highest benefit less that of the design chosen. Needs optuna.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import optuna

from resynapse.trial.search.race import Race

WORLDS = 3
"""as asked comes first among the hypotheses of a draw"""
EACH = 8
"""draws that a trial of TPE averages where it takes new ones"""
METHODS = ("all designs, all draws", "race", "TPE, new draws", "TPE, the same draws")


def read(folder: Path) -> tuple[np.ndarray, np.ndarray, list[tuple]]:
    """Gains [designs, draws], burdens, and what was varied, of designs simulated in every draw."""
    about = json.loads((folder / "draws" / "asked.json").read_text("utf-8"))
    rows = json.loads((folder / "search.json").read_text("utf-8"))["designs"]
    gain: dict[int, list[float]] = {}
    for file in sorted(folder.glob("draws/*.npz")):
        if int(file.name[:8]) % WORLDS == 0:
            with np.load(file) as kept:
                for k, values in zip(kept["design"].tolist(), kept["gain"], strict=True):
                    gain.setdefault(k, []).append(float(values.mean()))
    most = max(map(len, gain.values()))
    whole = [k for k, values in gain.items() if len(values) == most]
    assert len(about["designs"]) == len(rows)
    burden = np.array([rows[k]["cumulative_dose"] for k in whole])
    return np.array([gain[k] for k in whole]), burden, [_varied(rows[k]) for k in whole]


def _varied(row: dict) -> tuple:
    days = row["days"]
    gap = days[1] - days[0] if len(days) > 1 else 0.0
    return row["dose"], row["infusions"], gap, row["session_days"][0] - days[0]


def raced(gain: np.ndarray, burden: np.ndarray) -> tuple[int, int]:
    """What a race chooses, and its work."""
    draws = gain.shape[1]
    race = Race.of(burden, (), draws)
    for draw in range(draws):
        for k in race.staying:
            race.take(int(k), draw, np.full(2, gain[k, draw]), np.zeros((2, 0)))
        race.sort(draw + 1)
    left = race.staying
    return int(left[gain[left].mean(axis=1).argmax()]), int(np.isfinite(race.gain).sum())


def tpe(pool: np.ndarray, points: list[tuple], trials: int, seed: int, new: bool) -> int:
    """What TPE chooses: the design with the highest value that it saw."""
    chance, place = np.random.default_rng([seed, 1]), {point: k for k, point in enumerate(points)}
    values = [sorted(set(column)) for column in zip(*points, strict=True)]

    def asked(params: dict) -> tuple:
        gap = params.get("gap", 0.0)
        return params["dose"], params["infusions"], gap, params["therapy"]

    def value(trial: optuna.Trial) -> float:
        trial.suggest_categorical("dose", values[0])
        if trial.suggest_categorical("infusions", values[1]) > 1:
            trial.suggest_categorical("gap", [gap for gap in values[2] if gap])
        trial.suggest_categorical("therapy", values[3])
        point = asked(trial.params)
        if point not in place:
            raise optuna.TrialPruned
        seen = pool[place[point]]
        return float(chance.choice(seen, EACH).mean() if new else seen.mean())

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    enough = optuna.study.MaxTrialsCallback(trials, states=(optuna.trial.TrialState.COMPLETE,))
    study.optimize(value, n_trials=20 * trials, callbacks=[enough])
    return place[asked(study.best_params)]


def compared(folder: Path, repeats: int) -> dict[str, dict[str, float]]:
    """Method -> mean regret and work over repeats."""
    gain, burden, points = read(folder)
    truth, draws = gain.mean(axis=1), gain.shape[1]
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in METHODS}
    for seed in range(repeats):
        pool = gain[:, np.random.default_rng([seed, 0]).integers(draws, size=draws)]
        winner, work = raced(pool, burden)
        chosen = (
            (int(pool.mean(axis=1).argmax()), pool.size), (winner, work),
            (tpe(gain, points, work // EACH, seed, True), work),
            (tpe(pool, points, work // draws, seed, False), work),
        )  # fmt: skip
        for name, (design, spent) in zip(METHODS, chosen, strict=True):
            found[name].append((truth.max() - truth[design], spent))
    return {
        name: {"regret": float(np.mean([r for r, _ in rows])),
               "error": float(np.std([r for r, _ in rows], ddof=1) / repeats**0.5),
               "work": float(np.mean([w for _, w in rows]))}
        for name, rows in found.items()
    }  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found = compared(given.folder, given.repeats)
    if given.json:
        print(json.dumps(found))
        return
    for name, row in found.items():
        print(f"{name:24s} regret {row['regret']:.3f} ({row['error']:.3f}), work {row['work']:.0f}")


if __name__ == "__main__":
    main()
