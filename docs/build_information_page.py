"""Write docs/information.md: what planned trials are expected to tell, from docs/information/.

python docs/build_information_page.py          the page, from what is stored
python docs/build_information_page.py --run    simulate again first; ten minutes of processor time
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resynapse.cli.information import SEPARATES, rows
from resynapse.inference.information import Told, of_arms, planned, told
from resynapse.protocol import load
from resynapse.report.earlier_model import of_an_earlier_model
from resynapse.trial.model_hash import model_hash
from resynapse.trial.simulated_under import named

DOCS = Path(__file__).parent
PAGE, STORE = DOCS / "information.md", DOCS / "information" / "designs.json"
SIZES, DAYS, POINTS = (25, 50, 100, 300, 1000), 98.0, 48
SCENARIO = "scenario-heroin-ketamine"
DESIGNS = {
    "One infusion or none, therapy for all": (
        SCENARIO, "placebo-therapy,ketamine-1-therapy", False),
    "The same, nothing felt": (SCENARIO, "placebo-therapy,ketamine-1-therapy", True),
    "Therapy in the window or 14 days later": (
        SCENARIO, "ketamine-1-therapy,ketamine-1-late-therapy", False),
    "One infusion or three": (SCENARIO, "ketamine-1-therapy,ketamine-3-therapy", False),
    "Two by two, as KARE": ("grabski-2022", "", False),
    "Two by two, nothing felt": ("grabski-2022", "", True),
}  # fmt: skip
"""label -> protocol, arms (all if none), whether nothing is felt"""
NAMES = {
    "early_effect": "early effect", "window_gain": "window gain", "belief_on_use": "belief",
}  # fmt: skip
WRONG = (
    '**The tables of the two designs two by two, "as KARE" and the same with nothing felt,'
    " are wrong as well**: people with alcohol use disorder were given the natural history of"
    " heroin (stage b), which was mended after they were simulated. The other designs are of"
    " heroin, and had the right one."
)
"""what was found in the tables that were stored with FOUND_IN"""
FOUND_IN = "3db62fb8f347"
HEAD = """# What a planned trial is expected to tell

{earlier}```
resynapse information grabski-2022
resynapse information {scenario} --arms placebo-therapy,ketamine-1-therapy --nothing-felt
```

Built by `python docs/build_information_page.py`; `--run` simulates again. Stored are the numbers
of model {model}, {points} settings of it, 256 people an arm, {days:g} days.

Three mechanisms may each act or not, with even odds beforehand: an early effect of the drug on
use, a window in which therapy teaches more (kappa), an effect on use of believing that one got
the drug. For each design: how far a trial moves the probability that each acts.

**{answer}**

{summary}

"Strong for" is the share of trials that end with odds of ten to one that the mechanism acts,
among truths in which it does; "strong against" the same where it does not. Ten to one is not
certainty; the last column of the tables below is how often it is wrong.

## How

A design's arms are simulated at {points} Sobol points of the three numbers; kinetics, block,
belief, therapy, durations, natural history (draws of stage b) and the log hazard of the site (sd
0.7) are drawn at every point, as nobody will know them when the trial is read. Of each arm are
read the mean share of days at home without use, the share of people without use in the last 28
days, and, where people are asked for a guess, the slope of days without use on belief. Means and
their spread over what is drawn are emulated ([calibration.md](calibration.md), stage e); 600
truths are drawn from the priors, a trial of each, and 4000 draws of the priors are weighted by
how probable they make it.

## What it does not hold

* It asks the model about itself: if use after ketamine moves by a path that is not in it, no row
  here is right. The prior lets therapy do little for use (a ratio of hazards near 0.88), and a
  window can only multiply that: with the prior, 1024 people, a window gain of 1 adds 1.0 point to
  days without use where therapy is in the window and 0.05 where it is 14 days later; of KARE's
  four arms, 0.7 with therapy and 0.25 with education. Chance alone moves a difference of two arms
  of 1000 by 1.6 points.
* Everybody is followed and tells the truth; the belief itself is read, not a guess of three
  words. Both make every design look better than it would be.
