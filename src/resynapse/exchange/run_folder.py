"""How does a result become files that are either whole or not there?

The folder is written under another name beside its place, the manifest last, and then renamed,
so that a full disk or a killed process leaves nothing that looks like a result.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from resynapse.exchange.as_json import plain
from resynapse.exchange.spreadsheet import harmless
from resynapse.exchange.table import TableError, read_parquet, write_parquet
from resynapse.input_error import InputError
from resynapse.protocol import dump
from resynapse.trial.opioids_alone import hidden
from resynapse.trial.result import ensure_result

if TYPE_CHECKING:
    from resynapse.trial.result import Result

MANIFEST = "manifest.json"
GROUPS = ("acute", "chronic", "reference")
SUMMARY = ("arm", "endpoint", "value", "unit", "low", "high", "n", "label")
EVENTS = ("arm", "patient", "day", "event", "detail")
FULL = (errno.ENOSPC, errno.EDQUOT)
FULL_TEXTS = ("no space left", "quota exceeded", f"errno = {errno.ENOSPC}")
"""How libraries that hide the error number say it"""
BLOCK_BYTES = 1 << 20
LEAST_BYTES = 2_000_000
"""What even a small run writes"""


class RunFolderError(InputError):
    """A run folder that cannot be written or trusted, in one sentence with what to do."""


@dataclass(frozen=True)
class RunFolder:
    """The tables of a run, read back."""

    path: Path
    manifest: dict[str, Any]
    protocol_text: str
    patients: pd.DataFrame
    events: pd.DataFrame
    acute: xr.Dataset
    chronic: xr.Dataset
    reference: xr.Dataset
    summary: pd.DataFrame
    report: Path

    def __repr__(self) -> str:
        """A line: what was run and what is here."""
        told, people = self.manifest, self.manifest.get("patients_per_arm")
        return (
            f"<RunFolder {self.path.name}: {told.get('protocol')}, {people} people in each arm,"
            f" seed {told.get('seed')}; patients, events, acute, chronic, reference, summary>"
        )


def write(
    result: Result, folder: Path | str, *, protocol_text: str | None = None,
    report_html: str | None = None,
) -> Path:  # fmt: skip
    """Write all files of a result into a new folder and return its path.

    ``protocol_text`` is the YAML that the folder keeps (by default the protocol as resolved),
    ``report_html`` its report (by default as ``write_report`` writes it).
    """
    ensure_result(result)
    folder = Path(folder).absolute()
    ensure_free(folder)
    if protocol_text is None:
        protocol_text = dump(result.protocol)
    if report_html is None:
        report_html = import_module("resynapse").report.render(result)
    with _explained(folder), _appearing_whole(folder) as partial:
        for name, put in _files(result, protocol_text, report_html).items():
            put(partial / name)
            _to_disk(partial / name)
        manifest = {**_manifest(result), "files": checksums(partial)}
        (partial / MANIFEST).write_text(json.dumps(plain(manifest), indent=1, allow_nan=False))
        _to_disk(partial / MANIFEST)
    return folder


def ensure_free(folder: Path | str) -> None:
    """Refuse, before anything is computed, a folder that exists or cannot be made."""
    folder = Path(folder).absolute()
    if os.path.lexists(folder):
        raise RunFolderError(_taken(folder))
    parent = next(path for path in folder.parents if os.path.lexists(path))
    if not parent.is_dir():
        raise RunFolderError(
            f"{folder} cannot be made because {parent} is not a folder; "
            "choose another with --output."
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise RunFolderError(_refused(folder, parent))
    with _explained(folder):
        _try(parent, max(folder.relative_to(parent).parts, key=len))


def _try(parent: Path, name: str) -> None:
    """Make and remove a folder as the run will, and look for room; OSError says what is wrong."""
    probe = _partial(parent / name)
    probe.mkdir()
    probe.rmdir()
    if shutil.disk_usage(parent).free < LEAST_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read(folder: Path | str, verify: bool = True) -> RunFolder:
    """Read a run folder back; files that differ from the manifest's checksums are refused."""
    if not isinstance(folder, str | Path):
        raise RunFolderError(
            f"{type(folder).__name__} is no folder: give the path that --output or write_run had."
        )
    folder = Path(folder)
    manifest = _read_manifest(folder)
    if verify:
        _verify(folder, manifest)
    trajectories = {group: _read_group(folder, group) for group in GROUPS}
    return RunFolder(
        path=folder,
        manifest=manifest,
        protocol_text=(folder / "protocol.yaml").read_text(encoding="utf-8"),
        patients=read_parquet(folder / "patients.parquet"),
        events=read_parquet(folder / "events.parquet"),
        summary=pd.read_csv(folder / "summary.csv"),
        report=folder / "report.html",
        **trajectories,
    )


def checksums(folder: Path) -> dict[str, dict[str, Any]]:
    """Name -> SHA-256 and size of every file but the manifest."""
    names = sorted(path.name for path in folder.iterdir() if path.name != MANIFEST)
    return {
        name: {"sha256": _sha256(folder / name), "bytes": (folder / name).stat().st_size}
        for name in names
    }


