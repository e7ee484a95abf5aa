"""What would a trial of this protocol find, how often, and with how many people?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from resynapse.engine.cache import keep_compiled
from resynapse.engine.checkpoint import Checkpoint
from resynapse.input_error import InputError
from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.allocation import ratio_of_two
from resynapse.trial.power.batch import CONTROL, TREATED, Batch, orders, sizes
from resynapse.trial.power.found import PER_DRAW, Difference, Extent, Found
from resynapse.trial.power.method import STRATIFIED
from resynapse.trial.power.monte_carlo import by_unit, mean
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.power.question import ACCRUAL_DAYS, MOST_BATCHES, Asked, ensure_enough
from resynapse.trial.power.seating import SITE, Conducted, Even, Response, Seating
from resynapse.trial.power.solve import needed
from resynapse.trial.power.summary import rows
from resynapse.trial.power.tally import Clock, Heard, Tally, tallies, unheard

BATCHES = 16
LEAST_PEOPLE = 1024
REUSE = 2
"""People of a batch, by default, for each of the largest trial"""
Listener = Callable[[float, str], None]


class People(Protocol):
    """Where the people of a design come from: the engine, or a formula in a test.

    What is known of them at entry is asked for only where there is a conduct.
    """

    def worlds(self, first: int, count: int, draw: int | None) -> dict[str, dict[str, Outcome]]:
        """World -> arm -> outcome of so many people from a number on."""
        ...

    def baseline(self, first: int, count: int) -> dict[str, np.ndarray]:
        """What is known of so many people from a number on at entry: column -> values."""
        ...


@dataclass(frozen=True)
class Design:
    """A trial of two arms, by name."""

    name: str
    people: People
    known: float
    """d from entry until a value is known"""
    horizon: float
    """d, of restricted means"""
    about: Mapping[str, Any]
    """What decides who its people are and what becomes of them, in plain types"""
    conduct: TrialConduct | None = None
    """How people enter, are randomised and are seen; of two arms, control and treated"""
    origin: float = 0.0
    """d from entry to day 0 of a time, where there is a conduct"""
    of_draws: Mapping[str, Any] = field(default_factory=dict)
    """What decides it beside, where the parameters are drawn"""

    def asked(self, asked: Asked) -> Asked:
        """The question, with the ratio and accrual of the conduct where there is one."""
        if self.conduct is None:
            _ensure_strata(TrialConduct(), asked)
            return asked
        if self.conduct.randomisation.method == "response-adaptive" and asked.kind == "number":
            raise InputError(
                f"--endpoint {asked.endpoint}: response-adaptive randomisation follows a yes or "
                "no, or a time to an event; choose such an endpoint, or another method."
            )
        _ensure_strata(self.conduct, asked)
        ratio = ratio_of_two(self.conduct)
        if asked.ratio not in (1.0, ratio):
            raise InputError(
                f"--ratio {asked.ratio:g}:1 for {self.name}: the protocol's conduct gives "
                f"{ratio:g}:1. Leave --ratio out, or change conduct.randomisation.ratio."
            )
        if asked.accrual not in (None, ACCRUAL_DAYS):
            raise InputError(
                f"--accrual {asked.accrual:g}: the protocol's conduct says how people enter. Leave "
                "--accrual out, or change conduct.accrual."
            )
        return replace(asked, ratio=ratio, accrual=None)

    def seating(self, asked: Asked, batch: Batch, each: int) -> Seating:
        """Where ``each`` trials of every size of a batch come from."""
        order = orders(asked.seed, batch.number, batch.people, each)
        if self.conduct is None:
            return Even(order, asked.accrual or ACCRUAL_DAYS, asked.seed, batch.number)
        known = self.people.baseline(batch.number * batch.people, batch.people)
        largest = sizes(asked.n[-1], asked.ratio).total
        return Conducted(
            order,
            self.conduct,
            known,
            asked.seed,
            batch.number,
            largest,
            Response(asked.kind, self.known, self.origin),
            analysed_by(self.conduct),
        )


def analysed_by(how: TrialConduct) -> tuple[str, ...]:
    """What a stratified analysis is stratified by: as the randomisation, or else by site."""
    return how.randomisation.strata or ((SITE,) if len(how.sites) > 1 else ())


def _ensure_strata(how: TrialConduct, asked: Asked) -> None:
    wrong = next((name for name in asked.methods if name.startswith(STRATIFIED)), None)
    if wrong is not None and not analysed_by(how):
        raise InputError(
            f"--analysis {wrong} needs strata: give the protocol a conduct whose randomisation has "
            "strata, such as [site, female], or more than one site. Or ask for "
            f"{wrong.removeprefix(STRATIFIED)}."
        )


def of_all(designs: Sequence[Design], asked: Asked) -> Asked:
    """The question as all designs take it; with the ratio as given where theirs differ."""
    each = [design.asked(asked) for design in designs]
    alike = all(one == each[0] for one in each)
    return each[0] if alike else replace(asked, accrual=each[0].accrual)


def extent(
    asked: Asked, people: int | None = None, batches: int | None = None, draws: int = 0
) -> Extent:
    """How much is simulated: as wished, or a size that suits the largest trial."""
    if draws < 0 or draws == 1:
        raise InputError(f"--draws {draws}: give 2 or more, or 0 for the middle of what is known.")
    if draws > MOST_BATCHES // PER_DRAW:
        raise InputError(f"--draws {draws}: give at most {MOST_BATCHES // PER_DRAW}.")
    if draws and batches is not None:
        raise InputError(
            f"--batches {batches} with --draws {draws}: each draw has {PER_DRAW} batches; leave "
            "--batches out."
        )
    largest = max(sizes(n, asked.ratio).total for n in asked.n)
    count = PER_DRAW * draws if draws else (BATCHES if batches is None else batches)
    each = max(LEAST_PEOPLE, REUSE * largest) if people is None else people
    ensure_enough(each, count, largest)
    return Extent(each, count, draws)


def power(
    designs: Sequence[Design], asked: Asked, much: Extent, *, folder: Path | None = None,
    progress: Listener | None = None,
) -> Found:  # fmt: skip
    """Play out trials of every design, on the same people.

    Outcomes of people are kept in ``folder``, batch by batch: the same call goes on from there
    after it was killed, another question is answered without simulating them again, and more
    batches add to them. Results depend on neither.
    """
    keep_compiled()
    tell = progress or (lambda done, words: None)
    found: dict[str, list[list[Tally]]] = {design.name: [] for design in designs}
    each = trials_of_a_batch(asked, much)
    with ExitStack() as stack:
        kept = {d.name: _kept(d, much, folder, asked.seed, stack) for d in designs}
        for number in range(much.batches):
            for place, design in enumerate(designs):
                done = (number + place / len(designs)) / much.batches
                tell(done, f"{design.name}, batch {number + 1} of {much.batches}")
                batch = _batch(design, much, number, kept[design.name])
                found[design.name].append(tallied(design, asked, batch, each))
    tell(1.0, "trials")
    return together(found, asked, much)


def trials_of_a_batch(asked: Asked, much: Extent) -> int:
    """As many of each size and world from every batch; rounded up."""
    return -(-asked.trials // much.batches)


def tallied(
    design: Design, asked: Asked, batch: Batch, each: int, heard: Heard = unheard
) -> list[Tally]:
    """What ``each`` trials of every size and world of a batch come to."""
    clock, own = Clock(design.known, design.horizon, design.origin), design.asked(asked)
    return list(tallies(batch, own, clock, design.seating(own, batch, each), heard))


def batches_of(design: Design, much: Extent, folder: Path, seed: int) -> Iterator[Batch]:
    """The batches of a design that are kept in a folder; what is missing is simulated."""
    with ExitStack() as stack:
        kept = _kept(design, much, folder, seed, stack)
        for number in range(much.batches):
            yield _batch(design, much, number, kept)


def _kept(
    design: Design, much: Extent, folder: Path | None, seed: int, stack: ExitStack
) -> Checkpoint | None:
    if folder is None:
        return None
    about = {**design.about, "people": much.people, "seed": seed, "drawn": much.draws > 0}
    about |= design.of_draws if much.draws else {}
    return stack.enter_context(closing(Checkpoint(folder / design.name, about)))


def _batch(design: Design, much: Extent, number: int, kept: Checkpoint | None) -> Batch:
    unit = int(much.units[number])
    if kept is not None and number in kept:
        return Batch(number, unit, _unpacked(kept.get(number)))
    draw = unit if much.draws else None
    worlds = design.people.worlds(number * much.people, much.people, draw)
    if kept is not None:
        kept.put(number, dict(_packed(worlds)))
    return Batch(number, unit, worlds)


def _packed(worlds: Mapping[str, Mapping[str, Outcome]]) -> Iterator[tuple[str, np.ndarray]]:
    """Arrays by name; an arm that is another's is written once."""
    for world, arms in worlds.items():
        for arm, one in arms.items():
            if arm == CONTROL or one is not arms[CONTROL]:
                for name, column in vars(one).items():
                    if column is not None:
                        yield f"{world}/{arm}/{name}", column


