"""Which page does each study of the evidence have? What its file says, and nothing else.

    python docs/build_evidence_pages.py

writes docs/evidence.md, the index, docs/evidence/ID.md for every study, and
docs/evidence_checked.md of the numbers that were looked up again (docs/evidence_checked.csv).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from resynapse.evidence import Concentrations, Number, Study, bibtex, studies, why_set_aside
from resynapse.evidence.likelihood import (
    in_no_fit_count,
    usable_count,
    value_count,
    why_in_no_fit,
    why_no_number,
)
from resynapse.report.names import MEASURES, SEEN, endpoint

FOLDER = Path(__file__).parent
ROLES = {
    "calibration": "Calibration: a fit may use them, and where none does, its page says why",
    "retrospective": "Retrospective: they shaped the model or were read while it was made",
    "held-out": "Held out: nothing is fitted to them",
    "forecast": "Forecast: no result is known",
}
INTRODUCTION = """\
# The evidence

Every study that Resynapse is fitted to or compared with, and those that shaped it. Built by
`python docs/build_evidence_pages.py` from the files in `src/resynapse/evidence/studies`.

* **How a number was seen** stands beside it: table, abstract, excerpt (of the paper, which part
  was not noted), figure, secondary (told by others), press, computed, recalled.
* **Recalled and press numbers** are kept and shown. They never enter a likelihood, nor does a
  number without the people behind it, or one that a simulated trial does not yield:
  `resynapse.evidence.usable` gives what is left.
* **Calibration** says that a fit may use a study, not that one does. Numbers that one could use and
  none does are marked **In no fit**, with the reason at the top of the page; a column counts them.
  Two stages whose numbers are fitted do not ship: counselling and naltrexone
  ([calibration.md](calibration.md)).
* **Roles** were set before anything was fitted; what changed or came later is said on the page of
  its study. A study that is fitted may be judged nonetheless,
  with sites or with the study itself left out (`judged as`).
* A title in [brackets] is a description: the paper's own was not transcribed. Read the paper
  before you quote a number.
* Which numbers were looked up a second time, and what was seen:
  [evidence_checked.md](evidence_checked.md).
* Add your own: `resynapse evidence show NAME --yaml > mine.yaml`, change it, then
  `resynapse evidence check mine.yaml`.

CTN-0027 and CTN-0030 are fitted from tables of single people ([ctn0094.md](ctn0094.md)), so none of
their published numbers that are counted below is. Which studies have a protocol, and which
cannot: [library.md](library.md). All citations: `resynapse evidence --bibtex`.
"""

CHECKED = """\
# Which numbers were looked up again

On 2026-11-27 influential numbers were held against public pages: abstracts, registries, digests,
news, some as copies that others keep, of unlike age. Built by `python docs/build_evidence_pages.py`
from `evidence_checked.csv`. What is not in the table was not looked up again.

* **same**: the file, as it was that day, and the page agree. It does not mean that the paper was
  read. **differs**: they do not. **added**: it was missing. **not found**: no page was seen that
  has it.
* Numbers of studies that a shipped set is fitted to were left as they are, since the sets carry a
  hash of them. Two of these say less than their source: CTN-0030 has 7 for 6.6 %, in no fit;
  Lii 2023 has the means that stage d fits without their spread, and 20 people where 18 to 20 came.
* **No result of a trial with a frozen forecast was found.** Copies of registries end between
  2023-05 and 2026-01.

What fits use and no page could confirm: who was abstinent at 12 months in Krupitsky 2002 (read off
a figure by others) and the curves of Kamp 2020. Table 4 of Perez-Ruixo 2021 was seen in the library
of models that it was taken from, not in the paper.

Seen and not entered, for want of a number: a review of psychedelics for addiction with ten studies
and 579 people on ketamine (10.1111/add.16762, 2025); 26 people with addiction among those given
esketamine for depression (10.1016/j.euroneuro.2023.04.011); a planned trial of one infusion with
neurofeedback in 75 people with alcohol use disorder.
"""


def pages() -> dict[str, str]:
    """Path below docs to text, of the index, of what was looked up and of every study's page."""
    found = {f"evidence/{study.id}.md": page(study) for study in studies()}
    return {"evidence.md": index(), "evidence_checked.md": checked(), **found}


