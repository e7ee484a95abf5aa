"""Write docs/uses.md: what a run uses of what was fitted, and what that moves, from docs/uses/.

python docs/build_uses_page.py          the page: numbers of the sets that ship, results as stored
python docs/build_uses_page.py --run    simulate again first; a minute of processor time
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from resynapse.cli.calibrate_stage import LETTERS
from resynapse.inference import weeks_judged
from resynapse.parameter import entries, lookup
from resynapse.report.earlier_model import of_an_earlier_model
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import CALIBRATED, FILES, middle, shipped_set
from resynapse.trial.simulated_under import named

DOCS = Path(__file__).parent
PAGE, STORE = DOCS / "uses.md", DOCS / "uses" / "moved.json"
AGAIN = "python docs/build_uses_page.py --run"
DISORDERS = ("heroin", "fentanyl", "alcohol", "cocaine", "methamphetamine", "depression")
GAIN = "learning.window_gain"
LETTER = {stage: letter for letter, stage in LETTERS.items()}
WRITTEN = {
    "share": (100.0, 1, " %"), "points": (100.0, 1, " points"), "percent": (1.0, 0, " %"),
    "ratio": (1.0, 2, ""), "rate": (1.0, 2, ""), "count": (1.0, 0, ""), "misfit": (1.0, 0, ""),
}  # fmt: skip
"""kind -> factor, decimals and unit in which a value is printed"""
HEAD = """# What a run uses, and what that moves

{earlier}Built by `python docs/build_uses_page.py`; `--run` simulates again. Why each number was
fitted, and how far its data tell it, stands in [calibration.md](calibration.md).

`--parameters calibrated`, the default of `run`, `serve`, `power`, `search` and `estimand`,
takes these {count} numbers from the sets that ship; every other number keeps its prior.
`resynapse parameters` and the report of a run say the same of each, the manifest too
(`calibrated_by`). Other commands say what they take: `sensitivity`, for one, the prior.
"""
MOVES = """
## What it moves

Without draws, seed {seed}, {people} people an arm, of ctn-0027 {weeks} who were in no fit; the
same people and chance in both columns. "Prior" is `--parameters prior`. A share of so many
people has a standard error of up to 1.6 points. Sites are those of the library's protocols,
which were set by hand; (b) was fitted at sites of its own, where its rows are met
([calibration.md](calibration.md), stage b), and ctn-0027 has numbers of its own in both
columns. Rows "baseline.md" are at the sites of [that page](baseline.md), by the estimators of
its studies. Of counts the column "published" has how many there are. A value stands in bold
where it is further from what was published than the prior's. Model {model}.
"""


def main() -> None:
    """Simulate if asked, then write the page."""
    if "--run" in sys.argv:
        sys.path[:0] = [str(DOCS), str(DOCS.parent / "tests")]
        from uses_moved import moved

        STORE.parent.mkdir(exist_ok=True)
        STORE.write_text(json.dumps(moved(), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def stored() -> dict[str, Any]:
    """What was simulated last."""
    return json.loads(STORE.read_text(encoding="utf-8"))


def page() -> str:
    """All of it, from the sets that ship and from what is stored."""
    told = stored()
    lines = [
        HEAD.format(earlier=earlier(told), count=len(_set("heroin").paths)), *numbers(), "",
        *_where(), "", *_middles(), MOVES.format(**told["made"], model=named(told["model_hash"])),
        *results(told["rows"]), "", _bars(), "", *read(told["rows"]), "",
        *_scenario(told["scenario"]), "",
    ]  # fmt: skip
    return "\n".join(lines)


def earlier(told: Mapping[str, Any]) -> str:
    """A paragraph where results are of another model, or of other sets than ship; else ""."""
    old = of_an_earlier_model(told["model_hash"], AGAIN, "The results below")
    others = [name for name in FILES if told["sets"].get(name) != shipped_set(name).content]
    if old or not others:
        return old
    return (
        f"**What it moves is of other sets of {', '.join(others)} than ship** and was not simulated"
        f" again; `{AGAIN}` does it.\n\n"
    )


def _set(disorder: str) -> Any:
    """What a run of people with this disorder takes, all stages joined."""
    found = fitted_for(CALIBRATED, disorder)
    assert found is not None
    return found


def numbers() -> Iterator[str]:
    """A row a number: its prior, and what a run takes for it."""
    taken = _set("heroin")
    known = {one.path: one for one in entries(middle("heroin", None))}
    medians, ends = taken.medians(), taken.intervals()
    yield "| number | set | prior | without a fit | in a run, median and 90 % |"
    yield "| --- | --- | --- | --- | --- |"
    for path, stage in taken.stage_of.items():
        one, (low, high) = known[path], ends[path]
        unit = "" if one.declared.unit == "1" else f", {one.declared.unit}"
        yield (
            f"| {path}{unit} | {stage} ({LETTER[stage]}) | {one.declared.prior} |"
            f" {_short(one.value)} | {_short(medians[path])} ({_short(low)} to {_short(high)}) |"
        )


def _short(value: float) -> str:
    """Three digits, or whole from 100 on."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _where() -> Iterator[str]:
    """For whom each set holds."""
    by_sets: dict[tuple[str, ...], list[str]] = {}
    for disorder in DISORDERS:
        taken = _set(disorder)
        stages = tuple(name for name in FILES if name in taken.stage_of.values())
        by_sets.setdefault(stages, []).append(disorder)
    for stages, names in by_sets.items():
        count = len(_set(names[0]).paths)
        yield f"* {', '.join(names)}: {count} numbers, of {', '.join(stages)}."