def _files(
    result: Result, protocol_text: str, report_html: str
) -> dict[str, Callable[[Path], object]]:
    return {
        "protocol.yaml": lambda path: path.write_text(protocol_text, encoding="utf-8"),
        "patients.parquet": lambda path: write_parquet(_patients(result), path),
        "events.parquet": lambda path: write_parquet(_events(result), path),
        "trajectories.nc": lambda path: _write_trajectories(result, path),
        "summary.csv": lambda path: _write_summary(result, path),
        "report.html": lambda path: path.write_text(report_html, encoding="utf-8"),
    }


def _patients(result: Result) -> Iterator[pd.DataFrame]:
    """A row a person, the arm first; columns that only some arms have are empty in the others."""
    found = dict.fromkeys(name for arm in result.arms.values() for name in arm.patients)
    columns = [one for one in found if one != "arm" and not hidden(result.protocol, one)]
    for name, arm in result.arms.items():
        for part in arm.tables():
            table = part.reindex(columns=columns)
            table.insert(0, "arm", name)
            yield table


def _events(result: Result) -> Iterator[pd.DataFrame]:
    """Of everyone, also where the result holds the events of some."""
    if all(arm.everyone is None for arm in result.arms.values()):
        yield result.events.reindex(columns=list(EVENTS))
        return
    from resynapse.trial.table import EVENT_DAYS, events_table

    for name, arm in result.arms.items():
        for kind in (one for one, day in EVENT_DAYS.items() if day in arm.patients):
            for part in arm.tables(("patient", EVENT_DAYS[kind])):
                yield events_table(name, part, (kind,)).reindex(columns=list(EVENTS))


def _write_trajectories(result: Result, path: Path) -> None:
    """Made in memory first: HDF5 takes the whole process down when the disk fills under it."""
    datasets = (result.acute, result.chronic, result.reference_kinetics)
    tree = xr.DataTree.from_dict(dict(zip(GROUPS, datasets, strict=True)))
    path.write_bytes(tree.to_netcdf(engine="h5netcdf"))


def _write_summary(result: Result, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(SUMMARY)
        for name, arm in result.arms.items():
            for endpoint, found in {**arm.endpoints, **arm.safety}.items():
                row = plain([found.value, found.unit, found.low, found.high, found.n])
                writer.writerow([name, endpoint, *row, harmless(arm.label)])


def _manifest(result: Result) -> dict[str, Any]:
    """What the run says of itself, with the facts a reader of the folder needs in any case."""
    return {
        **result.manifest,
        "protocol": result.protocol.name,
        "seed": result.seed,
        "patients_per_arm": result.patients_per_arm,
        "parameters": result.parameters,
        "parameter_counts": result.parameter_counts,
        "backend": result.backend,
        "wall_seconds": result.wall_seconds,
        "comparisons": result.comparisons,
        "knowledge": result.knowledge,
    }


@contextmanager
def _appearing_whole(folder: Path) -> Iterator[Path]:
    """A new folder beside the wanted one, renamed at the end or removed if anything fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(folder)
    partial.mkdir()
    try:
        yield partial
        _to_disk(partial)
        os.rename(partial, folder)
        _to_disk(folder.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _partial(folder: Path) -> Path:
    """Another name beside it, which nobody has."""
    return folder.with_name(f".{folder.name}.partial-{secrets.token_hex(4)}")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what the disk or a library says into one sentence."""
    try:
        yield
    except (OSError, RuntimeError, TableError) as error:
        raise RunFolderError(_sentence(error, folder)) from error


def _sentence(error: Exception, folder: Path) -> str:
    number, text = getattr(error, "errno", None), str(error)
    if number in FULL or any(part in text.lower() for part in FULL_TEXTS):
        return (
            f"The disk that holds {folder.parent} is full, so nothing was written; "
            "free some space or choose another folder with --output."
        )
    if number in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR) and os.path.lexists(folder):
        return _taken(folder)
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _refused(folder, folder.parent)
    reason = getattr(error, "strerror", None) or text
    return f"{folder} could not be written ({reason}); choose another folder with --output."


def _taken(folder: Path) -> str:
    return (
        f"{folder} exists already and is never overwritten; "
        "choose another folder with --output or remove it first."
    )


def _refused(folder: Path, parent: Path) -> str:
    return (
        f"{folder} cannot be made because {parent} may not be written to; "
        "choose another folder with --output."
    )


def _to_disk(path: Path) -> None:
    """Wait until it would survive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest["files"].items()
        return manifest
    except FileNotFoundError as error:
        raise RunFolderError(
            f"{folder} is not a whole run folder: {MANIFEST}, which is written last, is missing; "
            "run the protocol again."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFolderError(
            f"{folder / MANIFEST} is not a manifest ({error}); run the protocol again."
        ) from error


def _verify(folder: Path, manifest: dict[str, Any]) -> None:
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            raise RunFolderError(f"{path} is missing; run the protocol again.")
        if _sha256(path) != expected["sha256"]:
            raise RunFolderError(
                f"{path} is not what the run wrote (its SHA-256 differs from the manifest's); "
                "run the protocol again."
            )


def _read_group(folder: Path, group: str) -> xr.Dataset:
    with xr.open_dataset(folder / "trajectories.nc", group=group, engine="h5netcdf") as dataset:
        return dataset.load()
