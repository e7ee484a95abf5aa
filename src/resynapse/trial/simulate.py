"""What is the result of a protocol?"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.evidence import published, study
from resynapse.evidence.study import Published
from resynapse.patient import Patient
from resynapse.protocol import Dose, Protocol, run_size
from resynapse.protocol.as_published import changed
from resynapse.protocol.without_use import uses
from resynapse.trial.arm_run import ArmRun, reduced, run_arm
from resynapse.trial.asked import ensure_switches, planned
from resynapse.trial.comparison import comparisons
from resynapse.trial.conduct import Conduct
from resynapse.trial.courses import Courses
from resynapse.trial.dataset import CHRONIC, FELT, days_courses, minutes_courses
from resynapse.trial.depression import theirs
from resynapse.trial.enantiomers import apart, with_both
from resynapse.trial.fitted import fitted_at
from resynapse.trial.gather import Kept, Listener, asked_for, gather, kept_in, made_by
from resynapse.trial.grid import NOT_MEASURED, ensure_harmless, rounding_error
from resynapse.trial.grid_choice import RULE, asked_in_words, ensure_sensible
from resynapse.trial.grid_choice import grid as grid_for
from resynapse.trial.grid_told import grid_told, worth_measuring
from resynapse.trial.hypothesis import ensure_consistent, hypothesis
from resynapse.trial.knowledge import knowledge
from resynapse.trial.opioids_alone import model_quantity
from resynapse.trial.parameter_set import CALIBRATED, ParameterSet, middle
from resynapse.trial.pilots import arms_felt
from resynapse.trial.plan import kept_days
from resynapse.trial.provenance import (
    NO_SITE,
    Interval,
    command,
    counts,
    manifest,
    of_parameters,
    parameter_rows,
)
from resynapse.trial.result import PublishedValue, Result
from resynapse.trial.runnable import ensure_runnable
from resynapse.trial.site_draws import intervals, told
from resynapse.trial.site_numbers import at_site
from resynapse.trial.spread import spread
from resynapse.trial.table import events_table
from resynapse.trial.work import DRAW, Work, World

if TYPE_CHECKING:
    import xarray as xr

VARIANTS: dict[str, dict[str, bool]] = {
    "default": {},
    "expectancy alone": {"expectancy_only": True, "expectancy": True},
    "no window": {"window_gain": False},
}
"""every run is made three times: as asked for, and by its rivals unless they are left out"""


def simulate(
    protocol: Protocol | str | Path,
    *,
    patients: int | None = None,
    seed: int = 1,
    switches: dict[str, bool] | None = None, settings: dict[str, float] | None = None,
    draws: int | None = None,
    progress: Listener | None = None,
    backend: str = DEFAULT,
    check_grid: bool | None = None,
    grid: str = RULE, budget: float | None = None,
    parameters: str = CALIBRATED, enantiomers: bool = False,
    chunks: Path | str | None = None,
    workers: int = 1, cluster: str | None = None,
    file: str | None = None, rivals: bool = True,
) -> Result:  # fmt: skip
    """Simulate every arm, the rival in which only expectancy acts, and the run without a window.

    ``protocol`` is what ``load`` returns, or the name or path that it takes; ``patients`` people
    an arm (by default the protocol's); ``switches`` and ``settings`` change hypotheses and
    parameters by name, over what the protocol says of them; ``draws`` sets of parameters, from
    posteriors and priors, show the width of knowledge (0 for none); ``backend`` is one of
    ``BACK_ENDS``; ``check_grid`` measures the error of its time grid against the reference,
    for the manifest, which tells what is known of it in any case (None: only where nothing is known
    and it costs 3 % of the run at most; False: never); ``grid`` is ``rule``, ``auto`` (as fine as a
    few dozen people need it to keep ``budget`` on the acute clock) or in how many each step of the
    rule is cut; ``parameters`` is ``calibrated`` (what was fitted, the prior elsewhere; without
    draws its medians), ``prior``, the name of a stage, or what a calibration wrote;
    ``enantiomers`` adds S- and R-ketamine and their metabolites to ``acute``. Finished chunks of
    people are kept in the folder ``chunks``: the same call goes on from there after it was killed,
    and memory stays flat, as only the first 20,000 people of an arm are held in tables. ``workers``
    processes share the chunks, or the workers of the Dask scheduler at the address ``cluster``;
    none of this moves a bit of the result. ``file`` is where the protocol was read from, for the
    commands that the result prints. Without ``rivals`` only the hypothesis as asked for is run,
    with the same bits, and the result says that its rivals were not run.
    Wrong input raises an InputError that says what to do.
    """
    begun, (protocol, file) = time.monotonic(), planned(protocol, file)
    count, draws, held = _numbers(protocol, patients, draws, chunks)
    ensure_sensible(backend, grid, budget)
    hands, variants = None if cluster else workers, len(_variants(rivals))
    _ensure_possible(protocol, count, seed, draws, chunks, hands, backend, variants)
    ensure_consistent(ensure_runnable(protocol), switches, settings)
    fitted = fitted_at(parameters, protocol)
    worlds = _worlds(protocol, fitted, seed, backend, switches, settings, parameters, file, rivals)
    patient = worlds["default"].patient
    fixed = hypothesis(protocol, switches, settings).fixed
    taken = grid_for(protocol, patient, seed, backend, grid, budget)
    work = Work(protocol, worlds, seed, count, draws, fixed, backend, held, fitted, cut=taken.cut)
    wanted = switches, settings, draws, parameters, file, rivals
    made = manifest(protocol, patient, seed, count, backend, *wanted)
    made |= of_parameters(fitted, parameters) | told(protocol, fitted) | _rounding(work)
    words = asked_in_words(grid, budget) + (" --enantiomers" if enantiomers else "")
    made |= {"grid": taken.told, "command": made["command"] + words}
    wishes: dict[str, Any] = {"switches": switches, "settings": settings, "file": file}
    wishes |= {"check_grid": check_grid, "grid": grid, "budget": budget, "parameters": parameters}
    wishes |= {"rivals": rivals, "enantiomers": enantiomers}
    with kept_in(chunks, asked_for(work, made, wishes)) as kept:
        gather(work, kept, spread(workers, cluster), progress)
        made |= _grid_error(work, check_grid, chunks is not None)
        return _put_together(work, kept, made, begun, enantiomers)


def _numbers(
    protocol: Protocol, patients: int | None, draws: int | None, chunks: Path | str | None
) -> tuple[int, int, int]:
    """People in each arm, draws of the parameters, and people who are held in tables."""
    count = protocol.population.patients_per_arm if patients is None else patients
    held = count if chunks is None else min(count, run_size.HELD)
    return count, run_size.DRAWS if draws is None else draws, held


def _ensure_possible(
    protocol: Protocol, count: int, seed: int, draws: int, chunks: Path | str | None,
    hands: int | None, backend: str, variants: int,
) -> None:  # fmt: skip
    """Refuse what is too large, or for what there is no engine, before anything starts."""
    kept = chunks is not None
    run_size.ensure_possible(
        protocol, count, seed, draws, kept=kept, hands=hands, variants=variants
    )
    run_size.ensure_room(protocol, count, chunks, variants)
    back_end(backend)
    keep_compiled()


def _worlds(
    protocol: Protocol, fitted: ParameterSet | None, seed: int, backend: str,
    switches: dict[str, bool] | None, settings: dict[str, float] | None, parameters: str,
    file: str | None, rivals: bool,
) -> dict[str, World]:  # fmt: skip
    """Every hypothesis that a run is made under, with the command that makes one person of it."""
    ensure_switches(switches)
    base, asked = middle(protocol.disorder, fitted), switches or {}
    worlds = {}
    for words, to in _variants(rivals).items():
        under = hypothesis(protocol, asked, settings, to)
        patient = at_site(protocol, under.of(base))
        said = command(
            protocol, seed, backend, asked | to, under.settings, parameters=parameters, file=file
        )
        worlds[words] = World(patient, arms_felt(protocol, patient, seed), said)
    return worlds


def _variants(rivals: bool) -> dict[str, dict[str, bool]]:
    """The hypotheses that are run."""
    return VARIANTS if rivals else {"default": VARIANTS["default"]}


def _rounding(work: Work) -> dict[str, Any]:
    """What fewer digits change, where there are fewer; refused where that does harm."""
    found = rounding_error(
        work.protocol, work.worlds["default"].patient, work.seed, work.backend, work.cut
    )
    ensure_harmless(found)
    return found


def _grid_error(work: Work, check: bool | None, kept: bool) -> dict[str, Any]:
    """What the manifest says of the error of the time grid."""
    protocol, patient = work.protocol, work.worlds["default"].patient
    asked = protocol, patient, work.seed, work.backend, work.cut
    told = grid_told(*asked, check=bool(check))
    large = worth_measuring(protocol, work.count, work.draws, kept, len(work.worlds))
    if check is None and told["grid_error"] == NOT_MEASURED and large:
        return grid_told(*asked, check=True)
    return told


def _put_together(
    work: Work, kept: Kept, made: dict[str, Any], begun: float, enantiomers: bool
) -> Result:
    """The result of work that is done."""
    protocol, patient = work.protocol, work.worlds["default"].patient
    made["chunks"] = {"count": len(work.pieces()), "made_by": made_by(work, kept)}
    runs = {words: _arms(work, words, kept) for words in work.worlds}
    width = knowledge(kept.get(piece.number) for piece in work.pieces() if piece.part == DRAW)
    reference = reference_infusion(protocol, patient, work.seed)
    seconds = time.monotonic() - begun
    found = assembled(
        protocol,
        runs,
        width,
        reference,
        made,
        about(patient, work.fitted, work.fixed, intervals(protocol, work.fitted)),
        seconds,
    )
    return _apart(work, found) if enantiomers else found


def _apart(work: Work, result: Result) -> Result:
    """The result with S and R by themselves."""
    world = work.worlds["default"]
    conduct = Conduct(
        work.protocol, world.patient, work.seed, backend=work.backend, threads=work.threads,
        cut=work.cut,
    )  # fmt: skip
    arms = work.protocol.arms
    return with_both(
        result, {arm.id: apart(conduct, arm, world.felt[arm.id], work.count) for arm in arms}
    )


def about(
    patient: Patient, fitted: ParameterSet | None = None, asked: Collection[str] = (),
    of_site: Mapping[str, Interval | None] = NO_SITE,
) -> dict[str, Any]:  # fmt: skip
    """What a result says of its parameters.

    ``asked``: paths that the run was given; ``of_site``: those that its site has for itself,
    with the central 90 % of draws, or None where it is the same in all.
    """
    rows = parameter_rows(patient, fitted, asked, of_site)
    return {"parameter_counts": counts(patient), "parameters_table": rows}


def assembled(
    protocol: Protocol, runs: dict[str, dict[str, ArmRun]], width: dict[str, dict[str, Any]],
    reference: Courses, made: dict[str, Any], parameters: dict[str, Any], seconds: float,
    courses: bool = True,
) -> Result:  # fmt: skip
    """A result from the runs of its variants, of which those beside the default may be missing.

    Without ``courses``, percentiles over time and the table of events are left empty.
    """
    default, rival, closed = (
        {id: run.result for id, run in runs.get(words, {}).items()} for words in VARIANTS
    )
    names = [name for arm in default.values() for name in arm.endpoints]
    first = runs["default"]
    shown = first if courses else {}
    return Result(
        protocol=protocol,
        seed=made["seed"],
        patients_per_arm=made["patients"],
        parameters="calibrated" if "calibrated_to" in made else "prior",
        backend=made["backend"],
        arms=default,
        comparisons=comparisons(default, protocol.reference, dict.fromkeys(names), uses(protocol)),
        rival=rival,
        window_off=closed,
        published=published_values(protocol),
        acute=theirs(protocol, minutes_courses({id: run.minutes for id, run in shown.items()})),
        chronic=_felt(protocol, shown),
        knowledge=width,
        wall_seconds=seconds,
        reference_kinetics=reference,
        manifest=made,
        events=_events(protocol, shown),
        rival_days=_rival_days(protocol, runs) if courses else None,
        **parameters,
    )


def _arms(work: Work, words: str, kept: Kept) -> dict[str, ArmRun]:
    held = None if work.held == work.count else work.held
    return {
        arm.id: reduced(work.protocol, arm, work.everyone(words, arm.id, kept.get), held)
        for arm in work.protocol.arms
    }


def _days(protocol: Protocol, runs: dict[str, ArmRun], names: tuple[str, ...] = CHRONIC) -> Courses:
    days = {id: run.days for id, run in runs.items()}
    return days_courses(days, np.array(kept_days(protocol)), names)


def _rival_days(protocol: Protocol, runs: dict[str, dict[str, ArmRun]]) -> xr.Dataset | None:
    """What people feel where only expectancy acts; None where that was not run."""
    rival = runs.get("expectancy alone")
    return _felt(protocol, rival, FELT).dataset() if rival else None


def _felt(protocol: Protocol, runs: dict[str, ArmRun], names: tuple[str, ...] = CHRONIC) -> Courses:
    """Courses over days of what these people have, on scales that hold for them."""
    return model_quantity(protocol, theirs(protocol, _days(protocol, runs, names)))


def _events(protocol: Protocol, runs: dict[str, ArmRun]) -> pd.DataFrame:
    parts = [events_table(id, run.result.patients) for id, run in runs.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def published_values(protocol: Protocol) -> list[PublishedValue]:
    """What the study of a protocol reported, also what the model has no quantity for.

    Of an arm that is given something else than in the trial nothing is comparable any more.
    """
    if protocol.study is None or protocol.state == "pending":
        return []
    apart, pools = changed(protocol), {one.id: one.pools for one in study(protocol.study).arms}

    def same(value: Published) -> bool:
        told = (value.arm, value.reference or value.arm)
        return apart.leaves(*(id for arm in told for id in pools.get(arm) or (arm,)))

    return [
        PublishedValue(**(asdict(value) | {"comparable": value.comparable and same(value)}))
        for value in published(protocol.study, comparable_only=False)
    ]


def reference_infusion(protocol: Protocol, patient: Patient, seed: int) -> Courses:
    """The reference infusion, 0.5 mg/kg over 40 min, in people of this protocol."""
    dose = Dose(
        drug="ketamine", route="iv", amount={"value": 0.5, "unit": "mg/kg"}, minutes=40.0,
        days=(0.0,),
    )  # fmt: skip
    arm = protocol.arms[0].model_copy(
        update={"doses": (dose,), "medications": (), "therapies": (), "id": "reference"}
    )
    alone = protocol.model_copy(
        update={
            "arms": (arm,), "rules": (), "visits": (), "endpoints": (), "follow_up_days": 2.0,
            "reference": "reference",
        }
    )  # fmt: skip
    felt = arms_felt(alone.model_copy(update={"blinding": "open"}), patient, seed)
    run = run_arm(
        Conduct(alone, patient, seed),
        arm,
        felt["reference"],
        run_size.REFERENCE_PEOPLE,
        lambda _: None,
    )
    return minutes_courses({"reference": run.minutes}).alone()
