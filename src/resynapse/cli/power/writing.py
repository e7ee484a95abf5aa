"""What does a power run leave in its folder?"""

from __future__ import annotations

import csv
import json
import math
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.cli.power.asking import Wishes
    from resynapse.exchange.adam import Primary
    from resynapse.report.design import Told
    from resynapse.trial.power import Design, Extent
    from resynapse.trial.power.example import Examples
    from resynapse.trial.power.found import Found
    from resynapse.trial.power.outcome import Outcome
    from resynapse.trial.power.question import Asked


def write(
    wishes: Wishes, every: list[Design], found: Found, people: Path, pdf: bool = False
) -> None:
    """Report, justification, tables, numbers, and the typical trial as ADaM data sets."""
    from resynapse.cli.design.options import finite
    from resynapse.exchange.power_tables import tables, write_tables
    from resynapse.report.design import curve, justification, render, render_pdf, word_tables

    folder = people.parent
    shown = _examples(every, found, people)
    numbers = json.dumps(finite(found.as_dict())) + "\n"
    told = _told(wishes, found, shown)
    try:
        (folder / "report.html").write_text(render(told), encoding="utf-8")
        (folder / "power.svg").write_text(curve(told), encoding="utf-8")
        (folder / "sample_size.txt").write_text(justification(told) + "\n", encoding="utf-8")
        (folder / "power.json").write_text(numbers, encoding="utf-8")
        write_tables(tables(found, shown), folder / "tables")
        _write_words(word_tables(told), folder / "tables" / "for_word")
        if pdf:
            (folder / "report.pdf").write_bytes(render_pdf(told))
        _write_adam(wishes, every[0], found, shown, folder / "adam")
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); free it and give --resume {folder}."
        ) from error


