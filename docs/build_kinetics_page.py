"""Write docs/kinetics.md and its picture: published concentrations beside the model's.

python docs/build_kinetics_page.py
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from draw_chain import tokens

from resynapse.cli.kinetics import NAMES, text
from resynapse.evidence import Regimen, studies
from resynapse.inference.kinetics import Bar, Row, as_stored, bars, comparison, course
from resynapse.parameter import replace
from resynapse.patient import Patient

PAGE = Path(__file__).with_name("kinetics.md")
PICTURE = Path(__file__).with_name("kinetics.svg")
ATOMISER = Path(__file__).with_name("kinetics-atomiser.svg")
STORED = Path(__file__).parents[1] / "src/resynapse/inference/kinetics/stored.json"
DRAWS, SEED = 40, 1
WIDE, LEFT, RIGHT, TOP, LINE = 1040, 600, 24, 66, 19
LOWEST, HIGHEST = 0.08, 4.0
"""ratios at the ends of the axis"""
KINDS = (
    ("held", "held out"), ("fit", "a fit, tests nothing"), ("shown", "shown, not judged"),
)  # fmt: skip
MARKS = "fit", "held", "spray", "shown"
MARKED = (0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)
LOOK = """
.paper { fill: var(--surface); stroke: var(--hairline); }
.near { fill: var(--arm-2); opacity: 0.12; }
.fold { stroke: var(--hairline); } .one { stroke: var(--ink); }
.band { stroke: var(--arm-2); stroke-width: 2; } .held { fill: var(--arm-2); }
.fit { fill: var(--surface); stroke: var(--arm-2); stroke-width: 1.5; }
.shown { fill: var(--surface); stroke: var(--ink-2); stroke-width: 1.5; stroke-dasharray: 2 2; }
.spray { fill: var(--arm-1); }
text { font: 12px var(--font); fill: var(--ink); } .unit { fill: var(--ink-2); }
.title { font: 600 14px var(--font); }
"""
HEAD = """# Concentrations: published beside modelled

Built by `python docs/build_kinetics_page.py` from the studies in the package; `resynapse kinetics`
prints the same. The parameters are priors: nothing was fitted by this page. Values that the model
was set with are called a fit, and test nothing; values that were held out and informed nothing are
the test. Bars were set before: parent drug, all routes but swallowed, median error at most 20 %
and 90 % within twofold; norketamine after iv and nasal doses 30 %.

![Ratio of modelled to published, a line a value](kinetics.svg)

## What it says

* Infusions, boluses, esketamine spray, injections into a muscle and a wafer: the parent drug is
  within twofold of every held-out value. Much of this is near a fit: the disposition is Simons
  2022's, the share of later spray devices and the fall with age are Perez-Ruixo 2021's. Wang 2019,
  Rolan 2014 and Hirlinger 1984 informed nothing.
* **A generic atomiser: right peaks, areas three to four times too large.** Until now the model
  gave the bioavailability of one study (phar2022), nothing swallowed; peaks were a fifth of those
  measured. Now the share is that of other studies and the rest is swallowed, as with the
  esketamine spray: peaks of ketamine come to 0.6 to 0.9 of those measured and of norketamine to
  1.1 to 1.5. The areas of the study, which had set the share, are held out now, and missed.
  `resynapse check` says so.
* Swallowed doses, and the metabolites of films and tablets, miss by up to twofold and more, as
  known beforehand. Nothing about them is claimed.
* Two trials of the same injection, 0.5 mg/kg into a muscle, differ: 147 ng/mL at 30 min (Hirlinger
  1984, patients) and 243 at 22 min (Grant 1981, recalled). The model gives 240 at 8 min, too early
  for both.
* Three interactions had been meant as held out; the factors in the model were chosen to give them,
  so they are listed as a fit here.

"""
WHY = """
## A generic atomiser

Modelled over published, for the same ten people (phar2022), under four descriptions of what an
atomiser does. The first is what the model had before: the study's own bioavailability, and nothing
else absorbed. The second is the model's. No number of it was fitted to these values.

![Ratio of modelled to published under four descriptions of an atomiser](kinetics-atomiser.svg)

{table}

| held-out values | ketamine: number, median error, within twofold | norketamine |
| --- | --- | --- |
| before | 21, 5 %, 86 % | 7, 69 %, 29 % |
| now, the same values | {same} | {same_metabolite} |
| and the areas that had set the share | {areas} | the same |
| and Huge 2010, found after the model was set | {now} | {metabolite} |

* **Where the share comes from.** Half of a nasal dose of racemate arrives elsewhere: 0.45 in three
  adults (Yanagihara 2003); of esketamine 0.48 (label). With the rest swallowed that is 0.34 and
  0.39 through the mucosa; 0.36 lies between. Above 28 mg it falls as that of the spray does
  (Perez-Ruixo 2021); speed is the spray's. Not used: 0.50 in children (Malinovsky 1996), where the
  model gives {children}. The three adults were Japanese, in whom the spray puts 1.34 times as much
  through.
