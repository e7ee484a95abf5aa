"""Write docs/sensitivity.md: what results rest on, from what is stored in docs/sensitivity/.

python docs/build_sensitivity_page.py          the page, from the stored rows
python docs/build_sensitivity_page.py --run    simulate again first, some ten minutes
python docs/build_sensitivity_page.py --slopes only the slopes at the defaults again
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from resynapse.cli.sensitivity import said_of_slopes
from resynapse.engine.cache import keep_compiled
from resynapse.inference.prior_draws import simulated
from resynapse.inference.sensitivity import Quantity, local, shares, tornado
from resynapse.patient import Patient, settings
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, load
from resynapse.report.earlier_model import of_an_earlier_model
from resynapse.report.sensitivity import local_svg, tornado_svg
from resynapse.trial.hazard_ratio import hazard_ratio
from resynapse.trial.knowledge import drawn
from resynapse.trial.model_hash import model_hash
from resynapse.trial.simulated_under import named
from resynapse.trial.time_to_event import time_to_event

DOCS = Path(__file__).parent
PAGE, FOLDER = DOCS / "sensitivity.md", DOCS / "sensitivity"
DAYS, PEOPLE, BASE, DRAWS, TOP, SEED = 90.0, 128, 16, 32, 15, 1
ASKED = {
    "krupitsky-2002": ("high", "low"),
    "scenario-heroin-ketamine": ("ketamine-1-therapy", "placebo-therapy"),
}
"""protocol -> the arms whose hazards of a first use are compared"""
MOVED = (
    *("nmda.*", "potency.*", "circuit.*", "window.*", "learning.*", "session.*", "therapy.*"),
    *("recovery.*", "extinction.*", "control.*", "craving.*", "lapse.*", "experience.*"),
    *("expectancy.*", "dissociation.*", "people.*"),
)
"""between block and use; kinetics, medications and what is only read off are left out"""
CHOICE = "scenario-heroin-ketamine"
SLOPES = ("lapse.*", "craving.*", "control.*", "learning.*", "window.*")
"""few, as each is simulated sixteen times"""
HEAD = """# What results rest on

{earlier}Built by `python docs/build_sensitivity_page.py`; `--run` simulates again. The question is
the ratio of hazards of a first use over 90 days (below 1 favours the first arm), {people} people an
arm, the same in every set of parameters, at the prior. Of the scenario's
arms only the two that are compared take part in tornado and links. The tornado moves what lies
between block and use; kinetics, medications and what is only read off are left out. `resynapse
sensitivity PROTOCOL` asks the same of any protocol and endpoint, with all days, arms and
parameters.

**{stable}**

That is a property of the model before it is one of people: it carries no harm or cost of further
doses, so little in it speaks against more of them.