def _write_words(tables: Mapping[str, list[list[str]]], folder: Path) -> None:
    """Finished tables as CSV that a word processor or spreadsheet opens with its signs intact."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)


def _examples(every: list[Design], found: Found, people: Path) -> dict[str, Examples]:
    from resynapse.trial.power.example import examples
    from resynapse.trial.power.power import batches_of

    each = -(-found.asked.trials // found.extent.batches)
    return {
        design.name: examples(
            batches_of(design, found.extent, people, found.asked.seed),
            found.asked, described_size(found, every[0].name), design, each,
        )
        for design in every
    }  # fmt: skip


def described_size(found: Found, design: str) -> int:
    """The first size simulated with the power that is asked, as far as is known, or the largest."""
    asked: Asked = found.asked
    one = found.needed[design, asked.methods[0]]
    least = math.inf if one.n is None else one.n - (one.error or 0.0)
    return next((n for n in asked.n if n >= least), asked.n[-1])


def _told(wishes: Wishes, found: Found, shown: dict[str, Examples]) -> Told:
    from collections import Counter

    from resynapse import __version__
    from resynapse.parameter import entries
    from resynapse.report import design
    from resynapse.trial.fitted import fitted_at, in_words
    from resynapse.trial.implausible import implausible
    from resynapse.trial.parameter_set import middle

    fitted = fitted_at(wishes.parameters, wishes.protocol)
    patient = middle(wishes.protocol.disorder, fitted)
    counts = Counter(entry.declared.status for entry in entries(patient))
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    return design.Told(
        wishes.protocol, found, shown, in_words(fitted), command(wishes, found.extent), __version__,
        date,
        {status: counts[status] for status in ("measured", "derived", "assumed")},
        implausible(wishes.settings),
    )  # fmt: skip


def command(wishes: Wishes, much: Extent) -> str:
    """What to type to play these trials out again."""
    from resynapse.trial.provenance import as_given

    looks = wishes.looks
    protocol = wishes.given or wishes.protocol.name
    words = ["resynapse", "power", protocol, "--endpoint", wishes.endpoint]
    for option, values in (("--analysis", wishes.analyses), ("--arm", wishes.arms)):
        words += [word for value in values for word in (option, value)]
    words += ["--n", wishes.n, "--alpha", f"{looks.alpha:g}", "--sided", str(looks.sided)]
    words += ["--power", f"{looks.power:g}"]
    conducted = wishes.protocol.conduct is not None
    words += [] if conducted else ["--ratio", f"{wishes.ratio:g}:1"]
    if len(looks.information) > 1:
        rates = ",".join(f"{rate:.12g}" for rate in looks.information)
        words += ["--information-rates", rates, "--spending", looks.spending]
        words += _bounds(wishes)
        days = ",".join(f"{day:g}" for day in wishes.look_days)
        words += ["--look-days", days] if days else []
    words += [] if conducted else ["--accrual", f"{wishes.accrual:g}"]
    words += ["--trials", str(wishes.trials)]
    words += ["--people", str(much.people), "--seed", str(wishes.seed)]
    words += ["--draws", str(much.draws)] if much.draws else ["--batches", str(much.batches)]
    for name, on in wishes.switches.items():
        words += ["--switch", f"{name}={'on' if on else 'off'}"]
    for path, value in wishes.settings.items():
        words += ["--set", f"{path}={value!r}"]
    words += ["--parameters", as_given(wishes.parameters)]
    return shlex.join(words)


def _bounds(wishes: Wishes) -> list[str]:
    """Options of bounds that are not always given."""
    looks, futility = wishes.looks, wishes.looks.futility

    def listed(values: Sequence[float] | None) -> str | None:
        return ",".join(f"{value:.12g}" for value in values) if values else None

    options = {
        "--spending-parameter": looks.parameter,
        "--spent": listed(looks.spent),
        "--futility": futility.spending or listed(futility.bounds),
        "--futility-parameter": futility.parameter,
        "--futility-spent": listed(futility.spent),
    }
    words = [word for name, v in options.items() if v is not None for word in (name, str(v))]
    return [*words, "--binding"] if futility.binding else words


def _write_adam(
    wishes: Wishes, design: Design, found: Found, shown: dict[str, Examples], folder: Path
) -> None:
    from dataclasses import replace

    from resynapse.exchange.adam import adam, write_adam
    from resynapse.trial.power.batch import CONTROL, TREATED
    from resynapse.trial.power.people import Population, two_arms
    from resynapse.trial.power.rehearsal import rehearsed

    assert isinstance(design.people, Population)
    whole = replace(design.people, protocol=two_arms(wishes.protocol, design.name), _felt={})
    example = shown[design.name].trials["typical"]
    draw = int(found.extent.units[example.batch]) if found.extent.draws else None
    rows = rehearsed(design.people, whole, example, found.extent.people, draw)
    outcomes = [example.outcomes[name] for name in (TREATED, CONTROL)]
    primary, reference = _primary(found.asked, outcomes), wishes.protocol.reference
    write_adam(adam(wishes.protocol.name, rows, reference, primary), folder)
    text = _plan(found.asked, reference, design, primary.data_set)
    (folder / "plan.yaml").write_text(text, encoding="utf-8")


def _primary(asked: Asked, outcomes: list[Outcome]) -> Primary:
    """What the data sets call the primary endpoint."""
    from resynapse.exchange.adam import Primary
    from resynapse.report.names import endpoint

    return Primary(endpoint(asked.endpoint), outcomes, asked.kind == "time")


def _plan(asked: Asked, reference: str, design: Design, data_set: str) -> str:
    """A plan for `resynapse analyse` of a data set: the analyses that the trials had."""
    from resynapse.exchange.adam import PRIMARY
    from resynapse.trial.power.method import STRATIFIED, WEIGHTED

    strata = "STRATAR" if design.conduct and design.conduct.randomisation.strata else "SITEID"

    command = f"resynapse analyse {data_set}.csv --plan plan.yaml"
    lines = [f"# The analyses of this power run; `{command}`"]
    lines += [f"parameter: {PRIMARY}", f"reference: {reference}", "analyses:"]
    for name in asked.methods:
        plain = name.removeprefix(STRATIFIED)
        weights = WEIGHTED.fullmatch(plain)
        asks = f"log_rank, rho: {weights[1]}, gamma: {weights[2]}" if weights else plain
        asks += f", horizon: {design.horizon:g}" if plain == "restricted_mean" else ""
        asks += f", strata: [{strata}]" if name != plain else ""
        lines.append(f"  - {{method: {asks}}}")
    return "\n".join(lines) + "\n"
