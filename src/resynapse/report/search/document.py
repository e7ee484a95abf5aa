"""How does a search become one page that a team can circulate?"""

from __future__ import annotations

from typing import Any

from resynapse.report.document import environment, style_sheets
from resynapse.report.plot import drawing_style
from resynapse.report.search.figures import WORDS, front
from resynapse.report.search.told import Told
from resynapse.report.sections.opening import APPROVAL, RESEARCH, of_played_out
from resynapse.report.standalone import standalone
from resynapse.report.table import Cell, Row, Table
from resynapse.report.wording import number, thousands
from resynapse.trial.implausible import implausible
from resynapse.trial.search.found import NOTICE
from resynapse.trial.search.words import sentences

MOST_ROWS = 20
DASH = "\u2013"


def render(told: Told) -> str:
    """The report as one HTML document that asks nothing of the network."""
    provenance = f"Resynapse {told.version}, seed {told.found.asked.seed}"
    return (
        environment()
        .get_template("search.html.j2")
        .render(
            told=told,
            style=style_sheets(provenance, told.found.asked.protocol.name),
            lead=_lead(told),
            research=RESEARCH,
            approval=APPROVAL,
            notice=NOTICE,
            historical=played_out(told),
            answer=sentences(told.found),
            figure=front(told),
            front=front_table(told),
            sure=sure_table(told),
            worlds=world_table(told),
            limits=limit_table(told),
            equals=equal_table(told),
            gone=gone_table(told),
            facts=_facts(told),
        )
    )


def picture(told: Told) -> str:
    """The front as a whole SVG file; a sentence where no design is left."""
    figure = front(told)
    if figure is None:
        return '<svg xmlns="http://www.w3.org/2000/svg"><title>No design is left.</title></svg>'
    words = [figure.caption, f"Parameters: {told.parameters}. {NOTICE} {RESEARCH}"]
    return standalone(figure.drawing, drawing_style(), figure.title, {}, words)


def _lead(told: Told) -> str:
    found, asked = told.found, told.found.asked
    return (
        f"{told.endpoint}: {len(found.designs)} designs made of {asked.start.label}, "
        f"{asked.draws} draws of the parameters, {thousands(found.simulated)} simulated people."
    )


def played_out(told: Told) -> str:
    """What stands above the designs, of which some may give more doses than the arm as written."""
    asked, designs = told.found.asked, told.found.designs
    arms = asked.start, asked.protocol.arm(asked.protocol.reference)
    shown = (designs[k].arm.model_copy(update={"id": letter}) for k, letter in told.letters.items())
    protocol = asked.protocol.model_copy(update={"arms": (*asked.protocol.arms, *shown)})
    return of_played_out(protocol, arms, implausible(asked.settings))


def front_table(told: Told) -> Table:
    """The designs of the front, by burden."""
    rows = []
    for k, letter in told.letters.items():
        one = told.answer.row(k)
        cells = (
            Cell(words=f"{_burden(told, k):g}"), _value(one["benefit"]),
            Cell(words=_range(one["benefit"])), _value(told.found.part(k)),
        )  # fmt: skip
        name = f"{letter}: {told.found.designs[k].name}"
        rows.append(Row(name, cells, "as written" * _written(told, k)))
    heads = (
        "Design", told.burden, f"Benefit, {told.found.unit}", "5 to 95 % of draws",
        "Of it, ketamine",
    )  # fmt: skip
    return Table("The front", heads, tuple(rows))


def sure_table(told: Told) -> Table:
    """How far the choice among the front holds."""
    rows = []
    for k, letter in told.letters.items():
        one = told.answer.row(k)
        loss = one["expected_loss"]
        shares = ("front_share", "best_share", "best_in_draw")
        cells = (
            *(Cell(words=_percent(one[name])) for name in shares),
            Cell(words=f"{loss['least']:.2f} to {loss['most']:.2f}"),
            Cell(words="yes" if one["told_from_best"] else "no"),
        )
        rows.append(Row(letter, cells))
    heads = (
        "Design", "On front again", "Best again", "Best in a draw", "Expected loss",
        "Told from the best",
    )  # fmt: skip
    return Table("Would the choice hold?", heads, tuple(rows))


