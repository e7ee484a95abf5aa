"""How does a wish for power become an answer, and how does it go on from a folder?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.cli import choices
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from typer import Context

    from resynapse.protocol import Protocol
    from resynapse.trial.design.sequential import Looks
    from resynapse.trial.power.found import Found

QUESTION = "question.json"
PEOPLE = "people"


@dataclass(frozen=True)
class Wishes:
    """What was asked at the terminal."""

    protocol: Protocol
    endpoint: str
    analyses: tuple[str, ...]
    n: str
    arms: tuple[str, ...]
    looks: Looks
    ratio: float
    accrual: float
    trials: int
    people: int | None
    batches: int | None
    draws: int
    seed: int
    switches: dict[str, bool]
    settings: dict[str, float]
    parameters: str
    output: Path | None
    look_days: tuple[float, ...] = ()
    given: str = ""
    """the protocol's file as reports name it; empty: a name of the library"""


def loaded(protocol: str | None) -> Protocol:
    """The protocol; needed unless a run goes on."""
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use

    if protocol is None:
        raise InputError(
            "Missing argument 'PROTOCOL': give a name from resynapse protocols or a YAML file, "
            "or --resume DIR or --grow DIR."
        )
    return ensure_use(load(protocol), "resynapse power")


def named(endpoint: str | None) -> str:
    """The endpoint; needed."""
    if endpoint is None:
        raise InputError(
            "Missing option '--endpoint': name what the trial tests, such as relapse_6_months or "
            "abstinence_6_months."
        )
    return endpoint


KEPT = {"--resume", "--grow", "--pdf", "--quiet", "--json", "PROTOCOL"}
"""What a run that goes on may be given; all else is what it was asked at first"""


def ensure_nothing_else(context: Context, grows: bool) -> None:
    """Refuse options of a question beside --resume or --grow, which answer the one in the folder.

    With --grow, --batches and --draws say by how much.
    """
    may = KEPT | ({"--batches", "--draws"} if grows else set())
    wrong = next((one for one in choices.given(context) if one not in may), None)
    if wrong is not None:
        raise InputError(
            f"{wrong} cannot be given with --{'grow' if grows else 'resume'}: the question is the "
            "one in the folder. For another question of the same people give PROTOCOL again, with "
            "the folder as --output."
        )