A tornado moves one parameter at a time to the 5 % and 95 % of its prior, everything else at its
default; it sees no interactions. The grey band is one standard deviation of chance: bars within
two of them are faint and tell nothing. Links share the variance over all priors (Sobol, {base}
base points: too few for more than a first look, so read the intervals); "with interactions"
counts chance too, as it moves with every parameter.
"""


def main() -> None:
    """Simulate if asked, then write the page."""
    if "--slopes" in sys.argv or "--run" in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        sloped()
    if "--run" in sys.argv:
        FOLDER.mkdir(exist_ok=True)
        keep_compiled()
        choose()
        for name in ASKED:
            moved(name)
        for name in ASKED:
            linked(name)
    PAGE.write_text(page(), encoding="utf-8")


def short(name: str, arms: tuple[str, ...] = ()) -> Protocol:
    """The protocol cut to the days and arms of this page."""
    plan = load(name)
    visits = tuple(day for day in plan.visits if day <= DAYS)
    kept = tuple(arm for arm in plan.arms if not arms or arm.id in arms)
    return plan.model_copy(
        update={"follow_up_days": DAYS, "visits": visits, "arms": kept, "endpoints": ()}
    )


def quantity(name: str) -> Quantity:
    """The ratio of hazards that is asked of a protocol."""
    arm, reference = ASKED[name]
    return Quantity(short(name, (arm, reference)), "lapse", arm, reference, PEOPLE, SEED)


def moved(name: str) -> None:
    """The tornado of one protocol, to CSV, JSON and SVG."""
    asked = quantity(name)
    found = tornado(asked, MOVED)
    rows = [asdict(one) | {"more_than_chance": found.tells(one)} for one in found.swings]
    _csv(f"{name}-tornado.csv", rows)
    (FOLDER / f"{name}-tornado.svg").write_text(tornado_svg(found, TOP), encoding="utf-8")
    _json(f"{name}.json", {"default": found.default, "chance": found.error})


def linked(name: str) -> None:
    """The shares of the links, to CSV and JSON."""
    links = shares(quantity(name), BASE)
    _csv(f"{name}-links.csv", [asdict(one) for one in links.shares])
    told = {"mean": links.mean, "sd": links.sd, "simulated": links.simulated}
    _json(f"{name}.json", _read(f"{name}.json") | told)


def sloped() -> None:
    """Slopes of the ratio of hazards at the defaults, to CSV, JSON and SVG."""
    keep_compiled()
    arm, reference = ASKED[CHOICE]
    plan = short(CHOICE, (arm, reference))
    found = local(Quantity(plan, "lapse", arm, reference, PEOPLE, SEED), SLOPES)
    rows = [asdict(one) | {"more_than_chance": one.tells} for one in found.slopes]
    _csv("slopes-lapse.csv", rows)
    (FOLDER / "slopes-lapse.svg").write_text(local_svg(found, TOP), encoding="utf-8")
    told = {
        "model_hash": model_hash(), "default": found.default, "error": found.error,
        "unit": found.unit, "left_out": found.left_out, "said": said_of_slopes(found),
    }  # fmt: skip
    _json("slopes-lapse.json", told)


def choose() -> None:
    """Ratios of hazards of a first use in every arm of the scenario, a row a draw of the priors."""
    plan = short(CHOICE)
    base, fixed = apply(Patient(), plan.disorder), settings(plan.switches.chosen)
    rows = []
    for number in range(DRAWS):
        arms = simulated(plan, drawn(base, SEED, number, fixed), PEOPLE, SEED + number, "native")
        seen = {id: time_to_event("lapse", arm.table, arm.use_days) for id, arm in arms.items()}
        ratios = {id: _ratio(one, seen[plan.reference]) for id, one in seen.items()}
        rows.append({"draw": number, **ratios})
    _csv(f"{CHOICE}-choice.csv", rows)
    _json("made.json", {"model_hash": model_hash(), "people": PEOPLE, "base": BASE})


def _ratio(one: Any, other: Any) -> float:
    """Ratio of hazards of a first use; 1 where nobody used."""
    value = hazard_ratio(
        np.concatenate([one.time, other.time]), np.concatenate([one.event, other.event]),
        np.repeat([True, False], [len(one.time), len(other.time)]),
    ).value  # fmt: skip
    return 1.0 if value is None else value


def page() -> str:
    """All of it, from what is stored."""
    made = _read("made.json")
    again = "python docs/build_sensitivity_page.py --run"
    earlier = of_an_earlier_model(made["model_hash"], again, also=OWN if _of_slopes() else "")
    parts = [
        HEAD.format(earlier=earlier, stable=stable(), people=made["people"], base=made["base"])
    ]
    parts += [_part(name) for name in ASKED if (FOLDER / f"{name}.json").exists()]
    parts.append(f"Simulated with model {named(made['model_hash'])}.\n")
    parts += list(slopes())
    return "\n".join(parts)


SAID = """## Slopes at the defaults