* **Its prior is wide**, 95 % from 0.05 to 0.85, so that it reaches people in whom nearly all is
  swallowed. phar2022 bears on that width, not on the value. Even so its areas lie below the 90 %
  bands: a dose that is swallowed whole gives more. The low alternative, 0.05, is the third column;
  `--set absorption.atomiser_first=0.05` runs it.
* **Why it was missed before: what was swallowed was missing.** Per mg, norketamine of phar2022
  peaks nearly as high after the nose (2.1 to 2.3 ng/mL) as after a vein (2.7), while a seventh of
  the ketamine arrives. Only a dose that passes the liver first does that. In anaesthetised
  children little seems to have been swallowed (Weber 2004, shown and not judged: ketamine peaked at
  2.5 times and norketamine at a third of what the model gives, within the hour).
* **Why areas miss now: the study's peak and area do not go together.** Area over peak is 0.8 h
  after 30 mg; a bolus into the vein has 0.5 h in the model and 0.4 h in the study, and no way of
  taking a nasal dose up comes near. All peaks after the vein were at 2 min and of norketamine at
  30 min, with no spread, so samples were few: the area of the modelled iv course is 85 ng h/mL to
  the end of the visit, and 116 by straight lines between 2, 30, 60, 120 and 240 min, where 113 was
  published (the times are assumed). An area after the vein that is too large makes every nasal
  share too small. Or the share of this device is low indeed, and the peaks are high: that cannot
  be told here, and no description in the table meets both.
* **Not the reason:** the dose (10, 30, 50 mg, each person took all), units (areas over doses of
  the table agree with its own bioavailabilities), or the liver (norketamine after the vein peaks
  at 28 ng/mL in the model and 27 in the study). Not known: the device, the sampling site, age.
  They had advanced cancer and took opioids.
* **Where the areas end was looked for and not found.** Of the paper itself only table 6 and the
  abstract could be read. The registry's record (NCT03146806, four mirrors), the abstract of 2019
  (blood "at set time points", people watched for 240 min) and the record of the thesis at Emory
  (its files are closed) name no sampling time, site, limit of quantification, method or end of the
  area. What table 6 itself settles: areas over doses are in ug min/L per mg (113 x 60 / 10 = 678,
  22 x 60 / 10 = 132 for 130 printed, 19 x 60 / 10 = 114 for 116), so hours are hours, nothing was
  copied wrongly here, and 17, 13 and 11 % follow from these areas. So the model stays compared with
  the area to infinity, and no value was changed or dropped.
* **Another device, found afterwards** (Huge 2010, esketamine 0.2 and 0.4 mg/kg, 16 adults): peaks
  of ketamine 0.69 and 1.12 of those measured, of norketamine 1.77 and 1.89. Ketamine peaked at 10
  and 14 min, in the model at 25: a generic spray may act faster than the esketamine spray.
  Norketamine is too high in both of these studies, as if less than all of the rest were swallowed,
  and a little too low in Yanagihara's three people (0.87).

**Neither bar is met.** The parent drug misses it by three areas of one study; without holding them
out it would be met, and they are held out because they inform nothing now. Norketamine would have
met it on the values known before (28 %), narrowly; with Huge 2010 it does not.

**Tried, and not in the model: not all of the rest is swallowed.** What the nose does not take up
may drip out. With a share of it swallowed that is set by norketamine of the esketamine spray at 28
and 84 mg alone, which is marked as calibration (0.82: peaks 0.93 and 0.97 of those published, areas
1.04 and 1.07; with all of it 1.09 to 1.22), held-out norketamine would meet its bar: median error
24 %, all nine within twofold (Huge 2010 1.52 and 1.62); 16 and 26 % with 0.75 and 0.5. The error of
the parent drug would rise from 13 to 15 %, 88 % as now. It was looked at once, no command does it,
and after these misses had been seen; its value was not chosen by them. A parameter more changes
the draws of all others, so every fit, forecast and claim would have to be made again; that was not
done, and the model has all of it swallowed.

## Times of peak

