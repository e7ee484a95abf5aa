"""Which protocol does this file, name or text describe?"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from resynapse.protocol import population_file
from resynapse.protocol.document import Document, ensure_short, read
from resynapse.protocol.errors import Problem, ProtocolError, refusal
from resynapse.protocol.explain import explained, problem
from resynapse.protocol.partial import what_can_be_checked
from resynapse.protocol.trial_protocol import Protocol
from resynapse.protocol.vocabulary import did_you_mean

MOST_BYTES: Final = 1_000_000
"""A protocol is a page or two; a megabyte is another kind of file."""

_ENDINGS: Final = (".yaml", ".yml", ".json")

_SHELF: Final = Path(__file__).parent / "library"


def library() -> list[str]:
    """The names of the protocols that come with the package, in alphabetical order."""
    return sorted(path.stem for path in _SHELF.glob("*.yaml"))


def text(name: str) -> str:
    """The YAML of a protocol of the library, as shipped."""
    names = library()
    if name not in names:
        raise refusal(
            name,
            f"no protocol of the library has this name.{did_you_mean(name, names)}"
            f" Library: {', '.join(names)}.",
        )
    return (_SHELF / f"{name}.yaml").read_text(encoding="utf-8")


def load(path_or_name: str | Path) -> Protocol:
    """The protocol in a file, or of this name in the library."""
    if not isinstance(path_or_name, str | Path):
        raise refusal(
            type(path_or_name).__name__,
            "this is neither the name of a protocol nor the path of a file. Give one as text.",
        )
    given = str(path_or_name)
    if given in library():
        return parse(text(given), f"library protocol {given}")
    path = Path(path_or_name)
    return _parsed(_file_text(path, given), given, path.parent.resolve())


def parse(text: str, where: str = "the text") -> Protocol:
    """The protocol in a text; ``where`` names it in messages. It may not name a table of people."""
    if not isinstance(text, str):
        raise refusal(where, f"{type(text).__name__} is no text. Give the YAML as text.")
    return _parsed(text, where, None)


def from_data(data: Any, where: str) -> Protocol:
    """The protocol in plain data, as JSON holds it; refused with the sentences of ``parse``."""
    if not isinstance(data, dict) or not data:
        raise refusal(where, "a protocol is a mapping of fields: write `name: my-trial` and so on.")
    try:
        _ensure_short(data, where)
        return _checked(Document(where, data), None)
    except RecursionError:
        raise refusal(where, "lists and mappings are nested too deeply for a protocol.") from None


def _ensure_short(data: Any, where: str) -> None:
    """Refuse plain data that hold a name or value of more letters than a text of YAML may."""
    if isinstance(data, str):
        ensure_short(data, where)
    elif isinstance(data, dict):
        for name, value in data.items():
            _ensure_short(name, where)
            _ensure_short(value, where)
    elif isinstance(data, list | tuple):
        for value in data:
            _ensure_short(value, where)


def _parsed(text: str, where: str, folder: Path | None) -> Protocol:
    return _checked(read(text, where), folder)


def _checked(document: Document, folder: Path | None) -> Protocol:
    found = list(document.problems)
    protocol: Protocol | None = None
    try:
        protocol = Protocol.model_validate(document.data)
    except ValidationError as error:
        found += list(explained(error, document))
        told = {one.path for one in found}
        behind = what_can_be_checked(error, document)
        found += [one for one in behind if one.path not in told]
    found += _people(document, folder)
    if found or protocol is None:
        ordered = sorted(dict.fromkeys(found), key=lambda one: one.line or 0)
        raise ProtocolError(document.where, tuple(ordered))
    return _with_table_found(protocol, folder)


def _people(document: Document, folder: Path | None) -> list[Problem]:
    population: Any = document.data.get("population")
    name = population.get("csv") if isinstance(population, dict) else None
    if not isinstance(name, str):
        return []
    path = ("population", "csv")
    return [problem(path, message, document) for message in population_file.problems(name, folder)]


def _with_table_found(protocol: Protocol, folder: Path | None) -> Protocol:
    """The protocol with the full path of its table of people, so that it can be opened anywhere."""
    if protocol.population.csv is None or folder is None:
        return protocol
    found = str((folder / protocol.population.csv).resolve())
    population = protocol.population.model_copy(update={"csv": found})
    return protocol.model_copy(update={"population": population})


def _file_text(path: Path, given: str) -> str:
    raw = _bytes(path, given)
    if len(raw) > MOST_BYTES:
        raise refusal(given, "the file is larger than 1 MB; a protocol is a page or two of YAML.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refusal(given, "the file is not UTF-8 text. Save it as UTF-8.", line) from None


def _bytes(path: Path, given: str) -> bytes:
    try:
        if path.is_dir():
            raise refusal(given, "this is a folder. Name a YAML file in it.")
        if not path.exists():
            raise _not_found(given)
        if not path.is_file():
            raise refusal(given, "this is not an ordinary file. Name a YAML file.")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name cannot be a file's"
        raise refusal(
            given, f"the file cannot be read ({reason}). Check name and rights."
        ) from None


def _not_found(given: str) -> ProtocolError:
    names = library()
    guess = did_you_mean(Path(given).stem, names)
    listed = f" Library: {', '.join(names)}."
    if _meant_as_a_file(given):
        listed = " Check its name and folder; `resynapse protocols` lists the library."
    return refusal(given, f"there is neither a file nor a protocol of this name.{guess}{listed}")


def _meant_as_a_file(given: str) -> bool:
    """Whether somebody who writes this means a file of their own."""
    path = Path(given)
    return path.suffix.lower() in _ENDINGS or len(path.parts) > 1