def _unpacked(arrays: Mapping[str, np.ndarray]) -> dict[str, dict[str, Outcome]]:
    found: dict[str, dict[str, Outcome]] = {}
    for world, arm, _ in (name.split("/") for name in arrays if name.endswith("/seen")):
        one = Outcome(*(arrays.get(f"{world}/{arm}/{field.name}") for field in fields(Outcome)))
        found.setdefault(world, {})[arm] = one
    return {world: {TREATED: arms[CONTROL], **arms} for world, arms in found.items()}


def together(found: dict[str, list[list[Tally]]], asked: Asked, much: Extent) -> Found:
    """What the batches of every design come to: rows, people needed, differences of designs."""
    units, drawn = much.units, much.draws > 0
    every = [row for name, each in found.items() for row in rows(name, each, units, drawn)]
    solved = {
        (name, method): needed(
            asked.n,
            by_unit(_powers(each, asked, method), units),
            asked.looks.power,
            beyond=not drawn,
        )
        for name, each in found.items()
        for method in asked.methods
    }
    return Found(asked, much, every, solved, list(_differences(found, asked, units)))


def _powers(each: list[list[Tally]], asked: Asked, method: str) -> np.ndarray:
    """[batches, sizes]"""
    return np.array(
        [[t.benefit for t in one if (t.world, t.method) == ("as asked", method)] for one in each]
    )


def _differences(
    found: dict[str, list[list[Tally]]], asked: Asked, units: np.ndarray
) -> Iterator[Difference]:
    """Every pair of designs."""
    for (name, one), (other, two) in combinations(found.items(), 2):
        for method in asked.methods:
            this, that = _powers(one, asked, method), _powers(two, asked, method)
            for place, n in enumerate(asked.n):
                apart = np.hypot(
                    mean(this[:, place], units).error, mean(that[:, place], units).error
                )
                gap = mean((this - that)[:, place], units)
                yield Difference(name, other, n, method, gap, float(apart))