`resynapse sensitivity PROTOCOL --method local` says how steeply a result rises with each single
parameter where all others stand at their defaults: per unit, per standard deviation of its prior,
and in percent per percent, each with a standard error. Every endpoint of a trial, and the ratio of
hazards, has jumps, through which a derivative is silently wrong; so they are compared over the
middle fifth of each prior (more of it where a spike is wider, as of the window gain) in eight sets
of people, the same people and chance at both ends. A slope says nothing of what lies further off,
nor of interactions. Of what is smooth in single people (craving on a day, the hazard so far)
`resynapse.inference.gradient` takes derivatives ([engine.md](engine.md)); no command does.
"""
OWN = "The slopes at the end say of which model they are."
NONE_YET = """
No slopes are stored yet: `python docs/build_sensitivity_page.py --slopes` makes those of
{choice}.
"""


def slopes() -> Iterator[str]:
    """What is stored of slopes, a table a result."""
    yield SAID
    files = _of_slopes()
    if not files:
        yield NONE_YET.format(choice=CHOICE)
    for file in files:
        told, name = _read(file.name), file.stem
        again = "python docs/build_sensitivity_page.py --slopes"
        yield "\n".join([
            f"### {name.removeprefix('slopes-').replace('_', ' ')}, {ASKED[CHOICE][0]}", "",
            of_an_earlier_model(told["model_hash"], again, "These slopes")
            + f"{told['said']} At the defaults {told['default']:.3g} ({told['unit']}), standard"
            f" error {told['error']:.2g}; {CHOICE}, model {named(told['model_hash'])}.", "",
            f"![Slopes](sensitivity/{name}.svg)", "", *_steepest(name), "",
            f"All rows: [{name}.csv](sensitivity/{name}.csv).", "",
        ])  # fmt: skip


def _of_slopes() -> list[Path]:
    """What is stored of slopes, a file a result."""
    return sorted(FOLDER.glob("slopes-*.json"))


def _steepest(name: str) -> list[str]:
    lines = ["| parameter | its unit | slope per unit (SE) | per sd of its prior | elasticity |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for row in _rows(f"{name}.csv")[:TOP]:
        chance = "" if row["more_than_chance"] == "True" else ", chance"
        lines.append(
            f"| {row['path']} | {row['unit']} | {row['slope']} ({row['error']}){chance} |"
            f" {row['per_sd']} | {row['elasticity'] or '-'} |"
        )
    return lines


def stable() -> str:
    """Is the chosen design stable? In one sentence, from the draws."""
    rows = _rows(f"{CHOICE}-choice.csv")
    plan = load(CHOICE)
    plain = [arm.id for arm in plan.arms if not arm.medications and arm.id != plan.reference]
    best = Counter(min(plain, key=lambda id: float(row[id])) for row in rows)
    (first, wins), *rest = best.most_common()
    others = ", ".join(f"{id} in {count}" for id, count in rest)
    over = [float(row[first]) / float(row["ketamine-1-therapy"]) for row in rows]
    low, middle, high = np.percentile(over, (5, 50, 95))
    verdict = "is stable" if wins >= 0.9 * len(rows) else "is not stable"
    return (
        f"The choice among the scenario's programmes without medication {verdict}: {first} has the"
        f" lowest hazard of a first use in {wins} of {len(rows)} draws of the priors ({others});"
        f" its hazard over that of ketamine-1-therapy is {middle:.2f} (90 % {low:.2f} to"
        f" {high:.2f}), chance of the simulated people included."
    )


def _part(name: str) -> str:
    told, (arm, reference) = _read(f"{name}.json"), ASKED[name]
    swings = _rows(f"{name}-tornado.csv")
    tell = [row for row in swings if row["more_than_chance"] == "True"]
    lines = [
        f"## {name}, {arm} against {reference}", "",
        f"At the defaults {told['default']:.2f}; one standard deviation of chance"
        f" {told['chance']:.3f}. {len(tell)} of {len(swings)} parameters move it by more than"
        " chance.", "", f"![Tornado of {name}](sensitivity/{name}-tornado.svg)", "",
        f"All rows: [{name}-tornado.csv](sensitivity/{name}-tornado.csv).", "",
    ]  # fmt: skip
    return "\n".join(lines + (_links(name, told) if "simulated" in told else []))


def _links(name: str, told: dict[str, Any]) -> list[str]:
    lines = [
        f"Over all priors {told['mean']:.2f}, sd {told['sd']:.2f}"
        f" ({told['simulated']} sets of parameters).", "",
        "| link | parameters | alone | with interactions and chance |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for row in _rows(f"{name}-links.csv"):
        cells = [_pair(row, key) for key in ("alone", "total")]
        lines.append(f"| {row['link']} | {row['parameters']} | {' | '.join(cells)} |")
    return [*lines, ""]


def _pair(row: dict[str, str], key: str) -> str:
    return f"{float(row[key]):.2f} ± {float(row[f'{key}_error']):.2f}"


def _csv(name: str, rows: list[dict[str, Any]]) -> None:
    with (FOLDER / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _json(name: str, told: dict[str, Any]) -> None:
    (FOLDER / name).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
