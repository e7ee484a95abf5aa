"""Write docs/validation.md and its picture from the stored validation.

python docs/build_validation_page.py          the page, from what is stored
python docs/build_validation_page.py --run    validate again first; an hour or more
python docs/build_validation_page.py --run --draws 48   with at most so many draws of each trial
python docs/build_validation_page.py --sites  leave sites out again first; half an hour
"""

from __future__ import annotations

import json
import sys
import textwrap
from importlib import resources
from pathlib import Path

from resynapse.cli.validate import _endpoints, _hypotheses, _told_apart
from resynapse.inference import sites_left_out
from resynapse.inference.sites_left_out.told import STORED as STORED_SITES
from resynapse.inference.validated import STORED, as_dict, stored
from resynapse.inference.validation import Validation, validate
from resynapse.report.forest import forest

DOCS = Path(__file__).parent
PAGE, PICTURE = DOCS / "validation.md", DOCS / "validation.svg"
BASELINES = "no effect", "random-effects meta-analysis"
COVER, WIDTH = 0.8, 1.2
ALL = 512
NO_TEST = (
    "No study is a blind test. A meta-analysis pools what was published, which is what tends to be"
    " positive; where its forecasts hit, published ratios resemble one another, and are not thereby"
    " right."
)
HEAD = """# Where the model was right about trials that it was not fitted to, and where wrong

```
resynapse validate                       # simulates what is not kept yet
resynapse validate --stored              # what this page says, at once
resynapse validate --sites               # sites of CTN-0030 and CTN-0027 left out, fitted again
resynapse validate --add MY-STUDY.yaml   # a study of your own beside what was forecast for it
```

Built by `python docs/build_validation_page.py`; `--run` makes the stored numbers again. Stored are
those of model {model}, with at most {most} simulated draws of each trial and 512 people an arm.

![Forecasts beside published values](validation.svg)

**What the evidence can and cannot tell**

{words}

{bars}

How: a study that was fitted (krupitsky-2002, dakwar-2019) is left out and the rest fitted again.
krupitsky-2007 and grabski-2022 shaped the structure of the model and are called retrospective.
jovaisa-2006 is held out and published no number that a simulation yields. A forecast holds the
posterior of the fitted numbers, all that is uncertain and not fitted, spread between studies (sd
0.3 on effects, 0.7 on baselines), and the sampling of a trial of that size. Ratios and
differences of shares come from simulated counts by the estimator of the study. krupitsky-2002's
contrasts rest on one person abstinent in the low arm. PIT is the share of the forecast below the
published value.

{endpoints}

## Rivals and baselines

Each is fitted to the same numbers, leaves out the same studies, and has at most three free
numbers. **CRPS** (smaller is better) and **log score** (larger is better) are of the log of one
ratio of use a study: ratios of log survival at 12 months in krupitsky-2002 and -2007, of hazards
of first use or drop-out in dakwar-2019, odds of relapse in grabski-2022. The **energy score**
(smaller is better) is of all numbers of a study together, each on its scale in units of the
prior's spread; baselines forecast one number, where it is the CRPS. Differences have their
standard error over four studies; the 95 % interval by Student's t is 3.2 of them to each side.
**Brier**: the probability given beforehand that the ratio favours ketamine. **Width** of the 90 %
interval in log units. Weight by the summed log scores.

{hypotheses}

## Could these trials have told the hypotheses apart?

Trials of the published size are simulated under the calibrated model; the share in which it
scores better than the other hypothesis. A coin is 50 %; less is possible where a right hypothesis
loses a little often and gains much rarely. Forecasts of krupitsky-2002 and -2007 are
of counts near zero, so they tell little whatever is true.

{power}

## Choices made after something was seen

* Differences are judged by Student's t over studies. Two standard errors had been written first;
  with four studies that is too lenient.
* engeriser-2026 is left out of the count of hits, since priors of withdrawal relief were set with
  it in sight.
* Coverage of the hypotheses is over the same values; at first the model had more.
* The ratio by which each study is scored was fixed before the first forecast was seen. Log
  scores, energy scores, Brier scores and power were added after CRPS had been read.

## Sites left out

CTN-0030 (first use after a taper) and CTN-0027 (who stays on methadone or buprenorphine) were run
at many sites. A third of them at a time is left out (docs/ctn0094.md) and the stage of
docs/calibration.md is fitted again to the other sites; stored are the numbers of model
{sites_model}.

{sites_words}

How: a new site of CTN-0030 lies around the site of the rest with the spread that stage b declared
between sites before any was scored (log hazard sd 0.7, logit of the share uncommitted sd 1.5);
nothing in it is fitted to how they differ. "Whole trial left out" knows Smyth and Gossop alone and
a spread around the default site. In CTN-0027 sites differ in the model only by how easily people
use, which moves a little who stops. Baselines know the counts of the other sites and no mechanism:
all sites one (beta), or logits that differ (DerSimonian-Laird). CRPS is of the share counted, the
log score of the count, both with the sampling of that many people. Standard errors are over sites,
which share three fits, so they are a little too small.

What it is not: a blind test. The medians of stage b's priors and the shapes of stopping had been
fitted by hand to both whole trials, and sites of one trial share its rules. It tests transport
between clinics and no more, and says that mechanism neither helps nor harms there. First use by 7 d
is scored, since all nine sites show it; by 14 and 28 d the sites with most use are blank (fewer
than five people without), and of methadone the two that kept most people: a selection.

{sites_scores}

{sites_rows}
"""