def distinct(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The same; refused where one comes twice."""
    twice = next((one for one in values if values.count(one) > 1), None)
    if twice is not None:
        raise InputError(f"{option} {twice} is given twice; give it once.")
    return values


def days_in(text: str | None) -> tuple[float, ...]:
    """Calendar days of looks, as 300,500."""
    try:
        return tuple(float(part) for part in (text or "").replace(",", " ").split())
    except ValueError:
        raise InputError(f"--look-days {text}: give days from the opening, as 300,500.") from None


def answered(wishes: Wishes, quiet: bool, pdf: bool = False) -> Found:
    """Trials played out; people, tables and report go to the folder, where there is one."""
    if pdf:
        _ensure_paper(wishes)
    from resynapse.cli.progress import Progress
    from resynapse.trial.power import Asked, designs, extent, of_all, power, sizes_in

    asked = Asked(
        wishes.endpoint, wishes.analyses, sizes_in(wishes.n), wishes.looks, wishes.ratio,
        wishes.accrual, wishes.trials, wishes.seed, wishes.look_days,
    )  # fmt: skip
    every = designs(
        wishes.protocol, wishes.endpoint, wishes.arms, seed=wishes.seed, switches=wishes.switches,
        settings=wishes.settings, parameters=wishes.parameters,
    )  # fmt: skip
    asked = of_all(every, asked)
    much = extent(asked, wishes.people, wishes.batches, wishes.draws)
    folder = None if wishes.output is None else _begin(wishes, much.people)
    with Progress(quiet) as progress:
        found = power(every, asked, much, folder=folder, progress=progress.show)
    if folder is not None:
        from resynapse.cli.power.writing import write

        write(wishes, every, found, folder, pdf)
        if not quiet:
            _tell_where(wishes, pdf)
    return found


def _tell_where(wishes: Wishes, pdf: bool) -> None:
    """Where the report is, and the paragraph on sample size."""
    folder = wishes.output
    assert folder is not None
    pages = f", {folder / 'report.pdf'}" if pdf else ""
    print(
        f"Report: {folder / 'report.html'}{pages}; the paragraph on sample size: "
        f"{folder / 'sample_size.txt'}",
        file=sys.stderr,
    )


def _ensure_paper(wishes: Wishes) -> None:
    """Refuse a PDF that could not be written, before anything is simulated."""
    from resynapse.report.design import ensure_typst

    if wishes.output is None:
        raise InputError("--pdf is written into the folder of a run; give --output DIR with it.")
    ensure_typst()


def _begin(wishes: Wishes, people: int) -> Path:
    """The folder of people, with what was asked written first."""
    from resynapse.protocol import dump

    folder = wishes.output
    assert folder is not None
    looks = asdict(wishes.looks)
    told = {**vars(wishes), "protocol": dump(wishes.protocol), "looks": looks, "people": people}
    text = json.dumps({name: value for name, value in told.items() if name != "output"}, indent=1)
    place = folder / QUESTION
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(place)
    except OSError as error:
        raise InputError(
            f"--output {folder}: cannot be written ({error.strerror}); choose another folder."
        ) from error
    return folder / PEOPLE


def begun(
    resume: Path | None, grow: Path | None, batches: int | None, draws: int, protocol: str | None
) -> Wishes:
    """What was asked of the run in a folder, with more batches where it grows."""
    folder = resume or grow
    if folder is None or (resume and grow) or protocol is not None:
        raise InputError("Give --resume DIR or --grow DIR, one of them, and no PROTOCOL.")
    wishes = _read(folder)
    if grow is None:
        return wishes
    _ensure_growth(batches, draws)
    if wishes.draws:
        more = draws or wishes.draws
        return replace(wishes, draws=wishes.draws + more, trials=_more(wishes, wishes.draws, more))
    from resynapse.trial.power.power import BATCHES

    had = BATCHES if wishes.batches is None else wishes.batches
    more = had if batches is None else batches
    return replace(wishes, batches=had + more, trials=_more(wishes, had, more))


def _ensure_growth(batches: int | None, draws: int) -> None:
    if batches is not None and batches < 1:
        raise InputError(f"--batches {batches}: with --grow give 1 or more, how many to add.")
    if draws < 0:
        raise InputError(f"--draws {draws}: with --grow give 1 or more, how many to add.")


def _more(wishes: Wishes, had: int, more: int) -> int:
    """Each batch keeps its number of trials."""
    return round(wishes.trials * (had + more) / had)


STORED: dict[str, Any] = {
    "endpoint": str, "analyses": list[str], "n": str, "arms": list[str], "ratio": float,
    "accrual": float, "trials": int, "people": int | None, "batches": int | None, "draws": int,
    "seed": int, "switches": dict[str, bool], "settings": dict[str, float], "parameters": str,
}  # fmt: skip
"""What a question is made of, beside protocol and looks"""


def _require_kinds(told: dict[str, Any]) -> None:
    """Raises ValueError for a question whose parts are not what was written, as after an edit."""
    from pydantic import ValidationError, create_model

    kinds: dict[str, Any] = {name: (kind, ...) for name, kind in STORED.items()}
    kinds |= {"look_days": (list[float], []), "given": (str, "")}
    try:
        create_model("Question", **kinds).model_validate(told, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where} is {first['input']!r}: {first['msg']}") from None


def _read(folder: Path) -> Wishes:
    from resynapse.protocol import parse
    from resynapse.trial.design.futility import Futility
    from resynapse.trial.design.sequential import Looks

    place = folder / QUESTION
    try:
        told: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        _require_kinds(told)
        looks = told.pop("looks")
        futility = Futility(**looks.pop("futility"))
        lists = {name: tuple(told.get(name, ())) for name in ("analyses", "arms", "look_days")}
        protocol = parse(told.pop("protocol"), str(place))
        return Wishes(
            **{**told, **lists}, protocol=protocol, looks=Looks(**looks, futility=futility),
            output=folder,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"{folder} holds no power run that could go on ({QUESTION}: {why}); "
            "give the --output of one."
        ) from error