def checked() -> str:
    """What was looked up again, one row a number."""
    with (FOLDER / "evidence_checked.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {study.id for study in studies()}
    count = Counter(row["verdict"] for row in rows)
    counted = ", ".join(f"{n} {verdict}" for verdict, n in count.most_common())
    heads = ["study", "number", "the file", "the page", "verdict", "where", "done"]
    text = [CHECKED, f"{len(rows)} rows: {counted}.", "", _row(heads), _row(["-"] * len(heads))]
    for row in rows:
        id, *said = row.values()
        text.append(_row([f"[{id}](evidence/{id}.md)" if id in known else id, *said]))
    return "\n".join([*text, ""])


def index() -> str:
    """The introduction, then the studies of each role."""
    text = [INTRODUCTION]
    for role, title in ROLES.items():
        chosen = [study for study in studies() if study.role == role]
        text.append(f"## {title} ({len(chosen)})\n")
        fitted = ["may be fitted", "of these in no fit"] if role == "calibration" else []
        heads = ["study", "about", "numbers", *(fitted or ["may be fitted"]), "judged as"]
        text += [_row(heads), _row(["-"] * len(heads))]
        for study in chosen:
            link = f"[{study.short_citation}](evidence/{study.id}.md)"
            counts = [value_count(study), usable_count(study)]
            counts += [in_no_fit_count(study)] if fitted else []
            text.append(_row([link, study.title, *map(str, counts), study.judged_as or ""]))
        text.append("")
    return "\n".join(text)


def page(study: Study) -> str:
    """Everything that the file of a study says."""
    text = [f"# {study.short_citation}", "", study.citation + ".", ""]
    text += [f"* DOI: [{study.doi}](https://doi.org/{study.doi})"] if study.doi else []
    text += [f"* Registration: {study.registration}"] if study.registration else []
    judged = f", judged as {study.judged_as}" if study.judged_as else ""
    text += [f"* **Role: {study.role}{judged}.** {study.role_reason}"]
    unused = why_no_number(study)
    text += [f"* **No fit uses it:** {unused}"] if unused else []
    text += [f"* **In no fit, {one.what}:** {one.reason}" for one in study.in_no_fit]
    text += [f"* Design: {study.design}", f"* People: {study.population}"]
    text += [f"* Day 0: {study.origin}", f"* Id: `{study.id}`", ""]
    text += _arms(study)
    text += _numbers(study)
    for title, sentences in (("Findings", study.findings), ("Limits", study.limits)):
        text += [f"## {title}", "", *(f"* {one}" for one in sentences), ""] if sentences else []
    text += ["```bibtex", bibtex(study), "```", "", "[All studies](../evidence.md)", ""]
    return "\n".join(text)


def _arms(study: Study) -> list[str]:
    rows = [_row([f"`{arm.id}`", arm.label, str(arm.n or "-")]) for arm in study.arms]
    return ["| arm | what | n |", "| - | - | - |", *rows, ""]


def _numbers(study: Study) -> Iterator[str]:
    if study.numbers:
        yield "| quantity | arm | day | value | n | where, seen as | |"
        yield "| - | - | - | - | - | - | - |"
        for number in study.numbers:
            in_none = why_in_no_fit(study, number) is not None
            yield _row([*_cells(number), " ".join(filter(None, _last(number, in_none)))])
        yield ""
    for curve in study.concentrations:
        levels = "; ".join(f"{point[0]:g} min {_level(point)}" for point in curve.points)
        yield f"* {curve.analyte} after {curve.regimen} ({curve.site}, {curve.unit}): {levels}."
        yield f"  {_seen(curve)} {curve.note or ''}".rstrip()
    for one in study.exposures:
        unit = "" if one.unit == "1" else f" {one.unit}"
        shown = f"* {one.quantity} of {one.analyte}, arm {one.arm}: {one.value:g}{unit}"
        limits = f" ({one.low:g} to {one.high:g}; {one.interval})" if one.low is not None else ""
        people = f", n = {one.n}" if one.n else ""
        yield f"{shown}{limits}{people}. {one.place}, {SEEN.get(one.seen, one.seen)}."
        reason = why_set_aside(one)
        yield from [f"  **Not fitted:** {reason}."] if reason else []
        yield from [f"  {one.note}"] if one.note else []
    if study.concentrations or study.exposures:
        yield ""


def _cells(number: Number) -> list[str]:
    arms = f"{number.arm} against {number.reference}" if number.reference else number.arm
    unit = "" if number.unit in ("proportion", "ratio") else f" {number.unit}"
    shown = f"{number.value:g}{unit}"
    if number.low is not None:
        shown += f" ({number.low:g} to {number.high:g}; {number.interval})"
    spread = f", SD {number.sd:g}" if number.sd is not None else ""
    people = f"{number.count} of {number.n}" if number.count is not None else str(number.n or "-")
    day = "" if number.day is None else f"{number.day:g}"
    about = f"{endpoint(number.endpoint)}, {_measure(number)}"
    return [about, arms, day, shown + spread, people, _seen(number)]


def _last(number: Number, in_none: bool) -> tuple[str, str]:
    return "**In no fit.**" if in_none else "", number.note or ""


def _measure(number: Number) -> str:
    return MEASURES.get(number.measure, number.measure.replace("_", " "))


def _seen(row: Number | Concentrations) -> str:
    reason = why_set_aside(row)
    fitted = f" **Not fitted:** {reason}." if reason else ""
    return f"{row.place}, {SEEN.get(row.seen, row.seen)}.{fitted}"


def _level(point: tuple[float | None, ...]) -> str:
    value = "-" if point[1] is None else f"{point[1]:g}"
    return f"{value} ({point[2]:g} to {point[3]:g})" if len(point) == 4 else value


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


if __name__ == "__main__":
    (FOLDER / "evidence").mkdir(exist_ok=True)
    for old in (FOLDER / "evidence").glob("*.md"):
        old.unlink()
    for path, text in pages().items():
        (FOLDER / path).write_text(text, encoding="utf-8")
