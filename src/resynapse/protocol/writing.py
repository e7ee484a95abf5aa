"""What does a protocol look like written out in full?"""

from __future__ import annotations

import io
from typing import Any, Final

from resynapse.protocol.trial_protocol import Protocol

_HEADER: Final = "# Protocol as resolved: every default written out; days are counted from entry.\n"


def dump(protocol: Protocol) -> str:
    """The protocol as YAML, with every default; ``parse`` returns the same protocol from it."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_tidy(protocol.model_dump(mode="json", exclude_none=True)), stream)
    return _HEADER + stream.getvalue()


def _tidy(value: Any) -> Any:
    from ruamel.yaml.comments import CommentedSeq

    if isinstance(value, dict):
        return {key: _tidy(item) for key, item in value.items()}
    if isinstance(value, list):
        items = CommentedSeq(_tidy(item) for item in value)
        if not any(isinstance(item, dict) for item in value):
            items.fa.set_flow_style()
        return items
    return int(value) if isinstance(value, float) and value.is_integer() else value