def _middles() -> Iterator[str]:
    """What a run without draws stands on, where that is no matter of course."""
    taken = _set("heroin")
    drawn = np.array(taken.draws)[:, taken.paths.index(GAIN)]
    median, before = taken.medians(), middle("heroin", None)
    moved = ", ".join(
        f"{path} {_short(median[path])} for {_short(float(lookup(before, path)))}"
        for path in ("control.sustained_weight", "craving.sustained_weight")
    )
    yield (
        "**The middle.** A run without draws, the typical curve and the reference run stand at the"
        f" median of each number. That of the window gain is **{_short(median[GAIN])}**: the data"
        f" leave its sign open. {np.mean(drawn == 0.0):.0%} of its draws are zero,"
        f" {np.mean(drawn > 0.0):.0%} above and {np.mean(drawn < 0.0):.0%} below (they are"
        f" {len(drawn)} of the fit's draws; in all of it {1.0 - _acts('window_gain'):.0%} are zero,"
        f" and of the early effect {1.0 - _acts('early_effect'):.0%}). So at the middle the run"
        " without a window is the default run, and the gain shows in draws only. The early"
        f" effect is larger there than without a fit ({moved})."
    )


def _acts(number: str) -> float:
    """Probability that a number of stage e is not zero, 0 to 1, as the whole fit has it."""
    return float(shipped_set("ketamine").made["probability_on"][number])


def results(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The table of what was published, with the prior and with what a run uses."""
    yield "| quantity | published, 95 % | prior | in a run | role |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        used = written(row["calibrated"], row["kind"])
        used = f"**{used}**" if further(row) > 0 else used
        yield (
            f"| {row['quantity']} | {_published(row)} | {written(row['prior'], row['kind'])} |"
            f" {used} | {row['role']} |"
        )


def _bars() -> str:
    """What the counts of ctn-0027 are not: the judgement of its bars, which is over draws."""
    found = weeks_judged.stored()
    late = weeks_judged.earlier(found)
    return (
        "**Counts of ctn-0027 are of runs without draws.** Its bars are judged over draws"
        f" ([validation.md](validation.md), the median of {found.made['draws']}):"
        f" {' '.join(weeks_judged.words(found))}{f' {late}' if late else ''}"
    )


def written(value: float, kind: str) -> str:
    """A value with its unit, to the digits of its kind."""
    factor, digits, unit = WRITTEN[kind]
    return f"{factor * value:.{digits}f}{unit}"


def _published(row: Mapping[str, Any]) -> str:
    if row["published"] is None:
        return "-"
    value = written(row["published"], row["kind"])
    if row["low"] is None:
        return value
    factor, digits, _ = WRITTEN[row["kind"]]
    low, high = (f"{factor * row[end]:.{digits}f}" for end in ("low", "high"))
    return f"{value} ({low} to {high})"


def further(row: Mapping[str, Any]) -> int:
    """1 where a run is further off than the prior, -1 where nearer, 0 where alike as printed."""
    if row["published"] is None:
        return 0
    factor, digits, _ = WRITTEN[row["kind"]]
    seen, prior, used = (
        round(factor * row[name], digits) for name in ("published", "prior", "calibrated")
    )
    off, before = round(abs(used - seen), digits), round(abs(prior - seen), digits)
    return int(np.sign(off - before))


def read(rows: list[dict[str, Any]]) -> Iterator[str]:
    """How many are nearer and further than with the prior, the worst first."""
    yield "**Read it so.** " + " ".join(_counts(rows))
    worse = [row for row in rows if further(row) > 0]
    if worse:
        yield ""
        yield "Further off than with the prior (published, prior, in a run):"
        yield ""
    for row in sorted(worse, key=_added, reverse=True):
        values = (written(row[name], row["kind"]) for name in ("published", "prior", "calibrated"))
        yield f"* {row['quantity']}: {', '.join(values)} ({row['role']})."


def _added(row: Mapping[str, Any]) -> float:
    """By how much of the published value a run is further off."""
    off = abs(row["calibrated"] - row["published"]) - abs(row["prior"] - row["published"])
    return float(off / max(abs(row["published"]), 1e-9))


def _counts(rows: list[dict[str, Any]]) -> Iterator[str]:
    for label, wanted in (("fitted", True), ("not fitted", False)):
        signs = [
            further(row) for row in rows
            if row["published"] is not None and row["role"].startswith("fitted") == wanted
        ]  # fmt: skip
        near, far, same = (signs.count(sign) for sign in (-1, 1, 0))
        yield (
            f"Of {len(signs)} values that were {label}, {near} are nearer to what was published"
            f" than with the prior, {far} further off, {same} alike as printed."
        )
    yield (
        "Rows of one trial share people and hang together, so these counts are no test. What was"
        " fitted should be nearer; what was not fitted says whether that carries over."
    )


def _scenario(told: Mapping[str, Any]) -> Iterator[str]:
    """A programme without published values, prior to what a run uses."""
    yield f"## {told['protocol']}, {told['people']} people an arm, no published values"
    yield ""
    yield "Prior to what a run uses, over six months:"
    yield ""
    yield f"| arm | {' | '.join(told['endpoints'])} |"
    yield "| --- |" + " --- |" * len(told["endpoints"])
    for arm in told["arms"]:
        cells = [
            f"{written(a, kind)} to {written(b, kind)}"
            for (a, b), kind in zip(arm["values"], told["kinds"], strict=True)
        ]
        yield f"| {arm['label']} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
