"""How does a person fit all stages that ship, and use them together?"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.cli import calibrate_ketamine, calibrate_stage
from resynapse.cli.calibrate_stage import KETAMINE, LETTERS, OVER, command, fitted_set
from resynapse.cli.interruption import saying, tidying
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.inference.added import Added
    from resynapse.inference.all_stages import Before, Finished, Listener, Step
    from resynapse.trial.parameter_set import ParameterSet

SECONDS = {"natural-history": 150.0, "medications": 950.0, "mood": 200.0, KETAMINE: 750.0}
"""of processor time, roughly: how far along a stage is in the whole"""


def calibrate_all(
    add: Sequence[str], wishes: dict[str, Any], resume: bool, workers: int | None,
    output: Path | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Fit them, write them together if asked, and tell what was learned of each."""
    from resynapse.cli.progress import Progress

    extra = added_studies(add)
    said = ["stage 1"]

    def shown(share: float, words: str) -> None:
        said.append(words)
        del said[:-1]
        progress.show(share, words)

    with Progress(quiet) as progress, saying(lambda: stopped(said[0])):
        progress.show(0.0, "loading the model")
        from resynapse.inference.all_stages import finished, fitted_in_order
        from resynapse.inference.at_once import hands
        from resynapse.inference.side_by_side import fitted_side_by_side

        planned = steps(extra, wishes, command("", wishes["quick"], add, wishes["samples"]))
        if resume and not finished(planned):
            raise InputError(
                "--resume: no stage of this calibration is finished with this model and these"
                " data, so there is nothing to go on from. Leave --resume out."
            )
        many = workers or hands()
        if many == 1:
            found = fitted_in_order(planned, shown)
        else:
            found = fitted_side_by_side(planned, shown, many)
    _tell(found, _written(found, output), wishes["quick"], as_json)


def added_studies(names: Sequence[str]) -> tuple[Added, ...]:
    """The studies that are added; what is set aside is told on standard error."""
    if not names:
        return ()
    from resynapse.inference.added import added, ensure_fitted

    found = tuple(ensure_fitted(added(name)) for name in names)
    for one in found:
        for said in one.aside:
            print(f"{one.protocol.name}, {said}", file=sys.stderr)
    return found


def stopped(said: str) -> str:
    """What a person reads who interrupted, with the command that goes on."""
    from resynapse.engine.cache import VARIABLE, folder

    again = shlex.join(["resynapse", *sys.argv[1:]])
    where = " and ".join(part.partition(":")[0] for part in said.split("; "))
    if folder("stages") is None:
        return (
            f"Interrupted in {where}; nothing is kept, as {VARIABLE} says. To begin again: {again}"
        )
    return (
        f"Interrupted in {where}; finished stages and what was simulated are kept."
        f" To go on: {again}"
    )


def steps(extra: Sequence[Added], wishes: dict[str, Any], made_by: str) -> list[Step]:
    """The stages that ship, in their order."""
    from resynapse.inference.all_stages import Step
    from resynapse.inference.stages.ketamine import BEFORE
    from resynapse.protocol import dump
    from resynapse.trial.parameter_set import FILES

    asked = (wishes["quick"], wishes["samples"])
    own = [[dump(one.protocol), [asdict(number) for number in one.study.numbers],
            [asdict(wanted) for wanted in one.wanted]] for one in extra]  # fmt: skip
    found = []
    for name in FILES:
        if name == KETAMINE:
            fit: Any = partial(_ketamine, tuple(extra), wishes, made_by)
        else:
            fit = partial(_smooth, name, wishes, made_by)
        beside = (own,) if name == KETAMINE else ()
        over = BEFORE if name == KETAMINE else (OVER[name],) if name in OVER else ()
        found.append(Step(name, fit, (*asked, *beside), over, SECONDS[name]))
    return found


def _smooth(
    name: str, wishes: dict[str, Any], made_by: str, before: Before, progress: Listener
) -> tuple[ParameterSet, dict[str, Any]]:
    module = import_module(f"resynapse.inference.stages.{name.replace('-', '_')}")
    earlier = before[OVER[name]] if name in OVER else None
    over = {"earlier": earlier} if earlier else {}
    done = module.calibrate(progress=progress, **over, **wishes)
    return fitted_set(done, made_by, earlier), calibrate_stage.as_dict(done, None)


def _ketamine(
    extra: tuple[Added, ...], wishes: dict[str, Any], made_by: str, before: Before,
    progress: Listener,
) -> tuple[ParameterSet, dict[str, Any]]:  # fmt: skip
    from resynapse.inference.calibration import as_parameter_set, calibrate
    from resynapse.inference.stages.ketamine import BEFORE

    earlier = [before[one] for one in BEFORE]
    done = calibrate(extra, before=earlier, progress=progress, **wishes)
    return as_parameter_set(done, made_by), calibrate_ketamine.as_dict(done, None)


def _written(found: Sequence[Finished], output: Path | None) -> str | None:
    if output is None:
        return None
    from resynapse.trial.parameter_set import write_all

    with tidying():
        write_all([one.set for one in found], output)
    return str(output)


def _tell(found: Sequence[Finished], written: str | None, quick: bool, as_json: bool) -> None:
    told = {"stages": [one.told for one in found], "quick": quick, "written": written}
    if as_json:
        json.dump(told, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
        return
    letters = {name: letter for letter, name in LETTERS.items()}
    for one in found:
        name = one.told["stage"]
        show = calibrate_ketamine.text if name == KETAMINE else calibrate_stage.text
        print(f"# Stage {letters[name]}, {name}\n\n{show(one.told)}\n")
    if quick:
        print("Quick: fewer people, points and samples. For a look; such a set never ships.")
    if written:
        print(f"Written: {written}. Use it with --parameters {written}.")