def world_table(told: Told) -> Table:
    """Benefit of the front under each hypothesis, and what each would choose."""
    answers = told.found.answers
    rows = [
        Row(
            letter,
            tuple(_value(answer.row(k)["benefit"]) for answer in answers.values()),
        )
        for k, letter in told.letters.items()
    ]
    chosen = tuple(
        Cell(words=DASH if answer.best is None else _name(told, answer.best))
        for answer in answers.values()
    )
    rows.append(Row("Would be chosen", chosen))
    return Table("The rivals", ("Design", *(WORDS[world] for world in answers)), tuple(rows))


def limit_table(told: Told) -> Table | None:
    """How often people pass the acute limits under the designs of the front."""
    acute = told.found.asked.acute
    if not acute:
        return None
    rows = []
    for k, letter in told.letters.items():
        cells = []
        for one in told.answer.row(k)["limits"]:
            error = f"\u00b1{100 * one['error']:.1f}" + "*" * one["within_error"]
            cells += [Cell(_percent(one["probability"], 1), error),
                      Cell(words=_percent(one["draws_past"]))]  # fmt: skip
        rows.append(Row(letter, tuple(cells)))
    heads = [head for one in acute for head in (str(one), "Draws past it")]
    return Table("Limits", ("Design", *heads), tuple(rows))


def equal_table(told: Told) -> Table:
    """Designs that cannot be told from the best, by burden."""
    rows = [
        Row(
            _name(told, k),
            (Cell(words=f"{_burden(told, k):g}"), _value(told.answer.row(k)["benefit"])),
        )
        for k in told.answer.equals[:MOST_ROWS]
    ]
    heads = ("Design", told.burden, f"Benefit, {told.found.unit}")
    return Table("Designs that cannot be told from the best", heads, tuple(rows))


def gone_table(told: Told) -> Table | None:
    """Designs that went early or pass a limit; None without any."""
    race, keeps = told.answer.race, set(told.answer.finalists.tolist())
    rows = []
    for k, one in enumerate(told.found.designs):
        if k not in keeps:
            row, why = told.answer.row(k), race.why[k] or "past a limit at the end"
            cells = (Cell(words=why), Cell(words=f"{row['draws']}"), _value(row["benefit"]))
            rows.append(Row(one.name, cells))
    heads = ("Design", "Why", "Draws", f"Benefit so far, {told.found.unit}")
    return Table("Designs that are not left", heads, tuple(rows)) if rows else None


def _name(told: Told, k: int) -> str:
    """With its letter, where it has one."""
    letter = told.letters.get(k)
    return f"{letter}: {told.found.designs[k].name}" if letter else told.found.designs[k].name


def _burden(told: Told, k: int) -> float:
    return round(told.found.designs[k].burden(told.found.asked.burden), 6)


def _written(told: Told, k: int) -> bool:
    one = told.found.designs[k]
    return one.written and "as written" not in one.name


def _value(told: dict[str, float] | None) -> Cell:
    if told is None:
        return Cell(DASH)
    return Cell(number(told["value"], 2, signed=True), f"\u00b1{told['error']:.2f}")


def _range(told: dict[str, float]) -> str:
    return f"{number(told['low'], 1, True)} to {number(told['high'], 1, True)}"


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f}\u00a0%"


def _facts(told: Told) -> dict[str, Any]:
    asked = told.found.asked
    return {
        "Command": told.command,
        "Version": told.version,
        "Date": told.date,
        "Seed": asked.seed,
        "Parameters": told.parameters,
        "Simulated people": thousands(told.found.simulated),
    }
