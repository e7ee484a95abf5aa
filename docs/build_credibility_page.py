"""Write docs/credibility.md, how far the model may be trusted and for what.

python docs/build_credibility_page.py

Numbers are taken from the parameters, the studies, the fitted set, docs/kinetics.md and the stored
validation; scores and sentences stand in credibility_scores.yaml.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from resynapse.cli import calibrate_beside, calibrate_check
from resynapse.evidence import studies
from resynapse.evidence.likelihood import usable_count, value_count
from resynapse.inference import fit_checks, sites_left_out, weeks_judged
from resynapse.inference.by_kind import restored, sentences, wider
from resynapse.inference.forecasts import forecasts
from resynapse.inference.sampling import LARGEST_R_HAT, SMALLEST_SAMPLE
from resynapse.inference.scored import PRIMARY
from resynapse.inference.simulation_based import LEAST_P
from resynapse.inference.sites_left_out.judged import OWN
from resynapse.patient import parameters
from resynapse.report.earlier_model import of_an_earlier_model
from resynapse.trial.parameter_set import CALIBRATED, FILES, parameter_set, shipped_set
from resynapse.trial.simulated_under import named

DOCS = Path(__file__).parent
PAGE = DOCS / "credibility.md"
SCORES = DOCS / "credibility_scores.yaml"
STATUSES = ("measured", "derived", "assumed")
SEEN = ("table", "abstract", "label", "secondary", "press", "unread")
WEAK = 0.2
"""a rank correlation below this: data that tell next to nothing"""
BARS = 0.8, 1.2
"""share of values that 90 % intervals must cover; greatest width over the meta-analysis's"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """All of it."""
    told = YAML(typ="safe", pure=True).load(SCORES.read_text(encoding="utf-8"))
    parts = [
        told["head"], _table("Assessment", told["assessment"]), _verification(told),
        _inputs(), _fit(), _samplers(), _validation(),
        *(_listed(title, told[title.lower()]) for title in ("Applicability", "Limits")),
        _rules(told["rules"]),
    ]  # fmt: skip
    return "\n".join(part.strip() + "\n" for part in parts)


SIX = (
    "Mood after six infusions, forecast from one and not fitted: four of six published findings"
    " hold. Loss of response comes too soon (10 days against 18), and a masked trial of up to eight"
    " infusions found no difference where the model expects one"
    " ([calibration.md](calibration.md), stage d)."
)


def validated() -> dict[str, Any]:
    """The stored answer of `resynapse validate --json`."""
    place = resources.files("resynapse.inference").joinpath("validated.json")
    return json.loads(place.read_text("utf-8"))


def _table(title: str, rows: list[dict[str, str]]) -> str:
    lines = [f"## {title}", "", "| | |", "| --- | --- |"]
    return "\n".join(lines + [f"| **{row['name']}** | {row['says']} |" for row in rows])


def _listed(title: str, sentences: list[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"* {one}" for one in sentences)])


def _verification(told: dict[str, Any]) -> str:
    lines = ["## Verification: does the code solve its equations?", "", "| what | evidence |"]
    lines.append("| --- | --- |")
    return "\n".join(lines + [f"| {row['name']} | {row['says']} |" for row in told["verification"]])


def _inputs() -> str:
    """Parameters by link and status, then by how their source was seen; studies by role."""
    known = list(parameters())
    links = dict.fromkeys(entry.path.partition(".")[0] for entry in known)
    count = Counter((entry.path.partition(".")[0], entry.declared.status) for entry in known)
    total = Counter(entry.declared.status for entry in known)
    lines = [
        "## Inputs by grade of evidence", "",
        f"{len(known)} parameters: {_counted(total, STATUSES)}. Assumed means that nobody measured"
        " it, or that the number was recalled and read in no source; its prior is wide and"
        " `resynapse parameters` gives the reason.", "",
        "| part of the model | measured | derived | assumed |", "| --- | --- | --- | --- |",
    ]  # fmt: skip
    for link in links:
        cells = " | ".join(str(count[link, status]) for status in STATUSES)
        lines.append(f"| {link.replace('_', ' ')} | {cells} |")
    measured = [entry for entry in known if entry.declared.status == "measured"]
    seen = Counter(entry.declared.source.seen for entry in measured)
    return "\n".join([*lines, "", *_sources(seen), "", *_studies()])


def _counted(found: Counter, names: tuple[str, ...]) -> str:
    return ", ".join(f"{found[name]} {name}" for name in names if found[name])


def _sources(seen: Counter) -> list[str]:
    return [
        f"Where the measured ones were read: {_counted(seen, SEEN)}. Most papers could be read in"
        " part only, so tables deep in them were out of reach."
    ]