def main() -> None:
    """Validate again if asked, then write the page and its picture."""
    if "--run" in sys.argv:
        most = int(sys.argv[sys.argv.index("--draws") + 1]) if "--draws" in sys.argv else ALL
        found = validate(heard, most)
        place = Path(str(resources.files("resynapse.inference") / STORED))
        text = json.dumps(as_dict(found), indent=1, allow_nan=False)
        place.write_text(text + "\n", encoding="utf-8")
    if "--sites" in sys.argv:
        told = sites_left_out.as_dict(sites_left_out.judge(heard))
        place = Path(str(resources.files("resynapse.inference.sites_left_out") / STORED_SITES))
        place.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    PICTURE.write_text(forest(stored()), encoding="utf-8")


def heard(share: float, words: str) -> None:
    """One line a design, on standard error."""
    if share >= 1.0:
        print(words, file=sys.stderr, flush=True)


def page() -> str:
    """All of it."""
    found = stored()
    said = textwrap.fill(f"The bars of this project: {bars(found)} {NO_TEST}", 98)
    return HEAD.format(
        words="\n".join(f"* {one}" for one in found.words()), bars=said,
        endpoints="\n".join(_endpoints(found.endpoints)),
        hypotheses="\n".join(_hypotheses(found)), power="\n".join(_told_apart(found)),
        most=found.most, model=found.model[:12], **sites(),
    )  # fmt: skip


def sites() -> dict[str, str]:
    """Words, scores and rows of the sites that were left out."""
    held = sites_left_out.stored()
    return {
        "sites_model": held.model[:12],
        "sites_words": "\n".join(f"* {one}" for one in sites_left_out.words(held)),
        "sites_scores": "\n".join(sites_left_out.rows(held)),
        "sites_rows": "\n".join(_endpoints(held.endpoints)),
    }


def bars(found: Validation) -> str:
    """What was to be reached, and whether it was."""
    own = found.scores["calibrated"]
    tests = [one for one in found.endpoints if one.role != "calibration"]
    covered = sum(one.hit90 for one in tests) / len(tests)
    width = own.width90 / found.scores[BASELINES[1]].width90
    said = [
        f"90 % intervals should cover {COVER:.0%} of values and cover {covered:.0%},"
        f" {_met(covered >= COVER)}; they are {width:.2f} times as wide as the meta-analysis's (bar"
        f" {WIDTH:g}), {_met(width <= WIDTH)}."
    ]
    for name in BASELINES:
        crps = found.scores[name].crps
        said.append(
            f"CRPS should not be worse than that of {name}: {own.crps:.2f} against {crps:.2f},"
            f" {_met(own.crps <= crps)}."
        )
    return " ".join(said)


def _met(met: bool) -> str:
    return "met" if met else "**not met**"


if __name__ == "__main__":
    main()
