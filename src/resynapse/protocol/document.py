"""What does a YAML text say, and in which line does each part of it stand?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from resynapse.input_error import InputError
from resynapse.protocol.errors import Path, Problem, ProtocolError, refusal

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError

_TAG: Final = "tag:yaml.org,2002:"
_START: Final = "Start from `resynapse protocols show NAME`."
_MOST_VALUES: Final = 100_000
"""A protocol has hundreds; repeated references could unfold into billions."""
_DEEPEST: Final = 64
"""A protocol has six; the reader's time grows with the square of what stands inside one another."""
LONGEST_TEXT: Final = 4000
"""letters of one value; the longest source or label has some hundreds"""


@dataclass
class Document:
    """Plain data, the line of every part of it, and what is wrong with the writing itself."""

    where: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int | None:
        """The line of this part, or of the nearest part that holds it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read(text: str, where: str, kind: str = "protocol", hint: str = _START) -> Document:
    """The document in a text; refused where it is not YAML, or says nothing.

    ``kind`` and ``hint`` are what messages call it and how they say to begin one.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import MaxDepthExceededError
    from ruamel.yaml.error import YAMLError

    try:
        reader = YAML(typ="safe", pure=True)
        reader.max_depth = _DEEPEST
        node = reader.compose(text)
        document = Document(where)
        if node is not None:
            document.data = _Reader(document).value(node, ())
    except (MaxDepthExceededError, RecursionError):
        raise refusal(where, f"lists and mappings are nested too deeply for a {kind}.") from None
    except YAMLError as error:
        raise _not_yaml(error, where) from None
    if document.data in (None, {}):
        raise refusal(where, f"the file is empty. {hint}")
    if not isinstance(document.data, dict):
        example = "`name: my-trial`" if kind == "protocol" else "`analyses:`"
        raise refusal(where, f"a {kind} is a mapping of fields: write {example} and so on.")
    return document


def text_of(path: FilePath, most_bytes: int, kind: str) -> str:
    """The text of a file of at most so many bytes; InputError where it is none."""
    try:
        with path.open("rb") as file:
            raw = file.read(most_bytes + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Name a YAML file.") from None
    if len(raw) > most_bytes:
        raise InputError(
            f"{path} is larger than {most_bytes // 1000} kB; a {kind} is a page of YAML."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text. Save it as UTF-8.") from None


def ensure_short(text: str, where: str, line: int | None = None) -> None:
    """Refuse a value of more letters than any field takes, before anything looks for its sense."""
    if len(text) > LONGEST_TEXT:
        raise refusal(
            where,
            f"a value of {len(text)} letters begins with {text[:20]!r}; no field takes more than"
            f" {LONGEST_TEXT} letters. Shorten it.",
            line,
        )


class _Reader:
    """Turns nodes into plain data and remembers lines; counts what references unfold."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def value(self, node: Any, path: Path) -> Any:
        self.count += 1
        if self.count > _MOST_VALUES:
            raise refusal(self.document.where, f"it unfolds into more than {_MOST_VALUES} values.")
        self.document.lines.setdefault(path, node.start_mark.line + 1)
        if node.id == "mapping":
            return self.mapping(node, path)
        if node.id == "sequence":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value)[:80], key_node.start_mark.line + 1
            here = (*path, key)
            if key in found:
                first = self.document.lines[here]
                message = f"{key} already stands in line {first}. Keep one of them."
                self.document.problems.append(Problem(key, message, line, here))
                continue
            self.document.lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def scalar(self, node: Any, path: Path) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        text = node.value
        ensure_short(text, self.document.where, node.start_mark.line + 1)
        if str(node.tag).startswith("!") or kind.startswith("python"):
            message = f"the tag {node.tag} is not used in protocols. Remove it."
            line = node.start_mark.line + 1
            self.document.problems.append(Problem(str(path[-1]), message, line, path))
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        return _as_number(text, kind)


def _as_number(text: str, kind: str) -> Any:
    if kind not in ("int", "float"):
        return text
    plain = text.replace("_", "").lower()
    try:
        return (
            int(plain)
            if kind == "int"
            else float(plain.replace(".inf", "inf").replace(".nan", "nan"))
        )
    except ValueError:
        return text


def _not_yaml(error: YAMLError, where: str) -> ProtocolError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark is not None else None
    said = " ".join(str(getattr(error, "problem", None) or "").split())
    if "special characters are not allowed" in str(error):
        said = "a control character stands in the text"
    if "\\t" in said:
        said = "a tab stands where spaces belong"
    return refusal(
        where,
        f"this is not valid YAML: {said or 'it cannot be read'}."
        " Indent with spaces, close quotes and brackets, and put a space after each colon.",
        line,
    )