def _studies() -> list[str]:
    known = studies()
    roles = Counter(one.role for one in known)
    parts = [part for one in known for part in (one.numbers, one.concentrations, one.exposures)]
    recalled = sum(row.seen == "recalled" for part in parts for row in part)
    return [
        f"{len(known)} studies ({', '.join(f'{n} {role}' for role, n in roles.most_common())})"
        f" with {sum(map(value_count, known))} numbers (a curve counts as one),"
        f" {sum(map(usable_count, known))} of which may enter a"
        f" likelihood; {recalled} were only recalled and never do ([evidence.md](evidence.md))."
    ]


def _fit() -> str:
    fitted = parameter_set("ketamine")
    every = parameter_set(CALIBRATED)
    assert fitted is not None and every is not None
    made = fitted.made
    worst = max(one["r_hat"] for one in made["diagnoses"])
    least = min(one["effective_sample"] for one in made["diagnoses"])
    on = made["probability_on"]
    return "\n".join([
        "## Fit", "",
        f"A run uses {len(every.paths)} calibrated parameters (6 outside heroin and fentanyl, 2"
        " in depression without use). Of"
        f" those that act on ketamine's effect on use, {len(made['diagnoses'])} numbers"
        f" ({len(fitted.paths)} parameters) are fitted to"
        f" {', '.join(fitted.studies)}. Greatest R-hat {worst:.4f}, least effective sample"
        f" {least:.0f}, {made['divergences']} divergences. The probability that the early effect is"
        f" not zero goes from 0.50 to {on['early_effect']:.2f}, that of the window gain from 0.50"
        f" to {on['window_gain']:.2f}: **nothing was learned of the window gain**"
        " ([calibration.md](calibration.md)). Numbers of natural history, medications and mood are"
        " fitted without trials of ketamine in addiction, in stages before it. All others keep"
        " their priors, and the medians of some were set by hand ([baseline.md](baseline.md)).", "",
        "Concentrations, bars set beforehand ([kinetics.md](kinetics.md)):", "",
        *(f"* {line}" for line in _kinetics()), "", *_checked(), "", *_beside(),
    ])  # fmt: skip


def _checked() -> list[str]:
    """What simulation-based calibration found when it was last run."""
    found = fit_checks.stored(fit_checks.CHECK)
    right, wrong = (found[name] for name in calibrate_check.SAMPLERS)
    passed = all(row["p"] > LEAST_P for row in right.values())
    caught = any(row["p"] <= LEAST_P for row in wrong.values())
    least = min(row["p"] for row in right.values())
    told = right["window_gain"]["correlation"]
    return [
        f"Simulation-based calibration, {found['data_sets']} simulated data sets, the sampler's"
        f" ranks uniform (p above {LEAST_P:g} for each number): {_met(passed)}, least p"
        f" {least:.2g}; a sampler that is too sure is caught: {_met(caught)}."
        f" Between the true window gain and its posterior median the rank correlation is {told:.2f}"
        f"{': two such trials could not have taught it' if abs(told) < WEAK else ''}."
        f" {_of_model(found)}", "", *calibrate_check.lines(found),
    ]  # fmt: skip


def _beside() -> list[str]:
    """Whether it matters that ketamine lies over draws of the stages before."""
    found = fit_checks.stored(fit_checks.BESIDE)
    first, _, *rows = calibrate_beside.lines(found)
    return [f"Ketamine beside the stages before. {first} {_of_model(found)}", "", *rows]


def _of_model(found: dict[str, Any]) -> str:
    """Which command found it with which model, and that it is an earlier one."""
    made = found["made"]
    said = f"`{made['command']}`, {made['date']}, model {named(found['model_hash'])}."
    copied = f" Copied {made['copied']}." if "copied" in made else ""
    late = fit_checks.earlier(found)
    return said + copied + (f" **{late}**" if late else "")


def _met(bar: bool) -> str:
    return "yes" if bar else "**no**"


def _samplers() -> str:
    """Whether the sampler of every set that ships can be believed."""
    lines = [
        "Samplers of the sets that ship, as their files hold them; a fit that does not reach R-hat"
        f" under {LARGEST_R_HAT}, {SMALLEST_SAMPLE} effective samples and no divergence is not"
        " written:", "",
        "| set | fitted to | numbers | greatest R-hat | least effective sample | divergences |"
        " made by |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for name in FILES:
        fitted = shipped_set(name)
        made, found = fitted.made, fitted.made["diagnoses"]
        lines.append(
            f"| {name} | {', '.join(fitted.studies)} | {len(found)} |"
            f" {max(one['r_hat'] for one in found):.4f} |"
            f" {min(one['effective_sample'] for one in found):.0f} | {made['divergences']} |"
            f" `{made['command']}`, {made['date']} |"
        )
    return "\n".join(lines)


def _kinetics() -> list[str]:
    text = (DOCS / "kinetics.md").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if "held-out values: median error" in line]


