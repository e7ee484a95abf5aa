"""How is a search told in sentences that do not promise too much?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resynapse.trial.search.asked import AS_ASKED, CLOSED, RIVAL

if TYPE_CHECKING:
    from resynapse.trial.search.found import Answer, Found

SURE = 2.0
"""Errors by which a benefit must pass none before it is said to differ"""
WORLDS = {AS_ASKED: "as asked", RIVAL: "by expectancy alone", CLOSED: "with window gain off"}
BURDENS = {
    "cumulative_dose": "{:g} mg/kg in all",
    "infusions": "{:g} doses",
    "sessions": "{:g} sessions",
    "cost": "cost {:g}",
}


def sentences(found: Found) -> list[str]:
    """The answer, how sure it is, and what the rivals say."""
    answer = found.answers[AS_ASKED]
    if answer.best is None:
        return [_extent(found), "No design keeps the limits; nothing is worth testing under them."]
    return [
        _extent(found),
        *_best(found, answer),
        *_trial(found),
        *_stable(found, answer),
        *_limits(answer),
        *_near(answer),
        *_rivals(found),
    ]


def _extent(found: Found) -> str:
    asked = found.asked
    left = sum(bool(one) for one in found.answers[AS_ASKED].race.left)
    gone = f"; {left} went early, beaten or past a limit" if left else ""
    before = f", {found.outside} past a planned limit before that" if found.outside else ""
    return (
        f"{_designs(found)}{before}: "
        f"{asked.draws} draws of the parameters ({asked.parameters}), {asked.people} people in "
        f"each, the same for every design{gone}."
    )


def _designs(found: Found) -> str:
    """How many were simulated; the arm as it is written may lie outside the space."""
    many = len(found.designs)
    if many <= found.possible:
        return f"{many} designs simulated of {found.possible} that the space holds"
    return f"{many} designs simulated, all that the space holds and the arm as it is written"


def _best(found: Found, answer: Answer) -> Iterator[str]:
    best, equals = answer.best, answer.equals
    assert best is not None and answer.standing is not None
    told = answer.row(best)["benefit"]
    yield (
        f"Highest expected benefit: {found.designs[best].name}, {gain(told['value'])} (error "
        f"{told['error']:.2g}) {found.unit} against {found.asked.protocol.reference}; over draws "
        f"5 to 95 % {gain(told['low'])} to {gain(told['high'])}. Chosen on one half of the draws "
        f"and read in the other: {gain(answer.standing.elsewhere)}."
    )
    if told["value"] < SURE * told["error"]:
        yield "Even this cannot be told from no benefit."
    others = len(answer.finalists)
    if len(equals) > 1:
        first = found.designs[equals[0]]
        burden = BURDENS[found.asked.burden].format(first.burden(found.asked.burden))
        yield (
            f"{len(equals)} of {others} designs left cannot be told apart from it at this number "
            f"of draws; the least burden among them is {first.name} ({burden})."
        )
    elif others > 1:
        yield "It can be told from every other design that was left."


def _stable(found: Found, answer: Answer) -> Iterator[str]:
    assert answer.best is not None
    told = answer.row(answer.best)
    loss = told["expected_loss"]
    yield (
        f"In sets of draws drawn anew from these it is chosen again in "
        f"{100 * told['best_share']:.0f} %. Were the parameters known, it would be the best in "
        f"{100 * told['best_in_draw']:.0f} % of "
        f"draws; its expected loss for not knowing them {_loss(loss)} {found.unit}."
    )
    written = found.against_written
    if written is not None:
        yield (
            f"Against the arm as it is written: {gain(written['value'])} (error "
            f"{written['error']:.2g}; with other people and draws for each it would be "
            f"{written['error_apart']:.2g})."
        )
    part = found.part(answer.best)
    if part is not None:
        yield (
            f"Its own control, the same days and therapy with saline, gives "
            f"{gain(told['benefit']['value'] - part['value'])}; ketamine adds "
            f"{gain(part['value'])} (error {part['error']:.2g})."
        )


def _loss(loss: dict[str, float]) -> str:
    least, most = (f"{loss[end]:.2g}" for end in ("least", "most"))
    return f"comes out as {least}" if least == most else f"lies between {least} and {most}"


def _trial(found: Found) -> Iterator[str]:
    """What a trial could tell of it."""
    size = found.trial
    if size["against_reference"] is None:
        return
    written = size["against_written"]
    beside = "" if written is None else f", and against the arm as it is written {_about(written)}"
    yield (
        "Told apart is by simulation, where everybody goes through every design; no trial can. To "
        f"show the best against {found.asked.protocol.reference} a trial would need "
        f"{_about(size['against_reference'])} people an arm{beside} (two-sided 0.05, power 0.8, "
        f"standard deviation {size['sd']:.0f} between people)."
    )


def _about(people: float) -> str:
    """Two digits are all that an expected benefit is good for."""
    digits = 10 ** max(0, len(str(int(people))) - 2)
    return f"about {round(people / digits) * digits:,}".replace(",", "\u00a0")


def _limits(answer: Answer) -> Iterator[str]:
    """How near the best design comes to what it may not pass."""
    assert answer.best is not None
    for limit, one in zip(answer.race.limits, answer.row(answer.best)["limits"], strict=True):
        near = ", within error of the limit" if one["within_error"] else ""
        yield (
            f"{limit}: with it {100 * one['probability']:.1f} % (error {100 * one['error']:.1f})"
            f"{near}; more than is allowed in {100 * one['draws_past']:.0f} % of draws."
        )


def _near(answer: Answer) -> Iterator[str]:
    """Designs that are left out by less than chance."""
    out = [k for k in answer.race.staying.tolist() if k not in answer.finalists]
    near = [k for k in out if all(x["kept"] or x["within_error"] for x in answer.row(k)["limits"])]
    if near:
        yield (
            f"{len(near)} more designs are left out by no more than two errors of a limit: more "
            "draws may bring them back."
        )


def _rivals(found: Found) -> Iterator[str]:
    best = found.answers[AS_ASKED].best
    assert best is not None
    for world in (RIVAL, CLOSED):
        answer = found.answers[world]
        own = answer.row(best)["benefit"]
        said = f"{gain(own['value'])} (error {own['error']:.2g})"
        if answer.best is None:
            chosen = "no design keeps the limits"
        elif answer.best == best:
            chosen = "the same design would be chosen"
        else:
            theirs = answer.row(answer.best)["benefit"]
            apart = "" if best in answer.equals else ", which can be told from it"
            chosen = (
                f"{found.designs[answer.best].name} would be chosen ({gain(theirs['value'])}"
                f"{apart})"
            )
        yield f"{WORLDS[world].capitalize()} that design gives {said}; {chosen}."


def gain(value: float) -> str:
    """A benefit with its sign."""
    return f"{value:+.2f}".replace("-", "\u2212")
