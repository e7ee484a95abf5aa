"""Which values do the fitted parameters have, and do they belong to this model?

A set is a small JSON file: draws of the parameters that a calibration fitted, the studies it was
fitted to, and hashes of the model, the data and the draws. Whatever it does not name keeps its
prior. A set whose hashes do not match is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from dataclasses import replace as replace_fields
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from resynapse.evidence.study import is_study, study
from resynapse.input_error import InputError
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.protocol import dump, library, load
from resynapse.protocol.vocabulary import OPIOID_DISORDERS
from resynapse.trial import depression
from resynapse.trial.kept_hash import kept_hash
from resynapse.trial.model_hash import model_hash

PRIOR = "prior"
SETS = "sets"
CALIBRATED = "calibrated"
"""all stages that ship, joined: what a run takes unless told otherwise"""
FILES = {
    "natural-history": "natural_history.json",
    "medications": "medications.json",
    "mood": "mood.json",
    "ketamine": "ketamine.json",
}
"""stages that ship, in their order"""
OF_OPIOIDS = ("natural-history", "medications")
"""stages whose data are of people who use opioids"""
ALIKE = {"stages": CALIBRATED}
"""another name that is understood"""
QUICK = "quick"
"""what ``made`` says of a set that was fitted to fewer simulated people, or sampled less"""
OVER = "over"
"""in ``made``, by earlier stage that a stage was fitted over, the content of its set"""


class ParameterSetError(InputError):
    """A set of parameters that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class ParameterSet:
    """Draws of the fitted parameters, and where they come from."""

    paths: tuple[str, ...]
    draws: tuple[tuple[float, ...], ...]
    """a row a draw, a column a path"""
    studies: tuple[str, ...]
    """citations of what was fitted"""
    stages: tuple[str, ...]
    model: str
    """hash of the model that was fitted"""
    data: str
    """hash of the published numbers and protocols"""
    made: dict[str, Any]
    """version, date, command, diagnoses; of what is simulated also seed and engine"""
    origins: tuple[str, ...] = ()
    """where several stages are joined, the stage of each path"""

    @property
    def stage_of(self) -> dict[str, str]:
        """Path -> the stage that fitted it."""
        told = self.origins or (", ".join(self.stages),) * len(self.paths)
        return dict(zip(self.paths, told, strict=True))

    @cached_property
    def content(self) -> str:
        """SHA-256 of all that the set says, draws among it."""
        return _digest(_told(self))

    def medians(self) -> dict[str, float]:
        """The value of each parameter in a run without draws: the median of its draws."""
        values = np.median(np.array(self.draws), axis=0)
        return {path: float(v) for path, v in zip(self.paths, values, strict=True)}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Where the central 90 % of the draws of each parameter lie."""
        ends = np.percentile(np.array(self.draws), (5.0, 95.0), axis=0).T.tolist()
        return {path: (low, high) for path, (low, high) in zip(self.paths, ends, strict=True)}

    def row(self, number: int) -> dict[str, float]:
        """The values of one draw; they begin again after the last."""
        return dict(zip(self.paths, self.draws[number % len(self.draws)], strict=True))

    @property
    def quick(self) -> bool:
        """Whether it, or a stage that is joined in it, is of a quick calibration."""
        parts = self.made.values() if self.origins else (self.made,)
        return any(one.get(QUICK) for one in parts)

    @property
    def text(self) -> str:
        """As JSON, with a hash of its own content."""
        return json.dumps({**_told(self), "content": self.content}, indent=1)

    def write(self, place: Path) -> None:
        """As a file of its own."""
        _write(self.text, place)


def write_all(sets: Sequence[ParameterSet], place: Path) -> None:
    """Stages together: a folder with a file each, named as those that ship, or one JSON file."""
    if place.suffix == ".json":
        return _write(json.dumps({SETS: [json.loads(one.text) for one in sets]}, indent=1), place)
    place.mkdir(parents=True, exist_ok=True)
    parts = [_part(one.text, place / FILES[one.stages[0]]) for one in sets]
    for other in FILES.values():
        (place / other).unlink(missing_ok=True)
    for part in parts:
        part.replace(part.with_suffix(""))
    return None


def _write(text: str, place: Path) -> None:
    _part(text, place).replace(place)


def _part(text: str, place: Path) -> Path:
    """The text whole beside its place; nothing where it could not be written."""
    part = place.with_name(place.name + ".part")
    try:
        part.write_text(text + "\n", encoding="utf-8")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def parameter_set(name: str) -> ParameterSet | None:
    """None for ``prior``; all stages that ship, one of them, or what ``calibrate`` wrote."""
    if name == PRIOR:
        return None
    return joined(sets_of(name))


def sets_of(name: str) -> list[ParameterSet]:
    """The set of each stage that a name other than ``prior`` stands for, in their order."""
    if ALIKE.get(name, name) == CALIBRATED:
        return [shipped_set(one) for one in FILES]
    if name in FILES:
        return [shipped_set(name)]
    place = Path(name)
    if place.suffix != ".json" and not place.is_dir():
        raise ParameterSetError(
            f"--parameters {name}: give {CALIBRATED}, {PRIOR}, {', '.join(FILES)}, or what"
            " `resynapse calibrate --output` wrote: a JSON file, or a folder."
        )
    files = [place] if place.suffix == ".json" else _files_in(place, name)
    try:
        return [one for file in files for one in _read_all(file.read_text("utf-8"), name)]
    except OSError as error:
        raise ParameterSetError(
            f"--parameters {name}: the file cannot be read ({error.strerror}). Make it with"
            " `resynapse calibrate --output FILE`, or use --parameters prior."
        ) from error


def _files_in(place: Path, name: str) -> list[Path]:
    files = [place / file for file in FILES.values() if (place / file).exists()]
    if not files:
        raise ParameterSetError(
            f"--parameters {name}: the folder holds none of {', '.join(FILES.values())}. Give one"
            " that `resynapse calibrate --output FOLDER` wrote."
        )
    return files


def joined(sets: Sequence[ParameterSet]) -> ParameterSet:
    """Stages side by side, draw by draw: each was fitted without the others' draws (a cut).

    A number that a later stage fitted again, the earlier posterior as prior, is the later one's.
    """
    if len(sets) == 1:
        return sets[0]
    _ensure_fitted_over(sets)
    again = {path for one in sets for path in one.made.get("again", ())}
    sets = [less(one, again - set(one.made.get("again", ()))) for one in sets]
    paths = tuple(path for one in sets for path in one.paths)
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise ParameterSetError(
            f"Two stages fitted {', '.join(twice)}, so their sets cannot be joined. Use one."
        )
    rows = zip(*(one.draws for one in sets), strict=False)
    studies = tuple(dict.fromkeys(study for one in sets for study in one.studies))
    return ParameterSet(
        paths, tuple(tuple(v for part in row for v in part) for row in rows), studies,
        tuple(stage for one in sets for stage in one.stages), model_hash(),
        _digest({"joined": [one.data for one in sets]}),
        {stage: one.made for one in sets for stage in one.stages},
        tuple(stage for one in sets for stage in one.stage_of.values()),
    )  # fmt: skip


def _ensure_fitted_over(sets: Sequence[ParameterSet]) -> None:
    """Refuse a stage beside another fit of an earlier stage than the one it was fitted over."""
    here = {stage: one.content for one in sets for stage in one.stages}
    for one in sets:
        for stage, content in one.made.get(OVER, {}).items():
            if here.get(stage, content) != content:
                raise ParameterSetError(
                    f"The {', '.join(one.stages)} set of parameters was fitted over another"
                    f" {stage} set than the one beside it. Use sets of one calibration."
                )


def holds(stage: str, disorder: str) -> bool:
    """Whether what a stage fitted says anything of people with this disorder."""
    of_use = disorder in OPIOID_DISORDERS or stage not in OF_OPIOIDS
    return of_use and depression.holds(stage, disorder)


def less(one: ParameterSet, paths: Collection[str]) -> ParameterSet:
    """The set without these paths."""
    kept = [k for k, path in enumerate(one.paths) if path not in paths]
    return replace_fields(
        one, paths=tuple(one.paths[k] for k in kept),
        draws=tuple(tuple(row[k] for k in kept) for row in one.draws),
        origins=tuple(one.origins[k] for k in kept) if one.origins else (),
    )  # fmt: skip


def more(one: ParameterSet, columns: Mapping[str, Sequence[float]], stage: str) -> ParameterSet:
    """The set with further paths, a value for each of its draws, that a stage of it fitted."""
    return replace_fields(
        one, paths=(*one.paths, *columns),
        draws=tuple(
            (*row, *new) for row, *new in zip(one.draws, *columns.values(), strict=True)
        ),
        origins=(*one.origins, *(stage for _ in columns)) if one.origins else (),
    )  # fmt: skip


@cache
def shipped_set(name: str) -> ParameterSet:
    """The set of a stage that ships, by a name of ``FILES``."""
    found = read(files("resynapse.trial").joinpath(FILES[name]).read_text("utf-8"), name)
    if found.quick:
        raise ParameterSetError(
            f"The {name} set of parameters is of a quick calibration, which never ships. Fit it"
            f" with `resynapse calibrate --stage {name} --output FILE`, without --quick."
        )
    return found


def middle(disorder: str, fitted: ParameterSet | None) -> Patient:
    """The patient of a run without draws: what was fitted at its medians, all else as declared."""
    return replace(depression.patient_with(disorder), fitted.medians() if fitted else {})


def _read_all(text: str, name: str) -> list[ParameterSet]:
    """The set of a file, or those of all stages that it holds."""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if isinstance(content, dict) and isinstance(content.get(SETS), list) and content[SETS]:
        return [read(json.dumps(one), name) for one in content[SETS]]
    return [read(text, name)]


def read(text: str, name: str) -> ParameterSet:
    """A set from its JSON; refused where it was changed or belongs to another model or data."""
    try:
        content = json.loads(text)
        digest = content.pop("content")
        rows = tuple(tuple(map(float, row)) for row in content["draws"])
        lists = {key: tuple(content[key]) for key in ("paths", "studies", "stages")}
        found = ParameterSet(**{**content, **lists, "draws": rows})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ParameterSetError(
            f"The {name} set of parameters is no set that `resynapse calibrate` wrote. Make it"
            " again, or use --parameters prior."
        ) from error
    if digest != found.content:
        raise ParameterSetError(
            f"The {name} set of parameters was changed after it was written: its hash does not"
            " match. Make it again with `resynapse calibrate`, or use --parameters prior."
        )
    if found.model != model_hash():
        raise ParameterSetError(
            f"The {name} set of parameters was fitted to another version of the model (hash"
            f" {found.model[:12]}, this one has {model_hash()[:12]}): {_remedy(found)}."
        )
    if found.data != data_hash(found.studies):
        raise ParameterSetError(
            f"The {name} set of parameters was fitted to other numbers or protocols of"
            f" {', '.join(found.studies)} than stand here: {_remedy(found)}."
        )
    return found


def _remedy(one: ParameterSet) -> str:
    stage = " ".join(f"--stage {stage}" for stage in one.stages)
    return (
        "use --parameters prior, which needs no set, or fit it again with `resynapse calibrate"
        f" {stage} --output FILE` and give --parameters FILE"
    )


def data_hash(protocols: Sequence[str]) -> str:
    """Of the protocols that stood for fitted trials, and of all numbers of their studies.

    A stage that simulates no trial names studies instead, and all that they published counts. A
    protocol of the user's own, which is not in the library, is left out.
    """
    return kept_hash(f"data of {list(protocols)}", lambda: _data_hash(protocols))


def _data_hash(protocols: Sequence[str]) -> str:
    known = [load(name) for name in protocols if name in library()]
    numbers = [[asdict(one) for one in study(p.study).numbers] for p in known if p.study]
    numbers += [_published(name) for name in protocols if name not in library() and is_study(name)]
    text = json.dumps([numbers, [dump(p) for p in known]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _published(name: str) -> list[dict[str, Any]]:
    found = study(name)
    parts = (found.numbers, found.concentrations, found.exposures)
    return [asdict(one) for part in parts for one in part]


def _told(one: ParameterSet) -> dict[str, Any]:
    """All that is written; a set of one stage says nothing of the stages of its paths."""
    told = {field.name: getattr(one, field.name) for field in fields(one)}
    return {key: value for key, value in told.items() if key != "origins" or value}


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