Times are shown and not judged; those of peaks after film, wafer and muscle come too early (8, 12
and 8 min for 19, 45 and 22). Simons 2022 lets the film release its drug over 13.1 min before it is
taken up. The model does not; with it the peak of a 50 mg film would come at {film_time} min at
{film_peak} ng/mL (published 18.8 and 96), and the wafer's at {wafer_time} min. It is not in the
model: its engine puts a dose by any route but vein and lung into its place at once. A slower
uptake alone would not do (at half the speed the peak still comes at 8 min, and is {slow:.0f} % of
that measured), nor from muscle: at half the speed 0.5 mg/kg peaks at 11 min and 1 mg/kg at 305
ng/mL for 474 (Hirlinger 1984, held out).
"""
VALUES = (
    ("ketamine, peak", "ketamine", "cmax"), ("ketamine, area", "ketamine", "auc"),
    ("norketamine, peak", "norketamine", "cmax"), ("norketamine, area", "norketamine", "auc"),
)  # fmt: skip
"""label, analyte and quantity"""
WAYS = (
    "before: this study's share", "the model", "0.05 through the mucosa", "all swallowed",
)  # fmt: skip
WITHIN = "absorption.atomiser_first", "absorption.atomiser_later"
BEFORE = 0.13, 30.0, 0.27
"""share of 30 mg, and the power by which it fell with dose, as phar2022 reports it"""


def main() -> None:
    """Write the page, its pictures and what the page of `resynapse serve` shows."""
    rows = comparison(DRAWS, SEED)
    PAGE.write_text(page(rows), encoding="utf-8")
    PICTURE.write_text(drawn(rows), encoding="utf-8")
    ATOMISER.write_text(drawn_atomiser(), encoding="utf-8")
    STORED.write_text(as_stored(comparison(0, SEED)), encoding="utf-8")


def page(rows: tuple[Row, ...]) -> str:
    """All of it."""
    why = WHY.format(table="\n".join(atomiser()), **counted(rows), **early())
    return HEAD + text(rows, bars(rows)) + "\n" + why.rstrip() + "\n"


def counted(rows: tuple[Row, ...]) -> dict[str, str]:
    """Values, median error and share within twofold, of the values judged before and now."""
    known = [row for row in rows if row.study != "huge2010"]
    same = [row for row in known if not _set_the_share(row)]
    (children,) = (row for row in rows if row.study == "malinovsky1996")
    before, with_areas, now = map(bars, (same, known, rows))
    return {
        "same": _count(before[0]), "same_metabolite": _count(before[1]),
        "areas": _count(with_areas[0]), "now": _count(now[0]), "metabolite": _count(now[1]),
        "children": f"{children.modelled:.2f}",
    }  # fmt: skip


def _set_the_share(row: Row) -> bool:
    area = (row.study, row.quantity, row.analyte) == ("phar2022", "auc", "ketamine")
    return area and row.route == "intranasal"


def _count(bar: Bar) -> str:
    return f"{bar.values}, {100 * bar.median_error:.0f} %, {100 * bar.within_twofold:.0f} %"


def early() -> dict[str, float | str]:
    """Peaks of film and wafer were they released over 13 min, and of a film taken up slowly."""
    film, wafer = (_released(*one) for one in (("esketamine", 50.0), ("ketamine", 25.0)))
    slow = replace(Patient(), {"body.mucosal_absorption": 1.2})
    once = course(slow, Regimen("one", "esketamine", "sublingual", ((0.0, 50.0, 0.0),)))
    levels = once.levels("S-ketamine", "arterial")
    return {
        "film_time": f"{np.argmax(film)}", "film_peak": f"{np.max(film):.0f}",
        "wafer_time": f"{np.argmax(wafer)}", "slow": 100.0 * float(np.max(levels)) / 96.0,
    }  # fmt: skip


def _released(drug: str, mg: float) -> np.ndarray:
    """ng/mL by the minute after a thirteenth of the dose in each of 13 min."""
    doses = tuple((float(minute), mg / 13.0, 0.0) for minute in range(13))
    once = course(Patient(), Regimen("one", drug, "sublingual", doses))
    if drug == "esketamine":
        return once.levels("S-ketamine", "arterial")
    return once.levels("ketamine", "venous")


def atomiser() -> Iterator[str]:
    """The table of ``ratios``."""
    yield f"| value | {' | '.join(WAYS)} |"
    yield "| --- |" + " --- |" * len(WAYS)
    for label, found in ratios():
        yield f"| {label} | {' | '.join(f'{one:.2f}' for one in found)} |"


def ratios() -> Iterator[tuple[str, list[float]]]:
    """Modelled over published of phar2022 after the nose, a value each, by description."""
    (study,) = (one for one in studies() if one.id == "phar2022")
    for label, analyte, quantity in VALUES:
        for one in study.exposures:
            if (one.analyte, one.quantity) == (analyte, quantity) and one.arm.startswith("nasal"):
                mg = study.regimen(one.arm).doses[0][1]
                found = [_summary(*one_way, analyte, quantity) for one_way in described(mg)]
                yield f"{mg:g} mg, {label}", [value / one.value for value in found]


def described(mg: float) -> tuple[tuple[Patient, float], ...]:
    """Who takes how many mg by the nose, under each description of an atomised dose."""
    share, reference, power = BEFORE
    through = replace(Patient(), dict.fromkeys(WITHIN, 1.0))
    low, none = (replace(Patient(), {WITHIN[0]: value}) for value in (0.05, 0.0))
    arrives = mg * share * (reference / mg) ** power
    return (through, arrives), (Patient(), mg), (low, mg), (none, mg)


def _summary(patient: Patient, mg: float, analyte: str, quantity: str) -> float:
    """Peak, ng/mL, or area to infinity, ng h/mL."""
    one = course(patient, Regimen("one", "ketamine", "intranasal", ((0.0, mg, 0.0),)))
    levels = one.levels(analyte, "venous")
    if quantity == "cmax":
        return float(np.max(levels))
    return float(np.trapezoid(levels, dx=1.0 / 60.0) + one.area_after(analyte, "venous"))


def drawn(rows: tuple[Row, ...]) -> str:
    """A line a summary value, sorted as in the page; curves stand in the table."""
    shown = [row for row in rows if row.quantity not in ("concentration", "tmax")]
    parts = _axes(
        len(shown), "Modelled over published exposure (ratio, logarithmic)",
        "Prior, not calibrated. Shaded: within twofold. Bar: 90 % over parameters.",
    )  # fmt: skip
    for number, row in enumerate(shown):
        parts += _dot(row, TOP + LINE * number + 6)
    parts.append(_key(_bottom(len(shown)) + 44, KINDS))
    return "\n".join([*parts, "</svg>", ""])


def drawn_atomiser() -> str:
    """A line a value of phar2022 after the nose, a mark a description."""
    found = list(ratios())
    parts = _axes(
        len(found), "A generic atomiser: modelled over published under four descriptions",
        "Prior, not calibrated. Ten people (phar2022). Shaded: within twofold.",
    )  # fmt: skip
    for number, (label, of) in enumerate(found):
        y = TOP + LINE * number + 6
        parts.append(_text(24, y + 4, label))
        for css, ratio in zip(MARKS, of, strict=True):
            parts.append(f'<circle class="{css}" cx="{_x(ratio):.1f}" cy="{y}" r="4.5"/>')
    parts.append(_key(_bottom(len(found)) + 44, tuple(zip(MARKS, WAYS, strict=True))))
    return "\n".join([*parts, "</svg>", ""])


def _bottom(lines: int) -> float:
    return TOP + LINE * lines - 4


def _axes(lines: int, title: str, below: str) -> list[str]:
    """Paper, words, the band within twofold and lines at marked ratios."""
    high, bottom = TOP + LINE * lines + 74, _bottom(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{tokens()}{LOOK}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDE - 1}" height="{high - 1}" rx="8"/>',
        _text(24, 28, title, "title"),
        _text(24, 47, below),
        f'<rect class="near" x="{_x(0.5):.1f}" y="{TOP - 8}" width="{_x(2.0) - _x(0.5):.1f}"'
        f' height="{LINE * lines + 4}"/>',
    ]
    for ratio in MARKED:
        kind = "one" if ratio == 1.0 else "fold"
        place = f'x1="{_x(ratio):.1f}" x2="{_x(ratio):.1f}" y1="{TOP - 8}" y2="{bottom}"'
        parts.append(f'<line class="{kind}" {place}/>')
        parts.append(_text(_x(ratio), bottom + 16, f"{ratio:g}", "unit", "middle"))
    return parts


def _dot(row: Row, y: float) -> list[str]:
    words = f"{row.dose}: {row.analyte}, {NAMES[row.quantity]} ({row.study})"
    kind = "shown" if row.reported_only else "held" if row.tests else "fit"
    low, high = (row.low or row.modelled), (row.high or row.modelled)
    ends = [_x(value / row.published) for value in (low, high)]
    return [
        _text(24, y + 4, words),
        f'<line class="band" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y}" y2="{y}"/>',
        f'<circle class="{kind}" cx="{_x(row.ratio):.1f}" cy="{y}" r="4.5"/>',
    ]


def _key(y: float, items: tuple[tuple[str, str], ...]) -> str:
    parts, x = [], 24.0
    for kind, words in items:
        parts.append(f'<circle class="{kind}" cx="{x + 5}" cy="{y - 4}" r="4.5"/>')
        parts.append(_text(x + 16, y, words))
        x += 30 + 7 * len(words)
    return "".join(parts)


def _x(ratio: float) -> float:
    """px on a logarithmic axis; what lies outside is drawn at its end."""
    held = min(max(ratio, LOWEST), HIGHEST)
    share = math.log(held / LOWEST) / math.log(HIGHEST / LOWEST)
    return LEFT + share * (WIDE - LEFT - RIGHT)


def _text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    named = f' class="{css}"' if css else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


if __name__ == "__main__":
    main()