def _validation() -> str:
    found = validated()
    tests = [one for one in found["endpoints"] if one["role"] != "calibration"]
    hits = sum(one["hit90"] for one in tests)
    other = found["rivals"]["random-effects meta-analysis"]
    none = found["rivals"]["no effect"]
    share, width = hits / len(tests), found["width90"] / other["width90"]
    rows = [
        ("90 % intervals cover published values of trials left out", f"{hits} of {len(tests)}",
         f"at least {BARS[0]:.0%}", share >= BARS[0]),
        (f"width over that of a meta-analysis, of the {len(PRIMARY)} ratios scored", f"{width:.2f}",
         f"at most {BARS[1]:g}", width <= BARS[1]),
        *((f"the same: {said[3:].partition(' they are ')[0]}", f"{ratio:.2f}",
           f"at most {BARS[1]:g}", ratio <= BARS[1])
          for said, ratio in wider(restored(found["kinds"]))),
        ("CRPS against no effect", f"{found['crps']:.2f} against {none['crps']:.2f}",
         "not worse", found["crps"] <= none["crps"]),
        ("CRPS against a meta-analysis", f"{found['crps']:.2f} against {other['crps']:.2f}",
         "not worse", found["crps"] <= other["crps"]),
    ]  # fmt: skip
    rows += _weeks()
    again, which = "resynapse validate --output FILE", "The trials of this table"
    late = of_an_earlier_model(found["model_hash"], again, which)
    lines = ["## External validation", "", f"{late}| what | found | bar, set beforehand | met |"]
    lines.append("| --- | --- | --- | --- |")
    lines += [f"| {a} | {b} | {c} | {'yes' if met else '**no**'} |" for a, b, c, met in rows]
    lines += ["", "CRPS, the continuous ranked probability score, is how far a forecast lies from"
              " what was published, its width counted; less is better."
              f" With {len(found['studies'])} studies, no difference of CRPS is told from"
              " chance ([validation.md](validation.md)). Every one of them was known while the"
              f" model was made. Blind are {len(forecasts())} dated forecasts of trials that have"
              " not been read out ([forecasts.md](forecasts.md)): **no blind test has happened"
              " yet**."]  # fmt: skip
    return "\n".join([*lines, "", *_apart(found), "", *_sites(), "", SIX])


def _weeks() -> list[tuple[str, str, str, bool]]:
    """The bar of the weeks of CTN-0027, the trial that its own numbers were fitted to."""
    found = weeks_judged.stored()
    late = " (of an earlier model or other sets)" if weeks_judged.earlier(found) else ""
    parts = (
        ("days of retention", found.retention), ("weekly urine states", found.urines),
        ("weekly urine states, visits missed as its own fit has it,", found.own_visits),
    )  # fmt: skip
    return [
        (f"CTN-0027, fitted: {label} within 5 points of a run of it{late}",
         f"{sum(bool(one.within) for one in checks)} of {len(checks)}", "all",
         all(one.within for one in checks))
        for label, checks in parts
    ]  # fmt: skip


def _apart(found: dict[str, Any]) -> list[str]:
    """Where the misses are: a sentence a kind of value."""
    return [
        "Levels and effects apart: what is missed is effects, not levels.", "",
        *(f"* {one}" for one in sentences(restored(found["kinds"]))),
    ]  # fmt: skip


def _sites() -> list[str]:
    """Clinics of two trials that a stage was not fitted to, and how many lie within 90 %."""
    held = sites_left_out.stored()
    told = [
        f"{label}: {round(made[OWN].coverage90 * len(made[OWN].crps))} of {len(made[OWN].crps)}"
        for label, made in held.scores.items()
    ]
    again, which = "resynapse validate --sites --output FILE", "The numbers of the sites left out"
    return [
        f"Sites left out, within 90 %: {'; '.join(told)}. Neither better nor worse than baselines"
        " without mechanism, so this tests transport between clinics and no more."
        f" {of_an_earlier_model(held.model, again, which)}".rstrip()
    ]


def _rules(rules: list[dict[str, Any]]) -> str:
    total = sum(one["score"] for one in rules)
    lines = [
        "## Ten rules of credible practice", "",
        "Rules of Erdemir 2020 (doi 10.1186/s12967-020-02540-4), scored as in the rubric of"
        " Manchel 2025 (doi 10.1371/journal.pone.0313711) from 0, insufficient, to 4,"
        " comprehensive. **Scored by the makers**, so read each score with its reason: nobody else"
        f" has. Sum {total} of {4 * len(rules)}.", "",
        "| rule | score | why not higher, and the evidence |", "| --- | --- | --- |",
    ]  # fmt: skip
    return "\n".join(
        lines + [f"| {k}. {one['rule']} | {one['score']} | {one['why']} |"
                 for k, one in enumerate(rules, 1)]
    )  # fmt: skip


if __name__ == "__main__":
    main()
