"""How does a design that was played out become one page that a team can circulate?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resynapse.report.design import figures
from resynapse.report.design.flow import flow
from resynapse.report.design.forest import forest
from resynapse.report.design.told import Told
from resynapse.report.design.words import ademp, justification, notes
from resynapse.report.document import environment, style_sheets
from resynapse.report.plot import drawing_style
from resynapse.report.sections.opening import APPROVAL, RESEARCH, of_played_out
from resynapse.report.standalone import standalone
from resynapse.report.table import Cell, Row, Table
from resynapse.trial.power.method import in_words

if TYPE_CHECKING:
    from resynapse.trial.power.monte_carlo import Mean, Share

WORLDS = {
    "as asked": "Power",
    "no effect": "Type I error",
    "expectancy alone": "Guessing alone",
}


def render(told: Told) -> str:
    """The report as one HTML document that asks nothing of the network."""
    page = environment().get_template("design.html.j2")
    style = style_sheets(provenance(told), told.protocol.name)
    return page.render(told=told, style=style, **parts(told))


def provenance(told: Told) -> str:
    """What stands at the foot of each page."""
    return f"Resynapse {told.version}, seed {told.found.asked.seed}"


def parts(told: Told) -> dict[str, Any]:
    """What the report says and shows, the same on a page and on paper."""
    return {
        "lead": _lead(told),
        "research": RESEARCH,
        "approval": APPROVAL,
        "historical": _historical(told),
        "justification": justification(told),
        "notes": notes(told),
        "figures": [f for f in (figures.power_curves(told), figures.side_by_side(told)) if f],
        "needed": needed(told),
        "rejections": rejections(told),
        "estimates": estimates(told),
        "bounds": figures.bounds(told),
        "stopping": stopping(told),
        "after_stopping": after_stopping(told),
        "pair": [f for f in (figures.curves(told, name) for name in ("typical", "unlucky")) if f],
        "flow": flow(told),
        "forest": forest(told),
        "tipping": tipping(told),
        "draws": draws(told),
        "ademp": ademp(told),
        "facts": _facts(told),
    }


def curve(told: Told) -> str:
    """Power over size as a whole SVG file."""
    figure = figures.power_curves(told)
    words = [figure.caption, f"Parameters: {told.parameters}. {RESEARCH}"]
    return standalone(figure.drawing, drawing_style(), figure.title, {}, words)


def _lead(told: Told) -> str:
    much = told.found.extent
    return (
        f"{told.endpoint}, {told.found.asked.n[0]} to {told.found.asked.n[-1]} people in the "
        f"reference arm; trials played out with {much.batches * much.people:,} simulated people "
        "in each arm."
    ).replace(",000 simulated", "\u00a0000 simulated")


def _historical(told: Told) -> str:
    arms = [told.reference, *(told.arm(design) for design in told.designs)]
    return of_played_out(told.protocol, arms, told.implausible)


def needed(told: Told) -> Table:
    """People for the power that is asked."""
    rows = []
    for (design, method), one in told.found.needed.items():
        error = "" if one.error is None else f"\u00b1{one.error:.0f}"
        note = "" if one.inside else "extrapolated"
        if one.n is None:
            note = "passed at the smallest size" if one.passed else "not reached"
        value = "\u2013" if one.n is None else f"{one.n:.0f}"
        rows.append(Row(f"{design}: {in_words(method)}", (Cell(value, error), Cell(words=note))))
    heads = ("Design and analysis", "n control, Monte Carlo error", "")
    return Table(f"People for power {told.found.asked.looks.power:g}", heads, tuple(rows))


def rejections(told: Told) -> Table:
    """Every share, with its error."""
    rows = []
    for row in (one for one in told.found.rows if one.world == "as asked"):
        shares = [told.found.row(row.design, w, row.n, row.method).rejected for w in WORLDS]
        head = f"{row.design}, {row.method}, n {row.n}"
        rows.append(Row(head, tuple(_share(one) for one in shares)))
    return Table("Rejections", ("Design, analysis, size", *WORLDS.values()), tuple(rows))


def estimates(told: Told) -> Table | None:
    """Bias, errors and coverage as asked, at the size of the examples; None without estimates."""
    rows = [
        Row(
            f"{row.design}, {row.method}",
            (
                Cell(words=_number(row.truth)), _mean(row.bias),
                Cell(words=_number(row.empirical_error)),
                Cell(words=_number(row.stated_error)), _mean(row.coverage),
            ),
        )
        for row in told.found.rows
        if row.world == "as asked" and row.bias is not None
        and row.n == told.examples[row.design].n
    ]  # fmt: skip
    heads = ("Estimator", "Truth", "Bias", "SD", "Stated error", "Coverage")
    return Table("Estimators against the truth", heads, tuple(rows)) if rows else None


def stopping(told: Told) -> Table | None:
    """When trials end; None with one look."""
    if len(told.found.asked.looks.information) == 1:
        return None
    one = len(told.designs) == 1
    rows = [
        Row(
            f"n {row.n}" if one else f"{row.design}, n {row.n}",
            (
                *(Cell(words=f"{100 * share:.0f} %") for share in row.stopped),
                Cell(words=", ".join(f"{100 * share:.0f}" for share in row.information)),
                Cell(words=", ".join(f"{bound:.2f}" for bound in row.critical_values)),
                _mean(row.people, 0), _mean(row.days, 0), Cell(words=f"{100 * row.futility:.0f} %"),
            ),
        )
        for row in told.found.rows
        if row.world == "as asked" and row.method == told.method
    ]  # fmt: skip
    looks = [f"Look {k + 1}" for k in range(len(told.found.asked.looks.information))]
    return Table(
        "Stopping",
        ("Controls", *looks, "Information, %", "Z", "People", "Days", "Futility"),
        tuple(rows),
    )


def after_stopping(told: Told) -> Table | None:
    """Naive and median-unbiased estimates at each size of the first design; None with one look."""
    rows = [
        Row(
            f"{row.method}, n {row.n}",
            (
                Cell(words=_number(row.truth)), _mean(row.bias), _mean(row.adjusted.bias),
                _mean(row.coverage), _mean(row.adjusted.coverage),
            ),
        )
        for row in told.found.rows
        if row.adjusted and row.world == "as asked" and row.design == told.first
    ]  # fmt: skip
    heads = ("Estimator, controls", "Truth", "Bias, naive", "Bias, median-unbiased",
             "Coverage, naive", "Coverage, stage-wise")  # fmt: skip
    return Table("Estimates after stopping", heads, tuple(rows)) if rows else None


def tipping(told: Told) -> list[Table]:
    """How many trials stay in favour as an assumption gives way."""
    example, found = told.examples[told.first], []
    for one in example.tipping:
        rows = [
            Row(f"{at:g}", (Cell(words=f"{100 * share:.1f} %"),))
            for at, share in zip(one.at, one.in_favour, strict=True)
        ]
        tips = (
            f"The typical trial loses its finding at {one.typical:.2g}."
            if one.typical is not None
            else "Nothing that was tried takes the typical trial's finding away, or it had none."
        )
        question = f"{one.question[:1].upper()}{one.question[1:]}"
        found.append(Table(tips, (question, "Trials in favour"), tuple(rows)))
    return found


def draws(told: Told) -> Table | None:
    """Power over draws of the parameters at the size of the examples; None without draws."""
    if not told.found.extent.draws:
        return None
    rows = []
    for design in told.designs:
        row = told.found.row(design, "as asked", told.examples[design].n, told.method)
        ordered = sorted(row.by_draw)
        quarter = [ordered[int(q * (len(ordered) - 1))] for q in (0.1, 0.5, 0.9)]
        cells = [_share(row.rejected), *(Cell(f"{100 * value:.0f} %") for value in quarter)]
        rows.append(Row(f"{design}, n {row.n}", tuple(cells)))
    heads = ("Design", "Assurance", "10th draw of 100", "Median draw", "90th draw of 100")
    return Table("Power over what is not known", heads, tuple(rows))


def _number(value: float | None) -> str:
    return "\u2013" if value is None else f"{value:.3f}".replace("-", "\u2212")


def _share(one: Share) -> Cell:
    return Cell(f"{100 * one.value:.1f} %", f"\u00b1{100 * one.error:.1f}")


def _mean(one: Mean | None, digits: int = 3) -> Cell:
    if one is None:
        return Cell("\u2013")
    value = f"{one.value:.{digits}f}".replace("-", "\u2212")
    return Cell(value, f"\u00b1{one.error:.{digits}f}")


def _facts(told: Told) -> dict[str, Any]:
    return {
        "Command": told.command,
        "Version": told.version,
        "Date": told.date,
        "Seed": told.found.asked.seed,
        "Parameters": told.parameters,
    }