* "Nothing felt" takes all acute effects from both arms, as anaesthesia would; what anaesthesia
  does to learning is not in the model, and the path by experience goes with what is felt.
* The effect of one trial's own people and staff (log sd 0.3 in the fits) is not added: it would
  blur the early effect more than the rest.
* Chance of simulating 256 people an arm counts as something unknown, so large trials tell a
  little more than is shown. {points} settings give the shares in the tables an error of some
  points.

{tables}
"""


def main() -> None:
    """Simulate again if asked, then write the page."""
    if "--run" in sys.argv:
        STORE.write_text(json.dumps(simulated(), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def simulated() -> dict[str, Any]:
    """All designs."""
    found = {}
    for label, (name, arms, nothing_felt) in DESIGNS.items():
        print(label, file=sys.stderr, flush=True)
        trial = of_arms(load(name), arms.split(",") if arms else [], DAYS)
        made = planned(trial, nothing_felt=nothing_felt, points=POINTS)
        found[label] = [asdict(one) for one in told(made, SIZES)]
    return {"model_hash": model_hash(), "designs": found}


def stored() -> dict[str, Any]:
    """What was simulated."""
    found: dict[str, Any] = json.loads(STORE.read_text(encoding="utf-8"))
    return found


def page() -> str:
    """All of it."""
    kept = stored()
    designs = {label: [Told(**row) for row in made] for label, made in kept["designs"].items()}
    return HEAD.format(
        earlier=earlier(kept["model_hash"]),
        scenario=SCENARIO, model=named(kept["model_hash"]), points=POINTS, days=DAYS,
        answer=answer(designs), summary="\n".join(_summary(designs)),
        tables="\n\n".join(_table(label, made) for label, made in designs.items()),
    )  # fmt: skip


def earlier(model: str) -> str:
    """What is said at the top of tables of another model."""
    also = WRONG if model.startswith(FOUND_IN) else ""
    again = "python docs/build_information_page.py --run"
    return of_an_earlier_model(model, again, also=also)


def answer(designs: dict[str, list[Told]]) -> str:
    """Which of the designs can tell the window from belief."""
    size = 300
    seen = {label: {one.name: one for one in made if one.people == size}
            for label, made in designs.items()}  # fmt: skip
    window = {label: one["window_gain"] for label, one in seen.items()}
    able = [label for label, one in window.items() if one.found >= SEPARATES]
    best = max(window, key=lambda label: window[label].information)
    belief = max(seen, key=lambda label: seen[label]["belief_on_use"].information)
    of_belief = seen[belief]["belief_on_use"]
    first = (
        f"With {size} people an arm {', '.join(able)} can tell whether there is a window."
        if able
        else f"None of these designs can tell whether there is a window with {size} people an arm:"
        f" the most that is expected is {window[best].information:.2f} of 1 bit ({best.lower()}),"
        f" strong evidence for it in {window[best].found:.0%} of trials."
    )
    return (
        f"{first} Belief is told best by {belief.lower()}: {of_belief.information:.2f} of 1 bit,"
        f" strong evidence for it in {of_belief.found:.0%} of trials, against it in"
        f" {of_belief.cleared:.0%}."
    )


def _summary(designs: dict[str, list[Told]]) -> Iterator[str]:
    """Bits and strong evidence at two sizes, a row a design."""
    sizes = (50, 300)
    heads = [f"{NAMES[name]}, {n} an arm" for name in NAMES for n in sizes]
    yield f"| bits of 1 (strong for, strong against) | {' | '.join(heads)} |"
    yield "| --- |" + " --- |" * len(heads)
    for label, made in designs.items():
        by = {(one.name, one.people): one for one in made}
        cells = [_cell(by[name, n]) for name in NAMES for n in sizes]
        yield f"| {label} | {' | '.join(cells)} |"


def _cell(one: Told) -> str:
    return f"{one.information:.2f} ({one.found:.0%}, {one.cleared:.0%})"


def _table(label: str, made: list[Told]) -> str:
    return f"## {label}\n\n" + "\n".join(rows(made))


if __name__ == "__main__":
    main()
